// found_pairs.h: how are pairs put in order that threads find in any order?
//
//   found    (7000,7100) (12,90) (9000,9001) (12,40)
//   ranges   0..4095: (12,90) (12,40)     4096..8191: (7000,7100)     8192..: (9000,9001)
//   in order                  (12,40) (12,90) (7000,7100) (9000,9001)
//
// Each thread deals what it finds into ranges of left records. A range fits in the cache, and is put in order there by
// itself: count, prefix sum, fill.
//
// Not here: which pairs there are (equal_pairs.cc).
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "record/model_plan.h"

namespace tessera {

// What one thread has found. Each pair with the rule that made it.
class FoundPairs {
 public:
  struct Found {
    uint32_t left, right;
    uint16_t rule;
  };

  FoundPairs() = default;
  explicit FoundPairs(size_t rows);  // left records are below
  void add(Found pair) {
    auto& pieces = ranges_[pair.left >> range_bits_];
    if (pieces.empty() || pieces.back().size() == at_once) pieces.emplace_back().reserve(at_once);
    pieces.back().push_back(pair);
  }

 private:
  friend class PairOrder;
  static constexpr size_t at_once = 512;

  int range_bits_ = 0;
  std::vector<std::vector<std::vector<Found>>> ranges_;  // of each, piece by piece
};

// Puts pairs in order by left record, then by right, then by rule. Requires: all of the same number of rows.
// Frees what was found. Parallel.
void put_in_order(std::span<FoundPairs> found, std::vector<RecordPair>& pairs, std::vector<uint16_t>& rules);

}  // namespace tessera
