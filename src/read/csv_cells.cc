// csv_cells.cc: what does one cell say? Quotes off, bytes to UTF-8.
#include <cstring>

#include "read/csv_rows.h"
#include "read/utf8.h"

namespace tessera {

namespace {

// Windows-1252, 0x80 to 0x9F; 0: no meaning. Source: WHATWG index-windows-1252,
// but the five bytes that Microsoft's table leaves open are refused.
constexpr uint16_t windows_1252[32] = {0x20AC, 0,      0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021,
                                       0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0,      0x017D, 0,
                                       0,      0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014,
                                       0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0,      0x017E, 0x0178};

}  // namespace

std::optional<std::string_view> to_utf8(std::string_view text, Encoding encoding, SideBytes& side) {
  const size_t most = text.size() * 3;
  char* const out = side.take(most);
  char* at = out;
  for (const char byte : text) {
    uint32_t code = static_cast<unsigned char>(byte);
    if (encoding == Encoding::windows_1252 && code >= 0x80 && code < 0xA0) {
      code = windows_1252[code - 0x80];
      if (code == 0) {
        side.give_back(most);
        return std::nullopt;
      }
    }
    if (code < 0x80) {
      *at++ = byte;
    } else if (code < 0x800) {
      *at++ = static_cast<char>(0xC0 | code >> 6);
      *at++ = static_cast<char>(0x80 | (code & 0x3F));
    } else {
      *at++ = static_cast<char>(0xE0 | code >> 12);
      *at++ = static_cast<char>(0x80 | (code >> 6 & 0x3F));
      *at++ = static_cast<char>(0x80 | (code & 0x3F));
    }
  }
  const auto used = static_cast<size_t>(at - out);
  side.give_back(most - used);
  return std::string_view(out, used);
}

std::string_view unquoted(std::string_view cell, SideBytes& side) {
  const char* const first = cell.data() + 1;
  const char* const end = cell.data() + cell.size();
  const char* quote = static_cast<const char*>(std::memchr(first, '"', static_cast<size_t>(end - first)));
  if (quote == nullptr) return {first, static_cast<size_t>(end - first)};  // cannot be: the block would not end here
  if (quote + 1 == end) return {first, static_cast<size_t>(quote - first)};
  // Quotes inside: "" is one; after a quote that closes, the rest is as it stands.
  char* const out = side.take(cell.size());
  char* at = out;
  const char* from = first;
  for (;;) {
    at = std::copy(from, quote, at);
    if (quote + 1 == end || quote[1] != '"') {
      at = std::copy(quote + 1, end, at);
      break;
    }
    *at++ = '"';
    from = quote + 2;
    quote = static_cast<const char*>(std::memchr(from, '"', static_cast<size_t>(end - from)));
    if (quote == nullptr) {
      at = std::copy(from, end, at);
      break;
    }
  }
  const auto used = static_cast<size_t>(at - out);
  side.give_back(cell.size() - used);
  return {out, used};
}

std::expected<std::vector<std::string>, size_t> csv_cells(const char* data, size_t begin, size_t end, char delimiter,
                                                          Encoding encoding) {
  std::vector<std::string> cells;
  QuoteState quotes;
  SideBytes side;
  size_t from = begin;
  const auto add = [&](size_t to) {
    std::string_view cell(data + from, to - from);
    from = to + 1;
    if (!cell.empty() && cell.front() == '"') cell = unquoted(cell, side);
    bool good = cell.find('\0') == std::string_view::npos;
    if (encoding == Encoding::utf8) {
      good = good && is_utf8(cell);
    } else if (const auto text = to_utf8(cell, encoding, side)) {
      cell = *text;
    } else {
      good = false;
    }
    cells.emplace_back(cell);
    return good;
  };
  for (size_t at = begin; at < end; at += 64) {
    CsvMasks masks;
    csv_index_scalar(data + at, 1, delimiter, &masks);
    uint64_t breaks = masks.delimiter & ~quotes.inside(masks);
    for (; breaks != 0; breaks &= breaks - 1) {
      const size_t place = at + static_cast<size_t>(std::countr_zero(breaks));
      if (place >= end) break;
      if (!add(place)) return std::unexpected(cells.size() - 1);
    }
  }
  if (!add(end)) return std::unexpected(cells.size() - 1);
  return cells;
}

}  // namespace tessera
