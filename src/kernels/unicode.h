// unicode.h: where does a character of UTF-8 end, and what is it in capitals or small letters?
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace tessera {

struct Character {
  uint32_t code = 0;   // not_utf8 for a byte that begins no character
  uint32_t bytes = 1;  // that it takes
};
inline constexpr uint32_t not_utf8 = 0xffffffff;

// The first character of a text. Requires: not empty.
[[nodiscard]] Character first_character(std::string_view text);

// A letter beyond ASCII without its marks, in Latin where it is Latin, in capitals
// ("é" -> "E", "ß" -> "SS"); empty: leave it out. nullptr data: as it stands.
[[nodiscard]] std::string_view folded_letter(uint32_t code);

// In capitals, marks kept ("é" -> "É"). nullptr data: as it stands.
[[nodiscard]] std::string_view capital_letter(uint32_t code);

// In small letters ("É" -> "é"). nullptr data: as it stands.
[[nodiscard]] std::string_view small_letter(uint32_t code);

[[nodiscard]] size_t count_characters(std::string_view text);

// Letter by letter, one for one. Replaces `out`.
void to_capitals(std::string_view text, std::string& out);
void to_small(std::string_view text, std::string& out);

}  // namespace tessera
