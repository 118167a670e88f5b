// expression_values.cc: what is made of values that are there? (see expression_values.h)
#include "record/expression_values.h"

#include <re2/re2.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "kernels/calendar.h"
#include "kernels/double_metaphone.h"
#include "kernels/nysiis.h"
#include "kernels/postcode.h"
#include "kernels/swar.h"
#include "kernels/unicode.h"
#include "record/text_parts.h"
#include "record/words.h"

namespace tessera {

namespace {

using What = SideExpression::What;

constexpr double places_max = 1e9;  // of a text

int64_t whole_number(double number) { return static_cast<int64_t>(std::clamp(number, -places_max, places_max)); }

std::string_view characters(std::string_view text, int64_t skip, int64_t count) {
  const auto bytes_of = [&text](int64_t wanted) {
    size_t end = 0;
    for (int64_t i = 0; i < wanted && end < text.size(); ++i) end += first_character(text.substr(end)).bytes;
    return end;
  };
  text.remove_prefix(bytes_of(skip));
  return text.substr(0, bytes_of(count));
}

// Of the standard: the characters at places start to start + count - 1, of which those below 1 do not exist.
std::string_view sql_substring(std::string_view text, std::span<const Scalar> others) {
  const int64_t start = whole_number(others[0].number);
  const int64_t end = others.size() > 1 ? start + whole_number(others[1].number) : int64_t{1} << 40;
  const int64_t from = std::max<int64_t>(start, 1);
  return end <= from ? text.substr(0, 0) : characters(text, from - 1, end - from);
}

// A count below 0 leaves out as many at the other end.
std::string_view sql_left_right(std::string_view text, double number, bool left) {
  const auto size = static_cast<int64_t>(count_characters(text));
  const int64_t given = whole_number(number);
  const int64_t count = std::clamp<int64_t>(given < 0 ? size + given : given, 0, size);
  return characters(text, left ? 0 : size - count, count);
}

void trim_spaces(std::string& text) {
  // As DuckDB: spaces of Unicode, but no tabs or line ends.
  const auto is_space = [](uint32_t code) {
    return code == ' ' || code == 0xa0 || code == 0x1680 || (code >= 0x2000 && code <= 0x200a) || code == 0x202f ||
           code == 0x205f || code == 0x3000;
  };
  size_t begin = text.size(), end = 0;
  for (size_t at = 0; at < text.size();) {
    const Character c = first_character(std::string_view(text).substr(at));
    if (!is_space(c.code)) {
      begin = std::min(begin, at);
      end = at + c.bytes;
    }
    at += c.bytes;
  }
  text.erase(std::max(begin, end));
  text.erase(0, std::min(begin, text.size()));
}

void replace_all(std::string& text, std::string_view old, std::string_view by) {
  if (old.empty()) return;
  for (size_t at = text.find(old); at != text.npos; at = text.find(old, at + by.size()))
    text.replace(at, old.size(), by);
}

// The pieces between separators; characters where it is empty.
std::vector<std::string> pieces_of(std::string_view text, std::string_view separator) {
  std::vector<std::string> pieces;
  if (separator.empty()) {
    for (; !text.empty(); text.remove_prefix(pieces.back().size()))
      pieces.emplace_back(text.substr(0, first_character(text).bytes));
    return pieces;
  }
  for (size_t end = 0; end != text.npos;) {
    end = text.find(separator);
    pieces.emplace_back(text.substr(0, end));
    if (end != text.npos) text.remove_prefix(end + separator.size());
  }
  return pieces;
}

std::string piece_at(std::string_view text, std::string_view separator, double index) {
  const std::vector<std::string> pieces = pieces_of(text, separator);
  const int64_t given = whole_number(index), count = static_cast<int64_t>(pieces.size());
  const int64_t at = given < 0 ? count + given : given - 1;
  return given == 0 || at < 0 || at >= count ? std::string() : pieces[static_cast<size_t>(at)];
}

void words_of(std::string_view text, std::vector<std::string>& items) {
  items.clear();
  while (!text.empty()) {
    const size_t end = std::min(text.find(' '), text.size());
    const std::string_view word = text.substr(0, end);
    if (!word.empty() && std::ranges::find(items, word) == items.end()) items.emplace_back(word);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

// % stands for any characters, _ for one. Goes back to the last % where it does not fit.
bool is_like(std::string_view text, std::string_view pattern) {
  size_t t = 0, p = 0, text_mark = 0, pattern_mark = pattern.npos;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '%') {
      pattern_mark = p++;
      text_mark = t;
    } else if (p < pattern.size() && pattern[p] == '_') {
      ++p;
      t += first_character(text.substr(t)).bytes;
    } else if (p < pattern.size() && pattern[p] == text[t]) {
      ++p;
      ++t;
    } else if (pattern_mark != pattern.npos) {
      p = pattern_mark + 1;
      text_mark += first_character(text.substr(text_mark)).bytes;
      t = text_mark;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('%', p) == pattern.npos;
}

std::optional<double> number_of(std::string_view text) {
  text = swar::trim(text);
  if (text.starts_with('+') && !text.starts_with("+-")) text.remove_prefix(1);
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || std::isnan(number)) return std::nullopt;
  return number;
}

// Whole numbers without a point, others as short as they can be read back.
void write_number(double number, std::string& out) {
  char buffer[64];
  const bool is_whole = number == std::floor(number) && std::abs(number) < 1e15;
  const auto [end, error] = is_whole ? std::to_chars(buffer, std::end(buffer), static_cast<int64_t>(number))
                                     : std::to_chars(buffer, std::end(buffer), number);
  out.assign(buffer, end);
}

// Halves away from 0; below 0 digits before the point.
double rounded(double number, double digits) {
  const double scale = std::pow(10.0, std::abs(digits));
  const double result = digits < 0 ? std::round(number / scale) * scale : std::round(number * scale) / scale;
  return std::isfinite(result) ? result : number;
}

// Days times 86,400, to the microsecond.
double seconds_of(double days) {
  const double date = std::floor(days);
  return date * 86400 + std::round((days - date) * 86400e6) / 1e6;
}

double number_of_parts(What what, double a, double b) {
  switch (what) {
    case What::add: return a + b;
    case What::subtract: return a - b;
    case What::multiply: return a * b;
    default: return a / b;
  }
}

}  // namespace

std::partial_ordering order_of_scalars(const Scalar& a, const Scalar& b) {
  switch (a.type) {
    case ValueType::number: return a.number <=> b.number;
    case ValueType::truth: return a.truth <=> b.truth;
    default: return a.text <=> b.text;
  }
}

void value_of_parts(const ExpressionNode& node, std::span<const Scalar> others, Scalar& out) {
  const auto number = [&out](std::optional<double> value) {
    out.null = !value || std::isnan(*value);
    if (value) out.number = *value;
  };
  const auto calendar = [&](unsigned CalendarDay::* part) {
    const auto day = calendar_day(out.number);
    number(day ? std::optional<double>((*day).*part) : std::nullopt);
  };
  thread_local std::string buffer;
  thread_local DoubleMetaphone keys;
  switch (node.what) {
    case What::lower: to_small(out.text, buffer); return out.text.swap(buffer);
    case What::upper: to_capitals(out.text, buffer); return out.text.swap(buffer);
    case What::trim: return trim_spaces(out.text);
    case What::substring: buffer = sql_substring(out.text, others); return out.text.swap(buffer);
    case What::left:
    case What::right:
      buffer = sql_left_right(out.text, others[0].number, node.what == What::left);
      return out.text.swap(buffer);
    case What::replace: return replace_all(out.text, others[0].text, others[1].text);
    case What::split_part: out.text = piece_at(out.text, others[0].text, others[1].number); return;
    case What::regexp_extract: {
      re2::StringPiece groups[64];
      const int count = std::min(static_cast<int>(node.number) + 1, 64);
      const bool found =
          node.regexp->Match(out.text, 0, out.text.size(), RE2::UNANCHORED, groups, count) && count > node.number;
      buffer.clear();
      if (found) buffer.assign(groups[count - 1].data(), groups[count - 1].size());
      return out.text.swap(buffer);
    }
    case What::regexp_replace: RE2::Replace(&out.text, *node.regexp, others[0].text); return;
    case What::double_metaphone:
      double_metaphone(out.text, keys);
      out.text = keys.primary;
      return;
    case What::nysiis: nysiis(out.text, buffer); return out.text.swap(buffer);
    case What::to_text:
      if (out.type == ValueType::number) write_number(out.number, out.text);
      return;
    case What::format_date: out.null = !node.format->write(out.number, out.text); return;
    case What::length: return number(static_cast<double>(count_characters(out.text)));
    case What::to_number:
      if (out.type == ValueType::text) number(number_of(out.text));
      return;
    case What::parse_date: return number(node.format->read(out.text));
    case What::date_of:
      if (out.type == ValueType::text) number(day_of_text(out.text));
      return;
    case What::seconds: return number(seconds_of(out.number));
    case What::year: return calendar(&CalendarDay::year);
    case What::month: return calendar(&CalendarDay::month);
    case What::day: return calendar(&CalendarDay::day);
    case What::negative: return number(-out.number);
    case What::absolute: return number(std::abs(out.number));
    case What::round: return number(rounded(out.number, others.empty() ? 0 : std::trunc(others[0].number)));
    case What::floor: return number(std::floor(out.number));
    case What::ceiling: return number(std::ceil(out.number));
    case What::add:
    case What::subtract:
    case What::multiply:
    case What::divide: return number(number_of_parts(node.what, out.number, others[0].number));
    case What::tokens: return words_of(out.text, out.items);
    case What::split: out.items = pieces_of(out.text, others[0].text); return;
    case What::count_of: return number(static_cast<double>(out.items.size()));
    case What::like: out.truth = is_like(out.text, node.text); return;
    case What::negation: out.truth = !out.truth; return;
    default: out.null = true; return;
  }
}

namespace {

void put_digits(std::string& out, size_t width, unsigned number) {
  const std::string digits = std::to_string(number);
  if (!out.empty()) out += '-';
  out.append(width - std::min(width, digits.size()), '0');
  out += digits;
}

// Of a date: the parts that are there, as 1985-03.
void date_part_text(Part part, uint64_t word, std::string& out) {
  const uint64_t kept = derive_word(Kind::date, part, word);
  out.clear();
  if (year_of(kept) != 0) put_digits(out, 4, year_of(kept));
  if (month_of(kept) != 0) put_digits(out, 2, month_of(kept));
  if (day_of(kept) != 0) put_digits(out, 2, day_of(kept));
}

// Of a British postcode: its eight places, with one space, and none at the end.
void postcode_part_text(Part part, uint64_t word, std::string& out) {
  const uint64_t kept = derive_word(Kind::postcode, part, word);
  out.clear();
  for (int shift = 56; shift >= 0; shift -= 8) {
    const char c = static_cast<char>(kept >> shift & 0xff);
    if (c != 0 && !(c == ' ' && out.ends_with(' '))) out += c;
  }
  if (out.ends_with(' ')) out.pop_back();
}

}  // namespace

bool part_of_word(const ExpressionNode& node, uint64_t word, Scalar& out) {
  if (node.kind == Kind::date)
    date_part_text(node.part, word, out.text);
  else if (node.kind == Kind::postcode && is_british(word))
    postcode_part_text(node.part, word, out.text);
  else
    return false;
  out.null = out.text.empty();
  return true;
}

void part_of_value(const ExpressionNode& node, Scalar& out) {
  thread_local std::string buffer;
  if (const uint64_t british = node.kind == Kind::postcode ? postcode(out.text).word : 0; british != 0) {
    postcode_part_text(node.part, british, out.text);
  } else if (!out.text.empty()) {
    const std::string_view part = part_of_text(node.part, out.text, buffer);
    if (part.data() == buffer.data())
      out.text.swap(buffer);
    else
      out.text = std::string(part);
  }
  if (out.text.empty()) out.null = true;
}

}  // namespace tessera
