// rule_pairs.h: which pairs satisfy the rules that a model is estimated by?
//
// Their own blocks say so, or, where a rule asks for more than a blocking rule, that one's: scoring needs them anyway,
// and no keys are made and sorted for the rule. Where they turn out to have too many pairs, the rule has its own.
//
//   blocking rule   postcode               block {r0, r1, r4}
//   rule            postcode, given_name   of its pairs those with one given name: (r0, r4)
#pragma once

#include <span>
#include <vector>

#include "services/model_step.h"

namespace tessera {

// Whether the codes of two records alone say if they satisfy a rule: it looks into no list and has no further condition.
[[nodiscard]] bool decided_by_codes(const PlanRule& rule);

class RulePairs {
 public:
  // A rule takes the blocks of another only if these hold at most `most` pairs, and not many times as many as there are
  // records. Fails: as blocks_of. The run outlives what is returned.
  static Result<RulePairs> make(ModelRun& run, std::span<const PlanRule> rules, BlocksUse use, uint64_t most);

  // Pairs to look at, all of which are the rule's unless it takes the blocks of another.
  [[nodiscard]] const RuleForecast& forecast(size_t rule) const { return blocks_.forecast()[rule]; }
  [[nodiscard]] bool own_blocks(size_t rule) const { return rest_[rule].empty(); }
  [[nodiscard]] size_t units() const { return blocks_.units(); }  // of all rules
  [[nodiscard]] std::span<const size_t> units(size_t rule) const { return units_[rule]; }
  // Appends all pairs of a unit that satisfy its rule. Thread-safe.
  void all_pairs(size_t unit, std::vector<RecordPair>& out) const;

  [[nodiscard]] bool narrowed() const;  // whether some block is: it lacks pairs of its rule
  // The same but for those that satisfy an earlier rule. Requires: all rules are decided by codes; not narrowed().
  void first_pairs(size_t unit, std::vector<RecordPair>& out) const;

 private:
  using Equalities = std::vector<PlanRule::Equality>;
  RulePairs(const ModelRun& run, std::span<const PlanRule> rules, std::vector<Equalities> rest, Blocks blocks);

  const ModelRun* run_;
  std::vector<PlanRule> rules_;
  std::vector<Equalities> rest_;  // by rule: what it asks for beyond its blocks
  Blocks blocks_;
  std::vector<std::vector<size_t>> units_;  // by rule
};

}  // namespace tessera
