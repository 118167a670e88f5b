// met_pairs.h: which pairs does a rule bring that no earlier one has brought?
//
// Blocks decide by keys; the further conditions of rules are tested here, of the pairs that keys leave open.
#pragma once

#include <span>
#include <vector>

#include "services/model_step.h"

namespace tessera {

// Buffers of one thread.
struct MetPairs {
  std::vector<RecordPair> pairs;
  // Replaces `pairs` by those of a unit. `rules`: of the blocks, which are not BlocksUse::apart.
  void find(const ModelRun& run, std::span<const PlanRule> rules, const Blocks& blocks, size_t unit,
            PairComparer::Scratch& scratch);

 private:
  void test(const ModelRun& run, const PlanRule& rule, PairComparer::Scratch& scratch);
  template <class Keeps>
  void keep_if(const Keeps& keeps);
  std::vector<uint64_t> open_;
  std::vector<uint8_t> holds_;
};

}  // namespace tessera
