// fit_shares.cc: what do random pairs say of u, and the matches of each rule of all matches? (see fit_steps.h)
#include <algorithm>
#include <cassert>
#include <cmath>

#include "decide/fit_steps.h"

namespace tessera {

namespace {

// Of random agreements at most so many are taken for matches, whatever lambda says: lambda is an estimate too.
constexpr double matches_in_u_max = 0.9;
constexpr double rule_matches_min = 20;

LevelShares counts_of(const FitInput& input, const DigitTable& table, std::span<const double> weights) {
  LevelShares sums = zeros(*input.plan);
  for (size_t i = 0; i < table.rows(); ++i) {
    const auto row = table.row(i);
    for (size_t c = 0; c < row.size(); ++c) sums[c][row[c]] += table.counts[i] * (weights.empty() ? 1 : weights[i]);
  }
  return sums;
}

double exact_share(const FitInput& input, size_t c, size_t d) {
  return input.exact_share.empty() || input.exact_share[c].empty() ? std::nan("") : input.exact_share[c][d];
}

// Puts the shares that are known into `shares` and scales the others to what is left. NaN: not known.
void put_known(std::vector<double>& shares, std::span<const double> known) {
  double given = 0, free = 0;
  for (size_t d = 1; d < shares.size(); ++d)
    if (!std::isnan(known[d]))
      given += known[d];
    else if (!std::isnan(shares[d]))
      free += shares[d];
  for (size_t d = 1; d < shares.size(); ++d)
    shares[d] = !std::isnan(known[d]) ? known[d] : free > 0 ? shares[d] / free * std::max(0.0, 1 - given) : shares[d];
}

bool all_top(const ModelPlan& plan, std::span<const uint16_t> row, const std::vector<bool>& of) {
  for (size_t c = 0; c < row.size(); ++c)
    if (of[c] && row[c] + 1u != plan.comparisons[c].digits) return false;
  return true;
}

// Of numbers and the share that each rule caught: one that caught more has less to guess. 0 of none.
double weighted_median(std::vector<std::pair<double, double>> estimates) {
  if (estimates.empty()) return 0;
  std::ranges::sort(estimates);
  double half = 0, sum = 0;
  for (const auto& estimate : estimates) half += estimate.second / 2;
  for (const auto& [value, weight] : estimates) {
    sum += weight;
    if (sum >= half) return value;
  }
  return estimates.back().first;
}

bool share_a_comparison(const std::vector<bool>& a, const std::vector<bool>& b) {
  for (size_t c = 0; c < a.size(); ++c)
    if (a[c] && b[c]) return true;
  return false;
}

}  // namespace

LevelShares raw_u(const FitInput& input, const DigitTable& random) {
  LevelShares u = counts_of(input, random, {});
  for (size_t c = 0; c < u.size(); ++c) {
    double total = 0;
    for (size_t d = 1; d < u[c].size(); ++d) total += u[c][d];
    std::vector<double> known(u[c].size(), std::nan(""));
    for (size_t d = 1; d < u[c].size(); ++d) {
      known[d] = exact_share(input, c, d);
      u[c][d] = u[c][d] > 0 ? u[c][d] / total : std::nan("");
    }
    put_known(u[c], known);
    u[c][0] = 0;
  }
  return u;
}

LevelShares cleared_u(const FitInput& input, const DigitTable& random, const ClassShares& shares, ClassSizes sizes,
                      std::span<const DependenceEdge> edges) {
  const ClassChances chances = class_chances(random, shares, sizes, edges);
  std::vector<double> others(random.rows());
  for (size_t i = 0; i < others.size(); ++i) others[i] = 1 - chances.match[i] - chances.related[i];
  LevelShares cleared = counts_of(input, random, others);
  for (size_t c = 0; c < cleared.size(); ++c) {
    double total = 0;
    for (size_t d = 1; d < cleared[c].size(); ++d) total += cleared[c][d] += 0.5;
    std::vector<double> known(cleared[c].size(), std::nan(""));
    for (size_t d = 1; d < cleared[c].size(); ++d) {
      cleared[c][d] /= total;
      // However the values are spread, no level is out of the question, nor the only one: of a field with one value
      // all random pairs agree.
      const double least = 0.5 / input.total_pairs;
      if (const double share = exact_share(input, c, d); !std::isnan(share))
        known[d] = std::clamp(std::max(share - sizes.lambda * shares.m[c][d] -
                                           (shares.q.empty() || shares.q[c].empty() ? 0 : sizes.kappa * shares.q[c][d]),
                                       share * (1 - matches_in_u_max)) /
                                  (1 - sizes.lambda - (shares.q.empty() ? 0 : sizes.kappa)),
                              least, 1 - least);
    }
    put_known(cleared[c], known);
    cleared[c][0] = 0;
  }
  return cleared;
}

double estimate_related(std::span<const TrainingRule> relations, std::span<const ClassChances> chances,
                        const LevelShares& q) {
  std::vector<double> present(q.size()), seen(q.size());
  for (size_t r = 0; r < relations.size(); ++r)
    for (size_t i = 0; i < relations[r].whole.rows(); ++i)
      for (size_t c = 0; c < q.size(); ++c)
        if (!relations[r].blocked[c]) {
          const double n = relations[r].whole.counts[i] * chances[r].related[i];
          seen[c] += n;
          if (relations[r].whole.row(i)[c] != 0) present[c] += n;
        }
  std::vector<std::pair<double, double>> estimates;  // related pairs in all, share caught
  for (size_t r = 0; r < relations.size(); ++r) {
    double related = 0, caught = 1;
    for (size_t i = 0; i < relations[r].whole.rows(); ++i)
      related += relations[r].whole.counts[i] * chances[r].related[i];
    related *= relations[r].pairs / relations[r].whole.total;
    for (size_t c = 0; c < q.size(); ++c)
      if (relations[r].blocked[c] && !q[c].empty()) caught *= q[c].back() * (seen[c] > 0 ? present[c] / seen[c] : 1);
    if (caught >= 0.05) estimates.emplace_back(related / caught, caught);
  }
  return weighted_median(std::move(estimates));
}

// caught = P(a match satisfies the rule). With T = "all blocked comparisons at their top level", which satisfies it,
//   P(rule | match) = P(T | match) / P(T | match, rule):
// the divisor is seen in the rule's own pairs, P(T | match) in the matches of rules on other fields (as in capture
// and recapture), or is the product of the shares where there are too few.
double estimate_matches(const FitInput& input, std::span<const TrainingRule> rules,
                        std::span<const std::vector<double>> chances, const LevelShares& m, std::span<RuleFit> fits) {
  const ModelPlan& plan = *input.plan;
  const size_t comparisons = plan.comparisons.size();
  // Shares of matches that are not null, by comparison, from rules that do not look at it.
  std::vector<double> present(comparisons), seen(comparisons);
  for (size_t r = 0; r < rules.size(); ++r)
    for (size_t i = 0; i < rules[r].whole.rows(); ++i)
      for (size_t c = 0; c < comparisons; ++c)
        if (!rules[r].blocked[c]) {
          const double n = rules[r].whole.counts[i] * chances[r][i];
          seen[c] += n;
          if (rules[r].whole.row(i)[c] != 0) present[c] += n;
        }

  std::vector<std::pair<double, double>> estimates;  // matches in all, weight
  double least = 0;
  for (size_t r = 0; r < rules.size(); ++r) {
    const TrainingRule& rule = rules[r];
    double matches = 0, top = 0;
    for (size_t i = 0; i < rule.whole.rows(); ++i) {
      const double n = rule.whole.counts[i] * chances[r][i];
      matches += n;
      if (all_top(plan, rule.whole.row(i), rule.blocked)) top += n;
    }
    fits[r].matches = rule.whole.total > 0 ? matches * rule.pairs / rule.whole.total : 0;
    least = std::max(least, fits[r].matches);
    if (!rule.covered || matches < rule_matches_min || top < 0.01 * matches) continue;

    double elsewhere = 0, elsewhere_top = 0;
    for (size_t o = 0; o < rules.size(); ++o) {
      if (o == r || share_a_comparison(rule.blocked, rules[o].blocked)) continue;
      for (size_t i = 0; i < rules[o].whole.rows(); ++i) {
        const double n = rules[o].whole.counts[i] * chances[o][i];
        elsewhere += n;
        if (all_top(plan, rules[o].whole.row(i), rule.blocked)) elsewhere_top += n;
      }
    }
    double share_top = 1;
    if (elsewhere >= rule_matches_min && elsewhere_top >= rule_matches_min)
      share_top = elsewhere_top / elsewhere;
    else
      for (size_t c = 0; c < comparisons; ++c)
        if (rule.blocked[c]) share_top *= m[c].back() * (seen[c] > 0 ? present[c] / seen[c] : 1);
    fits[r].caught = std::clamp(share_top / (top / matches), 1e-6, 1.0);
    fits[r].matches_in_all = fits[r].matches / fits[r].caught;
    estimates.emplace_back(fits[r].matches_in_all, fits[r].caught);
  }
  return std::max(weighted_median(std::move(estimates)), least);
}

std::vector<JointCounts> joint_counts(const ModelPlan& plan, const DigitTable& random,
                                      std::span<const double> random_chances, std::span<const TrainingRule> rules,
                                      std::span<const std::vector<double>> chances) {
  std::vector<JointCounts> made;
  for (size_t a = 0; a < plan.comparisons.size(); ++a)
    for (size_t b = a + 1; b < plan.comparisons.size(); ++b) {
      const size_t digits = plan.comparisons[b].digits, cells = plan.comparisons[a].digits * digits;
      JointCounts joint{.first = a, .second = b, .digits = digits};
      joint.m.resize(cells);
      joint.u.resize(cells);
      for (size_t i = 0; i < random.rows(); ++i)
        joint.u[random.row(i)[a] * digits + random.row(i)[b]] += random.counts[i] * (1 - random_chances[i]);
      for (size_t r = 0; r < rules.size(); ++r) {
        if (rules[r].blocked[a] || rules[r].blocked[b]) continue;
        const DigitTable& whole = rules[r].whole;
        for (size_t i = 0; i < whole.rows(); ++i)
          joint.m[whole.row(i)[a] * digits + whole.row(i)[b]] += whole.counts[i] * chances[r][i];
      }
      made.push_back(std::move(joint));
    }
  return made;
}

}  // namespace tessera
