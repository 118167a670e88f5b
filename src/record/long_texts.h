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
  [[nodiscard]] size_t size() const { return count_; }

 private:
  struct Entry {
    uint64_t word = 0;  // 0: free
    const char* text = nullptr;
    uint32_t bytes = 0;
  };
  [[nodiscard]] size_t slot(uint64_t word) const;
  void grow();
  [[nodiscard]] const char* keep(std::string_view text);

  std::vector<Entry> table_;  // a power of two, linear probing; in the order of the words' hashes, but for collisions
  unsigned shift_ = 64;       // of a hash, to its place in the table
  size_t count_ = 0;
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
