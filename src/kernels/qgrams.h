// qgrams.h: how much do two texts share, piece by piece?
//
//   q = 2   NIGHT -> NI IG GH HT     NACHT -> NA AC CH HT     one of seven shared: jaccard .143; cosine 1/4
//   q = 1   sets of characters: NIGHT and THING share all of them: 1
//
// A text of fewer than q characters is one piece. Nothing is put around a text.
// Unit: `bytes` takes each byte for a character, as DuckDB does; otherwise code points of UTF-8.
//
// Short pieces are packed into words, sorted, and merged; sets of ASCII characters are two words of bits.
#pragma once

#include <string_view>

namespace tessera {

// Pieces in both / pieces in either, each counted once. 1 for equal texts, 0 where one is empty and the other not.
// Requires: q > 0.
[[nodiscard]] double jaccard(std::string_view a, std::string_view b, unsigned q, bool bytes);

// Of the counts of pieces as vectors: the product over the lengths. As above at the ends.
[[nodiscard]] double cosine(std::string_view a, std::string_view b, unsigned q, bool bytes);

// Whether `a` is one character, or one and a full stop, and `b` begins with it.
[[nodiscard]] bool is_initial_of(std::string_view a, std::string_view b);

// Whether `b` begins with `a`. The empty text begins nothing.
[[nodiscard]] bool is_prefix_of(std::string_view a, std::string_view b);

}  // namespace tessera
