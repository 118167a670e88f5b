// words.h: what does a record look like to the engine?
//
// A standardised value is one 64-bit word, and 0 is null. Equal words are equal
// values, so a comparison is one instruction and a record is a short row of words.
//
//   nhs_number  the number itself, 1 to 9999999999
//   date        year << 9 | month << 5 | day; a part that is missing is 0
//   sex         1 male, 2 female
//   postcode    the 8-character form "SW1A 2AA", "M1   1AE" as 8 bytes, first
//               character in the highest byte; layouts of other countries
//               (country "any"): as text below
//   integer     value + 2^62 (so that 0 is free), clamped range +-2^61; out of it is invalid
//   text, name, code, token, and parts of them:
//               up to 7 bytes: length << 56 | the bytes, first in the highest of the 7;
//               longer: the top bit set, and 63 bits of XXH3-64 of the value. Two different
//               long values get equal words with probability 2^-63 a pair.
//
//   pseudonym   the top bit set, and 63 bits of the token: the same from hex digits and from bytes
//   flag        1 true; false is 0, as null is
//
// A word is wanted as a (field, part) or as membership of a list: WordSpec.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "record/raw.h"
#include "tessera/job.h"
#include "tessera/report.h"

namespace tessera {

struct WordSpec {
  std::string field{};
  Part part = Part::whole;
  std::string list{};  // not empty: word is 1 when the whole value is on that list, else 0
  friend bool operator==(const WordSpec&, const WordSpec&) = default;
};

// Whether a part can be computed from the whole word by derive_word, so that it
// needs no column of its own: date parts, and postcode parts of country "gb".
[[nodiscard]] bool derivable(Kind kind, Part part);

// The part of a date or gb postcode word. 0 when the part is missing.
// `whole` of a date with a missing part is 0 too.
[[nodiscard]] uint64_t derive_word(Kind kind, Part part, uint64_t word);

// The word of a text; 0 for the empty text.
[[nodiscard]] uint64_t text_word(std::string_view text);

// The word of a token: of 16 bytes, or of 32 hex digits in lower case. 0: it is neither.
[[nodiscard]] uint64_t token_word(std::string_view text, bool binary);

constexpr uint64_t date_word(unsigned year, unsigned month, unsigned day) {
  return uint64_t{year} << 9 | month << 5 | day;
}
constexpr unsigned year_of(uint64_t w) { return static_cast<unsigned>(w >> 9); }
constexpr unsigned month_of(uint64_t w) { return static_cast<unsigned>(w >> 5 & 15); }
constexpr unsigned day_of(uint64_t w) { return static_cast<unsigned>(w & 31); }
constexpr bool is_january_1(uint64_t date) { return month_of(date) == 1 && day_of(date) == 1; }
// Whether the word of a postcode has the British form, and is no text of another country.
constexpr bool is_british(uint64_t postcode) { return postcode >> 56 >= 'A' && postcode >> 56 <= 'Z'; }
// "ZZ99" in the first four bytes of the fixed form.
constexpr bool is_pseudo_postcode(uint64_t postcode) { return postcode >> 32 == 0x5a5a3939; }
constexpr bool full_date(uint64_t w) { return (w >> 9) != 0 && (w & 0x1e0) != 0 && (w & 0x1f) != 0; }

constexpr uint64_t integer_bias = uint64_t{1} << 62;

// Words of rows as places in the words of a dictionary, which batches share: row i has words[places[i]].
struct PlacedWords {
  std::shared_ptr<const std::vector<uint64_t>> words;  // null: the rows have words of their own
  std::vector<uint32_t> places;                        // then of no meaning: an earlier batch may have left them
};

// Column-wise words of a batch, in the order of the WordSpecs asked for.
struct WordBatch {
  size_t rows = 0;
  std::vector<std::vector<uint64_t>> words;  // [spec][row]
  std::vector<PlacedWords> placed;           // [spec]: what has places has no words of its own; empty: none has
  std::vector<uint32_t> raw_row;             // row of the RawBatch each row came from; empty: the same

  // Keeps only these rows, which ascend; raw_row stays as it is.
  void keep(std::span<const uint32_t> kept);
};

}  // namespace tessera
