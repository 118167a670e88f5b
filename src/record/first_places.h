// first_places.h: how many values appear for the first time before a place?
//
// Values of columns laid end to end: a value's code is one more than the values that appear before its first place.
#pragma once

#include <oneapi/tbb/parallel_for.h>

#include <algorithm>
#include <bit>
#include <cstdint>
#include <vector>

namespace tessera {

// Which places are first appearances, and how many are before a place.
class FirstPlaces {
 public:
  explicit FirstPlaces(size_t places) : marks_(places, 0), bits_(places / 64 + 1, 0), before_(places / 64 + 2, 0) {}
  void mark(uint32_t place) { marks_[place] = 1; }  // any thread; a byte each, so that no two write to one
  void count() {
    tbb::parallel_for(size_t{0}, bits_.size() / 1024 + 1, [&](size_t part) {
      for (size_t w = part * 1024; w < std::min(bits_.size(), (part + 1) * 1024); ++w) {
        uint64_t bits = 0;
        for (size_t i = 0; i < std::min<size_t>(64, marks_.size() - w * 64); ++i)
          bits |= uint64_t{marks_[w * 64 + i]} << i;
        bits_[w] = bits;
      }
    });
    for (size_t w = 0; w < bits_.size(); ++w)
      before_[w + 1] = before_[w] + static_cast<uint32_t>(std::popcount(bits_[w]));
  }
  [[nodiscard]] uint32_t total() const { return before_[bits_.size()]; }
  [[nodiscard]] bool is_first(uint32_t place) const { return bits_[place / 64] >> place % 64 & 1; }
  [[nodiscard]] uint32_t before(uint32_t place) const {
    const uint64_t below = bits_[place / 64] & ((uint64_t{1} << place % 64) - 1);
    return before_[place / 64] + static_cast<uint32_t>(std::popcount(below));
  }

 private:
  std::vector<uint8_t> marks_;
  std::vector<uint64_t> bits_;
  std::vector<uint32_t> before_;  // by 64 places
};

}  // namespace tessera
