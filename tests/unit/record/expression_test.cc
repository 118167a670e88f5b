// Expressions of one record: each kind by example, nulls, types, errors. What is said of texts and numbers was
// compared with DuckDB 2.0.
#include <gtest/gtest.h>

#include <thread>

#include "record/text_parts.h"
#include "unit/record/expressions.h"

using namespace tessera;

TEST(Expression, TakesFieldsAndConstants) {
  EXPECT_EQ(shown(field("family")), "OKAFOR");
  EXPECT_EQ(shown(field("gone")), "null");
  EXPECT_EQ(shown(field("dob")), "1985-03-21");
  EXPECT_EQ(shown(text("x")), "x");
  EXPECT_EQ(shown(number(1.5)), "1.5");
  EXPECT_EQ(shown(null()), "null");
  EXPECT_EQ(shown(field("empty")), "");
}

TEST(Expression, TakesPartsOfFields) {
  EXPECT_EQ(shown(part("soundex", field("family"))), "O216");
  EXPECT_EQ(shown(part("initial", field("given"))), "A");
  EXPECT_EQ(shown(part("first4", field("family"))), "OKAF");
  EXPECT_EQ(shown(part("first-token", field("given"))), "ANNA");
  EXPECT_EQ(shown(part("no-space", field("given"))), "ANNAMARIA");
  EXPECT_EQ(shown(part("sorted-letters", field("given"))), "AAAAIMNNR");
  EXPECT_EQ(shown(part("year", field("dob"))), "1985");
  EXPECT_EQ(shown(part("year-month", field("dob"))), "1985-03");
  EXPECT_EQ(shown(part("month-day", field("dob"))), "03-21");
  EXPECT_EQ(shown(part("year-month", field("partial"))), "1985-03");
  EXPECT_EQ(shown(part("month-day", field("partial"))), "null");
  EXPECT_EQ(shown(part("whole", field("partial"))), "null");
  EXPECT_EQ(shown(part("whole", field("dob"))), "1985-03-21");
  EXPECT_EQ(shown(part("sector", field("postcode"))), "SW1A 2");
  EXPECT_EQ(shown(part("district", field("postcode"))), "SW1A");
  EXPECT_EQ(shown(part("area", field("postcode"))), "SW");
  EXPECT_EQ(shown(part("but-last", field("postcode"))), "SW1A 2A");
  EXPECT_EQ(shown(part("area", field("abroad"))), "1234");
  EXPECT_EQ(shown(part("sector", field("abroad"))), "null");
  EXPECT_EQ(shown(part("soundex", of(What::lower, {field("family")}))), "O216");
  EXPECT_EQ(shown(part("soundex", text("42"))), "null");
  EXPECT_EQ(shown(part("soundex", field("gone"))), "null");
}

TEST(Expression, MakesTextsOfTexts) {
  EXPECT_EQ(shown(of(What::lower, {field("family")})), "okafor");
  EXPECT_EQ(shown(of(What::upper, {field("note")})), " HÉLLO, WÖRLD ");
  EXPECT_EQ(shown(of(What::trim, {field("note")})), "héllo, Wörld");
  EXPECT_EQ(shown(of(What::trim, {text("\xc2\xa0 \xe2\x80\x83")})), "");
  EXPECT_EQ(shown(of(What::trim, {text(" \t a \n ")})), "\t a \n");
  EXPECT_EQ(shown(of(What::concat, {field("family"), text(", "), field("sex")})), "OKAFOR, F");
  EXPECT_EQ(shown(of(What::concat, {field("family"), field("gone")})), "null");
  EXPECT_EQ(shown(of(What::concat, {field("gone"), field("family")})), "null");
  EXPECT_EQ(shown(of(What::concat_words, {field("gone"), text("a"), text(""), text("b")})), "a  b");
  EXPECT_EQ(shown(of(What::concat_words, {field("gone"), null()})), "null");
  EXPECT_EQ(shown(of(What::replace, {text("aaaa"), text("aa"), text("b")})), "bb");
  EXPECT_EQ(shown(of(What::replace, {text("aaaa"), text(""), text("b")})), "aaaa");
  EXPECT_EQ(shown(of(What::replace, {text("a"), text("a"), null()})), "null");
  EXPECT_EQ(shown(of(What::double_metaphone, {field("family")})), "AKFR");
  EXPECT_EQ(shown(of(What::nysiis, {text("BROWN")})), "BRAN");
}

TEST(Expression, CutsTextsByCharacters) {
  const auto substring = [](double start, double length) {
    return shown(of(What::substring, {text("héllo"), number(start), number(length)}));
  };
  EXPECT_EQ(substring(1, 3), "hél");
  EXPECT_EQ(substring(2, 1), "é");
  EXPECT_EQ(substring(0, 2), "h") << "place 0 does not exist";
  EXPECT_EQ(substring(-1, 2), "");
  EXPECT_EQ(substring(-1, 3), "h");
  EXPECT_EQ(substring(4, 100), "lo");
  EXPECT_EQ(substring(10, 2), "");
  EXPECT_EQ(substring(1, 1e300), "héllo");
  EXPECT_EQ(shown(of(What::substring, {text("héllo"), number(2)})), "éllo");
  EXPECT_EQ(shown(of(What::substring, {text("héllo"), number(-2)})), "héllo");
  EXPECT_EQ(shown(of(What::substring, {text("héllo"), null()})), "null");
  EXPECT_EQ(shown(of(What::substring, {text("héllo"), number(1), field("gone")})).substr(0, 5), "error");
  const auto left = [](double count) { return shown(of(What::left, {text("héllo"), number(count)})); };
  const auto right = [](double count) { return shown(of(What::right, {text("héllo"), number(count)})); };
  EXPECT_EQ(left(2), "hé");
  EXPECT_EQ(left(-2), "hél");
  EXPECT_EQ(left(9), "héllo");
  EXPECT_EQ(left(-9), "");
  EXPECT_EQ(right(4), "éllo");
  EXPECT_EQ(right(-2), "llo");
  EXPECT_EQ(right(0), "");
  const auto split = [](const char* separator, double index) {
    return shown(of(What::split_part, {text("a-b-c"), text(separator), number(index)}));
  };
  EXPECT_EQ(split("-", 2), "b");
  EXPECT_EQ(split("-", 9), "");
  EXPECT_EQ(split("-", 0), "");
  EXPECT_EQ(split("-", -1), "c");
  EXPECT_EQ(split("-", -9), "");
  EXPECT_EQ(split("", 2), "-");
}

TEST(Expression, MatchesRegularExpressions) {
  const auto extract = [](const char* of_text, const char* expression, double group) {
    return shown(of(What::regexp_extract, {text(of_text)}, expression, group));
  };
  EXPECT_EQ(extract("SW1A 2AA", "^[A-Z]{1,2}", 0), "SW");
  EXPECT_EQ(extract("a@b.uk", "^([^@]+)@(.*)$", 2), "b.uk");
  EXPECT_EQ(extract("abc", "x", 0), "");
  EXPECT_EQ(extract("abc", "a(y)?", 1), "") << "a group that took no part";
  EXPECT_EQ(extract("é", "^.$", 0), "é");
  EXPECT_EQ(shown(of(What::regexp_extract, {field("gone")}, "a")), "null");
  EXPECT_EQ(shown(of(What::regexp_replace, {text("aXbX"), text("<\\0>")}, "X")), "a<X>bX") << "only the first";
  EXPECT_EQ(shown(of(What::regexp_replace, {text("abc"), text("-")}, "x")), "abc");
  const auto like = [](const char* of_text, const char* pattern) {
    return shown(of(What::like, {text(of_text)}, pattern));
  };
  EXPECT_EQ(like("abc", "a%"), "true");
  EXPECT_EQ(like("abc", "A%"), "false");
  EXPECT_EQ(like("é", "_"), "true");
  EXPECT_EQ(like("a\nb", "a%b"), "true");
  EXPECT_EQ(like("abcabd", "%ab_"), "true");
  EXPECT_EQ(like("", "%"), "true");
  EXPECT_EQ(like("", "_"), "false");
  EXPECT_EQ(like("abc", ""), "false");
  EXPECT_EQ(like("mississippi", "%iss%ip%i"), "true");
  EXPECT_EQ(shown(of(What::like, {null()}, "%")), "null");
}

TEST(Expression, GoesBetweenTextsAndNumbers) {
  EXPECT_EQ(shown(of(What::length, {field("note")})), "14");
  const auto to_number = [](const char* of_text) { return shown(of(What::to_number, {text(of_text)})); };
  EXPECT_EQ(to_number(" 1.5 "), "1.5");
  EXPECT_EQ(to_number("+5"), "5");
  EXPECT_EQ(to_number(".5"), "0.5");
  EXPECT_EQ(to_number("1e5"), "100000");
  for (const char* none : {"", "x", "0x10", "1,5", "- 5", "+-5", "nan", "5 5"}) EXPECT_EQ(to_number(none), "null");
  EXPECT_EQ(shown(of(What::to_number, {field("age")})), "9");
  EXPECT_EQ(shown(of(What::to_number, {number(2)})), "2");
  const auto to_text = [](double value) { return shown(of(What::to_text, {number(value)})); };
  EXPECT_EQ(to_text(5), "5");
  EXPECT_EQ(to_text(-0.1), "-0.1");
  EXPECT_EQ(to_text(1e20), "1e+20");
  EXPECT_EQ(shown(of(What::to_text, {field("age")})), "9");
}

TEST(Expression, KnowsDates) {
  const double days = 5558;  // 1985-03-21
  EXPECT_EQ(shown(of(What::date_of, {field("dob")})), "5558");
  EXPECT_EQ(shown(of(What::date_of, {field("partial")})), "null");
  EXPECT_EQ(shown(of(What::date_of, {text("1985-3-21")})), "5558");
  EXPECT_EQ(shown(of(What::date_of, {text("21/03/1985")})), "null");
  EXPECT_EQ(shown(of(What::date_of, {number(days)})), "5558");
  EXPECT_EQ(shown(of(What::parse_date, {text("21/3/85")}, "%d/%m/%y")), "5558");
  EXPECT_EQ(shown(of(What::parse_date, {text("1985-03-21 12:00:00")}, "%Y-%m-%d %H:%M:%S")), "5558.5");
  EXPECT_EQ(shown(of(What::parse_date, {text("1985-03-32")}, "%Y-%m-%d")), "null");
  EXPECT_EQ(shown(of(What::seconds, {field("dob")})), "480211200");
  EXPECT_EQ(shown(of(What::seconds, {of(What::parse_date, {text("1950-01-01 12:00:07")}, "%Y-%m-%d %H:%M:%S")})),
            "-631108793");
  EXPECT_EQ(shown(of(What::year, {field("dob")})), "1985");
  EXPECT_EQ(shown(of(What::month, {field("dob")})), "3");
  EXPECT_EQ(shown(of(What::day, {field("dob")})), "21");
  EXPECT_EQ(shown(of(What::year, {number(1e9)})), "null");
  EXPECT_EQ(shown(of(What::format_date, {field("dob")}, "%d %b %Y")), "21 Mar 1985");
  EXPECT_EQ(shown(of(What::format_date, {number(1e9)}, "%Y")), "null");
  EXPECT_EQ(shown(of(What::subtract, {field("dod"), field("dob")})), "6099");
}

TEST(Expression, Calculates) {
  EXPECT_EQ(shown(of(What::add, {field("age"), number(1)})), "10");
  EXPECT_EQ(shown(of(What::subtract, {number(1), number(3)})), "-2");
  EXPECT_EQ(shown(of(What::multiply, {number(2), number(3)})), "6");
  EXPECT_EQ(shown(of(What::divide, {number(1), number(4)})), "0.25");
  EXPECT_EQ(shown(of(What::divide, {number(1), number(0)})), "inf");
  EXPECT_EQ(shown(of(What::divide, {number(0), number(0)})), "null");
  EXPECT_EQ(shown(of(What::add, {number(1), null()})), "null");
  EXPECT_EQ(shown(of(What::negative, {number(2)})), "-2");
  EXPECT_EQ(shown(of(What::absolute, {number(-2)})), "2");
  EXPECT_EQ(shown(of(What::floor, {number(-0.5)})), "-1");
  EXPECT_EQ(shown(of(What::ceiling, {number(0.5)})), "1");
  const auto round = [](double value, double digits) {
    return shown(of(What::round, {number(value), number(digits)}));
  };
  EXPECT_EQ(shown(of(What::round, {number(-2.5)})), "-3");
  EXPECT_EQ(round(3.14159, 2), "3.14");
  EXPECT_EQ(round(125, -1), "130");
  EXPECT_EQ(round(1e300, 400), "1e+300");
  EXPECT_EQ(shown(of(What::greatest, {number(1), null(), number(3)})), "3");
  EXPECT_EQ(shown(of(What::least, {number(1), null(), number(3)})), "1");
  EXPECT_EQ(shown(of(What::least, {null(), null()})), "null");
}

TEST(Expression, MakesLists) {
  EXPECT_EQ(shown(of(What::tokens, {field("address")})), "[1|MILL|LANE]");
  EXPECT_EQ(shown(of(What::tokens, {text(" ")})), "[]");
  EXPECT_EQ(shown(of(What::tokens, {field("gone")})), "null");
  EXPECT_EQ(shown(of(What::split, {text("a--b"), text("-")})), "[a||b]");
  EXPECT_EQ(shown(of(What::split, {text("ab"), text("")})), "[a|b]");
  EXPECT_EQ(shown(of(What::split, {text(""), text("-")})), "[]") << "one empty text";
  EXPECT_EQ(shown(of(What::count_of, {of(What::tokens, {field("address")})})), "3");
  EXPECT_EQ(shown(of(What::count_of, {of(What::split, {text(""), text("-")})})), "1");
  EXPECT_EQ(shown(of(What::coalesce, {of(What::tokens, {field("gone")}), of(What::tokens, {text("a b")})})), "[a|b]");
}

TEST(Expression, Chooses) {
  EXPECT_EQ(shown(of(What::coalesce, {field("gone"), null(), text("x")})), "x");
  EXPECT_EQ(shown(of(What::coalesce, {null(), null()})), "null");
  EXPECT_EQ(shown(of(What::null_if, {text("a"), text("a")})), "null");
  EXPECT_EQ(shown(of(What::null_if, {text("a"), text("b")})), "a");
  EXPECT_EQ(shown(of(What::null_if, {text("a"), null()})), "a");
  EXPECT_EQ(shown(of(What::null_if, {null(), text("a")})), "null");
  EXPECT_EQ(shown(of(What::null_if, {field("age"), number(9)})), "null");
  EXPECT_EQ(shown(of(What::choose, {unknown(), text("a"), truth(true), text("b"), text("c")})), "b");
  EXPECT_EQ(shown(of(What::choose, {truth(false), text("a"), unknown(), text("b"), text("c")})), "c");
  EXPECT_EQ(shown(of(What::choose, {truth(false), number(1)})), "null");
  EXPECT_EQ(shown(of(What::choose, {truth(false), number(1), null()})), "null");
  EXPECT_EQ(shown(of(What::choose, {truth(true), null(), number(1)})), "null");
}

TEST(Expression, HasThreeTruthValues) {
  const Side yes = truth(true), no = truth(false), open = unknown();
  EXPECT_EQ(shown(of(What::all_of, {yes, yes})), "true");
  EXPECT_EQ(shown(of(What::all_of, {open, no})), "false");
  EXPECT_EQ(shown(of(What::all_of, {open, yes})), "null");
  EXPECT_EQ(shown(of(What::any_of, {open, yes})), "true");
  EXPECT_EQ(shown(of(What::any_of, {open, no})), "null");
  EXPECT_EQ(shown(of(What::any_of, {no, no})), "false");
  EXPECT_EQ(shown(of(What::negation, {no})), "true");
  EXPECT_EQ(shown(of(What::negation, {open})), "null");
  EXPECT_EQ(shown(of(What::is_null, {field("gone")})), "true");
  EXPECT_EQ(shown(of(What::is_null, {open})), "true");
  EXPECT_EQ(shown(of(What::is_null, {of(What::tokens, {text("a")})})), "false");
  EXPECT_EQ(shown(of(What::equal, {yes, no})), "false");
}

TEST(Expression, Compares) {
  EXPECT_EQ(shown(of(What::equal, {text("a"), text("a")})), "true");
  EXPECT_EQ(shown(of(What::equal, {text("a"), null()})), "null");
  EXPECT_EQ(shown(of(What::not_equal, {text("a"), text("b")})), "true");
  EXPECT_EQ(shown(of(What::not_equal, {null(), text("b")})), "null");
  EXPECT_EQ(shown(of(What::less, {text("a"), text("b")})), "true");
  EXPECT_EQ(shown(of(What::less_equal, {number(2), number(2)})), "true");
  EXPECT_EQ(shown(of(What::greater, {number(2), number(2)})), "false");
  EXPECT_EQ(shown(of(What::greater_equal, {number(3), number(2)})), "true");
  EXPECT_EQ(shown(of(What::less, {field("age"), field("size")})), "true") << "9 < 10 as numbers";
  EXPECT_EQ(shown(of(What::less, {field("dob"), field("dod")})), "true");
  EXPECT_EQ(shown(of(What::less, {field("partial"), field("dod")})), "null");
  EXPECT_EQ(shown(of(What::equal, {field("partial"), field("partial")})), "true");
  EXPECT_EQ(shown(of(What::greater, {field("dob"), text("1985-03-20")})), "true") << "as texts";
  EXPECT_EQ(shown(of(What::equal, {field("age"), number(9)})), "true");
  EXPECT_EQ(shown(of(What::in, {field("sex"), text("M"), text("F")})), "true");
  EXPECT_EQ(shown(of(What::in, {field("sex"), text("M"), null()})), "null");
  EXPECT_EQ(shown(of(What::in, {field("sex"), null(), text("F")})), "true");
  EXPECT_EQ(shown(of(What::in, {field("sex"), text("M")})), "false");
  EXPECT_EQ(shown(of(What::in, {field("gone"), text("M")})), "null");
  EXPECT_EQ(shown(of(What::in, {field("age"), number(8), number(9)})), "true");
}

TEST(Expression, NumbersItsFieldsByFirstUse) {
  const auto made = Expression::compile(
      of(What::concat, {field("family"), of(What::lower, {field("given")}), field("family")}), kind_of);
  ASSERT_TRUE(made);
  EXPECT_EQ(made->fields(), (std::vector<std::string>{"family", "given"}));
  EXPECT_EQ(made->type(), ValueType::text);
  EXPECT_EQ(Expression::compile(of(What::year, {field("dob")}), kind_of)->type(), ValueType::number);
  EXPECT_EQ(Expression::compile(of(What::coalesce, {null(), field("age"), number(1)}), kind_of)->type(),
            ValueType::number);
  EXPECT_EQ(Expression::compile(of(What::coalesce, {field("age"), field("size")}), kind_of)->type(), ValueType::text);
}

TEST(Expression, RefusesWhatCannotBe) {
  const std::pair<Side, const char*> bad[] = {
      {field("surname"), "there is no field surname"},
      {of(What::lower), "lower() has 0 parts; it takes 1"},
      {of(What::lower, {text("a"), text("b")}), "lower('a', 'b') has 2 parts; it takes 1"},
      {of(What::substring, {text("a")}), "substring('a') has 1 parts; it takes 2 or 3"},
      {of(What::concat), "concat() has 0 parts; it takes 1 or more"},
      {of(What::in, {text("a")}), "in('a') has 1 parts; it takes 2 or more"},
      {of(What::choose, {truth(true)}), "choose(1 = 1) has 1 parts; it takes 2 or more"},
      {of(What::add, {field("family"), number(1)}), "family + 1: family is a text, not a number; write to_number(...)"},
      {of(What::lower, {number(1)}), "lower(1): 1 is a number, not a text; write to_text(...)"},
      {of(What::count_of, {field("address")}), "count_of(address): address is a text, not a list; write tokens(...)"},
      {of(What::negation, {text("a")}), "not 'a': 'a' is a text, not a condition"},
      {of(What::equal, {text("a"), number(1)}), "'a' = 1: 'a' is a text, not a number; write to_number(...)"},
      {of(What::equal, {field("sex"), number(1)}), "sex = 1: sex is a text, not a number; write to_number(...)"},
      {of(What::choose, {text("a"), text("b")}), "choose('a', 'b'): 'a' is a text, not a condition"},
      {of(What::in, {of(What::tokens, {text("a")}), text("b")}),
       "in(tokens('a'), 'b'): tokens('a') is a list, not a text, a number or a condition"},
      {part("sector", field("dob")), "dob has no part sector"},
      {part("soundex", field("dob")), "dob has no part soundex"},
      {part("year", of(What::lower, {field("family")})), "lower(family) has no part year"},
      {part("sound", field("family")), "there is no part \"sound\""},
      {of(What::regexp_extract, {text("a")}, "("), "regexp_extract('a', '('): missing ): ("},
      {of(What::regexp_extract, {text("a")}, "(a)", 2), "regexp_extract('a', '(a)', 2): the expression has 1 groups"},
      {of(What::parse_date, {text("a")}, "%Q"), "parse_date('a', '%Q'): time format: \"%Q\" is not known"},
      {number(std::nan("")), "a constant is not a number"}};
  for (const auto& [expression, message] : bad) {
    const auto made = Expression::compile(expression, kind_of);
    ASSERT_FALSE(made) << message;
    EXPECT_EQ(made.error().code, ErrorCode::usage);
    EXPECT_TRUE(made.error().message.starts_with(message)) << made.error().message;
  }
  const auto rewrite = Expression::compile(of(What::regexp_replace, {text("a"), text("\\2")}, "a"), kind_of);
  EXPECT_FALSE(rewrite);
  Side deep = text("a");
  for (int i = 0; i < 2000; ++i) deep = of(What::lower, {deep});
  EXPECT_FALSE(Expression::compile(deep, kind_of)) << "nested too deeply";
}

// Null in each part makes null of all that is not made for nulls.
TEST(Expression, HandsNullsOn) {
  const std::pair<What, std::vector<Side>> all[] = {{What::lower, {text("a")}},
                                                    {What::substring, {text("a"), number(1), number(1)}},
                                                    {What::left, {text("a"), number(1)}},
                                                    {What::right, {text("a"), number(1)}},
                                                    {What::replace, {text("a"), text("b"), text("c")}},
                                                    {What::split_part, {text("a"), text("b"), number(1)}},
                                                    {What::regexp_replace, {text("a"), text("b")}},
                                                    {What::concat, {text("a"), text("b"), text("c"), text("d")}},
                                                    {What::add, {number(1), number(1)}},
                                                    {What::divide, {number(1), number(1)}},
                                                    {What::round, {number(1), number(1)}},
                                                    {What::split, {text("a"), text("b")}},
                                                    {What::less, {number(1), number(2)}},
                                                    {What::count_of, {of(What::tokens, {text("a")})}}};
  for (const auto& [what, parts] : all) {
    EXPECT_NE(shown(of(what, parts)), "null") << to_text(of(what, parts));
    for (size_t i = 0; i < parts.size(); ++i) {
      std::vector<Side> with_null = parts;
      with_null[i] = null();
      EXPECT_EQ(shown(of(what, with_null)), "null") << to_text(of(what, with_null));
    }
  }
}

TEST(Expression, IsShownToPeople) {
  EXPECT_EQ(to_text(part("soundex", field("family"))), "soundex(family)");
  EXPECT_EQ(to_text(of(What::substring, {field("family"), number(1), number(3)})), "substring(family, 1, 3)");
  EXPECT_EQ(to_text(of(What::less, {of(What::year, {field("dob")}), number(1950)})), "year(dob) < 1950");
  EXPECT_EQ(to_text(of(What::all_of, {truth(true), of(What::negation, {truth(false)})})), "(1 = 1) and not (1 = 0)");
  EXPECT_EQ(to_text(of(What::regexp_extract, {field("note")}, "it's", 1)), "regexp_extract(note, 'it''s', 1)");
  EXPECT_EQ(to_text(of(What::regexp_replace, {field("note"), text("b")}, "a")), "regexp_replace(note, 'a', 'b')");
  EXPECT_EQ(to_text(of(What::multiply, {of(What::add, {number(1), number(2)}), number(0.5)})), "(1 + 2) * 0.5");
  EXPECT_EQ(to_text(of(What::coalesce, {field("gone"), null()})), "coalesce(gone, null)");
}

// Parts are those of passes: the same words, for every part that a kind has.
TEST(Expression, PartsAreThoseOfPasses) {
  std::string buffer;
  for (const auto& [name, which] : part_names)
    for (const char* of_field : {"family", "given", "note", "address", "postcode", "dob", "nhs", "sex", "age"}) {
      const FieldValue value = value_of(of_field);
      const std::string mine = shown(part(name, field(of_field)));
      if (!has_part(value.kind, which)) {
        EXPECT_TRUE(mine.starts_with("error")) << name << of_field;
      } else if (!derivable(value.kind, which)) {
        const std::string_view of_passes = part_of_text(which, value.text, buffer);
        EXPECT_EQ(mine, of_passes.empty() ? "null" : of_passes) << name << of_field;
      } else {
        EXPECT_FALSE(mine.starts_with("error")) << name << of_field;
      }
    }
}

TEST(Expression, MayBeEvaluatedByManyThreads) {
  const auto made = *Expression::compile(
      of(What::concat, {of(What::lower, {part("soundex", field("family"))}), of(What::nysiis, {field("family")}),
                        of(What::regexp_extract, {field("family")}, "^..")}),
      kind_of);
  std::vector<std::thread> threads;
  std::vector<std::string> results(4);
  for (std::string& result : results)
    threads.emplace_back([&] {
      const FieldValue value = value_of("family");
      Scalar out;
      for (int i = 0; i < 2000; ++i) made.evaluate(std::span(&value, 1), out);
      result = out.text;
    });
  for (std::thread& thread : threads) thread.join();
  for (const std::string& result : results) EXPECT_EQ(result, "o216OCAFAROK");
}
