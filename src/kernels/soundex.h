// soundex.h: which names sound alike?
//
//   ROBERT, RUPERT -> R163     ASHCRAFT -> A261     TYMCZAK -> T522
//
// American Soundex, as the US National Archives describe it: letters of one code side
// by side, or parted by H or W only, count once; parted by a vowel they count twice.
// (Other Soundexes differ there: "Dodds" is D320 here, D200 in the genealogical one.)
#pragma once

#include <array>
#include <string_view>

namespace tessera {

// Of the letters A to Z, either case, whatever else stands between them; {0, 0, 0, 0} without any.
[[nodiscard]] std::array<char, 4> soundex(std::string_view name);

}  // namespace tessera
