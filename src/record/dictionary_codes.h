// dictionary_codes.h: which code does each of many words get, where rows have places in dictionaries?
//
//   dictionaries  A [w7 w3 w9]  B [w3 w7]     rows   A: 2 0 2   B: 0 1
//   first place   A: w7 1, w9 0               B: w3 3, w7 4      -> w9 1, w7 2, w3 3
//   codes         A: [2 - 1]  B: [3 2]        rows   1 2 1  3 2
//
// A file's dictionary has each value once, and serves many rows: its words are looked up once, and of a row only its
// place.
#pragma once

#include "record/word_codes.h"

namespace tessera {

// As code_words(). False, and nothing is written: too few rows have places for it to pay.
bool code_by_dictionaries(std::span<const uint64_t> known, std::span<const WordColumn> columns,
                          std::span<const std::span<Code>> codes, NewWords& out);

}  // namespace tessera
