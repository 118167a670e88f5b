// calendar.h: what lies between two days, and between two places?
//
//   31 January to 1 February     1 day    1 month boundary   .03 months
//   1 January to 31 January     30 days   none               .99 months
//
// Days are numbers: days since 1970-01-01 of the Gregorian calendar, a time of day as a fraction.
#pragma once

#include <cstdint>
#include <optional>

namespace tessera {

inline constexpr double days_of_month = 30.4375;  // a year of 365.25 / 12: 2,629,800 seconds
inline constexpr double days_of_year = 365.25;    // 31,557,600 seconds

struct CalendarDay {
  unsigned year = 0, month = 0, day = 0;
  friend bool operator==(const CalendarDay&, const CalendarDay&) = default;
};

// The day on which it falls; none: not a number, or outside the years 1 to 9999.
[[nodiscard]] std::optional<CalendarDay> calendar_day(double days);

// NaN: there is no such day, or it lies outside these years.
[[nodiscard]] double days_since_1970(const CalendarDay& day);

// Boundaries of months, or of years, crossed on the way: below 0 where it leads backwards.
// SQL's date_diff('month', from, to). NaN where one is no day.
[[nodiscard]] double month_boundaries(double from, double to);
[[nodiscard]] double year_boundaries(double from, double to);

// How many of year, month and day are equal: 0 to 3. NaN where one is no day.
[[nodiscard]] double date_elements(double a, double b);

// The same year, day and month exchanged, and not equal as they stand.
[[nodiscard]] bool swapped_day_and_month(double a, double b);

// The great circle by the spherical law of cosines, on a sphere of 6371 km, of places in degrees.
[[nodiscard]] double distance_km(double latitude1, double longitude1, double latitude2, double longitude2);

}  // namespace tessera
