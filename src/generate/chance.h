// chance.h: how is something random, and yet the same whoever asks, and in whatever order?
//
// A draw is a hash of what it is about: (seed, topic, subject, which). Nothing is advanced.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <span>

namespace tessera::generate_detail {

// The finalizer of SplitMix64: each bit of the input reaches each bit of the output.
inline constexpr uint64_t mix(uint64_t x) {
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
  x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
  return x ^ (x >> 31);
}
inline constexpr uint64_t hash(uint64_t key, uint64_t a) {
  return mix(key ^ (a * 0x9e3779b97f4a7c15 + 0x632be59bd9b4e019));
}
inline constexpr uint64_t hash(uint64_t key, uint64_t a, uint64_t b) { return hash(hash(key, a), b); }

// Bits of one hash, spent from the lowest.
class Bits {
 public:
  explicit Bits(uint64_t value) : value_(value) {}
  uint32_t take(unsigned bits) {
    const auto out = static_cast<uint32_t>(value_ & ((uint64_t{1} << bits) - 1));
    value_ >>= bits;
    return out;
  }

 private:
  uint64_t value_;
};

// A whole number below `bound`, from the top 32 bits. Requires: bound < 2^32.
inline uint32_t below(uint64_t hash, uint64_t bound) { return static_cast<uint32_t>(((hash >> 32) * bound) >> 32); }
// In (0, 1).
inline float unit(uint64_t hash) { return (static_cast<float>(hash >> 41) + 0.5F) * 0x1p-23F; }
// True with probability p. Requires: p in [0, 1].
inline bool chance(uint64_t hash, double p) { return (hash >> 11) < static_cast<uint64_t>(p * 0x1p53); }

// A bijection of [0, size) by a Feistel network on the next power of two; a number that
// falls outside goes through again until it falls inside (at most twice on average).
class Permutation {
 public:
  // Requires: 1 <= size <= 2^40.
  Permutation(uint64_t size, uint64_t key) : size_(size) {
    const unsigned bits = size <= 4 ? 2 : static_cast<unsigned>(std::bit_width(size - 1));
    low_ = bits / 2;
    high_ = bits - low_;
    for (unsigned i = 0; i < keys_.size(); ++i) keys_[i] = hash(key, 0x5045524d, i);
  }
  [[nodiscard]] uint64_t operator()(uint64_t x) const {
    do {
      x = once(x);
    } while (x >= size_);
    return x;
  }
  // The same of first, first + 1, ...: each step for all of them, since none waits for another.
  void fill(uint64_t first, std::span<uint64_t> out) const {
    for (size_t i = 0; i < out.size(); ++i) out[i] = once(first + i);
    for (uint64_t& x : out)
      while (x >= size_) x = once(x);
  }

 private:
  [[nodiscard]] uint64_t once(uint64_t x) const {
    const uint64_t low_mask = (uint64_t{1} << low_) - 1, high_mask = (uint64_t{1} << high_) - 1;
    uint64_t low = x & low_mask, high = x >> low_;
    for (unsigned i = 0; i < keys_.size(); i += 2) {  // one product is enough for an order that looks like none
      high ^= (((low + keys_[i]) * 0x9e3779b97f4a7c15) >> 29) & high_mask;
      low ^= (((high + keys_[i + 1]) * 0xd6e8feb86659fd93) >> 29) & low_mask;
    }
    return high << low_ | low;
  }
  uint64_t size_;
  unsigned low_ = 1, high_ = 1;
  std::array<uint64_t, 4> keys_{};
};

}  // namespace tessera::generate_detail
