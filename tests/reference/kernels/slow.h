// slow.h: the rules of docs/standardise.md, one value at a time, as plainly as they can be told.
//
// Each function is the twin of a fast one of src/kernels; the tests and the fuzz driver
// hold them together on any bytes.
#pragma once

#include <algorithm>
#include <map>
#include <optional>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include "kernels/value.h"

namespace tessera::slow {

inline bool is_space(char c) { return std::string(" \t\n\v\f\r").find(c) != std::string::npos; }
inline bool is_digit(char c) { return std::string("0123456789").find(c) != std::string::npos; }

inline std::string without_spaces(const std::string& text) {
  std::string kept;
  for (char c : text)
    if (!is_space(c)) kept += c;
  return kept;
}

inline std::string capitals(std::string text) {
  for (char& c : text)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  return text;
}

inline Value nhs_number(const std::string& text, bool allow_test_range) {
  std::string digits;
  for (char c : text)
    if (!is_space(c) && c != '-') digits += c;
  if (digits.empty()) return {};
  if (digits.size() != 10 || !std::all_of(digits.begin(), digits.end(), is_digit)) return {0, Invalid::not_ten_digits};
  if (digits == std::string(10, digits[0]) || (digits.substr(1, 8) == "00000000" && digits[0] == digits[9]))
    return {0, Invalid::repeated_digit};
  int sum = 0;
  for (size_t i = 0; i < 9; ++i) sum += (digits[i] - '0') * (10 - static_cast<int>(i));
  const int check = 11 - sum % 11;
  if (check == 10 || check % 11 != digits[9] - '0') return {0, Invalid::check_digit};
  if (digits.substr(0, 3) == "999" && !allow_test_range) return {0, Invalid::test_range};
  return {std::stoull(digits), Invalid::none};
}

inline bool is_leap(unsigned year) { return year % 400 == 0 || (year % 4 == 0 && year % 100 != 0); }

inline unsigned days_in_month(unsigned year, unsigned month) {
  if (month == 2) return is_leap(year) ? 29 : 28;
  return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

inline uint64_t date_word(unsigned year, unsigned month, unsigned day) { return year * 512ull + month * 32 + day; }

// Days since 1970-01-01, by walking there from one month to the next.
inline int day_number(unsigned year, unsigned month, unsigned day) {
  int days = static_cast<int>(day) - 1;
  for (unsigned m = 1; m < month; ++m) days += static_cast<int>(days_in_month(year, m));
  for (unsigned y = 1970; y < year; ++y) days += is_leap(y) ? 366 : 365;
  for (unsigned y = year; y < 1970; ++y) days -= is_leap(y) ? 366 : 365;
  return days;
}

// For formats of %Y, %m, %d and literal characters.
inline Value date(const std::string& text, const std::string& format) {
  size_t at = 0;
  std::map<char, std::string> parts;
  for (size_t i = 0; i < format.size(); ++i) {
    if (format[i] != '%') {
      if (at == text.size() || text[at] != format[i]) return {0, Invalid::not_a_date};
      ++at;
      continue;
    }
    const char directive = format[++i];
    std::string& digits = parts[directive];
    while (at < text.size() && is_digit(text[at]) && digits.size() < (directive == 'Y' ? 4 : 2)) digits += text[at++];
    if (digits.empty()) return {0, Invalid::not_a_date};
  }
  const std::regex iso_time("[Tt ][0-9]{2}:[0-9]{2}(:[0-9]{2}([.,][0-9]{1,9})?)?([Zz]|[+-][0-9]{2}(:?[0-9]{2})?)?");
  if (at != text.size() && !(format == "%Y-%m-%d" && std::regex_match(text.substr(at), iso_time)))
    return {0, Invalid::not_a_date};
  const std::string year_text = parts['Y'];
  if (year_text.size() != 4 && year_text.size() != 2) return {0, Invalid::not_a_date};
  const bool short_year = year_text.size() == 2;
  const auto year = short_year ? 2000u : static_cast<unsigned>(std::stoul(year_text));
  const auto month = static_cast<unsigned>(std::stoul(parts['m'])), day = static_cast<unsigned>(std::stoul(parts['d']));
  if (year == 0 || month == 0 || month > 12 || day == 0 || day > days_in_month(year, month))
    return {0, Invalid::not_a_date};
  if (short_year) return {0, Invalid::two_digit_year};
  return {date_word(year, month, day), Invalid::none};
}

inline Value postcode(const std::string& text) {
  const std::string compact = capitals(without_spaces(text));
  if (compact.empty()) return {};
  static const std::regex layout("GIR0AA|[A-Z]{1,2}[0-9][A-Z0-9]?[0-9][A-Z]{2}");
  if (compact.size() > 7 || !std::regex_match(compact, layout)) return {0, Invalid::not_a_postcode};
  std::string form = compact.substr(0, compact.size() - 3);
  form.resize(5, ' ');
  form += compact.substr(compact.size() - 3);
  uint64_t word = 0;
  for (char c : form) word = word * 256 + static_cast<unsigned char>(c);
  return {word, Invalid::none};
}

inline Value sex(const std::string& text) {
  static const std::set<std::string> male = {"1", "M", "MALE", "MAN", "BOY", "01", "0M"};
  static const std::set<std::string> female = {"2", "F", "FEMALE", "WOMAN", "GIRL", "02", "0F"};
  static const std::set<std::string> unknown = {"0",
                                                "3",
                                                "8",
                                                "9",
                                                "X",
                                                "U",
                                                "I",
                                                "00",
                                                "03",
                                                "08",
                                                "09",
                                                "0X",
                                                "0U",
                                                "0I",
                                                "UNKNOWN",
                                                "NOT KNOWN",
                                                "NOT SPECIFIED",
                                                "UNSPECIFIED",
                                                "NOT STATED",
                                                "INDETERMINATE",
                                                "OTHER"};
  const std::string known = capitals(text);
  if (known.empty()) return {};
  if (male.contains(known)) return {1, Invalid::none};
  if (female.contains(known)) return {2, Invalid::none};
  return {0, unknown.contains(known) ? Invalid::unknown : Invalid::not_a_sex};
}

inline Value integer(const std::string& text) {
  if (text.empty()) return {};
  static const std::regex layout("[+-]?[0-9]+");
  if (!std::regex_match(text, layout)) return {0, Invalid::not_an_integer};
  __extension__ __int128 number = 0;
  const auto limit = static_cast<decltype(number)>(1) << 61;
  for (char c : text)
    if (is_digit(c)) number = std::min(number * 10 + (c - '0'), limit + 1);
  if (number > limit) return {0, Invalid::out_of_range};
  if (text[0] == '-') number = -number;
  return {static_cast<uint64_t>(number + (static_cast<decltype(number)>(1) << 62)), Invalid::none};
}

// "Letters of one code side by side, or with H or W between, count once."
inline std::string soundex(const std::string& name) {
  static const std::vector<std::string> groups = {"BFPV", "CGJKQSXZ", "DT", "L", "MN", "R"};
  std::string letters;
  for (char c : capitals(name))
    if (c >= 'A' && c <= 'Z') letters += c;
  if (letters.empty()) return "";
  const auto code = [](char c) {
    for (size_t i = 0; i < groups.size(); ++i)
      if (groups[i].find(c) != std::string::npos) return static_cast<char>('1' + i);
    return '0';
  };
  std::string codes;
  for (size_t i = 0; i < letters.size(); ++i)
    if (i == 0 || (letters[i] != 'H' && letters[i] != 'W')) codes += code(letters[i]);
  codes.erase(std::unique(codes.begin(), codes.end()), codes.end());
  codes.erase(0, 1);
  codes.erase(std::remove(codes.begin(), codes.end(), '0'), codes.end());
  codes.resize(3, '0');
  return letters[0] + codes;
}

// For ASCII only.
inline std::string fold_name(const std::string& text, bool drop_titles) {
  static const std::set<std::string> titles = {"MR",   "MRS",  "MS",   "MISS",   "DR", "PROF",      "REV",     "SIR",
                                               "DAME", "LADY", "LORD", "MASTER", "MX", "PROFESSOR", "REVEREND"};
  std::vector<std::string> words(1);
  for (char c : capitals(text)) {
    if (is_space(c) || std::string("-,/;&+_|").find(c) != std::string::npos)
      words.emplace_back();
    else if (is_digit(c) || (c >= 'A' && c <= 'Z'))
      words.back() += c;
  }
  std::erase(words, "");
  while (drop_titles && words.size() > 1 && titles.contains(words.front())) words.erase(words.begin());
  std::string name;
  for (const std::string& word : words) name += (name.empty() ? "" : " ") + word;
  return name;
}

}  // namespace tessera::slow
