// bits.h: how alike are two filters by the bits they have in common?
//
//   Dice = 2 |a & b| / (|a| + |b|)     Jaccard = |a & b| / |a | b|     |x|: bits that are set
//
// Not here: which of many are worth the count (near_filters.h).
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>

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

// Bits set in both of two filters of so many words.
[[nodiscard]] inline uint64_t bits_in_common(const uint64_t* a, const uint64_t* b, size_t words) {
  uint64_t common = 0;
#if defined(__clang__)
#pragma clang loop unroll_count(4)
#else
#pragma GCC unroll 4
#endif
  for (size_t word = 0; word < words; ++word) common += static_cast<uint64_t>(std::popcount(a[word] & b[word]));
  return common;
}

// 0 to 1; 0 where neither has a bit.
[[nodiscard]] inline double similarity(BitMeasure measure, const BitCounts& bits) {
  if (bits.sum == 0) return 0;
  const auto common = static_cast<double>(bits.common), sum = static_cast<double>(bits.sum);
  return measure == BitMeasure::dice ? 2 * common / sum : common / (sum - common);
}

}  // namespace tessera
