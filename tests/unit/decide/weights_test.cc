// Weights of patterns beside sums made level by level; term frequencies; what explain says.
#include "decide/weights.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>

#include "decide/explain_pair.h"
#include "simulated.h"

namespace tessera {
namespace {

using namespace test;

Setting with_shares(Setting setting, uint64_t seed) {
  std::mt19937_64 chance(seed);
  std::uniform_real_distribution<double> share(0.001, 0.999);
  for (Comparison& comparison : setting.model.comparisons)
    for (Level& level : comparison.levels)
      if (!level.null_level) {
        level.m = share(chance);
        level.u = share(chance);
      }
  setting.model.lambda = 1e-4;
  return setting;
}

WeightTable built(const Setting& setting) {
  auto table = WeightTable::build(setting.model, setting.plan);
  EXPECT_TRUE(table) << table.error().message;
  return *table;
}

RC_GTEST_PROP(Weights, OfAPatternAreTheSumOfItsLevels, ()) {
  const auto count = *rc::gen::inRange<size_t>(1, 12);
  std::vector<std::pair<std::string, unsigned>> comparisons;
  for (size_t c = 0; c < count; ++c) comparisons.emplace_back("c" + std::to_string(c), *rc::gen::inRange(1u, 16u));
  Setting setting = with_shares(setting_of(comparisons), *rc::gen::arbitrary<uint64_t>());
  if (count >= 2) {
    const unsigned a = comparisons[0].second + 1, b = comparisons[count - 1].second + 1;
    Dependence made{.first = 0, .second = count - 1, .extra = std::vector<double>(size_t{a} * b)};
    for (size_t i = 0; i < made.extra.size(); ++i) made.extra[i] = i / b && i % b ? -0.25 * static_cast<double>(i) : 0;
    setting.model.dependences.push_back(made);
  }
  const WeightTable table = built(setting);
  std::vector<unsigned> digits;
  double sum = std::log2(1e-4 / (1 - 1e-4));
  for (size_t c = 0; c < count; ++c) {
    digits.push_back(*rc::gen::inRange(0u, comparisons[c].second + 1));
    if (digits[c] == 0) continue;
    const Level& level = setting.model.comparisons[c].levels[comparisons[c].second + 1 - digits[c]];
    sum += std::log2(*level.m / *level.u);
  }
  if (count >= 2 && digits[0] && digits[count - 1])
    sum += setting.model.dependences[0].extra[digits[0] * (comparisons[count - 1].second + 1) + digits[count - 1]];
  RC_ASSERT(std::abs(table.weight(pattern_of(setting.plan, digits)) - sum) < 1e-9);
}

// Three classes weighed outright: P(match) / (P(related) + P(other)).
RC_GTEST_PROP(Weights, WithRelatedPairsAreAgainstBothOtherClasses, ()) {
  const std::vector<std::pair<std::string, unsigned>> comparisons{{"given", 4}, {"family", 3}, {"postcode", 5}};
  Setting setting = with_shares(setting_of(comparisons), *rc::gen::arbitrary<uint64_t>());
  const double kappa = *rc::gen::inRange(1, 1000) / 2000.0, lambda = *setting.model.lambda;
  Related& related = setting.model.related.emplace();
  related.share = kappa;
  related.levels = {{}, {0, 0.8, 0.1, 0.1}, {0, 0.6, 0.1, 0.1, 0.1, 0.1}};
  // The two that a home shares are dependent, and the given name on one of them.
  Dependence homes{.first = 1, .second = 2, .extra = std::vector<double>(4 * 6)};
  Dependence names{.first = 0, .second = 1, .extra = std::vector<double>(5 * 4)};
  for (size_t i = 0; i < 24; ++i) homes.extra[i] = i / 6 && i % 6 ? 0.1 * static_cast<double>(i) : 0;
  for (size_t i = 0; i < 20; ++i) names.extra[i] = i / 4 && i % 4 ? -0.1 * static_cast<double>(i) : 0;
  setting.model.dependences = {names, homes};
  const WeightTable table = built(setting);
  RC_ASSERT(table.has_related() && !table.is_shared(0) && table.is_shared(1) && table.is_shared(2));

  std::vector<unsigned> digits;
  double match = lambda, home = kappa, other = 1 - lambda - kappa;
  for (size_t c = 0; c < 3; ++c) {
    digits.push_back(*rc::gen::inRange(0u, comparisons[c].second + 1));
    if (digits[c] == 0) continue;
    const size_t l = comparisons[c].second + 1 - digits[c];
    const Level& level = setting.model.comparisons[c].levels[l];
    match *= *level.m;
    home *= related.levels[c].empty() ? *level.u : related.levels[c][l];
    other *= *level.u;
  }
  if (digits[0] && digits[1]) match *= std::exp2(names.extra[digits[0] * 4 + digits[1]]);
  if (digits[1] && digits[2]) {
    match *= std::exp2(homes.extra[digits[1] * 6 + digits[2]]);
    home *= std::exp2(homes.extra[digits[1] * 6 + digits[2]]);
  }
  const Pattern pattern = pattern_of(setting.plan, digits);
  const double weight = WeightTable::against_related(table.weight(pattern), table.related_weight(pattern));
  RC_ASSERT(std::abs(weight - std::log2(match / (home + other))) < 1e-9);
}

TEST(Weights, RefuseRelatedPairsThatDoNotFit) {
  Setting setting = with_shares(setting_of({{"given", 2}, {"family", 2}}), 1);
  const auto says = [&](Related related, const std::string& words) {
    setting.model.related = std::move(related);
    const auto table = WeightTable::build(setting.model, setting.plan);
    ASSERT_FALSE(table);
    EXPECT_NE(table.error().message.find(words), std::string::npos) << table.error().message;
  };
  says({.share = 1, .levels = {{}, {}}}, "below 1");
  says({.share = 0.1, .levels = {{}}}, "other comparisons");
  says({.share = 0.1, .levels = {{}, {0, 1}}}, "has 3 levels");
  says({.share = 0.1, .levels = {{}, {0, 2, 0}}}, "between 0 and 1");
}

TEST(Weights, ProbabilitiesAreStableAtBothEnds) {
  EXPECT_EQ(probability_of(0), 0.5);
  EXPECT_DOUBLE_EQ(probability_of(2000), 1);
  EXPECT_EQ(probability_of(-2000), 0);
  EXPECT_DOUBLE_EQ(probability_of(-100), std::exp2(-100));
  for (const double w : {-30.0, -3.5, 0.0, 7.25, 30.0}) EXPECT_NEAR(weight_of(probability_of(w)), w, 1e-6);
  EXPECT_EQ(weight_of(1), std::numeric_limits<double>::infinity());
  EXPECT_EQ(weight_of(0), -std::numeric_limits<double>::infinity());
}

TEST(Weights, LevelsWithoutSharesHaveThoseOfSplink) {
  const Setting setting = setting_of({{"a", 4}, {"b", 2}, {"c", 1}});
  const WeightTable table = built(setting);
  EXPECT_NEAR(table.level_weight(0, 4), 10, 1e-12);
  EXPECT_NEAR(table.level_weight(0, 3), 3, 1e-12);
  EXPECT_NEAR(table.level_weight(0, 2), -1, 1e-12);
  EXPECT_NEAR(table.level_weight(0, 1), -5, 1e-12);
  EXPECT_NEAR(table.m(0, 1), 0.05 / 3, 1e-15);
  EXPECT_NEAR(table.level_weight(1, 1), -5, 1e-12);
  EXPECT_EQ(table.level_weight(0, 0), 0);
  EXPECT_NEAR(table.prior(), weight_of(1e-4), 1e-12);
}

TEST(Weights, ZeroSharesAreClamped) {
  Setting setting = setting_of({{"a", 2}});
  setting.model.comparisons[0].levels[1].m = 0.5;
  setting.model.comparisons[0].levels[1].u = 0;
  EXPECT_NEAR(built(setting).level_weight(0, 2), -1 + 300 * std::log2(10), 1e-9);
}

TEST(Weights, RefuseWhatIsNoProbabilityOrNotThere) {
  Setting setting = setting_of({{"a", 2}, {"b", 2}});
  setting.model.comparisons[0].levels[1].u = -0.1;
  auto failed = WeightTable::build(setting.model, setting.plan);
  ASSERT_FALSE(failed);
  EXPECT_NE(failed.error().message.find("\"a\", level \"level 2\""), std::string::npos);
  setting.model.comparisons[0].levels[1].u.reset();
  setting.model.dependences.push_back({.first = 0, .second = 2});
  EXPECT_FALSE(WeightTable::build(setting.model, setting.plan));
  setting.model.dependences[0] = {.first = 0, .second = 1, .extra = {1, 2, 3}};
  EXPECT_FALSE(WeightTable::build(setting.model, setting.plan));
  setting.model.dependences.clear();
  setting.model.lambda = 2;
  EXPECT_FALSE(WeightTable::build(setting.model, setting.plan));
}

// name: equal .8 / .01, close .1 / .02, else; term frequency on equal and close.
Setting named(double weight = 1, double minimum = 0) {
  Setting setting = setting_of({{"name", 3}});
  const double m[] = {.8, .1, .1}, u[] = {.01, .02, .97};
  setting.plan.comparisons[0].frequencies.push_back({.weight = weight, .minimum_u = minimum, .exact_level = 3});
  for (size_t l = 1; l <= 3; ++l) {
    setting.model.comparisons[0].levels[l].m = m[l - 1];
    setting.model.comparisons[0].levels[l].u = u[l - 1];
    if (l == 3) continue;
    setting.plan.comparisons[0].levels[l].frequency = 0;
    setting.model.comparisons[0].levels[l].term_frequency = TermFrequency{.weight = weight, .minimum_u = minimum};
  }
  return setting;
}

TEST(Frequency, IsMeasuredAgainstUOfEquality) {
  const WeightTable table = built(named(0.5, 0.001));
  EXPECT_EQ(table.frequency_comparisons(), std::vector<uint32_t>{0});
  EXPECT_NEAR(table.adjustment(0, 3, .01, .01), 0, 1e-12);
  EXPECT_NEAR(table.adjustment(0, 3, .0025, .0025), 1, 1e-12);
  EXPECT_NEAR(table.adjustment(0, 3, .0001, .0001), 0.5 * std::log2(10), 1e-12);  // minimum
  EXPECT_NEAR(table.adjustment(0, 2, .0025, .04), -1, 1e-12);                     // the larger
  EXPECT_NEAR(table.adjustment(0, 3, std::nan(""), .04), -1, 1e-12);
  EXPECT_NEAR(table.adjustment(0, 3, .04, std::nan("")), -1, 1e-12);
  EXPECT_NEAR(table.adjustment(0, 3, 0, .04), -1, 1e-12);
  EXPECT_EQ(table.adjustment(0, 3, std::nan(""), 0), 0);
  EXPECT_EQ(table.adjustment(0, 1, .04, .04), 0);  // "else" has none
  EXPECT_EQ(table.adjustment(0, 0, .04, .04), 0);
}

TEST(Frequency, OfCloseValuesIsMeasuredAgainstTheirOwnMean) {
  Setting setting = named();
  setting.model.comparisons[0].levels[2].term_frequency->close_mean = 0.02;
  EXPECT_NEAR(built(setting).adjustment(0, 2, .0001, .005), 2, 1e-12);
  EXPECT_NEAR(built(setting).adjustment(0, 3, .005, .005), 1, 1e-12);  // equality as before
  setting.model.close_frequency = false;
  EXPECT_NEAR(built(setting).adjustment(0, 2, .0001, .005), 1, 1e-12);
}

RC_GTEST_PROP(Frequency, CloseValuesNeverWeighMoreThanEqualOnes, ()) {
  Setting setting = named();
  setting.model.comparisons[0].levels[2].term_frequency->close_mean = std::exp2(-*rc::gen::inRange(0, 12));
  const WeightTable table = built(setting);
  const double left = std::exp2(-*rc::gen::inRange(0, 20)), right = std::exp2(-*rc::gen::inRange(0, 20));
  const double most = std::max(left, right);
  RC_ASSERT(table.level_weight(0, 2) + table.adjustment(0, 2, left, right) <=
            table.level_weight(0, 3) + table.adjustment(0, 3, most, most) + 1e-9);
}

TEST(Explain, SaysLevelsTotalsRuleAndWhatWouldTurnIt) {
  Setting setting = named();
  Setting more = with_shares(setting_of({{"name", 3}, {"dob", 2}}), 1);
  more.model.comparisons[0] = setting.model.comparisons[0];
  more.plan.comparisons[0] = setting.plan.comparisons[0];
  more.model.comparisons[1].levels[1].m = .9;
  more.model.comparisons[1].levels[1].u = .0001;
  more.model.comparisons[1].levels[2].m = .1;
  more.model.comparisons[1].levels[2].u = .9999;
  more.plan.rules.push_back({.text = "name"});
  const WeightTable table = built(more);
  const ExplainedPair pair{.pattern = pattern_of(more.plan, {3, 2}), .shares = {{.0025, .0025}, {0, 0}}, .rule = 0};
  const double weight = weight_of_pair(table, more.plan, pair);
  EXPECT_NEAR(weight, weight_of(1e-4) + std::log2(.8 / .01) + 2 + std::log2(.9 / .0001), 1e-9);
  const std::string text = explain_pair(more.model, more.plan, table, pair, 3);
  for (const char* expected : {"level 3", "+6.32", "+2.00", "0.8000", "reaches the threshold of 3.00",
                               "met by blocking rule 1: name", "would fall below if name were \"level 2\""})
    EXPECT_NE(text.find(expected), std::string::npos) << expected << "\n" << text;
  const ExplainedPair other{.pattern = pattern_of(more.plan, {3, 0}), .shares = {}, .rule = std::nullopt};
  const std::string below = explain_pair(more.model, more.plan, table, other, 3);
  for (const char* expected : {"null", "is below", "met by no blocking rule", "would reach it if dob were \"level 2\""})
    EXPECT_NE(below.find(expected), std::string::npos) << expected << "\n" << below;
}

}  // namespace
}  // namespace tessera
