// calendar.cc: what lies between two days, and between two places? (see calendar.h)
#include "kernels/calendar.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include "kernels/date.h"

namespace tessera {

namespace {

constexpr double no_day = std::numeric_limits<double>::quiet_NaN();
constexpr double radius_km = 6371;

}  // namespace

std::optional<CalendarDay> calendar_day(double days) {
  if (!(std::abs(days) < 1e8)) return std::nullopt;
  const uint64_t word = word_of_day(static_cast<int64_t>(std::floor(days)));
  if (word == 0) return std::nullopt;
  return CalendarDay{static_cast<unsigned>(word >> 9), static_cast<unsigned>(word >> 5 & 15),
                     static_cast<unsigned>(word & 31)};
}

double days_since_1970(const CalendarDay& day) {
  if (day.year == 0 || day.month == 0 || day.day == 0) return no_day;
  const uint64_t word = date_of_parts(day.year, day.month, day.day);
  return word == 0 ? no_day : day_number(word);
}

double month_boundaries(double from, double to) {
  const auto a = calendar_day(from), b = calendar_day(to);
  if (!a || !b) return no_day;
  return (static_cast<double>(b->year) - a->year) * 12 + (static_cast<double>(b->month) - a->month);
}

double year_boundaries(double from, double to) {
  const auto a = calendar_day(from), b = calendar_day(to);
  return a && b ? static_cast<double>(b->year) - a->year : no_day;
}

double date_elements(double a, double b) {
  const auto left = calendar_day(a), right = calendar_day(b);
  if (!left || !right) return no_day;
  return (left->year == right->year) + (left->month == right->month) + (left->day == right->day);
}

bool swapped_day_and_month(double a, double b) {
  const auto left = calendar_day(a), right = calendar_day(b);
  return left && right && left->year == right->year && left->month == right->day && left->day == right->month &&
         left->day != left->month;
}

double distance_km(double latitude1, double longitude1, double latitude2, double longitude2) {
  const auto radians = [](double degrees) { return degrees * (std::numbers::pi / 180); };
  const double cosine =
      std::sin(radians(latitude1)) * std::sin(radians(latitude2)) +
      std::cos(radians(latitude1)) * std::cos(radians(latitude2)) * std::cos(radians(longitude2 - longitude1));
  return std::acos(std::clamp(cosine, -1.0, 1.0)) * radius_km;  // rounding may lead outside
}

}  // namespace tessera
