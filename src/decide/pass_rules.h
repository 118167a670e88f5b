// pass_rules.h: what do ranked passes come to for the engine that looks inside values?
//
// A pass is a blocking rule with a condition: its equal terms bring the pair, the other terms test it. The rules keep
// the order of the ranks, so the first rule that a pair satisfies is its best rank.
//
//   rank 11  jaro(given) > .9, jaro(family) > .8, dob, sex, postcode
//            equal dob, sex, postcode   also  jaro ... and jaro ...
//
// A choice (any_of) that has equal terms makes one rule for each of its branches, of one rank.
//
// Used where the passes have terms of likeness, or link one input with itself. Other passes go through anchors
// (decide.h), which compare words and not texts.
#pragma once

#include <span>
#include <vector>

#include "tessera/error.h"
#include "tessera/job.h"
#include "tessera/model.h"

namespace tessera {

struct PassRules {
  std::vector<BlockingRule> rules;
  std::vector<int> ranks;  // of each
};

// Fails: usage (2) for a pass without an equal term, or one that names a list.
Result<PassRules> pass_rules(std::span<const Pass> passes);

// Whether a list of passes needs them.
[[nodiscard]] bool has_likeness(std::span<const Pass> passes);

}  // namespace tessera
