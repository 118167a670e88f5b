// zstd_frame.cc: see zstd_frame.h.
#include "write/zstd_frame.h"

#include <algorithm>

namespace tessera {
namespace {

constexpr size_t block_max = size_t{128} << 10;

void put_little_endian(uint64_t value, size_t width, std::vector<uint8_t>& out) {
  for (size_t i = 0; i < width; ++i) out.push_back(static_cast<uint8_t>(value >> 8 * i));
}

}  // namespace

void put_stored(std::span<const uint8_t> bytes, std::vector<uint8_t>& out) {
  put_little_endian(0xfd2fb528, 4, out);    // magic
  put_little_endian(0b10'1'00000, 1, out);  // a size of 4 bytes; one segment
  put_little_endian(bytes.size(), 4, out);
  do {
    const auto block = bytes.first(std::min(block_max, bytes.size()));
    bytes = bytes.subspan(block.size());
    put_little_endian(block.size() << 3 | (bytes.empty() ? 1 : 0), 3, out);  // a raw block; the last
    out.insert(out.end(), block.begin(), block.end());
  } while (!bytes.empty());
}

}  // namespace tessera
