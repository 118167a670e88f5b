// compare.h: on what does a pair of records agree?
//
// Candidates are compared in blocks, condition by condition: the words of both sides are
// gathered into columns first, then each condition is one loop over two columns.
//
//   candidates  (0,17) (0,90) (2,5)
//   from words  nhs [a, a, c]   dob [d, d, f]
//   to words    nhs [a, b, c]   dob [d, d, g]
//   pattern         011    010      001           bit 0 nhs equal, bit 1 dob equal
//
// Not here: who meets (block/), what a pattern is worth (decide/).
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "compare/pair_comparer.h"
#include "record/packed.h"
#include "record/pattern.h"

namespace tessera {

// A pair: row of the from batch, row of the reference.
struct Pair {
  uint32_t from = 0;
  uint32_t to = 0;
};

// Buffers of one thread.
class CompareScratch {
 public:
  std::vector<uint64_t> from, to;  // words of the block by slot
  std::vector<uint64_t> derived_a, derived_b;
};

// Gets the patterns of pairs[at ...], some hundred at a time; their records are then still in the cache.
using UsePatterns = std::function<void(size_t at, std::span<const Pattern> patterns)>;

// All pairs in order. `from` are the words of the from batch by slot; those that no condition looks at may be missing.
// Records of `to` are prefetched.
void compare_pairs(std::span<const PairCondition> conditions, const std::vector<std::vector<uint64_t>>& from,
                   const PackedRecords& to, std::span<const Pair> pairs, CompareScratch& scratch,
                   const UsePatterns& use);

// One condition on one pair of words, as the documentation says it: the slow twin, and explain's.
bool holds(const PairCondition& condition, uint64_t from, uint64_t to);

// Whether a limit refuses the pair: both dates known and from later than to + days.
bool beyond(const DateLimit& limit, uint64_t from, uint64_t to);

}  // namespace tessera
