// short_text.h: how does a short text lie in a register?
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace tessera {

// A text of 1 to 16 ASCII characters without NUL, padded with NUL: for kernels that take many at a time.
struct alignas(16) ShortText {
  char bytes[16] = {};
};

// Texts of 1 to 32 such characters: their first 16 and, of the longer ones, the rest. As many of both.
struct HalvedTexts {
  const ShortText* first = nullptr;
  const ShortText* rest = nullptr;
};
inline constexpr size_t halved_text_bytes = 2 * sizeof(ShortText);

// Puts a text of 17 to 32 bytes into both. The last 16 are read and moved down: nothing behind the text is touched.
inline void put_halved_text(std::string_view text, ShortText& first, ShortText& rest) {
  static_assert(std::endian::native == std::endian::little);
  constexpr size_t half = sizeof(uint64_t), part = sizeof(ShortText);
  std::memcpy(first.bytes, text.data(), part);
  uint64_t low, high;
  std::memcpy(&low, text.data() + text.size() - part, half);
  std::memcpy(&high, text.data() + text.size() - half, half);
  const size_t bits = 8 * (halved_text_bytes - text.size());  // to move
  if (bits >= 64) {
    low = high >> (bits - 64);
    high = 0;
  } else if (bits > 0) {
    low = low >> bits | high << (64 - bits);
    high >>= bits;
  }
  std::memcpy(rest.bytes, &low, half);
  std::memcpy(rest.bytes + half, &high, half);
}

}  // namespace tessera
