// Comparisons that say the same thing twice are found, and count once.
#include "decide/dependence.h"

#include <gtest/gtest.h>

#include <cmath>

#include "decide/estimate.h"
#include "decide/weights.h"
#include "simulated.h"

namespace tessera {
namespace {

using namespace test;

TEST(SharedInformation, OfIndependentCopiesAndTooFew) {
  // Rows and columns 0 are null.
  const std::vector<double> independent{0, 0, 0, 0, 900, 100, 0, 90, 10}, copy{0, 0, 0, 0, 900, 0, 0, 0, 100};
  EXPECT_NEAR(shared_information(independent, 3).share, 0, 1e-9);
  EXPECT_FALSE(shared_information(independent, 3).sure);
  EXPECT_NEAR(shared_information(copy, 3).share, 1, 1e-9);
  EXPECT_TRUE(shared_information(copy, 3).sure);
  const std::vector<double> few{0, 0, 0, 0, 9, 0, 0, 0, 1}, nothing(9, 0.0), constant{0, 0, 0, 0, 5, 0, 0, 3, 0};
  EXPECT_FALSE(shared_information(few, 3).sure);
  EXPECT_EQ(shared_information(nothing, 3).share, 0);
  EXPECT_EQ(shared_information(constant, 3).share, 0);
}

// given, family, dob, postcode (3 levels), and a copy of the postcode's top two levels as a comparison of its own:
// "district" is equal wherever postcode or its district is.
struct Copied {
  Setting four = setting_of({{"given", 3}, {"family", 3}, {"dob", 3}, {"postcode", 3}});
  Setting five = setting_of({{"given", 3}, {"family", 3}, {"dob", 3}, {"postcode", 3}, {"district", 2}});
  Truth truth{
      .m = {{.02, .10, .10, .80}, {.02, .10, .10, .80}, {.02, .06, .04, .90}, {.02, .25, .15, .60}},
      .u = {{.02, .985, .010, .005}, {.02, .99, .007, .003}, {.02, .998, .00195, .00005}, {.02, .9969, .003, .0001}},
      .lambda = 1e-5};

  PatternCounts with_copy(const std::map<Pattern, double>& of_four, uint64_t seed) const {
    std::map<Pattern, double> made;
    for (const auto& [pattern, n] : of_four) {
      const unsigned postcode = four.plan.comparisons[3].digit(pattern);
      made[pattern | Pattern{postcode == 0 ? 0u : postcode >= 2 ? 2u : 1u} << five.plan.comparisons[4].shift] += n;
    }
    return drawn(made, seed);
  }
  FitInput input() const {
    FitInput made{.plan = &five.plan, .model = &five.model, .total_pairs = 5e9};
    made.random = with_copy(expected_patterns(four.plan, truth, 1e7, {}), 1);
    const std::vector<std::vector<size_t>> rules{{0, 1}, {2}};
    for (size_t r = 0; r < rules.size(); ++r)
      made.rules.push_back(
          rule_on(five, r, rules[r], with_copy(expected_patterns(four.plan, truth, 5e9, rules[r]), 2 + r)));
    return made;
  }
  // log2 of P(pattern | match) / P(pattern | other), prior included, as it is.
  double true_weight(const std::vector<unsigned>& digits) const {
    double sum = weight_of(truth.lambda);
    for (size_t c = 0; c < digits.size(); ++c)
      if (digits[c] > 0) sum += std::log2(truth.m[c][digits[c]] / truth.u[c][digits[c]]);
    return sum;
  }
};

TEST(Dependence, ACopyIsFoundAndCountsOnce) {
  const Copied copied;
  const FitInput input = copied.input();
  const auto found = fit(input);
  ASSERT_TRUE(found) << found.error().message;
  ASSERT_EQ(found->dependences.size(), 1u);
  EXPECT_EQ(found->dependences[0].first, 3u);
  EXPECT_EQ(found->dependences[0].second, 4u);
  EXPECT_GT(found->dependences[0].shared_u, 0.8);
  Model model = copied.five.model;
  apply(*found, copied.five.plan, model);
  FitInput without = input;
  without.find_dependence = false;
  Model naive = copied.five.model;
  apply(*fit(without), copied.five.plan, naive);
  const auto table = WeightTable::build(model, copied.five.plan), twice = WeightTable::build(naive, copied.five.plan);
  double worst = 0, worst_naive = 0;
  for (unsigned given = 1; given <= 3; ++given)
    for (unsigned dob = 1; dob <= 3; ++dob)
      for (unsigned postcode = 1; postcode <= 3; ++postcode) {
        const double truth = copied.true_weight({given, 3, dob, postcode});
        const Pattern pattern = pattern_of(copied.five.plan, {given, 3, dob, postcode, postcode >= 2 ? 2u : 1u});
        worst = std::max(worst, std::abs(table->weight(pattern) - truth));
        worst_naive = std::max(worst_naive, std::abs(twice->weight(pattern) - truth));
      }
  RecordProperty("worst_bits", std::to_string(worst));
  EXPECT_LT(worst, 1.2);
  EXPECT_GT(worst_naive, 5);
  EXPECT_NEAR(found->lambda / copied.truth.lambda, 1, 0.1);
}

TEST(Dependence, ForestHasNoCycle) {
  std::vector<JointCounts> counts;
  for (size_t a = 0; a < 3; ++a)
    for (size_t b = a + 1; b < 3; ++b) {
      JointCounts joint{.first = a, .second = b, .digits = 3};
      joint.u = joint.m = {0, 0, 0, 0, 9e5, 10, 0, 10, 1e3 + static_cast<double>(100 * (a + b))};
      counts.push_back(joint);
    }
  const auto forest = dependence_forest(counts, 3, 0.1);
  ASSERT_EQ(forest.size(), 2u);
  EXPECT_EQ(forest[0].first, 0u);
  EXPECT_EQ(forest[0].second, 2u);
  EXPECT_EQ(forest[1].first, 1u);
  EXPECT_EQ(forest[1].second, 2u);
}

TEST(Dependence, OfACopyTakesBackItsWeight) {
  // b is a: r = 1 / P, so the extra is all of the second weight.
  JointCounts joint{.first = 0, .second = 1, .digits = 3};
  joint.u = {0, 0, 0, 0, 1e6, 0, 0, 0, 1e3};
  joint.m = {0, 0, 0, 0, 1e3, 0, 0, 0, 1e4};
  const auto extra = joint.extra();
  const double u = 1e3 / 1.001e6, m = 1e4 / 1.1e4;
  EXPECT_NEAR(extra[8], std::log(u / m), 0.01);
  EXPECT_EQ(extra[0], 0);
  EXPECT_EQ(extra[2], 0);
}

}  // namespace
}  // namespace tessera
