// postcode.h: which British postcode does a text mean?
//
//   "sw1a 2aa", "SW1A2AA"             -> "SW1A 2AA"
//   "m1 1ae", "M1  1AE", "M1   1AE"   -> "M1   1AE"   inward part always at characters 6 to 8
//
// The word is these eight characters, the first in the highest byte. Layouts: A9 9AA,
// A99 9AA, AA9 9AA, AA99 9AA, A9A 9AA, AA9A 9AA and GIR 0AA. Nothing is repaired:
// O for 0 makes another layout, and so no postcode.
#pragma once

#include <cstdint>
#include <string_view>

#include "kernels/value.h"

namespace tessera {

// Letters of either case; spaces anywhere. Ensures: none -> the word; an empty text is {0, none}.
[[nodiscard]] Value postcode(std::string_view text);

// Whether it is a pseudo code, ZZ99 (no fixed abode, abroad, not known): valid, but not a place.
[[nodiscard]] constexpr bool is_zz99(uint64_t word) { return word >> 32 == 0x5a5a3939; }

}  // namespace tessera
