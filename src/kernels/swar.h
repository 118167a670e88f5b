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

inline bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

// Without the spaces around it.
inline std::string_view trim(std::string_view text) {
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  return text;
}

}  // namespace tessera::swar
