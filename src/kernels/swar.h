// swar.h: how are eight characters looked at together?
//
// SWAR: a 64-bit word holds eight bytes, the first character in the lowest byte
// (memory order of a little-endian machine; load() turns it round elsewhere).
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace tessera::swar {

inline constexpr uint64_t ones = 0x0101010101010101;
inline constexpr uint64_t tops = 0x8080808080808080;

template <class T>
inline T load_as(const char* at) {
  T value;
  std::memcpy(&value, at, sizeof value);
  if constexpr (std::endian::native == std::endian::big) value = std::byteswap(value);
  return value;
}
inline uint64_t load(const char* at) { return load_as<uint64_t>(at); }
inline void store(char* at, uint64_t word) {
  if constexpr (std::endian::native == std::endian::big) word = std::byteswap(word);
  std::memcpy(at, &word, sizeof word);
}

// Top bit of each byte that lies in [low, high]. Requires: bytes below 128 (others give no bit).
inline constexpr uint64_t between(uint64_t word, unsigned char low, unsigned char high) {
  const uint64_t clear = word & ~tops;
  return (clear + ones * (0x80u - low)) & ~(clear + ones * (0x7fu - high)) & ~word & tops;
}

// The top bit of each byte as one of eight bits; the first character's is the lowest.
inline constexpr unsigned gather(uint64_t tops_of) {
  return static_cast<unsigned>((tops_of >> 7) * 0x0102040810204080 >> 56);
}

// Eight bytes 0 to 9 -> four numbers 0 to 99, in bytes 0, 2, 4, 6.
inline constexpr uint64_t pairs(uint64_t digits) { return (digits * 10 + (digits >> 8)) & 0x00ff00ff00ff00ff; }

// Eight bytes 0 to 9 -> the number.
inline constexpr uint64_t number(uint64_t digits) {
  uint64_t n = pairs(digits);
  n = (n * 100 + (n >> 16)) & 0x0000ffff0000ffff;
  return (n * 10000 + (n >> 32)) & 0xffffffff;
}

// Not 0 if any of eight characters is no hex digit in lower case.
inline constexpr uint64_t not_hex(uint64_t word) {
  const uint64_t letter = word >> 6 & ones, low = word & ones * 15;  // '0' to '9': 0x3., 'a' to 'f': 0x61 to 0x66
  const uint64_t over = (low + ones * 6 + letter * 3) & ones * 16;   // a digit above 9, a letter above 6
  const uint64_t no_letter = ~(low + ones * 15) & letter << 4;       // a letter of 0
  return ((word & ones * 0xf0) ^ (ones * 0x30 + letter * 0x30)) | over | no_letter;
}

// Eight hex digits in lower case -> the number, 32 bits. Requires: not_hex(word) == 0.
inline constexpr uint64_t hex_number(uint64_t word) {
  uint64_t n = std::byteswap((word & ones * 15) + (word >> 6 & ones) * 9);  // the first digit at the top
  n = (n | n >> 4) & 0x00ff00ff00ff00ff;
  n = (n | n >> 8) & 0x0000ffff0000ffff;
  return (n | n >> 16) & 0xffffffff;
}

inline bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

// Without the spaces around it.
inline std::string_view trim(std::string_view text) {
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  return text;
}

}  // namespace tessera::swar
