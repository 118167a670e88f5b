// unicode.cc: where does a character of UTF-8 end, and what is it in capitals or small letters? (see unicode.h)
#include "kernels/unicode.h"

namespace tessera {

namespace {

struct Letters {
  uint8_t size;
  unsigned char bytes[4];
};

#include "kernels/fold_table.inc"

template <size_t N, size_t M>
std::string_view look_up(const Letters (&low)[N], const Letters (&high)[M], uint32_t code) {
  const Letters* found = nullptr;
  if (code - 0xc0 < N) found = &low[code - 0xc0];
  if (code - 0x1e00 < M) found = &high[code - 0x1e00];
  if (found == nullptr) return {};
  return {reinterpret_cast<const char*>(found->bytes), found->size};
}

template <char first, char last>
void change_case(std::string_view text, std::string_view (*letter)(uint32_t), std::string& out) {
  out.clear();
  while (!text.empty()) {
    const Character c = first_character(text);
    const std::string_view as_it_stands = text.substr(0, c.bytes);
    if (c.code < 0x80) {
      const char plain = text.front();
      out += plain >= first && plain <= last ? static_cast<char>(plain ^ 0x20) : plain;
    } else {
      const std::string_view changed = letter(c.code);
      out += changed.data() == nullptr ? as_it_stands : changed;
    }
    text.remove_prefix(c.bytes);
  }
}

}  // namespace

Character first_character(std::string_view text) {
  const auto byte = [text](size_t i) { return static_cast<uint32_t>(static_cast<unsigned char>(text[i])); };
  const uint32_t lead = byte(0);
  if (lead < 0x80) return {lead, 1};
  const uint32_t bytes = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || text.size() < bytes) return {not_utf8, 1};
  uint32_t code = lead & (0x7fu >> bytes);
  for (size_t i = 1; i < bytes; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return {not_utf8, 1};
    code = code << 6 | (byte(i) & 0x3f);
  }
  constexpr uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
  const bool surrogate = code >= 0xd800 && code <= 0xdfff;
  if (code < least[bytes] || code > 0x10ffff || surrogate) return {not_utf8, 1};
  return {code, bytes};
}

std::string_view folded_letter(uint32_t code) { return look_up(folded_00c0, folded_1e00, code); }
std::string_view capital_letter(uint32_t code) { return look_up(capital_00c0, capital_1e00, code); }
std::string_view small_letter(uint32_t code) { return look_up(small_00c0, small_1e00, code); }

size_t count_characters(std::string_view text) {
  size_t count = 0;
  for (; !text.empty(); ++count) text.remove_prefix(first_character(text).bytes);
  return count;
}

void to_capitals(std::string_view text, std::string& out) { change_case<'a', 'z'>(text, capital_letter, out); }
void to_small(std::string_view text, std::string& out) { change_case<'A', 'Z'>(text, small_letter, out); }

}  // namespace tessera
