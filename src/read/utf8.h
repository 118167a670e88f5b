// utf8.h: are these bytes text?
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

namespace tessera {

// Whether all bytes are below 0x80. Eight at a time: compilers make vectors of it.
[[nodiscard]] inline bool is_ascii(const char* data, size_t bytes) {
  uint64_t any = 0;
  size_t i = 0;
  for (; i + 8 <= bytes; i += 8) {
    uint64_t word = 0;
    std::memcpy(&word, data + i, 8);
    any |= word;
  }
  uint64_t tail = 0;
  if (i < bytes) std::memcpy(&tail, data + i, bytes - i);
  return ((any | tail) & 0x8080808080808080u) == 0;
}

[[nodiscard]] bool is_utf8(std::string_view text);  // with simdjson

}  // namespace tessera
