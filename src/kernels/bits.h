// bits.h: how many bits do one filter and each of many others have in common?
//
// The others lie turned over, eight filters together, so that one step of AVX-512 takes a word of all eight and sums need
// no turning at the end.
//
//   group of 8    word 0 of filters 0 .. 7, word 1 of filters 0 .. 7 ...
//
// Where most pairs are far below the limit a group is left after half the words, or after three quarters, when none of its
// filters can still have enough in common: what is to come can be no more than a filter's bits in the words behind the cut.
// A look that mostly finds hope costs more than it saves, so the caller says whether, and where, to look.
//
//   Dice = 2 |a & b| / (|a| + |b|)     Jaccard = |a & b| / |a | b|     |x|: bits that are set
//
// Not here: which pairs are worth it by their number of bits alone (block/similar_filters.h).
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/cpu.h"

namespace tessera {

enum class BitMeasure : uint8_t { dice, jaccard };

// Of two filters, word by word.
struct BitCounts {
  uint64_t common = 0;  // bits set in both
  uint64_t sum = 0;     // bits of the one and bits of the other
  void add(uint64_t a, uint64_t b) {
    common += static_cast<uint64_t>(std::popcount(a & b));
    sum += static_cast<uint64_t>(std::popcount(a)) + static_cast<uint64_t>(std::popcount(b));
  }
};

// 0 to 1; 0 where neither has a bit.
[[nodiscard]] inline double similarity(BitMeasure measure, const BitCounts& bits) {
  if (bits.sum == 0) return 0;
  const auto common = static_cast<double>(bits.common), sum = static_cast<double>(bits.sum);
  return measure == BitMeasure::dice ? 2 * common / sum : common / (sum - common);
}

inline constexpr size_t bit_lanes = 8;
inline constexpr size_t bit_words_max = 1024;  // of a filter
inline constexpr size_t bit_cuts = 2;          // at half and at three quarters of the words

// After how many words a group is looked at. Of 0 words: never.
constexpr size_t bit_cut(size_t cut, size_t words) { return cut == 0 ? words / 2 : words / 4 * 3; }

// A word, or a number, of each filter of a group: a line of the cache.
struct alignas(64) BitLanes {
  uint64_t lane[bit_lanes];
};

// Filters turned over.
struct BitGroups {
  size_t words = 0;             // of a filter
  std::vector<BitLanes> bits;   // [group][word]; lanes beyond the last filter are 0
  std::vector<BitLanes> later;  // [group][cut]: bits in the words behind the cut
  [[nodiscard]] size_t count() const { return words == 0 ? 0 : bits.size() / words; }
};
// `order`: which rows of `filters`, and in which order.
[[nodiscard]] BitGroups turn_over(const uint64_t* filters, size_t words, std::span<const uint32_t> order);

// A group that has a filter with enough in common.
struct BitHit {
  uint32_t group = 0;
  uint32_t lanes = 0;  // a bit for each filter that has
  uint64_t common[bit_lanes];
};

// One filter that is to be compared, and where it is looked whether there is hope.
struct BitQuery {
  const uint64_t* filter = nullptr;
  size_t cut = bit_cuts;
  uint64_t later = 0;  // its own bits behind the cut
};

// Compares a filter with groups [begin, end): those of which a lane has at least `least[group - begin]` bits in common, in
// order. `out`: room for end - begin. Returns how many.
using BitKernel = size_t (*)(const BitQuery& query, const BitGroups& groups, size_t begin, size_t end,
                             const uint32_t* least, BitHit* out);

// Requires: the processor has the variant.
[[nodiscard]] BitKernel bit_kernel(Kernels variant);

size_t common_bits_avx2(const BitQuery& query, const BitGroups& groups, size_t begin, size_t end, const uint32_t* least,
                        BitHit* out);  // x86-64 only
size_t common_bits_avx512(const BitQuery& query, const BitGroups& groups, size_t begin, size_t end,
                          const uint32_t* least, BitHit* out);  // x86-64 only, VPOPCNTDQ

}  // namespace tessera
