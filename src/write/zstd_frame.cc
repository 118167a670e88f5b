// zstd_frame.cc: see zstd_frame.h.
#include "write/zstd_frame.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <memory>

namespace tessera {
namespace {

constexpr size_t block_max = size_t{128} << 10;
constexpr size_t packed_min = 256;  // a shorter block is not worth a code

enum class Block : uint8_t { raw = 0, compressed = 2 };
enum class Literals : uint8_t { with_code = 2, with_code_of_before = 3 };

void put_little_endian(uint64_t value, size_t width, std::vector<uint8_t>& out) {
  for (size_t i = 0; i < width; ++i) out.push_back(static_cast<uint8_t>(value >> 8 * i));
}

void put_frame_head(size_t bytes, std::vector<uint8_t>& out) {
  put_little_endian(0xfd2fb528, 4, out);    // magic
  put_little_endian(0b10'1'00000, 1, out);  // a size of 4 bytes; one segment
  put_little_endian(bytes, 4, out);
}

void put_block_head(Block kind, size_t size, bool last, std::vector<uint8_t>& out) {
  put_little_endian(size << 3 | static_cast<size_t>(kind) << 1 | (last ? 1 : 0), 3, out);
}

// At least one block.
void put_raw_blocks(std::span<const uint8_t> bytes, bool last, std::vector<uint8_t>& out) {
  do {
    const auto block = bytes.first(std::min(block_max, bytes.size()));
    bytes = bytes.subspan(block.size());
    put_block_head(Block::raw, block.size(), last && bytes.empty(), out);
    out.insert(out.end(), block.begin(), block.end());
  } while (!bytes.empty());
}

// The description of a code: a weight of four bits for each symbol up to the last but one that occurs; a weight of 1 to
// sixteen symbols gives each four bits, and their codes ascend as they do. So '0' has 0 and 'F' has 15.
constexpr size_t symbols_described = 'F';
constexpr auto code_of_hex = [] {
  std::array<uint8_t, 1 + (symbols_described + 1) / 2> bytes{};
  bytes[0] = static_cast<uint8_t>(127 + symbols_described);
  for (size_t symbol = 0; symbol < symbols_described; ++symbol) {
    const bool hex = (symbol >= '0' && symbol <= '9') || symbol >= 'A';
    if (hex) bytes[1 + symbol / 2] = static_cast<uint8_t>(bytes[1 + symbol / 2] | (symbol % 2 == 0 ? 0x10 : 0x01));
  }
  return bytes;
}();

// Eight digits as eight values of four bits, a byte each; in `bad`, something for each that is none.
inline uint64_t values_of(uint64_t digits, uint64_t& bad) {
  constexpr uint64_t ones = 0x0101010101010101;
  const uint64_t values = (digits & 0x0f * ones) + 9 * (digits >> 6 & ones);
  const uint64_t letters = (values + 6 * ones) >> 4 & ones;
  bad |= (digits ^ (values + 0x30 * ones + 7 * letters)) | (values & 0xf0 * ones);
  return values;
}

// One of the four streams of a block. A stream is read from its end: first a bit that marks the end, then the values.
// Writes size / 2 + 1 bytes.
void put_stream(const char* digits, size_t size, uint8_t* out, uint64_t& bad) {
  uint8_t* to = out + size / 2 + 1;
  const auto value = [&bad](char digit) {
    // The rest of the eight are zeros.
    return static_cast<uint8_t>(values_of(0x3030303030303000 | static_cast<unsigned char>(digit), bad) & 15);
  };
  if (size % 2 == 0) {
    *--to = 1;
  } else {
    *--to = static_cast<uint8_t>(0x10 | value(*digits++));
    --size;
  }
  for (; size >= 8; size -= 8, digits += 8) {
    uint64_t loaded;
    std::memcpy(&loaded, digits, 8);  // little-endian, as our processors are
    uint64_t values = __builtin_bswap64(values_of(loaded, bad));
    values = (values | values >> 4) & 0x00ff00ff00ff00ff;
    values = (values | values >> 8) & 0x0000ffff0000ffff;
    const auto packed = static_cast<uint32_t>(values | values >> 16);
    to -= sizeof packed;
    std::memcpy(to, &packed, sizeof packed);
  }
  for (; size > 0; size -= 2, digits += 2) *--to = static_cast<uint8_t>(value(digits[0]) << 4 | value(digits[1]));
}

void put_packed_block(std::span<const char> digits, Literals how, bool last, std::vector<uint8_t>& out, uint64_t& bad) {
  constexpr size_t streams = 4, stream_sizes = 6, literals_head = 5, sequences_head = 1;
  const size_t each = (digits.size() + streams - 1) / streams;
  size_t packed = stream_sizes + (how == Literals::with_code ? code_of_hex.size() : 0);
  for (size_t s = 0; s < streams; ++s) packed += (s < 3 ? each : digits.size() - 3 * each) / 2 + 1;
  put_block_head(Block::compressed, literals_head + packed + sequences_head, last, out);
  put_little_endian(static_cast<uint64_t>(how) | 3U << 2 | digits.size() << 4 | packed << 22, literals_head, out);
  if (how == Literals::with_code) out.insert(out.end(), code_of_hex.begin(), code_of_hex.end());
  for (size_t s = 0; s < 3; ++s) put_little_endian(each / 2 + 1, 2, out);
  for (size_t s = 0; s < streams; ++s) {
    const auto part = digits.subspan(s * each, s < 3 ? each : digits.size() - 3 * each);
    const size_t at = out.size();
    out.resize(at + part.size() / 2 + 1);
    put_stream(part.data(), part.size(), out.data() + at, bad);
  }
  out.push_back(0);  // no sequences
}

}  // namespace

void put_stored(std::span<const uint8_t> bytes, std::vector<uint8_t>& out) {
  put_frame_head(bytes.size(), out);
  put_raw_blocks(bytes, true, out);
}

bool put_hex(std::span<const uint8_t> head, std::span<const std::span<const char>> texts, std::vector<uint8_t>& out) {
  size_t left = 0;
  for (const auto piece : texts) left += piece.size();
  const size_t before = out.size();
  out.reserve(before + head.size() + left / 2 + left / 256 + 256);
  put_frame_head(head.size() + left, out);
  put_raw_blocks(head, left == 0, out);
  const auto block = std::make_unique_for_overwrite<char[]>(std::min(left, block_max));
  uint64_t bad = 0;
  size_t piece = 0, used = 0;  // of that piece
  for (Literals how = Literals::with_code; left > 0;) {
    const size_t size = std::min(left, block_max);
    for (size_t at = 0; at < size;) {
      const auto part = texts[piece].subspan(used, std::min(texts[piece].size() - used, size - at));
      std::ranges::copy(part, block.get() + at);
      at += part.size();
      used += part.size();
      if (used == texts[piece].size()) ++piece, used = 0;
    }
    left -= size;
    if (size >= packed_min) {
      put_packed_block({block.get(), size}, how, left == 0, out, bad);
      how = Literals::with_code_of_before;
    } else {
      put_raw_blocks({reinterpret_cast<const uint8_t*>(block.get()), size}, left == 0, out);
    }
    if (bad != 0) {
      out.resize(before);
      return false;
    }
  }
  return true;
}

}  // namespace tessera
