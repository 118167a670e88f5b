// date_fixed.h: the date of a text whose day, month and year are two, two and four digits.
//
//   19500301   1950-03-01   01031950   01/03/1950   03/01/1950
//
// Brings the eight digits side by side, whatever stands between them, checks all of them
// at once and makes two-digit numbers of them with one multiplication. In a header, as it
// pays only inside the caller's loop.
#pragma once

#include <array>
#include <cstdint>

#include "kernels/swar.h"

namespace tessera {

enum class DateOrder : uint8_t { none, ymd, dmy, mdy };

inline constexpr std::array<uint8_t, 16> month_lengths = {0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
constexpr bool is_leap_year(unsigned year) { return (year & (year % 25 == 0 ? 15 : 3)) == 0; }

// 0 unless the three are a date. Requires: day below 100.
constexpr uint64_t full_date_word(unsigned year, unsigned month, unsigned day) {
  if (month > 12) return 0;
  const unsigned days = month_lengths[month] + (month == 2 && is_leap_year(year) ? 1u : 0u);
  return day - 1 < days && year != 0 ? uint64_t{year} << 9 | month << 5 | day : 0;
}

// Requires: 10 characters at `at` if separated, with `mark` between the parts; else 8.
// 0: no date in this layout.
template <DateOrder order, bool separated>
inline uint64_t fixed_date(const char* at, char mark) {
  const uint64_t head = swar::load(at);
  uint64_t digits = head;
  if constexpr (separated) {
    const uint64_t tail = swar::load(at + 2);
    constexpr int first = order == DateOrder::ymd ? 32 : 16, second = order == DateOrder::ymd ? 56 : 40;
    const uint64_t marks =
        uint64_t{static_cast<unsigned char>(mark)} << first | uint64_t{static_cast<unsigned char>(mark)} << second;
    if (((head ^ marks) & (uint64_t{0xff} << first | uint64_t{0xff} << second)) != 0) return 0;
    digits = order == DateOrder::ymd ? (head & 0xffffffff) | (head >> 40 & 0xffff) << 32 | tail >> 48 << 48
                                     : (head & 0xffff) | (head >> 24 & 0xffff) << 16 | tail >> 32 << 32;
  }
  digits ^= swar::ones * '0';
  if ((((digits + swar::ones * 0x76) | digits) & swar::tops) != 0) return 0;
  const uint64_t pairs = swar::pairs(digits);
  const auto pair = [pairs](int i) { return static_cast<unsigned>(pairs >> (16 * i) & 0xff); };
  if constexpr (order == DateOrder::ymd) return full_date_word(pair(0) * 100 + pair(1), pair(2), pair(3));
  if constexpr (order == DateOrder::dmy) return full_date_word(pair(2) * 100 + pair(3), pair(1), pair(0));
  return full_date_word(pair(2) * 100 + pair(3), pair(0), pair(1));
}

}  // namespace tessera
