// values.h: how do the values of many records lie in memory, for comparisons that look inside them?
//
// Each distinct value is kept once, in the domain of its column, and records hold codes. Code 0 is null.
// Columns that are compared with one another share a domain: equal codes are equal values.
//
//   domain 0    1 "ANNA"   2 "OKAFOR"   3 "ANA"
//   given_name  [1, 3, 0]           family_name [2, 2, 1]
//
// So a text is folded, encoded or parsed once for each distinct value, and equality is one comparison of numbers.
// Codes follow the first appearance in the input: the same for any number of threads.
#pragma once

#include <bit>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "kernels/short_text.h"

namespace tessera {

using Code = uint32_t;  // of a value in its domain; 0: null

enum class ValueType : uint8_t { text, number, truth, list };

// The distinct values of a domain, by code. Written by one thread; read by many.
class ValueDomain {
 public:
  explicit ValueDomain(ValueType type = ValueType::text);
  [[nodiscard]] ValueType type() const { return type_; }
  [[nodiscard]] size_t size() const { return numbers_.size(); }  // codes in use, null's among them

  // Appends a value that is not there yet; its code. `number` of a text is what it means as a number or a date
  // in days, NaN where it means none. `word` is the value's word (record/words.h), 0 if it has none.
  Code add_text(std::string_view text, double number, uint64_t word = 0);
  Code add_number(double number);
  Code add_list(std::span<const Code> items);  // of the item domain
  // The same for many, in parallel. text_of(i, buffer) may use `buffer`, of 64 bytes; it is asked once for each i.
  void append(std::span<const uint64_t> words, const std::function<std::string_view(size_t, char*)>& text_of,
              const std::function<double(size_t)>& number_of);
  void truncate(size_t size);  // forgets the values from code `size` on
  void reserve(size_t values, size_t bytes);

  [[nodiscard]] std::string_view text(Code code) const {
    return {bytes_.data() + starts_[code], static_cast<size_t>(starts_[code + 1] - starts_[code])};
  }
  [[nodiscard]] double number(Code code) const { return numbers_[code]; }
  [[nodiscard]] uint64_t word(Code code) const { return words_[code]; }
  // Whether short_text() holds the value: at most 16 bytes, ASCII, no NUL, not null.
  [[nodiscard]] bool is_short(Code code) const { return short_[code].bytes[0] != 0; }
  [[nodiscard]] const ShortText& short_text(Code code) const { return short_[code]; }
  void prefetch_short(Code code) const { __builtin_prefetch(short_.data() + code); }
  // Of texts that are not short, with one look less than text().
  struct OtherText {
    std::string_view text;
    uint64_t letters = 0;  // letters_of() of an ASCII text without NUL, so of 17 bytes or more; else 0
  };
  [[nodiscard]] OtherText other_text(Code code) const {
    const OtherPlace at = std::bit_cast<OtherPlace>(short_[code]);
    const uint64_t bytes = at.bytes_and_start >> 8 & bytes_most;
    return {bytes == bytes_most ? text(code) : std::string_view(bytes_.data() + at.start(), bytes), at.letters};
  }
  void prefetch_other(Code code) const {
    if (!is_short(code)) __builtin_prefetch(bytes_.data() + std::bit_cast<OtherPlace>(short_[code]).start());
  }
  [[nodiscard]] bool ascii(Code code) const { return ascii_[code] != 0; }
  [[nodiscard]] std::span<const Code> items(Code code) const {
    return {items_.data() + item_starts_[code], static_cast<size_t>(item_starts_[code + 1] - item_starts_[code])};
  }
  [[nodiscard]] size_t bytes() const;

 private:
  // In the place of a short text, of one that is not: its first byte is NUL.
  struct alignas(16) OtherPlace {
    uint64_t bytes_and_start = 0;  // the lowest 8 bits 0; 16 of the length; 40 of the start
    uint64_t letters = 0;
    [[nodiscard]] uint64_t start() const { return bytes_and_start >> 24; }
  };
  // The last text of a row of texts that ends at byte `end`.
  void put_text(Code code, std::string_view text, uint64_t end);
  static constexpr uint64_t bytes_most = 0xffff;  // or more: starts_ knows
  ValueType type_;
  std::vector<uint64_t> starts_;  // of text, by code, and one more
  std::vector<char> bytes_;
  std::vector<double> numbers_;
  std::vector<uint64_t> words_;
  std::vector<ShortText> short_;
  std::vector<uint8_t> ascii_;
  std::vector<uint64_t> item_starts_;
  std::vector<Code> items_;
};

// The records of one side, column by column.
struct ValueTable {
  size_t rows = 0;
  std::vector<std::vector<Code>> columns;  // [ColumnId][row]
  std::vector<uint16_t> source;            // by row: its input; empty: all of one
};

}  // namespace tessera
