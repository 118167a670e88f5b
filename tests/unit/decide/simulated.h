// Counts of patterns drawn from a model that is known.
#pragma once

#include <algorithm>
#include <cmath>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "decide/estimate.h"

namespace tessera::test {

// A plan of `levels` levels for each comparison, on a field of its own; and the model beside it.
struct Setting {
  ModelPlan plan;
  Model model;
};

inline Setting setting_of(const std::vector<std::pair<std::string, unsigned>>& comparisons,
                          const std::vector<Kind>& kinds = {}) {
  Setting made;
  unsigned shift = 0;
  for (size_t c = 0; c < comparisons.size(); ++c) {
    const auto& [name, levels] = comparisons[c];
    const auto id = static_cast<ColumnId>(c);
    made.plan.columns.push_back({.expression = {.what = SideExpression::What::field, .text = name},
                                 .base = true,
                                 .kind = kinds.empty() ? Kind::text : kinds[c]});
    PlanComparison planned{.name = name, .digits = levels + 1, .shift = shift, .columns = {id}, .fields = {name}};
    while (1u << planned.width < planned.digits) ++planned.width;
    shift += planned.width;
    made.plan.measures.push_back({.what = Measure::What::equal, .left = id, .right = id});
    Comparison comparison{.name = name};
    planned.levels.push_back({.null_level = true});
    comparison.levels.push_back({.label = "null", .null_level = true});
    for (unsigned d = levels; d >= 1; --d) {
      PlanLevel level{.digit = d};
      level.condition.nodes.push_back(
          {.what = d == levels ? ModelCondition::What::measure : ModelCondition::What::always,
           .measure = static_cast<uint32_t>(c)});
      planned.levels.push_back(level);
      comparison.levels.push_back({.label = "level " + std::to_string(d)});
    }
    made.plan.comparisons.push_back(planned);
    made.model.comparisons.push_back(comparison);
  }
  return made;
}

inline Pattern pattern_of(const ModelPlan& plan, const std::vector<unsigned>& digits) {
  Pattern pattern = 0;
  for (size_t c = 0; c < digits.size(); ++c) pattern |= Pattern{digits[c]} << plan.comparisons[c].shift;
  return pattern;
}

inline PatternCounts counts_of(const std::map<Pattern, uint64_t>& seen) {
  PatternCounts made;
  for (const auto& [pattern, count] : seen) made.push_back({pattern, count});
  return made;
}

// What is true of the pairs. Shares are by comparison and digit; digit 0 has the share of pairs that are null.
struct Truth {
  LevelShares m, u;  // m[c][0] and u[c][0]: null; the others are shares of what is not null
  double lambda = 1e-5;
};

// Every pattern with its share of `pairs`, exactly as expected and rounded: no noise but that of rounding.
// Comparisons of `forced` are at their top level: a blocking rule on them. `pairs` are all pairs.
inline std::map<Pattern, double> expected_patterns(const ModelPlan& plan, const Truth& truth, double pairs,
                                                   const std::vector<size_t>& forced) {
  std::map<Pattern, double> made;
  for (const bool match : {true, false}) {
    const LevelShares& shares = match ? truth.m : truth.u;
    std::vector<std::pair<Pattern, double>> partial{{0, pairs * (match ? truth.lambda : 1 - truth.lambda)}};
    for (size_t c = 0; c < plan.comparisons.size(); ++c) {
      std::vector<std::pair<Pattern, double>> next;
      const unsigned top = plan.comparisons[c].digits - 1;
      const bool is_forced = std::ranges::count(forced, c) > 0;
      for (const auto& [pattern, n] : partial)
        for (unsigned d = is_forced ? top : 0; d <= top; ++d) {
          const double share = d == 0 ? shares[c][0] : (1 - shares[c][0]) * shares[c][d];
          if (share > 0) next.emplace_back(pattern | Pattern{d} << plan.comparisons[c].shift, n * share);
        }
      partial = std::move(next);
    }
    for (const auto& [pattern, n] : partial) made[pattern] += n;
  }
  return made;
}

// The same, drawn: each count is Poisson.
inline PatternCounts drawn(const std::map<Pattern, double>& expected, uint64_t seed) {
  std::mt19937_64 chance(seed);
  std::map<Pattern, uint64_t> seen;
  for (const auto& [pattern, mean] : expected) {
    const uint64_t n = mean <= 0 ? 0 : std::poisson_distribution<uint64_t>(mean)(chance);
    if (n > 0) seen[pattern] = n;
  }
  return counts_of(seen);
}

inline RuleCounts rule_on(const Setting& setting, size_t rule, const std::vector<size_t>& comparisons,
                          PatternCounts counts) {
  RuleCounts made{
      .rule = rule, .counts = std::move(counts), .blocked = std::vector<bool>(setting.plan.comparisons.size())};
  for (const size_t c : comparisons) made.blocked[c] = true;
  for (const PatternCount& seen : made.counts) made.pairs += static_cast<double>(seen.count);
  return made;
}

}  // namespace tessera::test
