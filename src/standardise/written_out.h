// written_out.h: how is a number or a day of a column written as the text that a field expects?
#pragma once

#include <charconv>
#include <cstdint>
#include <string>
#include <string_view>

#include "kernels/date.h"
#include "record/words.h"

namespace tessera {

// A number as decimal digits, `width` at least.
inline std::string_view written_out(int64_t number, unsigned width, std::string& buffer) {
  buffer.resize(32);
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), number).ptr;
  buffer.resize(static_cast<size_t>(end - buffer.data()));
  if (number >= 0 && buffer.size() < width) buffer.insert(0, width - buffer.size(), '0');
  return buffer;
}

// A day, counted from 1970-01-01, as 1950-12-31; empty where no date has it.
inline std::string_view day_written_out(int64_t day, std::string& buffer) {
  const uint64_t word = word_of_day(day);
  if (word == 0) return {};
  char digits[11];
  const auto put = [&digits](size_t at, size_t count, unsigned number) {
    for (size_t i = count; i-- > 0; number /= 10) digits[at + i] = static_cast<char>('0' + number % 10);
  };
  put(0, 4, year_of(word));
  put(5, 2, month_of(word));
  put(8, 2, day_of(word));
  digits[4] = digits[7] = '-';
  return buffer.assign(digits, 10);
}

}  // namespace tessera
