// time_format.cc: which moment does a text mean by a strptime format? (see time_format.h)
#include "kernels/time_format.h"

#include <array>
#include <cmath>

#include "kernels/calendar.h"
#include "kernels/swar.h"

namespace tessera {

namespace {

constexpr std::array<std::string_view, 12> months = {"January",   "February", "March",    "April",
                                                     "May",       "June",     "July",     "August",
                                                     "September", "October",  "November", "December"};
constexpr std::array<std::string_view, 7> weekdays = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                                      "Thursday", "Friday", "Saturday"};
constexpr double day_us = 86'400e6;

bool is_digit_of(char c) { return c >= '0' && c <= '9'; }

// Takes 1 to `most` digits off the front.
bool take_number(std::string_view& text, size_t most, unsigned& number) {
  size_t count = 0;
  number = 0;
  while (count < most && count < text.size() && is_digit_of(text[count]))
    number = number * 10 + static_cast<unsigned>(text[count++] - '0');
  text.remove_prefix(count);
  return count != 0;
}

// Digits of a fraction of a second, up to six.
bool take_microseconds(std::string_view& text, unsigned& number) {
  const size_t before = text.size();
  if (!take_number(text, 6, number)) return false;
  for (size_t digits = before - text.size(); digits < 6; ++digits) number *= 10;
  return true;
}

bool starts_with_any_case(std::string_view text, std::string_view word) {
  if (text.size() < word.size()) return false;
  for (size_t i = 0; i < word.size(); ++i)
    if ((text[i] | 0x20) != (word[i] | 0x20)) return false;
  return true;
}

// Takes a name off the front; its place from 0.
template <size_t N>
bool take_name(std::string_view& text, const std::array<std::string_view, N>& names, bool whole, unsigned& place) {
  for (place = 0; place < N; ++place) {
    const std::string_view name = whole ? names[place] : names[place].substr(0, 3);
    if (!starts_with_any_case(text, name)) continue;
    text.remove_prefix(name.size());
    return true;
  }
  return false;
}

// "+01", "+0130", "-01:30": as minutes
bool take_offset(std::string_view& text, int& minutes) {
  if (text.empty() || (text[0] != '+' && text[0] != '-')) return false;
  const int sign = text[0] == '+' ? 1 : -1;
  text.remove_prefix(1);
  unsigned hour = 0, minute = 0;
  const auto take_two = [&text](unsigned& number) {
    const size_t before = text.size();
    return take_number(text, 2, number) && before - text.size() == 2;
  };
  if (!take_two(hour)) return false;
  const bool colon = text.starts_with(':');
  if (colon) text.remove_prefix(1);
  if ((colon || (!text.empty() && is_digit_of(text[0]))) && !take_two(minute)) return false;
  minutes = sign * static_cast<int>(hour * 60 + minute);
  return true;
}

void put_number(std::string& out, uint64_t number, size_t width, bool padded) {
  const std::string digits = std::to_string(number);
  if (padded && digits.size() < width) out.append(width - digits.size(), '0');
  out += digits;
}

// What is known so far.
struct Moment {
  unsigned year = 1900, month = 1, day = 1, year_day = 0;
  unsigned hour = 0, minute = 0, second = 0, microsecond = 0;
  bool twelve_hours = false;
  std::optional<bool> afternoon;
  int offset_minutes = 0;

  [[nodiscard]] std::optional<double> days() const {
    unsigned hours = hour;
    if (twelve_hours) {
      if (hour < 1 || hour > 12) return std::nullopt;
      hours = hour % 12;
    }
    if (afternoon && *afternoon && hours < 12) hours += 12;
    if (hours > 23 || minute > 59 || second > 59) return std::nullopt;
    double date = days_since_1970({year, year_day != 0 ? 1 : month, year_day != 0 ? 1 : day});
    if (std::isnan(date)) return std::nullopt;
    if (year_day != 0) date += year_day - 1;
    const double time_us = (hours * 3600.0 + minute * 60.0 + second - offset_minutes * 60.0) * 1e6 + microsecond;
    return date + time_us / day_us;
  }
};

}  // namespace

Result<TimeFormat> TimeFormat::compile(std::string_view format) {
  constexpr std::string_view known = "YymdjbhBHIpMSfzaA";
  TimeFormat made;
  for (size_t i = 0; i < format.size(); ++i) {
    if (swar::is_space(format[i])) {
      made.steps_.push_back({.directive = ' ', .literal = format[i]});
    } else if (format[i] != '%') {
      made.steps_.push_back({.literal = format[i]});
    } else {
      if (format.substr(i + 1).starts_with(":z")) {
        made.steps_.push_back({.directive = 'Z'});
        i += 2;
        continue;
      }
      const bool padded = !format.substr(i + 1).starts_with('-');
      i += padded ? 1 : 2;
      const char directive = i < format.size() ? format[i] : '\0';
      if (directive == '%' && padded) {
        made.steps_.push_back({.literal = '%'});
      } else if (directive != 0 && known.find(directive) != known.npos) {
        made.steps_.push_back({.directive = directive, .padded = padded});
      } else {
        return fail(ErrorCode::usage,
                    "time format: \"%" + std::string(padded ? "" : "-") +
                        std::string(directive == 0 ? 0 : 1, directive) +
                        "\" is not known; there are %Y %y %m %d %j %b %h %B %H %I %p %M %S %f %z %:z %a %A %%");
      }
    }
  }
  return made;
}

std::optional<double> TimeFormat::read(std::string_view text) const {
  text = swar::trim(text);
  Moment moment;
  unsigned number = 0;
  for (const Step& step : steps_) {
    bool good = true;
    switch (step.directive) {
      case 0:
        good = text.starts_with(step.literal);
        if (good) text.remove_prefix(1);
        break;
      case ' ':
        good = !text.empty() && swar::is_space(text.front());
        while (!text.empty() && swar::is_space(text.front())) text.remove_prefix(1);
        break;
      case 'Y': good = take_number(text, 4, moment.year); break;
      case 'y':
        good = take_number(text, 2, number);
        moment.year = number + (number < 69 ? 2000 : 1900);
        break;
      case 'm': good = take_number(text, 2, moment.month) && moment.month != 0; break;
      case 'd': good = take_number(text, 2, moment.day) && moment.day != 0; break;
      case 'j': good = take_number(text, 3, moment.year_day) && moment.year_day >= 1 && moment.year_day <= 366; break;
      case 'b':
      case 'h':
      case 'B':
        good = take_name(text, months, step.directive == 'B', number);
        moment.month = number + 1;
        break;
      case 'a':
      case 'A': good = take_name(text, weekdays, step.directive == 'A', number); break;
      case 'H': good = take_number(text, 2, moment.hour) && moment.hour < 24; break;
      case 'I':
        good = take_number(text, 2, moment.hour);
        moment.twelve_hours = true;
        break;
      case 'p':
        good = starts_with_any_case(text, "am") || starts_with_any_case(text, "pm");
        if (good) {
          moment.afternoon = (text[0] | 0x20) == 'p';
          text.remove_prefix(2);
        }
        break;
      case 'M': good = take_number(text, 2, moment.minute); break;
      case 'S': good = take_number(text, 2, moment.second); break;
      case 'f': good = take_microseconds(text, moment.microsecond); break;
      case 'Z':
        if (text.starts_with('Z')) {
          text.remove_prefix(1);
          break;
        }
        [[fallthrough]];
      case 'z': good = take_offset(text, moment.offset_minutes); break;
      default: good = false;
    }
    if (!good) return std::nullopt;
  }
  return text.empty() ? moment.days() : std::nullopt;
}

bool TimeFormat::write(double days, std::string& out) const {
  out.clear();
  double date = std::floor(days);
  double time_us = std::round((days - date) * day_us);
  if (time_us >= day_us) {
    time_us = 0;
    date += 1;
  }
  const auto day = calendar_day(date);
  if (!day) return false;
  const auto us = static_cast<uint64_t>(time_us);
  const uint64_t second = us / 1'000'000, hour = second / 3600;
  for (const Step& step : steps_) {
    const auto put = [&](uint64_t number, size_t width) { put_number(out, number, width, step.padded); };
    switch (step.directive) {
      case 0:
      case ' ': out += step.literal; break;
      case 'Y': put(day->year, 4); break;
      case 'y': put(day->year % 100, 2); break;
      case 'm': put(day->month, 2); break;
      case 'd': put(day->day, 2); break;
      case 'j': put(static_cast<uint64_t>(date - days_since_1970({day->year, 1, 1})) + 1, 3); break;
      case 'b':
      case 'h': out += months[day->month - 1].substr(0, 3); break;
      case 'B': out += months[day->month - 1]; break;
      case 'a':
      case 'A': {
        const auto weekday = (static_cast<int64_t>(date) % 7 + 11) % 7;  // 1970-01-01 was a Thursday
        const std::string_view name = weekdays[static_cast<size_t>(weekday)];
        out += step.directive == 'a' ? name.substr(0, 3) : name;
        break;
      }
      case 'H': put(hour, 2); break;
      case 'I': put(hour % 12 == 0 ? 12 : hour % 12, 2); break;
      case 'p': out += hour < 12 ? "AM" : "PM"; break;
      case 'M': put(second / 60 % 60, 2); break;
      case 'S': put(second % 60, 2); break;
      case 'f': put(us % 1'000'000, 6); break;
      case 'Z': out += 'Z'; break;
      default: out += "+00"; break;
    }
  }
  return true;
}

std::optional<double> day_of_text(std::string_view text) {
  text = swar::trim(text);
  CalendarDay day;
  const auto take_separator = [&text](char separator) {
    if (!text.starts_with(separator)) return false;
    text.remove_prefix(1);
    return true;
  };
  if (!take_number(text, 4, day.year) || text.empty() || (text[0] != '-' && text[0] != '/')) return std::nullopt;
  const char separator = text[0];
  if (!take_separator(separator) || !take_number(text, 2, day.month) || !take_separator(separator) ||
      !take_number(text, 2, day.day))
    return std::nullopt;
  if (!text.empty()) {
    static const TimeFormat times[] = {*TimeFormat::compile("%H:%M:%S.%f"), *TimeFormat::compile("%H:%M:%S"),
                                       *TimeFormat::compile("%H:%M")};
    if (text[0] != ' ' && text[0] != 'T') return std::nullopt;
    text.remove_prefix(1);
    bool is_time = false;
    for (const TimeFormat& time : times) is_time |= time.read(text).has_value();
    if (!is_time) return std::nullopt;
  }
  const double days = days_since_1970(day);
  return std::isnan(days) ? std::nullopt : std::optional(days);
}

}  // namespace tessera
