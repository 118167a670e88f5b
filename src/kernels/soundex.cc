// soundex.cc: which names sound alike? (see soundex.h)
#include "kernels/soundex.h"

#include <cstdint>

namespace tessera {

namespace {

constexpr char vowel = 0, transparent = 1;
//                                      ABCDEFGHIJKLMNOPQRSTUVWXYZ
constexpr std::string_view code_text = ".123.12-.22455.12623.1-2.2";

constexpr std::array<char, 26> codes = [] {
  std::array<char, 26> to{};
  for (size_t i = 0; i < 26; ++i)
    to[i] = code_text[i] == '.' ? vowel : code_text[i] == '-' ? transparent : code_text[i];
  return to;
}();

}  // namespace

std::array<char, 4> soundex(std::string_view name) {
  std::array<char, 4> key{};
  size_t size = 0;
  char last = vowel;
  for (const char c : name) {
    const unsigned letter = (static_cast<unsigned char>(c) | 0x20u) - 'a';
    if (letter >= 26) continue;
    const char code = codes[letter];
    if (size == 0) {
      key[size++] = static_cast<char>('A' + letter);
      last = code;
    } else if (code != transparent) {
      if (code != vowel && code != last) key[size++] = code;
      last = code;
      if (size == 4) return key;
    }
  }
  while (size != 0 && size < 4) key[size++] = '0';
  return key;
}

}  // namespace tessera
