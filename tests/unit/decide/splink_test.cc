// Training sessions and weights beside those of Splink 5.0.0: the same numbers within 1e-9.
#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <limits>

#include "decide/em.h"
#include "decide/estimate.h"
#include "decide/weights.h"
#include "simulated.h"

namespace tessera {
namespace {

using namespace test;
constexpr double nan = std::numeric_limits<double>::quiet_NaN();
#include "splink_fake_1000.inc"

Setting fake_1000() {
  Setting made = setting_of({{"first_name", splink_levels[0]},
                             {"surname", splink_levels[1]},
                             {"dob", splink_levels[2]},
                             {"city", splink_levels[3]},
                             {"email", splink_levels[4]}});
  for (const auto& session : splink_sessions) {
    PlanRule rule;
    for (const size_t c : session.blocked) rule.fields.push_back(made.plan.comparisons[c].name);
    made.plan.training_rules.push_back(rule);
  }
  made.model.origin = Model::Origin::splink;
  made.model.lambda = splink_lambda;
  made.model.estimate.method = EstimateOptions::Method::sessions;
  return made;
}

FitInput input_of(const Setting& setting) {
  FitInput input{.plan = &setting.plan, .model = &setting.model};
  input.random = {{pattern_of(setting.plan, {1, 1, 1, 1, 1}), 1}};  // Splink's u comes as it is
  input.exact_share = splink_u;
  for (size_t r = 0; r < splink_sessions.size(); ++r) {
    std::map<Pattern, uint64_t> seen;
    for (const auto& row : splink_counts[r])
      seen[pattern_of(setting.plan, {row.digits.begin(), row.digits.end()})] += row.count;
    input.rules.push_back(rule_on(setting, r, splink_sessions[r].blocked, counts_of(seen)));
  }
  input.total_pairs = 499500;
  return input;
}

TEST(Splink, SessionsFindTheSameM) {
  const Setting setting = fake_1000();
  const auto found = fit(input_of(setting));
  ASSERT_TRUE(found) << found.error().message;
  for (size_t c = 0; c < splink_m.size(); ++c)
    for (size_t d = 1; d < splink_m[c].size(); ++d) {
      EXPECT_NEAR(found->m[c][d] / splink_m[c][d], 1, 1e-9) << c << " " << d;
      EXPECT_NEAR(found->u[c][d] / splink_u[c][d], 1, 1e-12) << c << " " << d;
    }
  for (size_t r = 0; r < splink_sessions.size(); ++r) {
    EXPECT_EQ(found->rules[r].rounds, splink_sessions[r].rounds);
    EXPECT_NEAR(found->rules[r].matches / found->rules[r].pairs / splink_sessions[r].lambda, 1, 0.05);
  }
  EXPECT_EQ(found->lambda, splink_lambda);
}

TEST(Splink, BlockedColumnsAndImpliedLevelsAreTheSame) {
  const Setting setting = fake_1000();
  for (size_t r = 0; r < splink_sessions.size(); ++r) {
    std::vector<bool> blocked(5);
    double odds = splink_lambda / (1 - splink_lambda);
    for (const size_t c : splink_sessions[r].blocked) blocked[c] = true;
    EXPECT_EQ(blocked_by(setting.plan, setting.plan.training_rules[r]), blocked);
    const auto implied = implied_by(setting.plan, setting.plan.training_rules[r]);
    ASSERT_EQ(implied.size(), splink_sessions[r].blocked.size());
    if (r > 0) continue;  // the first session starts from the defaults
    for (const LevelRef& level : implied) odds *= 0.95 / splink_u[level.comparison][level.digit];
    EXPECT_NEAR(odds / (1 + odds), splink_sessions[r].lambda_start, 1e-12);
  }
}

TEST(Splink, WeightsAndProbabilitiesOfPairsAreTheSame) {
  Setting setting = fake_1000();
  for (size_t c = 0; c < 5; ++c) {
    const bool frequency = c == 0 || c == 1 || c == 3;
    if (frequency)
      setting.plan.comparisons[c].frequencies.push_back({.exact_level = static_cast<int>(splink_levels[c])});
    for (size_t l = 1; l < setting.plan.comparisons[c].levels.size(); ++l) {
      PlanLevel& level = setting.plan.comparisons[c].levels[l];
      setting.model.comparisons[c].levels[l].m = splink_m[c][level.digit];
      setting.model.comparisons[c].levels[l].u = splink_u[c][level.digit];
      if (frequency && level.digit == splink_levels[c]) level.frequency = 0;
    }
  }
  const auto table = WeightTable::build(setting.model, setting.plan);
  ASSERT_TRUE(table) << table.error().message;
  for (const auto& pair : splink_pairs) {
    double weight = table->weight(pattern_of(setting.plan, {pair.digits.begin(), pair.digits.end()}));
    for (const auto& [c, at] : {std::pair<size_t, size_t>{0, 0}, {1, 2}, {3, 4}})
      weight += table->adjustment(c, pair.digits[c], pair.shares[at], pair.shares[at + 1]);
    EXPECT_NEAR(weight, pair.weight, 1e-9 * std::max(1.0, std::abs(pair.weight)));
    EXPECT_NEAR(probability_of(weight) / pair.probability, 1, 1e-9);
  }
}

}  // namespace
}  // namespace tessera
