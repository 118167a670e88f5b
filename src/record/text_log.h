// text_log.h: which texts were behind long words, as they came?
//
//   words  [w7 w3] [w9 w7]      texts  ["ANNE-MARIE" "OKAFOR-MILLS"] ["CONSTANCE" "ANNE-MARIE"]
//
// Every long value is written down when its word is made, in stretches. Nothing is looked up: whoever numbers the words of
// the records (word_codes.h) numbers these beside them, and so finds the text of each number. A word that was written
// down a moment ago is not written again; most that come more than once are met by the memos and dictionaries that
// words are made with.
//
// Not here: finding a text by its word (long_texts.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tessera {

// Written by one thread; read by many.
class TextLog {
 public:
  void add(uint64_t word, std::string_view text) {
    if (recent_.empty()) recent_.resize(recent_words, 0);
    uint64_t& before = recent_[word % recent_words];
    if (before == word) return;
    before = word;
    if (stretches_.empty() || stretches_.back().full()) stretches_.emplace_back().start();
    Stretch& stretch = stretches_.back();
    stretch.words.push_back(word);
    stretch.bytes += text;
    stretch.ends.push_back(stretch.bytes.size());
  }
  [[nodiscard]] size_t stretches() const { return stretches_.size(); }
  [[nodiscard]] std::span<const uint64_t> words(size_t stretch) const { return stretches_[stretch].words; }
  [[nodiscard]] std::string_view text(size_t stretch, size_t i) const {
    const Stretch& from = stretches_[stretch];
    const size_t begin = i == 0 ? 0 : from.ends[i - 1];
    return std::string_view(from.bytes).substr(begin, from.ends[i] - begin);
  }

 private:
  static constexpr size_t recent_words = size_t{1} << 13, stretch_words = size_t{1} << 14,
                          stretch_bytes = size_t{1} << 20;
  struct Stretch {
    std::vector<uint64_t> words;
    std::vector<uint64_t> ends;  // of the texts
    std::string bytes;
    [[nodiscard]] bool full() const { return words.size() == stretch_words || bytes.size() >= stretch_bytes; }
    void start() {
      words.reserve(stretch_words);
      ends.reserve(stretch_words);
    }
  };
  std::deque<Stretch> stretches_;
  std::vector<uint64_t> recent_;  // by the lowest bits of a word: the last that was written down
};

}  // namespace tessera
