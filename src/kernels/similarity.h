// similarity.h: how alike are two texts?
//
//   MARTHA          Jaro: six letters of each match within 2 places; T and H are out of order,
//   MARHTA          which is one transposition: (6/6 + 6/6 + 5/6) / 3 = .944
//                   Jaro-Winkler: the first three are the same: .944 + 3 x .1 x (1 - .944) = .961
//                   Levenshtein 2 (two letters replaced), optimal alignment 1 (two neighbours swapped)
//
// A row of the table of edit distances differs from the one before by -1, 0 or +1 in each place: two bits
// a place, so that one word holds 64 places and a letter costs some ten instructions (Myers 1999, Hyyro 2003).
// For Jaro a word holds the places of the other text where the letter stands, and the lowest bit within the
// window that is still free is the match.
//
// Unit: `bytes` takes each byte for a character, which is what DuckDB does; otherwise a character is a code point
// of UTF-8, a byte that begins none is a character of its own. For ASCII both are the same.
//
// Not here: many pairs at a time (similarity_batch.h), folding of case and accents (name.h, unicode.h).
#pragma once

#include <cstddef>
#include <string_view>

namespace tessera {

// All are pure and symmetric, take texts of any length, and may be called from any thread.

// Jaro 1989. 0 where nothing matches, so also for two empty texts; 1 for equal ones. The window is half of the longer
// length less one. Ensures: the double that DuckDB and rapidfuzz give, to the last bit.
[[nodiscard]] double jaro(std::string_view a, std::string_view b, bool bytes);

// Winkler 1990: a Jaro above .7 gains .1 of what it lacks for each of the first four characters up to the first that
// differ. Ensures: as DuckDB 2.0 to the last bit (jaro_value.h). It asks for more than .7 after rounding: a third of 3/5 +
// 3/6 + 1 is .7, in doubles .7000000000000001, and gains.
[[nodiscard]] double jaro_winkler(std::string_view a, std::string_view b, bool bytes);

inline constexpr size_t no_bound = static_cast<size_t>(-1);

// The least number of characters to insert, delete or replace (Levenshtein 1966).
// A distance above `bound` is given as bound + 1, for all three: they stop early.
[[nodiscard]] size_t levenshtein(std::string_view a, std::string_view b, bool bytes, size_t bound = no_bound);

// The same, or to swap two neighbours, none of which is touched again: "CA" to "ABC" is 3. No metric.
[[nodiscard]] size_t optimal_alignment(std::string_view a, std::string_view b, bool bytes, size_t bound = no_bound);

// The same without that restriction (Damerau 1964, Lowrance and Wagner 1975): "CA" to "ABC" is 2, as DuckDB has it.
[[nodiscard]] size_t damerau_levenshtein(std::string_view a, std::string_view b, bool bytes, size_t bound = no_bound);

// 1 - Levenshtein / longer length; 1 for two empty texts.
[[nodiscard]] double levenshtein_ratio(std::string_view a, std::string_view b, bool bytes);

}  // namespace tessera
