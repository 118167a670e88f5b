// similar_filters.h: which pairs of encoded filters are at least so alike?
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "kernels/bits.h"

namespace tessera {

// Filters of one length, one after another.
struct FilterSet {
  std::span<const uint64_t> words;
  size_t words_each = 0;
  [[nodiscard]] size_t count() const { return words_each == 0 ? 0 : words.size() / words_each; }
};

struct FilterQuery {
  BitMeasure measure = BitMeasure::dice;
  double at_least = 0;
  size_t top = 0;       // best so many for each `from`, of equals the lower `to`; 0: all
  bool within = false;  // one set with itself: from < to
};

struct SimilarPair {
  uint32_t from = 0, to = 0;
  uint16_t common = 0, from_bits = 0, to_bits = 0;
  friend bool operator==(const SimilarPair&, const SimilarPair&) = default;
};

// The pairs whose similarity, as a double, is at least that of the query and above 0; filters without a bit are like
// nothing. Requires: filters of one length, below 65,535 bits; no "top" within one set.
// Ensures: in order of (from, to); the same for every number of threads and every kernel.
[[nodiscard]] std::vector<SimilarPair> similar_filters(FilterSet from, FilterSet to, const FilterQuery& query);

}  // namespace tessera
