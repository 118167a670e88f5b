// letters.h: how alike can two texts be at most, by the letters that they have?
//
// A text's letters are 64 bits: for each letter one bit if it is there and one if it is there twice, for each digit and
// for other characters one. A bit of a that b lacks is a character of a that matches none of b, so two counts of bits
// give a bound on the matches of Jaro. Most pairs of different e-mail addresses need no closer look.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <string_view>

#include "kernels/jaro_value.h"

namespace tessera {

// By character: its bit if it comes once.
inline constexpr std::array<uint64_t, 256> letter_bits_of = [] {
  std::array<uint64_t, 256> bits{};
  for (unsigned c = 0; c < bits.size(); ++c) {
    const unsigned letter = (c | 0x20u) - 'a', digit = c - '0';
    bits[c] = uint64_t{1} << (letter < 26 ? letter : digit < 10 ? 52 + digit : 62 + (c & 1));
  }
  return bits;
}();

// Of an ASCII text. Capitals count as small letters: that loosens the bound only.
inline uint64_t letters_of(std::string_view text) {
  constexpr uint64_t of_letters = (uint64_t{1} << 26) - 1;
  uint64_t once = 0, twice = 0;
  for (const char c : text) {
    const uint64_t bit = letter_bits_of[static_cast<unsigned char>(c)];
    twice |= once & bit;
    once |= bit;
  }
  return once | (twice & of_letters) << 26;
}

// No Jaro-Winkler of two texts of these lengths, which have `common` characters in common at most and share `prefix`
// characters at the start (4 stand for any more), is above. Nor is a Jaro. Requires: both lengths above 0.
inline double jaro_winkler_most(size_t a, size_t b, size_t common, size_t prefix) {
  const double jaro = jaro_value(a, b, common, common);
  return std::max(jaro, jaro + static_cast<double>(prefix) * 0.1 * (1 - jaro)) + 1e-9;  // roundings
}

// The same, of their letters.
inline double jaro_winkler_most(size_t a, size_t b, uint64_t letters_a, uint64_t letters_b, size_t prefix) {
  const size_t of_a = a - static_cast<size_t>(std::popcount(letters_a & ~letters_b));
  const size_t of_b = b - static_cast<size_t>(std::popcount(letters_b & ~letters_a));
  return jaro_winkler_most(a, b, std::min(of_a, of_b), prefix);
}

}  // namespace tessera
