// word_text.h: what does a word say, written out?
//
//   date      1985-03-21; a part that is missing is 00
//   postcode  SW1A 2AA, one space
//   sex       M, F
#pragma once

#include <cstdint>
#include <string_view>

#include "tessera/job.h"

namespace tessera {

inline constexpr size_t word_text_bytes = 32;

// Into `buffer` of word_text_bytes. Requires: the word is not null and is_long_word() does not hold, or the kind
// is never long.
std::string_view word_text(Kind kind, uint64_t word, char* buffer);

// What a word means as a number: days since 1970-01-01 of a full date, an integer; else NaN.
double word_number(Kind kind, uint64_t word);

}  // namespace tessera
