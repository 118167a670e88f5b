// time_format.h: which moment does a text mean by a strptime format, as a database would say?
//
//   "%d/%m/%Y"              1/3/1950             -> -7246
//   "%Y-%m-%d %H:%M:%S"     1950-03-01 12:00:00  -> -7245.5
//
// Models of Splink read dates where they compare them, with the rules of the database: these are DuckDB's. They differ
// from those of a field (DateFormat, date.h), which are made for files: there a time is passed over, a four-digit
// year is four digits, and a two-digit year needs a pivot; here the text must fit as it stands, numbers may be shorter,
// and %y is 1969 to 2068.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tessera/error.h"

namespace tessera {

class TimeFormat {
 public:
  // Directives: %Y %y %m %d %j %b %h (Mar) %B (March) %H %I %p %M %S %f (up to six digits) %z (+01:00), %:z (or Z), %a %A (names
  // of days, not checked), %-d and the like, which are the same but when written, and %%. A space stands for one or
  // more. Fails: usage (2) for another directive.
  static Result<TimeFormat> compile(std::string_view format);

  // Days since 1970-01-01, a time of day as their fraction; none: the text does not fit. Parts that the format lacks
  // are 1900, January, the first, midnight. Spaces around the text are passed over. Years 1 to 9999.
  [[nodiscard]] std::optional<double> read(std::string_view text) const;

  // The moment written out, to the microsecond; none: outside the years 1 to 9999.
  [[nodiscard]] bool write(double days, std::string& out) const;

 private:
  struct Step {
    char directive = 0;  // 0: the literal; ' ': spaces
    char literal = 0;
    bool padded = true;
  };
  std::vector<Step> steps_;
};

// Days since 1970-01-01 of a text as SQL casts it to a date: 1950-03-01, 1950/3/1, and a time after it is passed over.
[[nodiscard]] std::optional<double> day_of_text(std::string_view text);

}  // namespace tessera
