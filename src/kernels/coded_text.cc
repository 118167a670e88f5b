#include "kernels/coded_text.h"

#include <algorithm>

#include "kernels/unicode.h"

namespace tessera {
namespace {

bool all_ascii(std::string_view text) {
  unsigned char any = 0;
  for (const char c : text) any |= static_cast<unsigned char>(c);
  return any < 0x80;
}

std::span<const uint8_t> as_codes(std::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

// Takes the first character off. A byte that begins none has a code beyond those of Unicode.
uint32_t take_character(std::string_view& text) {
  const auto byte = static_cast<unsigned char>(text.front());
  if (byte < 0x80) {
    text.remove_prefix(1);
    return byte;
  }
  const Character character = first_character(text);
  text.remove_prefix(character.bytes);
  return character.code == not_utf8 ? 0x110000u + byte : character.code;
}

}  // namespace

CodedTexts::CodedTexts(std::string_view a, std::string_view b, bool bytes) {
  if (bytes || (all_ascii(a) && all_ascii(b))) {
    narrow_a_ = as_codes(a);
    narrow_b_ = as_codes(b);
  } else if (!code_short(a, b)) {
    code_long(a, b);
  }
}

// False if one has more than 64 characters.
bool CodedTexts::code_short(std::string_view a, std::string_view b) {
  constexpr size_t at_most = 4 * word_characters;  // bytes
  if (a.size() > at_most || b.size() > at_most) return false;
  std::array<uint32_t, 2 * word_characters> beyond;  // characters that are not ASCII, by code - 128
  size_t known = 0;
  const auto code = [&](std::string_view text, uint8_t* out) {
    size_t length = 0;
    for (; !text.empty(); ++length) {
      if (length == word_characters) return length + 1;
      const uint32_t character = take_character(text);
      if (character < 0x80) {
        out[length] = static_cast<uint8_t>(character);
        continue;
      }
      size_t k = 0;
      while (k < known && beyond[k] != character) ++k;
      if (k == known) beyond[known++] = character;
      out[length] = static_cast<uint8_t>(128 + k);
    }
    return length;
  };
  const size_t length_a = code(a, short_codes_.data());
  if (length_a > word_characters) return false;
  const size_t length_b = code(b, short_codes_.data() + word_characters);
  if (length_b > word_characters) return false;
  narrow_a_ = std::span(short_codes_).first(length_a);
  narrow_b_ = std::span(short_codes_).subspan(word_characters, length_b);
  return true;
}

void CodedTexts::code_long(std::string_view a, std::string_view b) {
  wide_ = true;
  std::vector<uint32_t> beyond;
  const auto characters = [&beyond](std::string_view text, std::vector<uint32_t>& out) {
    out.reserve(text.size());
    while (!text.empty()) {
      out.push_back(take_character(text));
      if (out.back() >= 0x80) beyond.push_back(out.back());
    }
  };
  characters(a, wide_a_);
  characters(b, wide_b_);
  std::ranges::sort(beyond);
  beyond.erase(std::ranges::unique(beyond).begin(), beyond.end());
  for (auto* text : {&wide_a_, &wide_b_})
    for (uint32_t& character : *text)
      if (character >= 0x80)
        character = static_cast<uint32_t>(128 + (std::ranges::lower_bound(beyond, character) - beyond.begin()));
  codes_ = 128 + beyond.size();
}

}  // namespace tessera
