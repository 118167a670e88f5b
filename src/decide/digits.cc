// digits.cc: how does estimation see the counts of patterns? (see digits.h)
#include "decide/digits.h"

#include <algorithm>
#include <cmath>

namespace tessera {

DigitTable digits_of(const ModelPlan& plan, const PatternCounts& counts, const std::vector<bool>& left_out) {
  Pattern kept = ~Pattern{0};
  for (size_t c = 0; c < plan.comparisons.size(); ++c)
    if (!left_out.empty() && left_out[c])
      kept &= ~(((Pattern{1} << plan.comparisons[c].width) - 1) << plan.comparisons[c].shift);
  PatternCounts masked;
  masked.reserve(counts.size());
  for (const PatternCount& seen : counts)
    if (seen.count != 0) masked.push_back({seen.pattern & kept, seen.count});
  std::ranges::sort(masked, {}, &PatternCount::pattern);

  DigitTable table{.comparisons = plan.comparisons.size()};
  for (size_t i = 0; i < masked.size();) {
    uint64_t count = 0;
    const Pattern pattern = masked[i].pattern;
    for (; i < masked.size() && masked[i].pattern == pattern; ++i) count += masked[i].count;
    for (const PlanComparison& comparison : plan.comparisons)
      table.digits.push_back(static_cast<uint16_t>(comparison.digit(pattern)));
    table.counts.push_back(static_cast<double>(count));
    table.total += static_cast<double>(count);
  }
  return table;
}

LevelShares zeros(const ModelPlan& plan) {
  LevelShares made;
  made.reserve(plan.comparisons.size());
  for (const PlanComparison& comparison : plan.comparisons) made.emplace_back(comparison.digits, 0.0);
  return made;
}

LevelShares log_ratios(const LevelShares& m, const LevelShares& u) {
  LevelShares made = m;
  for (size_t c = 0; c < m.size(); ++c) {
    if (!made[c].empty()) made[c][0] = 0;
    for (size_t d = 1; d < m[c].size(); ++d)
      made[c][d] = std::log(std::max(m[c][d], 1e-300)) - std::log(std::max(u[c][d], 1e-300));
  }
  return made;
}

double logistic(double x) {
  if (x >= 0) return 1 / (1 + std::exp(-x));
  const double odds = std::exp(x);
  return odds / (1 + odds);
}

}  // namespace tessera
