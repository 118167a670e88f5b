// nhs_number.h: is this an NHS number that a person may have?
//
//   weights  10 9 8 7 6 5 4 3 2 1
//   digits    9 4 3 4 7 6 5 9 1 9   sum of products 297 = 27 x 11: right
//
// Modulus 11 (NHS Data Dictionary). Ten equal digits, and 1000000001 to 9000000009,
// pass that check and belong to nobody. 999 000 0000 to 999 999 9999 is the test range.
#pragma once

#include <cstdint>
#include <string_view>

#include "kernels/value.h"

namespace tessera {

// Ten digits, with spaces and dashes anywhere. Ensures: none -> word 1 to 9999999999, else word 0.
// An empty text, or one of spaces and dashes only, is {0, none}.
[[nodiscard]] Value nhs_number(std::string_view text, bool allow_test_range);

// The same from a number: ten digits without a leading zero.
[[nodiscard]] Value nhs_number(int64_t number, bool allow_test_range);

}  // namespace tessera
