// long_texts.h: which text stands behind the word of a long value?
//
// A word holds a text of up to 7 bytes whole; of a longer one it holds a hash (words.h). Comparisons that look
// inside values need the text again, so each distinct long one is kept once, by its word.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

namespace tessera {

// Written by one thread; read by many.
class LongTexts {
 public:
  // Keeps the text of a long word; does nothing if it is there.
  void add(uint64_t word, std::string_view text);
  // data() == nullptr: not here.
  [[nodiscard]] std::string_view find(uint64_t word) const;
  // Before find(), some time.
  void prefetch(uint64_t word) const {
    if (!table_.empty()) __builtin_prefetch(table_.data() + home(word));
  }
  [[nodiscard]] size_t size() const { return entries_.size(); }

 private:
  struct Entry {
    uint64_t word = 0;
    const char* text = nullptr;
    uint32_t bytes = 0;
  };
  [[nodiscard]] size_t home(uint64_t word) const {
    return static_cast<size_t>((word * 0x9e37'79b9'7f4a'7c15) >> shift_);
  }
  [[nodiscard]] size_t slot(uint64_t word) const;
  void grow();
  [[nodiscard]] const char* keep(std::string_view text);

  std::vector<Entry> entries_;  // as they came
  std::vector<uint32_t>
      table_;            // of entries, from 1; 0: free. A power of two, linear probing. Small, for it is at random
  unsigned shift_ = 64;  // of a hash, to its place in the table
  struct Block {
    std::unique_ptr<char[]> bytes;
    size_t size = 0, used = 0;
  };
  std::vector<Block> blocks_;  // of texts, which never move
};

// Whether the word holds a hash and not the text itself.
constexpr bool is_long_word(uint64_t word) { return word >> 63 != 0; }

// The text of a word that is not long, into `buffer` of 8 bytes.
std::string_view short_word_text(uint64_t word, char* buffer);

}  // namespace tessera
