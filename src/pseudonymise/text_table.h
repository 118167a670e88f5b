// text_table.h: which texts have been here before?
#pragma once

#ifndef XXH_INLINE_ALL
#define XXH_INLINE_ALL
#endif
#include <xxhash.h>

#include <bit>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tessera {

// Numbers texts in the order in which they come, and knows them again. Most tokens are short: those of up to 7 bytes are
// their own key, and longer ones are compared in full where hashes agree.
class TextTable {
 public:
  TextTable() : slots_(1024) {}
  [[nodiscard]] size_t size() const { return ends_.size(); }
  // The number of a text; `fresh`: it is a new one.
  uint32_t find(std::string_view text, bool& fresh) { return find(text, key_of(text), fresh); }
  // For many at a time: begin() all of them first, so that none waits for the memory of the one before.
  [[nodiscard]] uint64_t begin(std::string_view text) const {
    const uint64_t key = key_of(text);
    __builtin_prefetch(&slots_[place_of(key)]);
    return key;
  }
  uint32_t find(std::string_view text, uint64_t begun, bool& fresh) {
    const bool whole = text.size() <= whole_max;
    for (size_t at = place_of(begun);; at = (at + 1) & (slots_.size() - 1)) {
      const Slot& slot = slots_[at];
      if (slot.key == begun && (whole || text == text_of(slot.number))) {
        fresh = false;
        return slot.number;
      }
      if (slot.key == 0) break;
    }
    fresh = true;
    if (ends_.size() * 2 >= slots_.size()) grow();
    const auto number = static_cast<uint32_t>(ends_.size());
    put({begun, number});
    if (!whole) bytes_ += text;
    ends_.push_back(static_cast<uint32_t>(bytes_.size()));
    return number;
  }
  void clear() {
    slots_.assign(1024, {});
    bytes_.clear();
    ends_.clear();
  }

 private:
  static constexpr size_t whole_max = 7;
  struct Slot {
    uint64_t key = 0;  // 0: free
    uint32_t number = 0;
  };
  static uint64_t key_of(std::string_view text) {
    if (text.size() > whole_max) return XXH3_64bits(text.data(), text.size()) | uint64_t{1} << 63;
    uint64_t key = text.size() + 1;
    for (const char c : text) key = key << 8 | static_cast<unsigned char>(c);
    return key;
  }
  [[nodiscard]] std::string_view text_of(uint32_t number) const {
    const uint32_t begin = number == 0 ? 0 : ends_[number - 1];
    return std::string_view(bytes_).substr(begin, ends_[number] - begin);
  }
  [[nodiscard]] size_t place_of(uint64_t key) const {
    return key * 0x9e3779b97f4a7c15 >> (64 - std::countr_zero(slots_.size()));
  }
  void grow() {
    std::vector<Slot> old(slots_.size() * 2);
    old.swap(slots_);
    for (const Slot& slot : old)
      if (slot.key != 0) put(slot);
  }
  void put(const Slot& slot) {
    size_t at = place_of(slot.key);
    while (slots_[at].key != 0) at = (at + 1) & (slots_.size() - 1);
    slots_[at] = slot;
  }

  std::vector<Slot> slots_;     // a power of two
  std::string bytes_;           // of texts that are no key of their own
  std::vector<uint32_t> ends_;  // in bytes_, by number
};

}  // namespace tessera
