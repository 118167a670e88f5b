// date.h: which day does a text mean?
//
//   "%d%m%Y"    01031950              -> year << 9 | month << 5 | day
//   "%Y-%m-%d"  1950-03-01T09:30:00Z  -> the same; a time after an ISO date is passed over
//
// A format is compiled once. The usual ones (day, month, year as fixed digits, with
// one separator or none) are read eight characters at a time; others directive by directive.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "kernels/date_fixed.h"
#include "kernels/value.h"
#include "tessera/error.h"

namespace tessera {

// Days in a month (1 to 12) of a year.
[[nodiscard]] unsigned days_in_month(unsigned year, unsigned month);

// Days since 1970-01-01 of a full date word, by the Gregorian calendar.
[[nodiscard]] int32_t day_number(uint64_t word);
// And back. 0 when the year is not 1 to 9999.
[[nodiscard]] uint64_t word_of_day(int64_t day_number);

// The word of three parts; a part that is not known is 0. 0 when they are no date:
// all unknown, a month over 12, or a day that the month does not have (29 February
// needs a leap year only when the year is known).
[[nodiscard]] uint64_t date_of_parts(unsigned year, unsigned month, unsigned day);

// The number of a month written as a name or its first three letters, in English, any case; 0: none.
[[nodiscard]] unsigned month_of_name(std::string_view name);

class DateFormat {
 public:
  // Directives: %Y %y %m %d %j %b %B %h (a month by name, short or long), passed over:
  // %H %M %S %f %z, and %% for a percent sign. White space stands for any amount of it.
  // Others stand for themselves. Fails: usage (2) for another directive, or without a year.
  static Result<DateFormat> compile(std::string_view format);

  // The date of a text without spaces around it. Two-digit years (%y, with `pivot`:
  // above it 19yy, else 20yy) are refused without a pivot; %Y wants four digits.
  // Ensures: not none -> word 0. A format without %d or %m gives a date with that part missing.
  [[nodiscard]] Value read(std::string_view text, std::optional<int> pivot = {}) const;

  // Characters of a format of digits only ("%d%m%Y": 8), else 0: a number column is
  // written with that many, as its leading zeros are lost.
  [[nodiscard]] unsigned digits() const { return digits_; }

  // Other than none: fixed_date reads most of its texts, with separator() between the parts, or 0 for nothing.
  [[nodiscard]] DateOrder order() const { return order_; }
  [[nodiscard]] char separator() const { return separator_; }

 private:
  enum class What : uint8_t { year, short_year, month, day, year_day, month_name, number, zone, space, literal };
  struct Step {
    What what;
    char literal;
  };
  [[nodiscard]] uint64_t read_fixed(std::string_view text) const;
  [[nodiscard]] Value read_steps(std::string_view text, std::optional<int> pivot) const;

  std::vector<Step> steps_;
  DateOrder order_ = DateOrder::none;  // other than none: three parts, fixed width
  char separator_ = 0;                 // between them; 0: nothing
  bool iso_ = false;                   // a time may follow
  unsigned digits_ = 0;
};

// What may be a date of a field: nothing outside the window, no placeholder.
struct DateWindow {
  uint64_t min = 0, max = ~uint64_t{0};  // words of full dates, both included
  std::vector<uint64_t> placeholders;    // words, ascending
  [[nodiscard]] Invalid check(uint64_t word) const;
};

}  // namespace tessera
