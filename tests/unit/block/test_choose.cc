// Rules are chosen for what they add, and the estimate of what they miss behaves where the truth is known.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "block/block.h"

namespace tessera {
namespace {

TEST(ChooseRules, TakesWhatAddsMostForItsPairs) {
  MetSample sample(4);
  for (int i = 0; i < 60; ++i) sample.add(std::vector<uint32_t>{0, 1}, 1);
  for (int i = 0; i < 30; ++i) sample.add(std::vector<uint32_t>{1, 2}, 1);
  for (int i = 0; i < 10; ++i) sample.add(std::vector<uint32_t>{3}, 1);
  const std::vector<uint64_t> pairs{100, 1000, 100, 500};
  EXPECT_EQ(choose_rules(pairs, sample, 10'000), (std::vector<size_t>{0, 2, 3}));
  EXPECT_EQ(choose_rules(pairs, sample, 200), (std::vector<size_t>{0, 2}));
  EXPECT_EQ(choose_rules(pairs, sample, 150), (std::vector<size_t>{0}));
  EXPECT_EQ(choose_rules(pairs, sample, 50), (std::vector<size_t>{}));
  // A small gain is not worth its pairs.
  EXPECT_EQ(choose_rules(pairs, sample, 10'000, 0.2), (std::vector<size_t>{0, 2}));
}

TEST(ChooseRules, OneDearRuleMayBeWorthMoreThanAllCheapOnes) {
  MetSample sample(2);
  sample.add(std::vector<uint32_t>{0, 1}, 1);
  for (int i = 0; i < 99; ++i) sample.add(std::vector<uint32_t>{1}, 1);
  EXPECT_EQ(choose_rules(std::vector<uint64_t>{1, 1000}, sample, 1000), (std::vector<size_t>{1}));
}

TEST(ChooseRules, DropsARuleThatLaterOnesMadeNeedless) {
  MetSample sample(3);
  for (int i = 0; i < 10; ++i) sample.add(std::vector<uint32_t>{0, 1}, 1);
  for (int i = 0; i < 10; ++i) sample.add(std::vector<uint32_t>{0, 2}, 1);
  for (int i = 0; i < 8; ++i) sample.add(std::vector<uint32_t>{1}, 1);
  for (int i = 0; i < 8; ++i) sample.add(std::vector<uint32_t>{2}, 1);
  EXPECT_EQ(choose_rules(std::vector<uint64_t>{10, 10, 11}, sample, 100), (std::vector<size_t>{1, 2}));
}

// Beside trying all sets: within the guarantee, never beyond the budget; nearly always near the best.
RC_GTEST_PROP(ChooseRulesProperty, NearTheBestSet, (uint32_t seed)) {
  std::mt19937_64 random(seed);
  const size_t candidates = 1 + random() % 8;
  MetSample sample(candidates);
  for (size_t pair = 0; pair < 30; ++pair) {
    std::vector<uint32_t> met;
    for (uint32_t i = 0; i < candidates; ++i)
      if (random() % 3 == 0) met.push_back(i);
    sample.add(met, static_cast<double>(random() % 5));
  }
  std::vector<uint64_t> pairs(candidates);
  for (auto& count : pairs) count = 1 + random() % 50;
  const uint64_t budget = random() % 120;
  const auto value = [&](auto chosen) {
    double sum = 0;
    for (size_t pair = 0; pair < sample.size(); ++pair) {
      bool met = false;
      for (size_t i = 0; i < candidates; ++i) met = met || (chosen(i) && sample.meets(pair, i));
      if (met) sum += sample.weight(pair);
    }
    return sum;
  };
  double best = 0;
  for (size_t set = 0; set < size_t{1} << candidates; ++set) {
    uint64_t cost = 0;
    for (size_t i = 0; i < candidates; ++i) cost += set >> i & 1 ? pairs[i] : 0;
    if (cost <= budget) best = std::max(best, value([&](size_t i) { return (set >> i & 1) != 0; }));
  }
  const auto chosen = choose_rules(pairs, sample, budget, 0);
  uint64_t cost = 0;
  for (const size_t i : chosen) cost += pairs[i];
  RC_ASSERT(cost <= budget);
  const double got = value([&](size_t i) { return std::ranges::find(chosen, i) != chosen.end(); });
  RC_ASSERT(got >= best * (1 - std::exp(-1.0)) / 2);
}

// Matched pairs whose fields agree at random; rules over them. Share met, true and estimated.
struct Simulated {
  double truth = 0, estimate = 0, estimate_apart = 0;
};

Simulated simulate(const std::vector<double>& agree, const std::vector<std::vector<uint32_t>>& rules, double spread) {
  std::mt19937_64 random(5);
  std::uniform_real_distribution<double> uniform;
  MetSample found(rules.size());
  size_t met_pairs = 0;
  constexpr size_t pairs = 50'000;
  for (size_t pair = 0; pair < pairs; ++pair) {
    // Some people are written worse than others, in all fields.
    const double harm = spread * uniform(random);
    std::vector<char> agrees;
    for (const double rate : agree) agrees.push_back(uniform(random) < rate * (1 - harm));
    std::vector<uint32_t> met;
    for (uint32_t i = 0; i < rules.size(); ++i)
      if (std::ranges::all_of(rules[i], [&](uint32_t field) { return agrees[field] != 0; })) met.push_back(i);
    if (met.empty()) continue;
    ++met_pairs;
    found.add(met, 1);
  }
  std::vector<size_t> chosen(rules.size());
  std::vector<uint64_t> fields(rules.size(), 0);
  for (size_t i = 0; i < rules.size(); ++i) {
    chosen[i] = i;
    for (const uint32_t field : rules[i]) fields[i] |= uint64_t{1} << field;
  }
  return {.truth = static_cast<double>(met_pairs) / pairs,
          .estimate = estimate_met(found, chosen).share(),
          .estimate_apart = estimate_met(found, chosen, fields).share()};
}

TEST(EstimateMet, NearTheTruthWhereRulesErrIndependently) {
  const std::vector<std::vector<uint32_t>> single{{0}, {1}, {2}, {3}};
  for (const double rate : {.3, .5, .7}) {
    for (const size_t rules : {size_t{2}, size_t{4}}) {
      const Simulated four = simulate(std::vector<double>(rules, rate),
                                      {single.begin(), single.begin() + static_cast<ptrdiff_t>(rules)}, 0);
      EXPECT_NEAR(four.estimate, four.truth, .01);
      EXPECT_EQ(four.estimate, four.estimate_apart);
    }
  }
  const Simulated conjunctions = simulate(std::vector<double>(6, .7), {{0, 1}, {2, 3}, {4, 5}}, 0);
  EXPECT_NEAR(conjunctions.estimate, conjunctions.truth, .01);
  // Unequal rules: more pairs are met by one rule only than equal ones would leave, so the share is too low.
  const Simulated unequal = simulate({.9, .3, .5}, {{0}, {1}, {2}}, 0);
  EXPECT_NEAR(unequal.estimate, unequal.truth, .06);
}

TEST(EstimateMet, RulesThatShareFieldsAreCountedApart) {
  // Every two of five fields: three that agree make three recaptures at once, and two are never seen.
  std::vector<std::vector<uint32_t>> rules;
  for (uint32_t a = 0; a < 5; ++a)
    for (uint32_t b = a + 1; b < 5; ++b) rules.push_back({a, b});
  const Simulated shared = simulate(std::vector<double>(5, .7), rules, 0);
  EXPECT_LT(shared.estimate, .1);
  EXPECT_NEAR(shared.estimate_apart, shared.truth, .07);
}

TEST(EstimateMet, PeopleWhoAreWrittenBadlyMakeItAnUpperBound) {
  const std::vector<std::vector<uint32_t>> rules{{0, 1}, {2, 3}, {0, 4}, {1, 5}, {2, 5}};
  const Simulated uneven = simulate(std::vector<double>(6, .9), rules, .4);
  EXPECT_GT(uneven.estimate_apart, uneven.truth);
  EXPECT_LT(uneven.estimate_apart, uneven.truth + .03);
  EXPECT_LT(uneven.estimate_apart, uneven.estimate);
}

TEST(EstimateMet, Formula) {
  MetSample sample(3);
  const std::vector<size_t> chosen{0, 1, 2};
  sample.add(std::vector<uint32_t>{0}, 3);
  sample.add(std::vector<uint32_t>{1, 2}, 2);
  sample.add(std::vector<uint32_t>{0, 1, 2}, 4);
  MetEstimate estimate = estimate_met(sample, chosen);
  EXPECT_EQ(estimate.occasions, 3u);
  EXPECT_DOUBLE_EQ(estimate.once, 3);
  EXPECT_DOUBLE_EQ(estimate.twice, 2);
  EXPECT_DOUBLE_EQ(estimate.met, 9);
  EXPECT_DOUBLE_EQ(estimate.unseen, 2.0 / 3 * 9 / 4);
  EXPECT_DOUBLE_EQ(estimate.share(), 9 / 10.5);
  // Rules 1 and 2 share a field: together they are one recapture.
  estimate = estimate_met(sample, chosen, std::vector<uint64_t>{1, 2 | 4, 2 | 8});
  EXPECT_EQ(estimate.occasions, 2u);
  EXPECT_DOUBLE_EQ(estimate.once, 5);
  EXPECT_DOUBLE_EQ(estimate.twice, 4);
  EXPECT_DOUBLE_EQ(estimate.unseen, .5 * 25 / 8);
  // Nobody was found twice.
  EXPECT_DOUBLE_EQ(estimate_met(sample, chosen, std::vector<uint64_t>{1 | 2, 2, 2}).unseen, 0);
  MetSample once(2);
  once.add(std::vector<uint32_t>{0}, 7);
  EXPECT_DOUBLE_EQ(estimate_met(once, std::vector<size_t>{0, 1}).unseen, .5 * 7 * 6 / 2);
  // Nothing found, or by one rule only: nothing can be said.
  EXPECT_DOUBLE_EQ(estimate_met(MetSample(3), chosen).share(), 0);
  EXPECT_EQ(estimate_met(sample, std::vector<size_t>{0}).occasions, 1u);
  EXPECT_DOUBLE_EQ(estimate_met(sample, std::vector<size_t>{0}).unseen, 0);
}

// Before any fit: selective rules on different fields come first.
TEST(PriorSample, PrefersRulesOnDifferentFields) {
  // 0 surname, 1 its sound, 2 date of birth, 3 postcode
  const std::vector<AgreementRate> rates{{.85}, {.5, 0}, {.9}, {.7}};
  const std::vector<std::vector<uint32_t>> rules{{0, 2}, {1, 2}, {3}, {0, 3}, {2}};
  const MetSample sample = prior_sample(rates, rules);
  EXPECT_EQ(sample.size(), size_t{1} << 14);
  size_t sound = 0;
  for (size_t pair = 0; pair < sample.size(); ++pair) {
    if (sample.meets(pair, 0)) {
      ASSERT_TRUE(sample.meets(pair, 1));  // the sound agrees where the name does
    }
    sound += sample.meets(pair, 1);
  }
  EXPECT_NEAR(static_cast<double>(sound) / (1 << 14), .9 * (.85 + .15 * .5), .01);
  const auto chosen = choose_rules(std::vector<uint64_t>{1000, 3000, 4000, 900, 400'000}, sample, 10'000, .001);
  ASSERT_EQ(chosen.size(), 2u);
  EXPECT_TRUE(std::ranges::count(chosen, 1u) == 1 && std::ranges::count(chosen, 2u) == 1);
}

TEST(CountRulePairs, ASampleOfKeysIsNear) {
  std::mt19937_64 random(9);
  ValueTable table{.rows = 400'000, .columns = {{}, {}}, .source = {}};
  for (size_t row = 0; row < table.rows; ++row) {
    const double u = static_cast<double>(random() >> 11) * 0x1p-53;
    table.columns[0].push_back(static_cast<Code>(20 / (u + 1e-4)));  // a few values have most rows
    table.columns[1].push_back(static_cast<Code>(1 + random() % 200'000));
  }
  for (const auto& [left, right] : {std::pair<ColumnId, ColumnId>{0, 0}, {1, 1}, {0, 1}}) {
    const PlanRule rule{.equal = {{left, right, false}}, .also = {}, .text = {}, .fields = {}};
    for (const ValueTable* other : {static_cast<const ValueTable*>(nullptr), static_cast<const ValueTable*>(&table)}) {
      const auto exact = static_cast<double>(count_rule_pairs(rule, other, table, {}));
      const auto sampled = static_cast<double>(count_rule_pairs(rule, other, table, {}, 16));
      EXPECT_NEAR(sampled / exact, 1, .05);
    }
  }
}

}  // namespace
}  // namespace tessera
