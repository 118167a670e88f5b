// page_codes.cc: see page_codes.h.
#include "write/page_codes.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cassert>
#include <cstring>
#include <utility>

namespace tessera {
namespace {

constexpr size_t block_numbers = 256, mini_numbers = 64, minis = block_numbers / mini_numbers;

void put_varint(uint64_t number, std::vector<uint8_t>& out) {
  for (; number >= 0x80; number >>= 7) out.push_back(static_cast<uint8_t>(number | 0x80));
  out.push_back(static_cast<uint8_t>(number));
}

uint64_t zigzag(int64_t number) { return static_cast<uint64_t>(number) << 1 ^ static_cast<uint64_t>(number >> 63); }

// One of 64 numbers of `width` bits: into the word at work, which leaves when it is full.
inline void pack_one(uint64_t number, size_t bit, size_t width, uint64_t& word, uint8_t*& out) {
  word |= number << bit;
  if (bit + width < 64) return;
  std::memcpy(out, &word, 8);  // little-endian, as Parquet and our processors are
  out += 8;
  word = bit + width > 64 ? number >> (64 - bit) : 0;
}

template <class T>
using Pack = void (*)(const T* numbers, uint8_t* out);

template <class T, size_t width>
void pack_64(const T* numbers, uint8_t* out) {
  uint64_t word = 0;
  [&]<size_t... i>(std::index_sequence<i...>) {
    (pack_one(numbers[i], i * width % 64, width, word, out), ...);
  }(std::make_index_sequence<64>());
}

constexpr size_t unrolled_bits = 32;
template <class T>
constexpr auto packers = []<size_t... width>(std::index_sequence<width...>) {
  return std::array<Pack<T>, sizeof...(width)>{pack_64<T, width>...};
}(std::make_index_sequence<unrolled_bits + 1>());

void pack(const uint64_t* numbers, size_t width, uint8_t* out) {
  if (width == 0) return;
  if (width <= unrolled_bits) return packers<uint64_t>[width](numbers, out);
  uint64_t word = 0;
  for (size_t i = 0; i < mini_numbers; ++i) pack_one(numbers[i], i * width % 64, width, word, out);
}

// Writes the block of `count` differences, which it makes differences from the least; the rest of `deltas` is room.
void put_block(uint64_t* deltas, size_t count, std::vector<uint8_t>& out) {
  auto least = static_cast<int64_t>(deltas[0]);
  for (size_t i = 1; i < count; ++i) least = std::min(least, static_cast<int64_t>(deltas[i]));
  for (size_t i = 0; i < count; ++i) deltas[i] -= static_cast<uint64_t>(least);
  std::fill(deltas + count, deltas + block_numbers, uint64_t{0});
  put_varint(zigzag(least), out);
  size_t width[minis] = {}, bytes = 0;
  const size_t used = (count + mini_numbers - 1) / mini_numbers;
  for (size_t m = 0; m < used; ++m) {
    uint64_t any = 0;
    for (size_t i = 0; i < mini_numbers; ++i) any |= deltas[m * mini_numbers + i];
    width[m] = static_cast<size_t>(std::bit_width(any));
    bytes += width[m] * (mini_numbers / 8);
  }
  const size_t at = out.size();
  out.resize(at + minis + bytes);
  uint8_t* to = out.data() + at;
  for (const size_t w : width) *to++ = static_cast<uint8_t>(w);
  for (size_t m = 0; m < used; ++m) {
    pack(deltas + m * mini_numbers, width[m], to);
    to += width[m] * (mini_numbers / 8);
  }
}

constexpr size_t eight = 8;
constexpr size_t literal_eights_max = 63;  // so that the length of a stretch is one byte
constexpr size_t run_eights_min = 4;       // shorter ones are packed with their neighbours

uint64_t load_eight(const uint8_t* places) {
  uint64_t all;
  std::memcpy(&all, places, eight);
  return all;
}

bool alike(uint64_t places) { return places == (places & 0xff) * 0x0101010101010101; }

// Eight places of `bits` bits side by side: by pairs, by fours, by eights.
uint64_t pack_eight(uint64_t places, unsigned bits) {
  places = (places & 0x00ff00ff00ff00ff) | (places & 0xff00ff00ff00ff00) >> (8 - bits);
  places = (places & 0x0000ffff0000ffff) | (places & 0xffff0000ffff0000) >> (16 - 2 * bits);
  return (places & 0x00000000ffffffff) | (places & 0xffffffff00000000) >> (32 - 4 * bits);
}

// Whether a run begins here that is worth an entry of its own.
bool run_begins(std::span<const uint8_t> places, size_t at) {
  if (places.size() - at < run_eights_min * eight) return false;
  const uint64_t first = load_eight(places.data() + at);
  if (!alike(first)) return false;
  for (size_t k = 1; k < run_eights_min; ++k)
    if (load_eight(places.data() + at + k * eight) != first) return false;
  return true;
}

size_t run_end(std::span<const uint8_t> places, size_t at) {
  const uint8_t place = places[at];
  const uint64_t eights = place * uint64_t{0x0101010101010101};
  while (places.size() - at >= eight && load_eight(places.data() + at) == eights) at += eight;
  while (at < places.size() && places[at] == place) ++at;
  return at;
}

// Runs, and what lies between them packed.
void put_hybrid(std::span<const uint8_t> places, unsigned bits, std::vector<uint8_t>& out) {
  assert(bits >= 1 && bits <= 8);
  for (size_t at = 0; at < places.size();) {
    if (run_begins(places, at)) {
      const size_t end = run_end(places, at);
      put_varint((end - at) << 1, out);
      out.push_back(places[at]);
      at = end;
      continue;
    }
    const size_t head = out.size();
    out.push_back(0);
    size_t eights = 0;
    for (; eights < literal_eights_max && at < places.size() && (eights == 0 || !run_begins(places, at)); ++eights) {
      uint64_t all = 0;
      const size_t count = std::min(eight, places.size() - at);
      std::memcpy(&all, places.data() + at, count);
      const uint64_t packed = pack_eight(all, bits);
      const auto* bytes = reinterpret_cast<const uint8_t*>(&packed);
      out.insert(out.end(), bytes, bytes + bits);
      at += count;
    }
    out[head] = static_cast<uint8_t>(eights << 1 | 1);
  }
}

void put_delta_head(size_t count, uint64_t first, std::vector<uint8_t>& out) {
  put_varint(block_numbers, out);
  put_varint(minis, out);
  put_varint(count, out);
  put_varint(zigzag(static_cast<int64_t>(first)), out);
}

}  // namespace

void put_deltas(std::span<const std::span<const int64_t>> pieces, std::vector<uint8_t>& out) {
  size_t count = 0;
  uint64_t last = 0;  // unsigned: differences may wrap, there and back
  for (const auto piece : pieces) {
    if (count == 0 && !piece.empty()) last = static_cast<uint64_t>(piece[0]);
    count += piece.size();
  }
  put_delta_head(count, last, out);
  uint64_t deltas[block_numbers];
  size_t filled = 0;
  bool first = true;
  for (auto piece : pieces) {
    if (first && !piece.empty()) {
      piece = piece.subspan(1);
      first = false;
    }
    while (!piece.empty()) {
      const size_t taken = std::min(block_numbers - filled, piece.size());
      deltas[filled] = static_cast<uint64_t>(piece[0]) - last;
      for (size_t i = 1; i < taken; ++i)
        deltas[filled + i] = static_cast<uint64_t>(piece[i]) - static_cast<uint64_t>(piece[i - 1]);
      last = static_cast<uint64_t>(piece[taken - 1]);
      piece = piece.subspan(taken);
      filled += taken;
      if (filled < block_numbers) continue;
      put_block(deltas, filled, out);
      filled = 0;
    }
  }
  if (filled > 0) put_block(deltas, filled, out);
}

void put_equal_deltas(size_t count, int64_t number, std::vector<uint8_t>& out) {
  put_delta_head(count, static_cast<uint64_t>(number), out);
  // Of each block the least difference, 0, and how many bits its parts take: none.
  if (count > 1) out.resize(out.size() + (count - 1 + block_numbers - 1) / block_numbers * (1 + minis));
}

unsigned place_bits(size_t dictionary_values) {
  return std::max(1U, static_cast<unsigned>(std::bit_width(std::max<size_t>(dictionary_values, 1) - 1)));
}

void put_equal_places(size_t count, uint8_t place, unsigned bits, std::vector<uint8_t>& out) {
  out.push_back(static_cast<uint8_t>(bits));
  put_varint(count << 1, out);
  out.push_back(place);
}

void put_places(std::span<const uint8_t> places, unsigned bits, std::vector<uint8_t>& out) {
  out.push_back(static_cast<uint8_t>(bits));
  put_hybrid(places, bits, out);
}

void put_wide_places(std::span<const uint32_t> places, unsigned bits, std::vector<uint8_t>& out) {
  assert(bits >= 1 && bits <= unrolled_bits);
  out.push_back(static_cast<uint8_t>(bits));
  if (places.empty()) return;
  const size_t eights = (places.size() + eight - 1) / eight, begin = out.size();
  put_varint(eights << 1 | 1, out);
  const size_t head = out.size() - begin;
  out.resize(begin + head + eights * bits + mini_numbers * sizeof(uint32_t));
  uint8_t* to = out.data() + begin + head;
  for (; places.size() >= mini_numbers; places = places.subspan(mini_numbers), to += bits * (mini_numbers / 8))
    packers<uint32_t>[bits](places.data(), to);
  uint32_t rest[mini_numbers] = {};
  std::ranges::copy(places, rest);
  packers<uint32_t>[bits](rest, to);
  out.resize(begin + head + eights * bits);
}

void put_levels(std::span<const uint8_t> present, std::vector<uint8_t>& out) {
  const size_t head = out.size();
  out.resize(head + sizeof(uint32_t));
  put_hybrid(present, 1, out);
  const auto bytes = static_cast<uint32_t>(out.size() - head - sizeof(uint32_t));
  std::memcpy(out.data() + head, &bytes, sizeof bytes);
}

}  // namespace tessera
