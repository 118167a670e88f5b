// Does an expression, written in Tessera's dialect, read back as the same expression?
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "shown.h"

namespace tessera {
namespace {

using What = SideExpression::What;

SideExpression field(const std::string& name) { return {.what = What::field, .text = name}; }

SideExpression leaf() {
  switch (*rc::gen::inRange(0, 4)) {
    case 0: return field(*rc::gen::element<std::string>("given_name", "Name", "select", "left", "first name", "a\"b"));
    case 1: return {.what = What::text, .text = *rc::gen::element<std::string>("", "O'Brien", "%_", "é\\d")};
    case 2: return {.what = What::number, .number = *rc::gen::inRange(-1000, 1000) / 7.0};
    default: return {};
  }
}

SideExpression any_expression(int depth) {
  if (depth == 0) return leaf();
  const auto of = [&](What what, size_t count, std::string text = {}, double number = 0) {
    SideExpression out{.what = what, .text = std::move(text), .number = number};
    for (size_t i = 0; i < count; ++i) out.parts.push_back(any_expression(depth - 1));
    return out;
  };
  static const std::vector<std::pair<What, size_t>> calls = {{What::lower, 1},
                                                             {What::concat, 3},
                                                             {What::concat_words, 2},
                                                             {What::substring, 3},
                                                             {What::left, 2},
                                                             {What::right, 2},
                                                             {What::replace, 3},
                                                             {What::split_part, 3},
                                                             {What::nysiis, 1},
                                                             {What::to_text, 1},
                                                             {What::length, 1},
                                                             {What::to_number, 1},
                                                             {What::date_of, 1},
                                                             {What::seconds, 1},
                                                             {What::year, 1},
                                                             {What::add, 2},
                                                             {What::subtract, 2},
                                                             {What::multiply, 2},
                                                             {What::divide, 2},
                                                             {What::negative, 1},
                                                             {What::absolute, 1},
                                                             {What::round, 2},
                                                             {What::floor, 1},
                                                             {What::ceiling, 1},
                                                             {What::greatest, 2},
                                                             {What::least, 2},
                                                             {What::tokens, 1},
                                                             {What::split, 2},
                                                             {What::count_of, 1},
                                                             {What::coalesce, 2},
                                                             {What::null_if, 2},
                                                             {What::choose, 3},
                                                             {What::is_null, 1},
                                                             {What::equal, 2},
                                                             {What::not_equal, 2},
                                                             {What::less, 2},
                                                             {What::less_equal, 2},
                                                             {What::greater, 2},
                                                             {What::in, 3},
                                                             {What::all_of, 2},
                                                             {What::any_of, 3},
                                                             {What::negation, 1},
                                                             {What::trim, 1},
                                                             {What::upper, 1},
                                                             {What::month, 1},
                                                             {What::day, 1},
                                                             {What::double_metaphone, 1},
                                                             {What::greater_equal, 2}};
  const int pick = *rc::gen::inRange(0, static_cast<int>(calls.size()) + 6);
  switch (pick - static_cast<int>(calls.size())) {
    case 0: return of(What::part, 1, "first-token");
    case 1: return of(What::regexp_extract, 1, "^(a|'b')", 1);
    case 2: return of(What::regexp_replace, 2, "x+");
    case 3: return of(What::parse_date, 1, "%d/%m/%Y");
    case 4: return of(What::format_date, 1, "%Y");
    case 5: return of(What::like, 1, "A%'");
    default: return of(calls[static_cast<size_t>(pick)].first, calls[static_cast<size_t>(pick)].second);
  }
}

RC_GTEST_PROP(Expressions, SayTheSameAgain, ()) {
  const SideExpression left = any_expression(*rc::gen::inRange(0, 4)), right = any_expression(*rc::gen::inRange(0, 3));
  const auto read =
      read_expressions(expression_text(left) + " ~ " + expression_text(right), any_fields(SqlDialect::tessera));
  RC_ASSERT(read.has_value());
  RC_ASSERT(read->first == left);
  RC_ASSERT(read->second == right);
}

std::string again(const std::string& text) {
  const auto read = read_expressions(text, any_fields(SqlDialect::tessera));
  return read ? expression_text(read->first)
              : fmt::format("error at {}: {}", read.error().begin + 1, read.error().what);
}

TEST(Expressions, MayBeWrittenAsInSql) {
  EXPECT_EQ(again("a || b || 'x'"), "concat(a, b, 'x')");
  EXPECT_EQ(again("a is null and b = 'x' or not c in (1, 2)"),
            "any_of(all_of(is_null(a), (b = 'x')), negation(one_of(c, 1, 2)))");
  EXPECT_EQ(again("case when length(a) > 3 then 'long' else null end"), "choose((length(a) > 3), 'long', null)");
  EXPECT_EQ(again("a like 'M_C%'"), "matches(a, 'M_C%')");
  EXPECT_EQ(again("-(x + 2) * 3"), "(negative((x + 2)) * 3)");
  EXPECT_EQ(again("A"), "\"A\"");
}

TEST(Expressions, MistakesHaveTheirPlace) {
  EXPECT_EQ(again("lowr(a)"), "error at 1: there is no function lowr");
  EXPECT_EQ(again("lower(a, b)"), "error at 1: lower does not take 2 values");
  EXPECT_EQ(again("lower(no_such)"), "error at 7: there is no field \"no_such\"");
  EXPECT_EQ(again("part(a, b)"), "error at 9: part takes a text in quotes here");
  EXPECT_EQ(again("a ! b"), "error at 3: ! means nothing in SQL here");
  EXPECT_EQ(again("a b"), "error at 3: this does not follow here: b");
  EXPECT_EQ(again(""), "error at 1: it ends too early: a value should stand here");
}

}  // namespace
}  // namespace tessera
