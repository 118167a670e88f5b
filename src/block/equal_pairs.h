// equal_pairs.h: which pairs of one input agree on all columns of one of several rules?
//
//   rule 0  family, dob             r0  OKAFOR 1950-02-01 SW1A 2AA
//   rule 1  dob, postcode           r4  OKAFOR 1950-02-01 M1 1AE        (r0,r4) by rule 0
//                                   r9  OKAFAR 1950-02-01 SW1A 2AA      (r0,r9) by rule 1
//
// Where rules ask for nothing but equal words (record/words.h), no codes, blocks or patterns are needed. Rules that have
// columns in common (dob) are done together: records are dealt into bins by these columns, with their words, and a bin
// holds every pair of those rules and fits in the cache. In it each record finds the last one before it that agrees, rule
// by rule, in a small table. Words are compared, so that answers are exact.
//
// Not here: two sides (anchors, KeyIndex), rules with further conditions or parts of fields (blocks.h).
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "record/model_plan.h"

namespace tessera {

// Records as they were read, one stretch after another.
struct WordStretch {
  size_t rows = 0;
  std::vector<const uint64_t*> columns;  // the words of each; nullptr: all null
};

using EqualRule = std::vector<uint32_t>;  // columns, each once; not empty

struct EqualOptions {
  std::span<const uint16_t> source{};  // by record; not empty: only pairs of different sources
  uint64_t rule_pairs_max = ~uint64_t{0};
};

struct EqualPairs {
  std::vector<RecordPair> pairs;  // by left row, then by right row; left < right
  std::vector<uint16_t> rules;    // of each: the first that holds
  // A rule that would make more pairs than it may: there are none then.
  struct TooMany {
    size_t rule = 0;
    uint64_t pairs = 0;  // of any sources, and whether or not an earlier rule makes them
  };
  std::optional<TooMany> too_many;
};

// Requires: at most 65,536 rules; fewer than 2^32 - 1 records. Parallel; the same for any number of threads.
[[nodiscard]] EqualPairs equal_pairs(std::span<const WordStretch> stretches, std::span<const EqualRule> rules,
                                     const EqualOptions& options = {});

}  // namespace tessera
