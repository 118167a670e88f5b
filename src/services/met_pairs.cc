#include "services/met_pairs.h"

#include <algorithm>

namespace tessera {

void MetPairs::test(const ModelRun& run, const PlanRule& rule, PairComparer::Scratch& scratch) {
  const ComparedSides sides = run.sides();
  holds_.resize(pairs.size());
  run.comparer->holds(rule.also, sides.left, sides.right, pairs, holds_.data(), scratch);
}

template <class Keeps>
void MetPairs::keep_if(const Keeps& keeps) {
  size_t kept = 0;
  for (size_t i = 0; i < pairs.size(); ++i) {
    if (!keeps(i)) continue;
    pairs[kept] = pairs[i];
    open_[kept++] = open_[i];
  }
  pairs.resize(kept);
  open_.resize(kept);
}

// Leaves out the pairs for which the rule's own condition does not hold, or an earlier rule's does.
void MetPairs::find(const ModelRun& run, std::span<const PlanRule> rules, const Blocks& blocks, size_t unit,
                    PairComparer::Scratch& scratch) {
  pairs.clear();
  const std::vector<uint16_t>& conditional = blocks.conditional();
  if (conditional.empty()) return blocks.pairs(unit, pairs);
  open_.clear();
  blocks.pairs(unit, pairs, &open_);
  const uint16_t rule = blocks.rule(unit);
  if (std::ranges::binary_search(conditional, rule)) {
    test(run, rules[rule], scratch);
    keep_if([&](size_t i) { return holds_[i] != 0; });
  }
  for (size_t c = 0; c < conditional.size() && conditional[c] < rule; ++c) {
    if (std::ranges::none_of(open_, [c](uint64_t open) { return open >> c & 1; })) continue;
    test(run, rules[conditional[c]], scratch);
    keep_if([&](size_t i) { return !(open_[i] >> c & 1) || holds_[i] == 0; });
  }
}

}  // namespace tessera
