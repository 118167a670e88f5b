// Shares and lambda found again from counts that were drawn from known ones.
#include "decide/estimate.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <numeric>

#include "decide/defaults.h"
#include "decide/em.h"
#include "decide/weights.h"
#include "simulated.h"

namespace tessera {
namespace {

using namespace test;

// Names, date, postcode, sex of a register of a hundred thousand people: 5e9 pairs, 1e5 matches.
struct People {
  Setting setting = setting_of({{"given_name", 4}, {"family_name", 4}, {"dob", 3}, {"postcode", 3}, {"sex", 2}},
                               {Kind::name, Kind::name, Kind::date, Kind::postcode, Kind::sex});
  double pairs = 5e9;
  Truth truth{.m = {{.05, .08, .05, .07, .80},
                    {.02, .10, .03, .05, .82},
                    {.03, .04, .06, .90},
                    {.10, .20, .15, .65},
                    {.01, .02, .98}},
              .u = {{.05, .985, .007, .003, .005},
                    {.02, .991, .004, .002, .003},
                    {.03, .999, .00097, .00003},
                    {.10, .9979, .002, .0001},
                    {.01, .5, .5}},
              .lambda = 2e-5};

  FitInput input(const std::vector<std::vector<size_t>>& rules, uint64_t seed = 1, double random_pairs = 1e7) const {
    FitInput made{.plan = &setting.plan, .model = &setting.model};
    made.random = drawn(expected_patterns(setting.plan, truth, random_pairs, {}), seed);
    for (size_t r = 0; r < rules.size(); ++r)
      made.rules.push_back(
          rule_on(setting, r, rules[r], drawn(expected_patterns(setting.plan, truth, pairs, rules[r]), seed + 1 + r)));
    made.total_pairs = pairs;
    return made;
  }
};

Fit fitted(const FitInput& input) {
  auto made = fit(input);
  EXPECT_TRUE(made) << made.error().message;
  return *made;
}

std::string joined(const std::vector<std::string>& lines) {
  std::string all;
  for (const std::string& line : lines) all += line + "\n";
  return all;
}

TEST(Estimate, FindsSharesAndLambdaThatCountsWereDrawnFrom) {
  const People people;
  const FitInput input = people.input({{0, 1}, {2}, {3, 4}});
  const Fit found = fitted(input);
  EXPECT_TRUE(found.converged);
  EXPECT_NEAR(found.lambda / people.truth.lambda, 1, 0.05);
  EXPECT_EQ(found.lambda_from, Fit::LambdaFrom::rules);
  for (size_t c = 0; c < found.m.size(); ++c)
    for (size_t d = 1; d < found.m[c].size(); ++d) {
      EXPECT_NEAR(found.m[c][d], people.truth.m[c][d], 0.02) << c << " " << d;
      EXPECT_NEAR(std::log2(found.u[c][d] / people.truth.u[c][d]), 0, 0.3) << c << " " << d;
    }
  EXPECT_TRUE(found.dependences.empty());
  EXPECT_TRUE(found.warnings.empty()) << joined(found.warnings);
  EXPECT_NEAR(found.rules[1].caught, .97 * .97 * .90 / .97, 0.05);
}

TEST(Estimate, SessionsFindThemToo) {
  People people;
  people.setting.model.estimate.method = EstimateOptions::Method::sessions;
  const Fit found = fitted(people.input({{0, 1}, {2}, {3, 4}}));
  for (size_t c = 0; c < found.m.size(); ++c)
    for (size_t d = 1; d < found.m[c].size(); ++d) EXPECT_NEAR(found.m[c][d], people.truth.m[c][d], 0.03) << c << d;
  EXPECT_NEAR(found.lambda / people.truth.lambda, 1, 0.1);
}

TEST(Estimate, MatchesAmongRandomPairsAreNotCountedAsChance) {
  // Few records, many matches: one pair in 300. Equal dates are nearly all of matches.
  People people;
  people.truth.lambda = 1.0 / 300;
  people.pairs = 1e7;
  const Fit found = fitted(people.input({{0, 1}, {2}, {3, 4}}));
  EXPECT_NEAR(std::log2(found.u[2][3] / people.truth.u[2][3]), 0, 0.7);
  EXPECT_NEAR(found.lambda / people.truth.lambda, 1, 0.05);
}

TEST(Estimate, FrequenciesOfValuesGiveUExactly) {
  People people;
  FitInput input = people.input({{0, 1}, {2}, {3, 4}}, 7, 1e5);  // a sample that hardly sees an equal date
  input.exact_share = zeros(people.setting.plan);
  for (auto& levels : input.exact_share) std::ranges::fill(levels, std::nan(""));
  input.exact_share[2][3] = people.truth.lambda * .90 + (1 - people.truth.lambda) * .00003;
  const Fit found = fitted(input);
  EXPECT_NEAR(found.u[2][3] / .00003, 1, 0.1);
  EXPECT_EQ(found.levels[2][3].u_from, Seen::exact);
  EXPECT_NEAR(std::accumulate(found.u[2].begin() + 1, found.u[2].end(), 0.0), 1, 1e-9);
}

// Ten related pairs for each match: of one home, and of one family name mostly.
FitInput of_homes(const People& people, double kappa) {
  Truth home = people.truth;
  home.m = home.u;  // as if a match, with the shares of a home
  home.m[1] = {.02, .10, .01, .04, .85};
  home.m[3] = {.10, .20, .15, .65};
  home.lambda = kappa;
  FitInput input{.plan = &people.setting.plan, .model = &people.setting.model, .total_pairs = people.pairs};
  const auto pairs_of = [&](double pairs, const std::vector<size_t>& forced, uint64_t seed) {
    auto all = expected_patterns(people.setting.plan, people.truth, pairs, forced);
    Truth only = home;
    for (auto& shares : only.u) std::ranges::fill(shares, 0.0);
    for (const auto& [pattern, n] : expected_patterns(people.setting.plan, only, pairs, forced)) all[pattern] += n;
    return drawn(all, seed);
  };
  input.random = pairs_of(1e7, {}, 1);
  const std::vector<std::vector<size_t>> rules{{0, 1}, {2}, {0, 3}};
  for (size_t r = 0; r < rules.size(); ++r)
    input.rules.push_back(rule_on(people.setting, r, rules[r], pairs_of(people.pairs, rules[r], 2 + r)));
  input.relations.push_back(rule_on(people.setting, 0, {3}, pairs_of(people.pairs, {3}, 9)));
  return input;
}

TEST(Estimate, PairsOfOneHomeAreAClassOfTheirOwn) {
  const People people;
  const double kappa = 2e-4;
  const Fit found = fitted(of_homes(people, kappa));
  EXPECT_NEAR(found.lambda / people.truth.lambda, 1, 0.1);
  EXPECT_NEAR(std::log2(found.kappa / kappa), 0, 0.5);
  ASSERT_EQ(found.q.size(), 5u);
  EXPECT_NEAR(found.q[1][4], .85, 0.1);  // those of other names look like neighbours
  EXPECT_TRUE(found.q[0].empty() && found.q[2].empty() && found.q[4].empty());  // as u
  EXPECT_NEAR(found.m[0][4], .80, 0.03);
  EXPECT_NEAR(found.m[2][3], .90, 0.03);

  Model model = people.setting.model;
  apply(found, people.setting.plan, model);
  const auto table = WeightTable::build(model, people.setting.plan);
  ASSERT_TRUE(table) << table.error().message;
  // A couple of one name and home, of the same age but for two digits, is not one person; by itself W would say so.
  const Pattern couple = pattern_of(people.setting.plan, {1, 4, 2, 3, 1});
  EXPECT_GT(table->weight(couple), -1);
  EXPECT_LT(WeightTable::against_related(table->weight(couple), table->related_weight(couple)), -4);
}

TEST(Estimate, WithoutHomesThereIsNoSuchClass) {
  const People people;
  const Fit found = fitted(of_homes(people, 1e-9));
  EXPECT_EQ(found.kappa, 0);
  EXPECT_TRUE(found.q.empty());
  EXPECT_NEAR(found.lambda / people.truth.lambda, 1, 0.1);
}

TEST(Estimate, HouseholdsOfARuleAreNotTakenForPersons) {
  // Pairs of one family name and postcode are mostly relatives: their dates and given names differ, their sex is
  // anybody's; and relatives are far more often together there than people at random.
  People people;
  FitInput input = people.input({{0, 1}, {2}});
  auto households = expected_patterns(people.setting.plan, people.truth, people.pairs, {1, 3});
  Truth relatives = people.truth;
  relatives.lambda = 0;
  relatives.u[0] = {.05, .93, .03, .02, .02};
  relatives.u[2] = {.03, .97, .0299, .0001};
  for (const auto& [pattern, n] :
       expected_patterns(people.setting.plan, relatives, 300000 / (.98 * .003 * .9 * .0001), {1, 3}))
    households[pattern] += n;
  input.rules.push_back(rule_on(people.setting, 2, {1, 3}, drawn(households, 5)));
  const Fit found = fitted(input);
  EXPECT_NEAR(found.m[0][4], .80, 0.03);
  EXPECT_NEAR(found.m[2][3], .90, 0.03);
  EXPECT_NEAR(found.lambda / people.truth.lambda, 1, 0.1);
}

TEST(Estimate, SaysWhenOnlyHouseholdsWereFound) {
  // No record has a second of its person; of one postcode there are households. Only that rule is trained on.
  People people;
  people.truth.lambda = 0;
  people.setting = setting_of({{"given_name", 4}, {"family_name", 4}, {"dob", 3}, {"postcode", 3}, {"sex", 2}},
                              {Kind::name, Kind::name, Kind::date, Kind::postcode, Kind::sex});
  FitInput input = people.input({});
  auto street = expected_patterns(people.setting.plan, people.truth, 1e9, {3});
  Truth relatives = people.truth;
  relatives.u[0] = {.05, .95, .02, .02, .01};
  relatives.u[1] = {.02, .04, .02, .04, .90};
  for (const auto& [pattern, n] : expected_patterns(people.setting.plan, relatives, 50000 / (.9 * .0001), {3}))
    street[pattern] += n;
  input.rules.push_back(rule_on(people.setting, 0, {3}, drawn(street, 5)));
  const Fit found = fitted(input);
  EXPECT_NE(joined(found.warnings).find("households"), std::string::npos) << joined(found.warnings);
  EXPECT_GT(found.m[0][4], 0.5);  // the prior of a given name instead
}

TEST(Estimate, LabelsGiveM) {
  const People people;
  FitInput input = people.input({{0, 1}, {2}});
  Truth all = people.truth;
  all.lambda = 1;
  input.labelled = drawn(expected_patterns(people.setting.plan, all, 20000, {}), 3);
  const Fit found = fitted(input);
  for (size_t c = 0; c < found.m.size(); ++c)
    for (size_t d = 1; d < found.m[c].size(); ++d) EXPECT_NEAR(found.m[c][d], people.truth.m[c][d], 0.015);
  EXPECT_EQ(found.levels[0][4].m_from, Seen::labels);
}

TEST(Estimate, LambdaFromCertainPairsOrGiven) {
  People people;
  FitInput input = people.input({{0, 1}, {2}});
  input.certain_pairs = 45000;
  people.setting.model.estimate.certain_recall = 0.6;
  EXPECT_DOUBLE_EQ(fitted(input).lambda, 45000 / 0.6 / people.pairs);
  people.setting.model.lambda = 0.001;
  EXPECT_EQ(fitted(input).lambda, 0.001);
  EXPECT_EQ(fitted(input).lambda_from, Fit::LambdaFrom::given);
}

TEST(Estimate, KeepsFixedProbabilities) {
  People people;
  for (Level& level : people.setting.model.comparisons[2].levels)
    if (level.label == "level 3") {
      level.m = 0.5;
      level.fix_m = true;
      level.u = 0.25;
      level.fix_u = true;
    }
  const Fit found = fitted(people.input({{0, 1}, {3, 4}}));
  EXPECT_EQ(found.m[2][3], 0.5);
  EXPECT_EQ(found.u[2][3], 0.25);
  EXPECT_NEAR(found.m[2][1] + found.m[2][2], 0.5, 1e-12);
  EXPECT_EQ(found.levels[2][3].m_from, Seen::given);
}

TEST(Estimate, NeverBlockedAndNeverSeenAreSaid) {
  People people;
  people.truth.u[0] = {.05, .985, .007, 0, .008};
  people.truth.m[0] = {.05, .08, .12, 0, .80};
  const Fit found = fitted(people.input({{0, 1}, {1, 2}}));
  const std::string said = joined(found.warnings);
  EXPECT_NE(said.find("\"family_name\": every training rule looks at its fields"), std::string::npos) << said;
  EXPECT_NE(said.find("comparison \"given_name\", level \"level 3\": never seen"), std::string::npos) << said;
  EXPECT_EQ(found.levels[1][4].m_from, Seen::untrained);
  EXPECT_GT(found.m[0][3], 0);
  EXPECT_GT(found.u[0][3], 0);
}

TEST(Estimate, WeightsAgainstTheirOrderAreSaid) {
  People people;
  people.truth.u[3] = {.10, .9979, .0001, .002};  // the middle level of postcode is the rarer by far
  const std::string said = joined(fitted(people.input({{0, 1}, {2}})).warnings);
  EXPECT_NE(said.find("comparison \"postcode\", level \"level 2\": weighs"), std::string::npos) << said;
}

TEST(Estimate, EmptyRulesFewPairsAndNoPairs) {
  const People people;
  FitInput input = people.input({{2}}, 1, 300);
  input.rules[0].counts.clear();
  input.rules[0].pairs = 0;
  input.total_pairs = 300;
  const Fit found = fitted(input);
  EXPECT_NE(joined(found.warnings).find("no pair satisfies it"), std::string::npos);
  EXPECT_NE(joined(found.warnings).find("too few matches"), std::string::npos);
  for (const auto& shares : {found.m, found.u})
    for (const auto& levels : shares)
      for (size_t d = 1; d < levels.size(); ++d) EXPECT_TRUE(levels[d] > 0 && levels[d] <= 1);
  EXPECT_TRUE(found.lambda > 0 && found.lambda < 1);
  input.random.clear();
  const auto failed = fit(input);
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, ErrorCode::data);
}

TEST(Estimate, AFieldThatIsNullEverywhereStaysAtItsPrior) {
  People people;
  people.truth.m[3] = {1, 0, 0, 0};
  people.truth.u[3] = {1, 0, 0, 0};
  const Fit found = fitted(people.input({{0, 1}, {2}}));
  EXPECT_EQ(found.m[3], prior_m(people.setting.plan)[3]);
  for (size_t d = 1; d < found.u[3].size(); ++d) EXPECT_TRUE(std::isfinite(found.u[3][d]) && found.u[3][d] > 0);
  EXPECT_NEAR(found.lambda / people.truth.lambda, 1, 0.05);
}

TEST(Estimate, RefusesFixedProbabilitiesOutsideTheirRange) {
  People people;
  people.setting.model.comparisons[0].levels[1].m = 1.5;
  const auto failed = fit(people.input({{0, 1}}));
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, ErrorCode::usage);
  EXPECT_NE(failed.error().message.find("\"given_name\", level \"level 4\""), std::string::npos);
}

TEST(Estimate, SameInputSameBytes) {
  const People people;
  const FitInput input = people.input({{0, 1}, {2}, {3, 4}});
  const Fit a = fitted(input), b = fitted(input);
  EXPECT_EQ(a.m, b.m);
  EXPECT_EQ(a.u, b.u);
  EXPECT_EQ(a.lambda, b.lambda);
}

TEST(Estimate, ScaleOfCountsDoesNotMatter) {
  const People people;
  FitInput input = people.input({{0, 1}, {2}, {3, 4}});
  const Fit a = fitted(input);
  for (PatternCount& n : input.random) n.count *= 8;
  for (RuleCounts& rule : input.rules)
    for (PatternCount& n : rule.counts) n.count *= 8;  // `pairs` stays: a denser sample of them
  const Fit b = fitted(input);
  EXPECT_NEAR(b.lambda / a.lambda, 1, 0.01);
  for (size_t c = 0; c < a.m.size(); ++c)
    for (size_t d = 1; d < a.m[c].size(); ++d) EXPECT_NEAR(a.m[c][d], b.m[c][d], 2e-3);
}

TEST(Estimate, OrderOfComparisonsDoesNotMatter) {
  const People people;
  const FitInput input = people.input({{0, 1}, {2}, {3, 4}});
  const Fit a = fitted(input);
  // The same with comparisons in reverse.
  const Setting other = setting_of({{"sex", 2}, {"postcode", 3}, {"dob", 3}, {"family_name", 4}, {"given_name", 4}},
                                   {Kind::sex, Kind::postcode, Kind::date, Kind::name, Kind::name});
  const auto turned = [&](const PatternCounts& counts) {
    std::map<Pattern, uint64_t> made;
    for (const PatternCount& n : counts) {
      Pattern pattern = 0;
      for (size_t c = 0; c < 5; ++c)
        pattern |= Pattern{people.setting.plan.comparisons[c].digit(n.pattern)} << other.plan.comparisons[4 - c].shift;
      made[pattern] += n.count;
    }
    return counts_of(made);
  };
  FitInput reversed = input;
  reversed.plan = &other.plan;
  reversed.model = &other.model;
  reversed.random = turned(input.random);
  for (RuleCounts& rule : reversed.rules) {
    rule.counts = turned(rule.counts);
    std::reverse(rule.blocked.begin(), rule.blocked.end());
  }
  const Fit b = fitted(reversed);
  EXPECT_NEAR(a.lambda / b.lambda, 1, 1e-9);
  for (size_t c = 0; c < 5; ++c)
    for (size_t d = 1; d < a.m[c].size(); ++d) {
      EXPECT_NEAR(a.m[c][d] / b.m[4 - c][d], 1, 1e-9);
      EXPECT_NEAR(a.u[c][d] / b.u[4 - c][d], 1, 1e-9);
    }
}

TEST(Estimate, TakesMilliseconds) {
  const People people;
  const FitInput input = people.input({{0, 1}, {2}, {3, 4}, {1, 3}});
  const auto start = std::chrono::steady_clock::now();
  fitted(input);
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(2));  // some 10 ms where nothing disturbs
}

TEST(Estimate, ApplyWritesTheModelAndLeavesWhatIsFixed) {
  People people;
  const Fit found = fitted(people.input({{0, 1}, {2}}));
  Model model = people.setting.model;
  model.comparisons[0].levels[1].m = 0.7;
  model.comparisons[0].levels[1].fix_m = true;
  apply(found, people.setting.plan, model);
  EXPECT_EQ(model.comparisons[0].levels[1].m, 0.7);
  EXPECT_EQ(model.comparisons[0].levels[1].u, found.u[0][4]);
  EXPECT_EQ(model.comparisons[4].levels[2].m, found.m[4][1]);
  EXPECT_FALSE(model.comparisons[0].levels[0].m);
  EXPECT_EQ(model.lambda, found.lambda);
}

// The twin: EM over pairs one by one, as the textbook has it.
SessionFit textbook(const std::vector<std::vector<unsigned>>& pairs, LevelShares m, const LevelShares& u, double lambda,
                    unsigned rounds) {
  for (unsigned round = 0; round < rounds; ++round) {
    LevelShares sums = m;
    for (auto& levels : sums) std::ranges::fill(levels, 0.0);
    double matches = 0;
    for (const auto& digits : pairs) {
      double a = lambda, b = 1 - lambda;
      for (size_t c = 0; c < digits.size(); ++c)
        if (digits[c] > 0) {
          a *= m[c][digits[c]];
          b *= u[c][digits[c]];
        }
      const double chance = a / (a + b);
      matches += chance;
      for (size_t c = 0; c < digits.size(); ++c) sums[c][digits[c]] += chance;
    }
    lambda = matches / static_cast<double>(pairs.size());
    for (size_t c = 0; c < m.size(); ++c) {
      double total = 0;
      for (size_t d = 1; d < m[c].size(); ++d) total += sums[c][d];
      for (size_t d = 1; d < m[c].size(); ++d) m[c][d] = sums[c][d] / total;
    }
  }
  return {.m = m, .lambda = lambda};
}

RC_GTEST_PROP(Em, IsWhatTheTextbookFinds, ()) {
  const Setting setting = setting_of({{"a", 3}, {"b", 2}, {"c", 4}});
  const auto count = *rc::gen::inRange<size_t>(20, 200);
  std::vector<std::vector<unsigned>> pairs;
  std::map<Pattern, uint64_t> seen;
  for (unsigned d = 1; d <= 4; ++d) pairs.push_back({std::min(d, 3u), std::min(d, 2u), d});  // each level is seen
  while (pairs.size() < count)
    pairs.push_back({*rc::gen::inRange(0u, 4u), *rc::gen::inRange(0u, 3u), *rc::gen::inRange(0u, 5u)});
  for (const auto& digits : pairs) ++seen[pattern_of(setting.plan, digits)];
  const LevelShares m{{0, .1, .2, .7}, {0, .3, .7}, {0, .1, .1, .2, .6}},
      u{{0, .6, .3, .1}, {0, .8, .2}, {0, .5, .3, .1, .1}};
  LevelShares none = m;
  for (auto& levels : none) std::ranges::fill(levels, std::nan(""));

  const SessionFit slow = textbook(pairs, m, u, 0.2, 10);
  const DigitTable table = digits_of(setting.plan, counts_of(seen));
  const SessionFit fast = session_em(table, m, u, 0.2, {false, false, false}, none, 10, 0);
  RC_ASSERT(std::abs(fast.lambda / slow.lambda - 1) < 1e-9);
  EmOptions options{.rounds_max = 10, .tolerance = 0, .prior = m, .prior_pairs = 0};
  const JointFit joint = joint_em(std::vector{EmRule{table, {}}}, 1, {.m = m, .u = u}, {{.lambda = 0.2}}, {}, options);
  RC_ASSERT(std::abs(joint.sizes[0].lambda / slow.lambda - 1) < 1e-9);
  for (size_t c = 0; c < m.size(); ++c)
    for (size_t d = 1; d < m[c].size(); ++d) {
      RC_ASSERT(std::abs(fast.m[c][d] - slow.m[c][d]) < 1e-9);
      RC_ASSERT(std::abs(joint.m[c][d] - slow.m[c][d]) < 1e-9);
    }
}

}  // namespace
}  // namespace tessera
