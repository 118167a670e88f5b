// words.cc: what does a record look like to the engine? (see words.h)
#define XXH_INLINE_ALL
#include "record/words.h"

#include <xxhash.h>

#include "kernels/swar.h"

namespace tessera {

namespace {

constexpr uint64_t top_bit = uint64_t{1} << 63;
constexpr uint64_t year_bits = ~uint64_t{511}, month_bits = 0x1e0, day_bits = 0x1f;

uint64_t date_part(Part part, uint64_t word) {
  // A part of two halves is there only when both are.
  const auto keep = [word](uint64_t first, uint64_t second) {
    return (word & first) != 0 && (word & second) != 0 ? word & (first | second) : 0;
  };
  switch (part) {
    case Part::whole: return full_date(word) ? word : 0;
    case Part::year: return word & year_bits;
    case Part::month: return word & month_bits;
    case Part::day: return word & day_bits;
    case Part::year_month: return keep(year_bits, month_bits);
    case Part::year_day: return keep(year_bits, day_bits);
    case Part::month_day: return keep(month_bits, day_bits);
    default: return 0;
  }
}

// "SW1A 2AA" -> "SW"
uint64_t postcode_area(uint64_t word) {
  uint64_t keep = 0;
  for (int shift = 56; shift >= 40; shift -= 8) {
    const uint64_t byte = word >> shift & 0xff;
    if (byte < 'A' || byte > 'Z') break;
    keep |= uint64_t{0xff} << shift;
  }
  return word & keep;
}

uint64_t postcode_part(Part part, uint64_t word) {
  switch (part) {
    case Part::whole: return word;
    case Part::sector: return word & ~uint64_t{0xffff};
    case Part::district: return word & ~uint64_t{0xffffffff};
    case Part::area: return postcode_area(word);
    case Part::but_last: return word & ~uint64_t{0xff};
    default: return 0;
  }
}

}  // namespace

bool derivable(Kind kind, Part part) {
  switch (part) {
    case Part::whole: return true;
    case Part::year:
    case Part::month:
    case Part::day:
    case Part::year_month:
    case Part::year_day:
    case Part::month_day: return kind == Kind::date;
    case Part::sector:
    case Part::district:
    case Part::area:
    case Part::but_last: return kind == Kind::postcode;
    default: return false;
  }
}

uint64_t derive_word(Kind kind, Part part, uint64_t word) {
  if (kind == Kind::date) return date_part(part, word);
  if (kind == Kind::postcode) return postcode_part(part, word);
  return part == Part::whole ? word : 0;
}

uint64_t token_word(std::string_view text, bool binary) {
  uint64_t word = 0;
  if (binary) {
    if (text.size() != 16) return 0;
    for (size_t i = 0; i < 8; ++i) word = word << 8 | static_cast<unsigned char>(text[i]);
    return top_bit | word;
  }
  if (text.size() != 32) return 0;
  uint64_t bad = 0;
  for (size_t i = 0; i < 32; i += 8) bad |= swar::not_hex(swar::load(text.data() + i));
  if (bad != 0) return 0;
  return top_bit | swar::hex_number(swar::load(text.data())) << 32 | swar::hex_number(swar::load(text.data() + 8));
}

uint64_t text_word(std::string_view text) {
  if (text.empty()) return 0;
  if (text.size() > 7) return top_bit | XXH3_64bits(text.data(), text.size());
  uint64_t word = text.size();
  for (size_t i = 0; i < 7; ++i) word = word << 8 | (i < text.size() ? static_cast<unsigned char>(text[i]) : 0);
  return word;
}

void WordBatch::keep(std::span<const uint32_t> kept) {
  const auto in = [&](auto& column) {
    if (column.empty()) return;
    for (size_t i = 0; i < kept.size(); ++i) column[i] = column[kept[i]];
    column.resize(kept.size());
  };
  for (auto& column : words) in(column);
  for (PlacedWords& column : placed)
    if (column.words) in(column.places);
  rows = kept.size();
}

}  // namespace tessera
