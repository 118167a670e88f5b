// word_set.h: is a word on a list?
#pragma once

#include <cstdint>
#include <vector>

namespace tessera {

// Words other than 0, in a table half full at most. Fixed after it is filled.
class WordSet {
 public:
  void add(uint64_t word) {
    if (word == 0 || contains(word)) return;
    if (2 * (size_ + 1) > slots_.size()) grow();
    place(word);
    ++size_;
  }
  [[nodiscard]] bool contains(uint64_t word) const {
    if (word == 0 || slots_.empty()) return false;
    size_t at = start(word);
    while (slots_[at] != 0 && slots_[at] != word) at = (at + 1) & (slots_.size() - 1);
    return slots_[at] == word;
  }
  [[nodiscard]] size_t size() const { return size_; }

 private:
  [[nodiscard]] size_t start(uint64_t word) const {
    return static_cast<size_t>((word ^ word >> 32) * 0x9e3779b97f4a7c15 >> 32) & (slots_.size() - 1);
  }
  void place(uint64_t word) {
    size_t at = start(word);
    while (slots_[at] != 0) at = (at + 1) & (slots_.size() - 1);
    slots_[at] = word;
  }
  void grow() {
    std::vector<uint64_t> old(slots_.empty() ? 16 : 2 * slots_.size());
    old.swap(slots_);
    for (const uint64_t word : old)
      if (word != 0) place(word);
  }

  std::vector<uint64_t> slots_;  // a power of two
  size_t size_ = 0;
};

}  // namespace tessera
