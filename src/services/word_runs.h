// word_runs.h: how do the words of a column wait until they are coded?
//
//   batches   [w7 w3] [w3 w3]   dictionary [w7 w3] places [0 1 1] [0]     runs   [w7 w3 w3 w3]  [0 1 1 0] in [w7 w3]
//
// As they came: words, or places in the words of a dictionary, where a run has half the bytes and is coded at once
// (record/dictionary_codes.h).
#pragma once

#include <vector>

#include "record/word_codes.h"
#include "record/words.h"

namespace tessera {

// Words of one column of a piece of rows, which lie here.
class WordRuns {
 public:
  // Appends column `at` of a batch; `rows`: of which the piece may come to have so many.
  void add(const WordBatch& batch, size_t at, size_t rows);
  // The piece has all its rows: dictionaries that too few of them use to be worth their room go.
  void settle();
  // Appends what it has of rows [begin, end) to `to`, which looks at it.
  void view(size_t begin, size_t end, WordColumn& to) const;
  // Where all rows have words of their own: those. Null: there is no row.
  [[nodiscard]] const uint64_t* words() const;

 private:
  struct Run {
    std::vector<uint64_t> words;
    PlacedWords placed;
    [[nodiscard]] WordRun view() const { return placed.words ? WordRun{*placed.words, placed.places} : WordRun{words}; }
  };
  std::vector<Run> runs_;
};

}  // namespace tessera
