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

#include "kernels/swar.h"
#include "kernels/value.h"

namespace tessera {

// Ten digits, with spaces and dashes anywhere. Ensures: none -> word 1 to 9999999999, else word 0.
// An empty text, or one of spaces and dashes only, is {0, none}.
[[nodiscard]] Value nhs_number(std::string_view text, bool allow_test_range);

// What nearly all texts are, in a loop over a column: ten characters side by side. The number if they are digits with the
// right check digit; 0 if not, or if it takes a closer look: equal digits before the last, or the test range.
[[nodiscard]] inline uint64_t nhs_number_at_once(const char* ten) {
  const uint64_t head = swar::load(ten) ^ swar::ones * '0';
  const unsigned ninth = static_cast<unsigned char>(ten[8]) - unsigned{'0'};
  const unsigned tenth = static_cast<unsigned char>(ten[9]) - unsigned{'0'};
  const bool digits = (((head + swar::ones * 0x76) | head) & swar::tops) == 0 && ninth <= 9 && tenth <= 9;
  // Products of four 16-bit lanes, summed in the highest lane by one multiplication.
  constexpr uint64_t even = 0x00ff00ff00ff00ff;
  const uint64_t sum = ((head & even) * 0x000a000800060004 >> 48) + ((head >> 8 & even) * 0x0009000700050003 >> 48);
  const uint64_t number = swar::number(head) * 100 + ninth * 10 + tenth;
  const bool plain = (head >> 48 != ninth * 0x0101) && number < 9990000000;
  return digits && plain && (static_cast<unsigned>(sum) + 2 * ninth + tenth) % 11 == 0 ? number : 0;
}

// The same from a number: ten digits without a leading zero.
[[nodiscard]] Value nhs_number(int64_t number, bool allow_test_range);

}  // namespace tessera
