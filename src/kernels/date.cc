// date.cc: which day does a text mean? (see date.h)
#include "kernels/date.h"

#include <algorithm>
#include <array>

#include "kernels/swar.h"

namespace tessera {

namespace {

constexpr std::array<std::string_view, 12> month_names = {"JANUARY",   "FEBRUARY", "MARCH",    "APRIL",
                                                          "MAY",       "JUNE",     "JULY",     "AUGUST",
                                                          "SEPTEMBER", "OCTOBER",  "NOVEMBER", "DECEMBER"};

constexpr uint64_t pack(unsigned year, unsigned month, unsigned day) { return uint64_t{year} << 9 | month << 5 | day; }

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c | 0x20) >= 'a' && (c | 0x20) <= 'z'; }

// Takes up to `most` digits off the front of `text`; how many there were.
size_t take_digits(std::string_view& text, size_t most, unsigned& number) {
  size_t count = 0;
  number = 0;
  while (count < most && count < text.size() && is_digit(text[count]))
    number = number * 10 + static_cast<unsigned>(text[count++] - '0');
  text.remove_prefix(count);
  return count;
}

bool take(std::string_view& text, char c) {
  if (text.empty() || text.front() != c) return false;
  text.remove_prefix(1);
  return true;
}

// "Z", "+01:00", "-0530", "+01"
bool take_zone(std::string_view& text) {
  if (take(text, 'Z') || take(text, 'z')) return true;
  if (!take(text, '+') && !take(text, '-')) return false;
  unsigned number = 0;
  if (take_digits(text, 2, number) != 2) return false;
  if (take(text, ':')) return take_digits(text, 2, number) == 2;
  const size_t minutes = take_digits(text, 2, number);
  return minutes == 0 || minutes == 2;
}

// "T09:30", " 09:30:00.000Z": a time of day and nothing else
bool is_iso_time(std::string_view text) {
  unsigned number = 0;
  if (!take(text, 'T') && !take(text, 't') && !take(text, ' ')) return false;
  if (take_digits(text, 2, number) != 2 || !take(text, ':') || take_digits(text, 2, number) != 2) return false;
  if (take(text, ':')) {
    if (take_digits(text, 2, number) != 2) return false;
    if ((take(text, '.') || take(text, ',')) && take_digits(text, 9, number) == 0) return false;
  }
  return text.empty() || (take_zone(text) && text.empty());
}

}  // namespace

unsigned days_in_month(unsigned year, unsigned month) {
  return month > 12 ? 0 : month_lengths[month] + (month == 2 && is_leap_year(year) ? 1u : 0u);
}

// Years begin in March, so that the leap day is the last; eras of 400 years are alike
// (Howard Hinnant, chrono-Compatible Low-Level Date Algorithms).
int32_t day_number(uint64_t word) {
  const auto month = static_cast<int32_t>(word >> 5 & 15), day = static_cast<int32_t>(word & 31);
  const int32_t year = static_cast<int32_t>(word >> 9) - (month <= 2);
  const int32_t era = year / 400, year_of_era = year - era * 400;
  const int32_t day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
  return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719468;
}

uint64_t word_of_day(int64_t number) {
  if (number < -719162 || number > 2932896) return 0;  // 0001-01-01, 9999-12-31
  const auto z = static_cast<uint32_t>(number + 719468);
  const uint32_t era = z / 146097, day_of_era = z - era * 146097;
  const uint32_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  const uint32_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const uint32_t shifted = (5 * day_of_year + 2) / 153, day = day_of_year - (153 * shifted + 2) / 5 + 1;
  const uint32_t month = shifted < 10 ? shifted + 3 : shifted - 9;
  return pack(year_of_era + era * 400 + (month <= 2), month, day);
}

uint64_t date_of_parts(unsigned year, unsigned month, unsigned day) {
  if (year > 9999 || month > 12 || day > 31) return 0;
  const unsigned any_year = 2000;  // a leap year
  if (month != 0 && day > days_in_month(year == 0 ? any_year : year, month)) return 0;
  return pack(year, month, day);
}

unsigned month_of_name(std::string_view name) {
  if (name.size() < 3 || name.size() > 9) return 0;
  for (unsigned month = 0; month < 12; ++month) {
    const std::string_view known = month_names[month];
    const bool length_fits = name.size() == 3 || name.size() == known.size() || (month == 8 && name.size() == 4);
    if (length_fits && std::equal(name.begin(), name.end(), known.begin(),
                                  [](char a, char b) { return is_letter(a) && (a & ~0x20) == b; }))
      return month + 1;
  }
  return 0;
}

Result<DateFormat> DateFormat::compile(std::string_view format) {
  DateFormat made;
  unsigned years = 0, digits = 0;
  bool only_digits = true;
  for (size_t i = 0; i < format.size(); ++i) {
    const char c = format[i];
    if (c != '%') {
      only_digits = false;
      const bool space = swar::is_space(c);
      if (!space || made.steps_.empty() || made.steps_.back().what != What::space)
        made.steps_.push_back({space ? What::space : What::literal, c});
      continue;
    }
    const char directive = ++i < format.size() ? format[i] : '\0';
    switch (directive) {
      case 'Y':
        made.steps_.push_back({What::year, 0});
        ++years;
        digits += 4;
        break;
      case 'y':
        made.steps_.push_back({What::short_year, 0});
        ++years;
        digits += 2;
        break;
      case 'm':
        made.steps_.push_back({What::month, 0});
        digits += 2;
        break;
      case 'd':
        made.steps_.push_back({What::day, 0});
        digits += 2;
        break;
      case 'j':
        made.steps_.push_back({What::year_day, 0});
        digits += 3;
        break;
      case 'b':
      case 'B':
      case 'h':
        made.steps_.push_back({What::month_name, 0});
        only_digits = false;
        break;
      case 'H':
      case 'M':
      case 'S':
        made.steps_.push_back({What::number, 2});
        only_digits = false;
        break;
      case 'f':
        made.steps_.push_back({What::number, 9});
        only_digits = false;
        break;
      case 'z':
        made.steps_.push_back({What::zone, 0});
        only_digits = false;
        break;
      case '%':
        made.steps_.push_back({What::literal, '%'});
        only_digits = false;
        break;
      default:
        return fail(ErrorCode::usage, "date format: \"%" + std::string(directive ? 1 : 0, directive) +
                                          "\" is not known; there are %Y %y %m %d %j %b %B %h %H %M %S %f %z %%");
    }
  }
  if (years != 1) return fail(ErrorCode::usage, "date format: needs a year once, %Y or %y");
  if (only_digits) made.digits_ = digits;

  const auto& s = made.steps_;
  const auto order_of = [](What a, What b, What c) {
    if (a == What::year && b == What::month && c == What::day) return DateOrder::ymd;
    if (a == What::day && b == What::month && c == What::year) return DateOrder::dmy;
    return a == What::month && b == What::day && c == What::year ? DateOrder::mdy : DateOrder::none;
  };
  if (s.size() == 3) made.order_ = order_of(s[0].what, s[1].what, s[2].what);
  if (s.size() == 5 && s[1].what == What::literal && s[3].what == What::literal && s[1].literal == s[3].literal) {
    made.order_ = order_of(s[0].what, s[2].what, s[4].what);
    made.separator_ = s[1].literal;
  }
  made.iso_ = made.order_ == DateOrder::ymd && made.separator_ == '-';
  return made;
}

Value DateFormat::read(std::string_view text, std::optional<int> pivot) const {
  if (order_ != DateOrder::none && text.size() == (separator_ == 0 ? 8 : 10)) {
    if (const uint64_t word = read_fixed(text); word != 0) return {word, Invalid::none};
  }
  return read_steps(text, pivot);
}

uint64_t DateFormat::read_fixed(std::string_view text) const {
  const char* const at = text.data();
  switch (order_) {
    case DateOrder::ymd:
      return separator_ ? fixed_date<DateOrder::ymd, true>(at, separator_) : fixed_date<DateOrder::ymd, false>(at, 0);
    case DateOrder::dmy:
      return separator_ ? fixed_date<DateOrder::dmy, true>(at, separator_) : fixed_date<DateOrder::dmy, false>(at, 0);
    case DateOrder::mdy:
      return separator_ ? fixed_date<DateOrder::mdy, true>(at, separator_) : fixed_date<DateOrder::mdy, false>(at, 0);
    case DateOrder::none: break;
  }
  return 0;
}

Value DateFormat::read_steps(std::string_view text, std::optional<int> pivot) const {
  constexpr Value not_a_date{0, Invalid::not_a_date};
  unsigned year = 0, month = 0, day = 0, year_day = 0, number = 0;
  bool has_month = false, has_day = false, has_year_day = false, refused = false;
  for (const Step& step : steps_) {
    switch (step.what) {
      case What::year: {
        const size_t count = take_digits(text, 4, year);
        if (count == 2)
          refused = true;
        else if (count != 4)
          return not_a_date;
        break;
      }
      case What::short_year:
        if (take_digits(text, 2, year) != 2) return not_a_date;
        if (!pivot)
          refused = true;
        else
          year += static_cast<int>(year) > *pivot ? 1900 : 2000;
        break;
      case What::month:
        if (take_digits(text, 2, month) == 0) return not_a_date;
        has_month = true;
        break;
      case What::day:
        if (take_digits(text, 2, day) == 0) return not_a_date;
        has_day = true;
        break;
      case What::year_day:
        if (take_digits(text, 3, year_day) == 0) return not_a_date;
        has_year_day = true;
        break;
      case What::month_name: {
        const auto end = std::ranges::find_if_not(text, is_letter);
        const auto length = static_cast<size_t>(end - text.begin());
        month = month_of_name(text.substr(0, length));
        text.remove_prefix(length);
        has_month = true;
        break;
      }
      case What::number:
        if (take_digits(text, static_cast<size_t>(step.literal), number) == 0) return not_a_date;
        break;
      case What::zone:
        if (!take_zone(text)) return not_a_date;
        break;
      case What::space:
        while (!text.empty() && swar::is_space(text.front())) text.remove_prefix(1);
        break;
      case What::literal:
        if (!take(text, step.literal)) return not_a_date;
        break;
    }
  }
  if (!text.empty() && !(iso_ && is_iso_time(text))) return not_a_date;
  if ((has_month && month == 0) || (has_day && day == 0)) return not_a_date;
  if (refused) return {0, date_of_parts(2000, month, day) != 0 ? Invalid::two_digit_year : Invalid::not_a_date};
  if (year == 0) return not_a_date;
  if (has_year_day) {
    if (year_day == 0 || year_day > (is_leap_year(year) ? 366 : 365)) return not_a_date;
    return {word_of_day(day_number(pack(year, 1, 1)) + static_cast<int64_t>(year_day) - 1), Invalid::none};
  }
  const uint64_t word = date_of_parts(year, month, day);
  return {word, word == 0 ? Invalid::not_a_date : Invalid::none};
}

Invalid DateWindow::check(uint64_t word) const {
  const bool full = (word & 0x1e0) != 0 && (word & 0x1f) != 0 && word >> 9 != 0;
  if (full) {
    if (!placeholders.empty() && word <= placeholders.back() && std::ranges::binary_search(placeholders, word))
      return Invalid::placeholder;
    return word < min || word > max ? Invalid::outside_window : Invalid::none;
  }
  const uint64_t year = word >> 9;
  return year != 0 && (year < min >> 9 || year > max >> 9) ? Invalid::outside_window : Invalid::none;
}

}  // namespace tessera
