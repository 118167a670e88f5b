// word_codes.h: which code does each of many words get?
//
//   known  w7 w3        columns  [w3 w9 0 w9] [w4 w7]
//   codes  1  2                  [2  3  0 3 ] [4  1 ]        new: w9 at place 1, w4 at place 4
//
// Codes follow the first appearance, column after column, and 0 stands for the null word. A column lies in stretches, as
// it was read.
//
// Where most rows have places in a dictionary, its words are coded (dictionary_codes.h). Else, where few words are
// different, each piece of rows is coded by itself in a small table, piece after piece tells one table of all which words
// it has, and its codes become those of that table. Where many are, such a table would miss the cache for each word: words
// are spread over bins by their hash, and a bin's table fits. There it is found where a word appears first; the first
// appearances are counted, and that is the code. Nothing depends on the number of threads.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "record/values.h"

namespace tessera {

struct NewWords {
  std::vector<uint64_t> words;   // in the order of their codes
  std::vector<uint32_t> places;  // where each appears first: columns laid end to end
};

// Words of rows, or places in words that a dictionary had: then row i has words[places[i]], and there is a row.
struct WordRun {
  std::span<const uint64_t> words;
  std::span<const uint32_t> places{};
  [[nodiscard]] size_t size() const { return places.empty() ? words.size() : places.size(); }
  [[nodiscard]] uint64_t word(size_t i) const { return places.empty() ? words[i] : words[places[i]]; }
  [[nodiscard]] WordRun part(size_t begin, size_t count) const {
    return places.empty() ? WordRun{words.subspan(begin, count)} : WordRun{words, places.subspan(begin, count)};
  }
};
using WordColumn = std::vector<WordRun>;  // stretch after stretch

// Writes codes[c][i] of columns[c][i]. `known`: the words of codes 1, 2, ..., all different and none 0.
// Requires: codes as long as the columns; fewer than 2^32 - 1 words of all together.
NewWords code_words(std::span<const uint64_t> known, std::span<const WordColumn> columns,
                    std::span<const std::span<Code>> codes);

}  // namespace tessera
