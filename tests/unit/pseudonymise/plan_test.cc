#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <optional>

#include "kernels/date.h"
#include "pseudonymise/canonical.h"
#include "pseudonymise/description.h"
#include "pseudonymise/moved_column.h"
#include "pseudonymise/token_plan.h"
#include "record/words.h"

namespace tessera {
namespace {

Term term(const std::string& from, Term::How how = Term::How::exact, Part part = Part::whole, std::string to = {}) {
  Term out;
  out.how = how;
  out.from = {from, part};
  out.to = {to.empty() ? from : to, part};
  out.text = from;
  return out;
}

std::vector<std::string> names_of(const TokenPlan& plan) {
  std::vector<std::string> out;
  for (const TokenSpec& token : plan.tokens) out.push_back(token.name);
  return out;
}

TEST(TokenPlan, PartialDatesNeedTheirPartsAndTheSwap) {
  const std::vector<Pass> passes = {{.rank = 3, .terms = {term("dob", Term::How::date_partial)}, .unless = {}}};
  const auto plan = plan_tokens(passes, {});
  ASSERT_TRUE(plan) << plan.error().message;
  EXPECT_EQ(names_of(*plan),
            (std::vector<std::string>{"dob", "dob.month-day", "dob.swapped", "dob.year-day", "dob.year-month"}));
  for (const TokenSpec& token : plan->tokens) {
    EXPECT_EQ(token.space, token.swapped ? "dob" : token.name);
    EXPECT_EQ(token.ranks, std::vector<int>{3});
  }
}

TEST(TokenPlan, ComparedWordsShareANamespaceInAnyOrderOfThePasses) {
  std::vector<Pass> passes = {
      {.rank = 1, .terms = {term("b", Term::How::exact, Part::whole, "c")}, .unless = {}},
      {.rank = 2, .terms = {term("c", Term::How::exact, Part::whole, "a"), term("d")}, .unless = {}},
      {.rank = 3, .terms = {term("b", Term::How::exact, Part::initial)}, .unless = {}}};
  for (int turn = 0; turn < 2; ++turn) {
    const auto plan = plan_tokens(passes, {});
    ASSERT_TRUE(plan);
    for (const TokenSpec& token : plan->tokens)
      EXPECT_EQ(token.space, token.name == "d" || token.name == "b.initial" ? token.name : "a") << token.name;
    std::swap(passes[0], passes[1]);
  }
}

TEST(TokenPlan, WhatLooksInsideValuesIsRefusedByRank) {
  for (const Term::How how : {Term::How::within, Term::How::likeness}) {
    const std::vector<Pass> passes = {{.rank = 21, .terms = {term("dob", how)}, .unless = {}}};
    const auto plan = plan_tokens(passes, {});
    ASSERT_FALSE(plan);
    EXPECT_EQ(plan.error().code, ErrorCode::usage);
    EXPECT_NE(plan.error().message.find("rank 21"), std::string::npos);
  }
}

Pass with_difference(int64_t bound, Term::Unit unit, const std::string& field = "dob") {
  Term within = term(field, Term::How::within);
  within.bound = bound;
  within.unit = unit;
  return {.rank = 21, .terms = {term("name"), within, term("sex")}, .unless = {}};
}

TEST(TokenPlan, DifferencesAreOfOnePassAndItsOtherTerms) {
  std::vector<Pass> passes = {with_difference(10, Term::Unit::years)};
  const auto plan = plan_tokens(passes, {});
  ASSERT_TRUE(plan) << plan.error().message;
  EXPECT_EQ(plan->tokens.size(), 12U);
  const TokenSpec& least = plan->tokens.front();
  EXPECT_EQ(least.name, "dob.within-10-years.rank-21.from+0");
  EXPECT_EQ(least.space, "dob.within-10-years of name, sex");
  EXPECT_EQ(least.moved->beside, (std::vector<std::string>{"name", "sex"}));
  EXPECT_FALSE(plan_tokens(passes, std::vector<std::string>{"dob:within"}));

  std::swap(passes[0].terms[0], passes[0].terms[2]);
  const auto turned = plan_tokens(passes, {});
  ASSERT_TRUE(turned);
  EXPECT_EQ(turned->tokens.front().space, least.space) << "the order of terms makes no difference";

  passes.push_back(passes[0]);
  passes[1].terms.pop_back();
  const auto two = plan_tokens(passes, {});
  ASSERT_FALSE(two) << "of two passes of one rank";
  EXPECT_NE(two.error().message.find("another rank"), std::string::npos);

  EXPECT_TRUE(plan_tokens(std::vector{with_difference(moved_max, Term::Unit::days)}, {}));
  const auto large = plan_tokens(std::vector{with_difference(moved_max + 1, Term::Unit::days)}, {});
  ASSERT_FALSE(large);
  EXPECT_NE(large.error().message.find("more than the 15"), std::string::npos);
}

// Some of the tokens of one side is among those of the other just if the values differ by the bound at most, and all that
// stands beside is equal.
RC_GTEST_PROP(MovedColumn, EqualJustWithinTheBound, ()) {
  const std::array<std::byte, 32> secret{};
  auto key = TokenKey::of(secret, "x");
  RC_ASSERT(key.has_value());
  const auto unit = *rc::gen::element(Term::Unit::days, Term::Unit::years, Term::Unit::number);
  const Kind kind = unit == Term::Unit::number ? Kind::integer : Kind::date;
  const auto bound = *rc::gen::inRange<int64_t>(0, moved_max + 1);
  const auto plan = plan_tokens(std::vector{with_difference(bound, unit)}, {});
  RC_ASSERT(plan.has_value());
  const auto draw = [&]() -> uint64_t {
    if (kind == Kind::integer) return integer_bias + static_cast<uint64_t>(*rc::gen::inRange(0, 40)) - 20;
    return date_word(static_cast<unsigned>(*rc::gen::inRange(1990, 2012)),
                     unit == Term::Unit::days ? 2 + static_cast<unsigned>(*rc::gen::inRange(0, 2))
                                              : static_cast<unsigned>(*rc::gen::inRange(0, 13)),
                     static_cast<unsigned>(*rc::gen::inRange(0, 29)));
  };
  const std::vector<uint64_t> whole{draw(), draw()}, sexes{1, static_cast<uint64_t>(*rc::gen::inRange(0, 3))};
  const TokenSpec of_sex{.name = "sex", .field = "sex", .space = "sex", .ranks = {}};  // outlives its column
  TokenColumn sex(of_sex, Kind::sex, *key, nullptr);
  sex.make(sexes, sexes, LongTexts{});
  const std::vector<const TokenColumn*> beside{&sex, &sex};
  bool equal = false;
  std::vector<Token> from;
  for (const std::string side : {".from", ".to"})
    for (const TokenSpec& spec : plan->tokens) {
      if (spec.name.find(side) == std::string::npos) continue;
      MovedColumn made(spec, kind, *key);
      made.make(whole, beside);
      const size_t row = side == ".from" ? 0 : 1;
      if (made.present()[row] == 0) continue;
      if (row == 0) from.push_back(made.token(0));
      if (row == 1) equal |= std::ranges::find(from, made.token(1)) != from.end();
    }
  const auto value = [&](uint64_t word) -> std::optional<int64_t> {
    if (kind == Kind::integer) return static_cast<int64_t>(word);
    if (unit == Term::Unit::years) return year_of(word);
    return full_date(word) ? std::optional<int64_t>(day_number(word)) : std::nullopt;
  };
  const auto a = value(whole[0]), b = value(whole[1]);
  RC_ASSERT(equal == (sexes[1] == 1 && a && b && std::abs(*a - *b) <= bound));
}

TEST(TokenPlan, ForbiddenTokensNameThePasses) {
  const std::vector<Pass> passes = {{.rank = 3, .terms = {term("dob", Term::How::date_partial)}, .unless = {}}};
  for (const std::string forbidden : {"dob:swapped", "dob:year-day", "dob"}) {
    const auto plan = plan_tokens(passes, std::vector<std::string>{forbidden});
    ASSERT_FALSE(plan) << forbidden;
    EXPECT_NE(plan.error().message.find("rank 3"), std::string::npos);
  }
  EXPECT_TRUE(plan_tokens(passes, std::vector<std::string>{"dob:year", "sex"}));
}

std::string canonical(Kind kind, Part part, uint64_t whole) {
  std::string out = "|";
  const TokenSpec spec{.name = {}, .field = {}, .part = part, .space = {}, .ranks = {}};
  append_canonical(spec, kind, derive_word(kind, part, whole), whole, LongTexts{}, out);
  return out.substr(1);
}

TEST(Canonical, Dates) {
  const uint64_t date = date_word(1950, 3, 1);
  EXPECT_EQ(canonical(Kind::date, Part::whole, date), "1950-03-01");
  EXPECT_EQ(canonical(Kind::date, Part::year, date), "1950");
  EXPECT_EQ(canonical(Kind::date, Part::month, date), "--03");
  EXPECT_EQ(canonical(Kind::date, Part::day, date), "---01");
  EXPECT_EQ(canonical(Kind::date, Part::year_month, date), "1950-03");
  EXPECT_EQ(canonical(Kind::date, Part::year_day, date), "1950---01");
  EXPECT_EQ(canonical(Kind::date, Part::month_day, date), "--03-01");
}

TEST(Canonical, OtherKinds) {
  EXPECT_EQ(canonical(Kind::nhs_number, Part::whole, 9434765919), "9434765919");
  EXPECT_EQ(canonical(Kind::sex, Part::whole, 2), "2");
  EXPECT_EQ(canonical(Kind::integer, Part::whole, integer_bias - 17), "-17");
  uint64_t postcode = 0;
  for (const char c : std::string("M1   1AE")) postcode = postcode << 8 | static_cast<unsigned char>(c);
  EXPECT_EQ(canonical(Kind::postcode, Part::whole, postcode), "M1 1AE");
  EXPECT_EQ(canonical(Kind::postcode, Part::sector, postcode), "M1 1");
  EXPECT_EQ(canonical(Kind::postcode, Part::district, postcode), "M1");
  EXPECT_EQ(canonical(Kind::postcode, Part::area, postcode), "M");
  EXPECT_EQ(canonical(Kind::postcode, Part::but_last, postcode), "M1 1A");
  EXPECT_EQ(canonical(Kind::name, Part::whole, text_word("OKAFOR")), "OKAFOR");
  EXPECT_EQ(canonical(Kind::name, Part::whole, text_word("LI")), "LI");
}

// Two dates have one text just if they have one word, for every part.
RC_GTEST_PROP(Canonical, TextsAreEqualAsWordsAre, ()) {
  const auto draw = [] {
    return date_word(static_cast<unsigned>(*rc::gen::inRange(1950, 1953)),
                     static_cast<unsigned>(*rc::gen::inRange(1, 4)), static_cast<unsigned>(*rc::gen::inRange(1, 4)));
  };
  const Part parts[] = {Part::whole,      Part::year,     Part::month,    Part::day,
                        Part::year_month, Part::year_day, Part::month_day};
  const uint64_t a = draw(), b = draw();
  const Part p = parts[*rc::gen::inRange(0, 7)], q = parts[*rc::gen::inRange(0, 7)];
  RC_ASSERT((canonical(Kind::date, p, a) == canonical(Kind::date, q, b)) ==
            (derive_word(Kind::date, p, a) == derive_word(Kind::date, q, b)));
}

TEST(Canonical, SwappedDatesThatAreNoneOrTheSame) {
  const TokenSpec swapped{.name = {}, .field = {}, .swapped = true, .space = {}, .ranks = {}};
  EXPECT_EQ(token_source(swapped, Kind::date, date_word(1950, 3, 1)), date_word(1950, 1, 3));
  EXPECT_EQ(token_source(swapped, Kind::date, date_word(1950, 3, 13)), 0U) << "there is no month 13";
  EXPECT_EQ(token_source(swapped, Kind::date, date_word(1950, 3, 3)), 0U) << "the same date is no swap";
  EXPECT_EQ(token_source(swapped, Kind::date, date_word(1950, 3, 0)), 0U);
}

TEST(TokenWord, IsTheSameFromHexAndBytes) {
  const std::string hex = "00ff102030405060708090a0b0c0d0e0";
  std::string bytes;
  for (size_t i = 0; i < 32; i += 2) bytes += static_cast<char>(std::stoul(hex.substr(i, 2), nullptr, 16));
  EXPECT_EQ(token_word(hex, false), token_word(bytes, true));
  EXPECT_EQ(token_word(hex, false) >> 63, 1U);
  for (const std::string& wrong :
       {hex.substr(1), hex + "0", std::string("00FF") + hex.substr(4), std::string(32, 'g'), std::string()})
    EXPECT_EQ(token_word(wrong, false), 0U) << wrong;
  // Each character at each place: its number as the library reads it, or no token.
  for (size_t at = 0; at < 32; ++at)
    for (int c = 0; c < 256; ++c) {
      std::string text = hex;
      text[at] = static_cast<char>(c);
      const bool digit = std::string_view("0123456789abcdef").contains(static_cast<char>(c)) && c != 0;
      const uint64_t wanted = digit ? uint64_t{1} << 63 | std::stoull(text.substr(0, 16), nullptr, 16) : 0;
      EXPECT_EQ(token_word(text, false), wanted) << at << " " << c;
    }
  EXPECT_EQ(token_word(bytes.substr(1), true), 0U);
  EXPECT_EQ(token_word(hex, true), 0U);
}

TEST(Description, ReadsBackWhatItSays) {
  Description said{.domain = "d", .key_id = "0123456789abcdef", .check = std::string(32, 'a'), .binary = true};
  said.fields = {{"dob", Kind::date}, {"name", Kind::name}};
  said.clear = {{"died", Kind::date}};
  said.tokens = {
      {.name = "dob.swapped", .field = "dob", .space = "dob", .kind = Kind::date, .swapped = true, .ranks = {3, 4}},
      {.name = "dob.year-month",
       .field = "dob",
       .space = "x",
       .kind = Kind::date,
       .part = Part::year_month,
       .ranks = {3}}};
  said.flags = {{"dob.january-1", "dob"}};
  const std::string text = description_json(said);
  const auto read = parse_description("file", text);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(description_json(*read), text);
  EXPECT_TRUE(read->token("dob.swapped")->swapped);
  EXPECT_EQ(read->token("dob.year-month")->part, Part::year_month);
  EXPECT_TRUE(read->flag("dob.january-1"));
  for (size_t cut = 0; cut < text.size(); cut += 7) {
    const auto broken = parse_description("file", text.substr(0, cut));
    ASSERT_FALSE(broken);
    EXPECT_EQ(broken.error().code, ErrorCode::data);
  }
  EXPECT_EQ(description_in_manifest("{\"pseudonyms\": {\"a.csv\": " + text + "}}", "a.csv"), text);
  EXPECT_EQ(description_in_manifest("{\"pseudonyms\": {}}", "a.csv"), "");
  EXPECT_EQ(description_in_manifest("not json", "a.csv"), "");
}

}  // namespace
}  // namespace tessera
