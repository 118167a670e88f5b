// Lists of passes compiled: anchors, bits and table, against passes tried one by one.
#include "decide/decide.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

#include "compare/compare.h"

namespace tessera {
namespace {

Term exact(std::string field, Part part = Part::whole) {
  return {.how = Term::How::exact, .from = {field, part}, .to = {field, part}, .text = field};
}
Term with(Term::How how, std::string field, int64_t bound = 0) {
  return {.how = how, .from = {field, Part::whole}, .to = {field, Part::whole}, .bound = bound, .text = field + "?"};
}

Input people(std::string name) {
  Input input{.name = std::move(name), .paths = {"x.csv"}, .id = "id"};
  input.fields = {{.name = "nhs_number", .kind = Kind::nhs_number},
                  {.name = "dob", .kind = Kind::date},
                  {.name = "sex", .kind = Kind::sex},
                  {.name = "postcode", .kind = Kind::postcode},
                  {.name = "given_name", .kind = Kind::name},
                  {.name = "family_name", .kind = Kind::name}};
  return input;
}

// The eight ranks of HES to deaths, as the reference gives them.
std::vector<Pass> eight_ranks() {
  using How = Term::How;
  const Term nhs = exact("nhs_number"), sex = exact("sex"), dob = exact("dob"), postcode = exact("postcode");
  const Term partial = with(How::date_partial, "dob"), compatible = with(How::compatible, "nhs_number");
  const Unless january{.what = Unless::What::january_1, .field = "dob", .text = "dob:january-1"};
  const Unless pseudo{.what = Unless::What::pseudo_postcode, .field = "postcode", .text = "postcode:zz99"};
  return {{1, {nhs, sex, dob, postcode}, {}},
          {2, {nhs, sex, dob}, {}},
          {3, {nhs, sex, partial, postcode}, {}},
          {4, {nhs, sex, partial}, {}},
          {5, {nhs, postcode}, {}},
          {6, {compatible, sex, dob, postcode}, {january, pseudo}},
          {7, {compatible, sex, dob, postcode}, {january}},
          {8, {nhs}, {}}};
}

PassPlan plan_of(const std::vector<Pass>& passes, uint64_t rows = 1000000) {
  const Input from = people("hes"), to = people("deaths");
  auto plan = compile_passes({.from = "hes", .to = "deaths", .passes = passes}, from, to, rows);
  EXPECT_TRUE(plan) << plan.error().message;
  return *plan;
}

TEST(Compile, EightRanksNeedTwoAnchors) {
  const PassPlan plan = plan_of(eight_ranks());
  ASSERT_EQ(plan.anchors.size(), 2u);
  EXPECT_EQ(plan.anchors[0].text, "nhs_number");
  EXPECT_EQ(plan.anchors[1].from.size(), 3u);  // sex, dob, postcode
  EXPECT_TRUE(plan.table.tabulated());
  EXPECT_EQ(plan.from_words.size(), 4u);
}

TEST(Compile, EveryWayHasAnAnchor) {
  const PassPlan plan = plan_of(eight_ranks());
  for (const PassBits& pass : plan.table.passes())
    for (const auto& way : pass.alternatives)
      EXPECT_TRUE(std::ranges::any_of(plan.anchors, [&](const Anchor& a) { return (way.need & a.bits) == a.bits; }));
}

TEST(Compile, ImpliedPartsMayServeAsAnchor) {
  // The whole postcode implies its sector, so one anchor (dob, sector) serves both.
  const PassPlan plan = plan_of({{1, {exact("dob"), exact("postcode")}, {}},
                                 {2, {exact("dob"), exact("postcode", Part::sector), exact("sex")}, {}}},
                                1000);
  EXPECT_EQ(plan.anchors.size(), 1u);
}

TEST(Compile, NamePartsAreWordsOfTheirOwn) {
  const PassPlan plan = plan_of({{1, {exact("family_name", Part::soundex), exact("dob")}, {}},
                                 {2, {exact("family_name"), exact("postcode")}, {}}});
  EXPECT_TRUE(std::ranges::count(plan.from_words, WordSpec{"family_name", Part::soundex, ""}));
  EXPECT_TRUE(std::ranges::count(plan.from_words, WordSpec{"family_name", Part::whole, ""}));
}

TEST(Compile, PassWithoutExactTermIsRefused) {
  const Input from = people("hes"), to = people("deaths");
  const auto plan = compile_passes({.passes = {{4, {with(Term::How::date_partial, "dob")}, {}}}}, from, to, 10);
  ASSERT_FALSE(plan);
  EXPECT_EQ(plan.error().code, ErrorCode::usage);
  EXPECT_NE(plan.error().message.find("rank 4"), std::string::npos);
}

TEST(Compile, AnyOfNeedsAnAnchorInEachChoice) {
  const Input from = people("hes"), to = people("deaths");
  Term choice{.how = Term::How::any_of, .choices = {{exact("nhs_number")}, {with(Term::How::date_partial, "dob")}}};
  EXPECT_FALSE(compile_passes({.passes = {{1, {choice}, {}}}}, from, to, 10));
  choice.choices[1].push_back(exact("postcode"));
  const auto plan = compile_passes({.passes = {{1, {choice}, {}}}}, from, to, 10);
  ASSERT_TRUE(plan);
  EXPECT_EQ(plan->anchors.size(), 2u);
  EXPECT_EQ(plan->table.passes()[0].alternatives.size(), 2u);
}

TEST(Compile, GroupLimitHasAWordOfItsOwn) {
  Input from = people("hes");
  from.fields.push_back({.name = "activity", .kind = Kind::date});
  Input to = people("deaths");
  to.fields.push_back({.name = "date_of_death", .kind = Kind::date});
  LinkStep step{.passes = {{1, {exact("nhs_number")}, {}}}};
  step.refuse = {{.field = "activity", .after = "date_of_death", .days = 3, .group = ""},
                 {.field = "activity", .after = "date_of_death", .days = 3, .group = "PERSON"}};
  const auto plan = compile_passes(step, from, to, 10);
  ASSERT_TRUE(plan);
  ASSERT_EQ(plan->limits.size(), 2u);
  EXPECT_NE(plan->limits[0].from.slot, plan->limits[1].from.slot);
}

TEST(Compile, UnlessOfOneSideOnly) {
  Input from = people("hes");
  Input to = people("register");
  std::erase_if(to.fields, [](const FieldSpec& f) { return f.name == "postcode"; });
  const Unless pseudo{.what = Unless::What::pseudo_postcode, .field = "postcode", .text = "postcode:zz99"};
  const auto plan = compile_passes({.passes = {{1, {exact("nhs_number")}, {pseudo}}}}, from, to, 10);
  ASSERT_TRUE(plan);
  const PairCondition& condition = plan->conditions[1];
  EXPECT_TRUE(condition.to.absent);
  EXPECT_TRUE(holds(condition, 0x5a5a393920335756, 0x5a5a393920335756));
  EXPECT_FALSE(holds(condition, 0, 0x5a5a393920335756));  // what lies in the other side's slot is not the postcode
}

// Tried in the obvious way: term by term, pass by pass.
bool term_holds(const Term& term, const PassPlan& plan, const std::vector<uint64_t>& from,
                const std::vector<uint64_t>& to) {
  using How = Term::How;
  if (term.how == How::any_of)
    return std::ranges::any_of(term.choices, [&](const auto& choice) {
      return std::ranges::all_of(choice, [&](const Term& t) { return term_holds(t, plan, from, to); });
    });
  const auto slot = [](const std::vector<WordSpec>& words, const std::string& field) {
    return static_cast<size_t>(std::ranges::find(words, field, &WordSpec::field) - words.begin());
  };
  const uint64_t a = from[slot(plan.from_words, term.from.field)], b = to[slot(plan.to_words, term.to.field)];
  switch (term.how) {
    case How::exact: return a != 0 && a == b;
    case How::compatible: return a == 0 || b == 0 || a == b;
    default: {
      PairCondition partial{.what = Condition::date_partial};
      return holds(partial, a, b);
    }
  }
}

RC_GTEST_PROP(CompileProperty, TableSaysWhatThePassesSay, ()) {
  const PassPlan plan = plan_of(eight_ranks());
  const auto passes = eight_ranks();
  const auto words = [&](const std::vector<WordSpec>& specs) {
    std::vector<uint64_t> out;
    for (const WordSpec& spec : specs) {
      if (spec.field == "dob")
        out.push_back(*rc::gen::elementOf(std::vector<uint64_t>{0, date_word(1950, 1, 1), date_word(1950, 2, 3),
                                                                date_word(1950, 3, 2), date_word(1951, 2, 3)}));
      else if (spec.field == "postcode")
        out.push_back(*rc::gen::elementOf(std::vector<uint64_t>{0, 0x5a5a393920335756, 0x4d31202020314145}));
      else
        out.push_back(*rc::gen::inRange<uint64_t>(0, 3));
    }
    return out;
  };
  const auto from = words(plan.from_words), to = words(plan.to_words);
  Pattern pattern = 0;
  for (size_t c = 0; c < plan.conditions.size(); ++c) {
    const PairCondition& condition = plan.conditions[c];
    if (holds(condition, from[condition.from.slot], to[condition.to.slot])) pattern |= Pattern{1} << c;
  }
  const PassMask mask = plan.table.passes_of(pattern);
  for (size_t p = 0; p < passes.size(); ++p) {
    bool expected = std::ranges::all_of(passes[p].terms, [&](const Term& t) { return term_holds(t, plan, from, to); });
    for (const Unless& unless : passes[p].unless) {
      const PairCondition condition{.what = unless.what == Unless::What::january_1 ? Condition::january_1
                                                                                   : Condition::pseudo_postcode};
      for (size_t s = 0; s < plan.from_words.size(); ++s)
        if (plan.from_words[s].field == unless.field && holds(condition, from[s], to[s])) expected = false;
    }
    RC_ASSERT((mask >> p & 1) == expected);
    // What satisfies a pass meets.
    if (expected)
      RC_ASSERT(std::ranges::any_of(plan.anchors, [&](const Anchor& a) { return (pattern & a.bits) == a.bits; }));
  }
}

}  // namespace
}  // namespace tessera
