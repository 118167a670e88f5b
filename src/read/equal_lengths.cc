// equal_lengths.cc: see equal_lengths.h.
#include "read/equal_lengths.h"

#include <algorithm>

namespace tessera {

namespace {

// Seven bits a byte, the lowest first; the highest bit says that more follow. What takes more than five bytes is none
// of the numbers of a page.
std::optional<uint64_t> take_varint(std::span<const uint8_t> page, size_t& at) {
  uint64_t number = 0;
  for (unsigned shift = 0; shift < 35 && at < page.size(); shift += 7) {
    const uint8_t byte = page[at++];
    number |= uint64_t{byte & 0x7fu} << shift;
    if (byte < 0x80) return number;
  }
  return std::nullopt;
}

}  // namespace

// The page begins: numbers of a block, parts of a block, texts, twice the first length. Then each block: twice its least
// difference, the bits of a difference by part, the differences. The bits of parts that are not needed say nothing.
std::optional<EqualLengths> equal_lengths(std::span<const uint8_t> page) {
  size_t at = 0;
  const auto block = take_varint(page, at), parts = take_varint(page, at), texts = take_varint(page, at),
             first = take_varint(page, at);
  if (!block || !parts || !texts || !first) return std::nullopt;
  if (*texts == 0 || *first % 2 != 0 || *parts == 0 || *block == 0 || *block % *parts != 0) return std::nullopt;
  const uint64_t of_part = *block / *parts;
  for (uint64_t left = *texts - 1; left > 0; left -= std::min(left, *block)) {
    if (page.size() - at <= *parts || page[at++] != 0) return std::nullopt;
    const auto needed = static_cast<size_t>(std::min(*parts, (left + of_part - 1) / of_part));
    if (std::ranges::any_of(page.subspan(at, needed), [](uint8_t bits) { return bits != 0; })) return std::nullopt;
    at += static_cast<size_t>(*parts);
  }
  const uint64_t width = *first / 2;
  if (width > 0 && *texts > (page.size() - at) / width) return std::nullopt;
  return EqualLengths{static_cast<size_t>(*texts), static_cast<size_t>(width), at};
}

}  // namespace tessera
