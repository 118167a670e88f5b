// repeats.h: which rows of a batch say the same?
//
//   row      0  1  2  3  4      the words of rows 0, 1 and 3 are equal
//   like     0  0  1  0  2      number of each row's record
//   first    0     2     4      by record: its first row
//   copies   3     1     1      by record: its rows
//
// An episode is rarely alone, so what is found for a record serves all its rows. Rows are looked up in a small table
// by a hash of their words without a branch: half of all guesses would be wrong. What the hash says is then checked,
// word by word, in a loop that expects no surprise.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace tessera {

struct Repeats {
  std::vector<uint32_t> like, first, copies;
  std::vector<std::vector<uint64_t>> words;  // of the records, by slot

  std::vector<uint64_t> keys, seen;  // scratch
  [[nodiscard]] size_t records() const { return first.size(); }
};

// By the words of these slots; `columns` by slot. Requires: rows <= 2^24.
// Ensures: rows that are said to be alike have equal words; the numbers of records ascend with their first rows.
// Rows that are alike may be missed when many others lie between them.
void find_repeats(const std::vector<std::vector<uint64_t>>& columns, std::span<const uint32_t> slots, size_t rows,
                  Repeats& out);

// The slow twin, which misses nothing; also what is done should two different records have one hash.
void find_repeats_slowly(const std::vector<std::vector<uint64_t>>& columns, std::span<const uint32_t> slots,
                         size_t rows, Repeats& out);

}  // namespace tessera
