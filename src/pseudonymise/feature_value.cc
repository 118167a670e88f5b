// feature_value.cc: is a value what its schema says, and as which tokens does it go into a filter? (see feature_value.h)
#include "pseudonymise/feature_value.h"

#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "kernels/date.h"
#include "kernels/swar.h"
#include "kernels/unicode.h"
#include "record/words.h"

namespace tessera {
namespace {

using Format = FilterFeature::Format;
using FeatureComparison = FilterFeature::Comparison;
using Wide = __int128;

constexpr double numeric_max = 1e15;  // of a value and of its distance: whole numbers to here are exact

// As int() of Python reads a text: spaces around it, a sign, digits, one underscore between two digits. Appends the
// number without what says nothing: +07 is 7, and -0 is 0.
bool read_integer(std::string_view value, std::string& out) {
  value = swar::trim(value);
  bool negative = false;
  if (!value.empty() && (value[0] == '+' || value[0] == '-')) {
    negative = value[0] == '-';
    value.remove_prefix(1);
  }
  std::string digits;
  bool digit_before = false;
  for (const char c : value) {
    const bool digit = c >= '0' && c <= '9';
    if (!digit && !(c == '_' && digit_before)) return false;
    if (digit && !(digits.empty() && c == '0')) digits += c;
    digit_before = digit;
  }
  if (!digit_before) return false;
  if (digits.empty()) digits = "0";
  if (negative && digits != "0") out += '-';
  out += digits;
  return true;
}

// Whether a number that read_integer wrote lies between the limits, which have 19 digits at most.
bool within_limits(std::string_view number, const FilterFeature& feature) {
  if (!feature.least && !feature.most) return true;
  int64_t value = 0;
  const auto read = std::from_chars(number.data(), number.data() + number.size(), value);
  if (read.ec != std::errc()) return number.starts_with('-') ? !feature.least : !feature.most;
  return !(feature.least && value < *feature.least) && !(feature.most && value > *feature.most);
}

// Letters whose capital is two letters, so that they are no capitals, though no single letter is their capital.
bool has_long_capital(uint32_t code) {
  return code == 0xdf || code == 0x149 || code == 0x1f0 || code == 0x390 || code == 0x3b0 || code == 0x587 ||
         (code >= 0x1e96 && code <= 0x1e9a) || (code >= 0xfb00 && code <= 0xfb06) || (code >= 0xfb13 && code <= 0xfb17);
}

bool is_upper(std::string_view text) {
  std::string capitals;
  to_capitals(text, capitals);
  if (capitals != text) return false;
  while (!text.empty()) {
    const Character c = first_character(text);
    if (has_long_capital(c.code)) return false;
    text.remove_prefix(c.bytes);
  }
  return true;
}

bool is_lower(std::string_view text) {
  std::string small;
  to_small(text, small);
  return small == text;
}

bool is_ascii(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

// The bytes of a token, from UTF-8. The wide encodings begin with the mark of their byte order, as Python's do.
void append_encoded(std::string_view text, FilterFeature::Encoding encoding, std::string& out) {
  if (encoding == FilterFeature::Encoding::utf8 || encoding == FilterFeature::Encoding::ascii) {
    out += text;
    return;
  }
  const bool two = encoding == FilterFeature::Encoding::utf16;
  const auto put = [&](uint32_t unit) {
    for (unsigned i = 0; i < (two ? 2u : 4u); ++i) out += static_cast<char>(unit >> (8 * i) & 0xff);
  };
  put(0xfeff);
  while (!text.empty()) {
    const Character c = first_character(text);
    text.remove_prefix(c.bytes);
    if (two && c.code >= 0x10000) {
      put(0xd800 + ((c.code - 0x10000) >> 10));
      put(0xdc00 + ((c.code - 0x10000) & 0x3ff));
    } else {
      put(c.code);
    }
  }
}

std::string text_of(Wide value) {
  std::string out;
  const bool negative = value < 0;
  if (negative) value = -value;
  do out += static_cast<char>('0' + static_cast<int>(value % 10));
  while ((value /= 10) != 0);
  if (negative) out += '-';
  std::ranges::reverse(out);
  return out;
}

// A number as Python takes it for a numeric comparison: whole if it can be, else a float whose digits behind the
// precision are rounded, or cut off if there are none.
std::optional<Wide> scaled_number(std::string_view text, uint32_t precision) {
  std::string digits;
  const double scale = std::pow(10.0, precision);
  if (read_integer(text, digits)) {
    int64_t value = 0;
    const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (read.ec != std::errc() || std::abs(static_cast<double>(value)) > numeric_max) return std::nullopt;
    Wide out = value;
    for (uint32_t i = 0; i < precision; ++i) out *= 10;
    return out;
  }
  text = swar::trim(text);
  if (text.starts_with('+')) text.remove_prefix(1);
  double value = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  if (read.ec != std::errc() || read.ptr != text.data() + text.size() || !(std::abs(value) <= numeric_max))
    return std::nullopt;
  return static_cast<Wide>(precision > 0 ? std::nearbyint(value * scale) : std::trunc(value));
}

}  // namespace

FeatureReader::FeatureReader(const FilterFeature& feature) : feature_(feature) {}
FeatureReader::FeatureReader(FeatureReader&&) noexcept = default;
FeatureReader& FeatureReader::operator=(FeatureReader&&) noexcept = default;
FeatureReader::~FeatureReader() = default;

Result<FeatureReader> FeatureReader::make(const FilterFeature& feature, const std::string& schema_path) {
  FeatureReader out(feature);
  if (feature.pattern) {
    std::string pattern = *feature.pattern;
    for (size_t at = 0; (at = pattern.find("\\Z", at)) != std::string::npos; at += 2)
      if (at == 0 || pattern[at - 1] != '\\') pattern[at + 1] = 'z';  // Python's name for it
    re2::RE2::Options options;
    options.set_log_errors(false);
    out.pattern_ = std::make_unique<re2::RE2>(pattern, options);
    if (!out.pattern_->ok())
      return fail(ErrorCode::usage,
                  fmt::format("{}: the pattern of \"{}\" is not understood: {}\nhelp: RE2's syntax, without "
                              "back references and look-around",
                              schema_path, feature.identifier, out.pattern_->error()));
  }
  if (feature.format == Format::date) {
    auto date = TimeFormat::compile(feature.date_format);
    if (!date)
      return fail(ErrorCode::usage,
                  fmt::format("{}: feature \"{}\": {}", schema_path, feature.identifier, date.error().message));
    out.date_ = std::move(*date);
  }
  return out;
}

bool FeatureReader::fits_text(std::string_view value) const {
  if (feature_.encoding == FilterFeature::Encoding::ascii && !is_ascii(value)) return false;
  if (pattern_ != nullptr) return re2::RE2::FullMatch({value.data(), value.size()}, *pattern_);
  if (feature_.length_min || feature_.length_max) {
    const auto characters = static_cast<int64_t>(count_characters(value));
    if (feature_.length_min && characters < *feature_.length_min) return false;
    if (feature_.length_max && characters > *feature_.length_max) return false;
  }
  if (feature_.letters == FilterFeature::Case::upper) return is_upper(value);
  return feature_.letters != FilterFeature::Case::lower || is_lower(value);
}

bool FeatureReader::read(std::string_view value, std::string& text) const {
  if (feature_.missing && *feature_.missing == value) {
    text += feature_.missing_as;
    return true;
  }
  switch (feature_.format) {
    case Format::text:
      if (!fits_text(value)) return false;
      text += value;
      return true;
    case Format::choice:
      if (std::ranges::find(feature_.values, value) == feature_.values.end()) return false;
      text += value;
      return true;
    case Format::integer: {
      const size_t before = text.size();
      return read_integer(value, text) && within_limits(std::string_view(text).substr(before), feature_);
    }
    case Format::date: {
      if (swar::trim(value).size() != value.size()) return false;  // Python takes no spaces around a date
      const std::optional<double> days = date_->read(value);
      if (!days) return false;
      const uint64_t word = word_of_day(static_cast<int64_t>(std::floor(*days)));
      if (word == 0) return false;
      fmt::format_to(std::back_inserter(text), "{}{:02}{:02}", year_of(word), month_of(word), day_of(word));
      return true;
    }
  }
  return false;
}

bool FeatureReader::take(std::string_view value, std::string& text) const {
  if (feature_.format == Format::date) {
    std::ranges::copy_if(value, std::back_inserter(text), [](char c) { return c != '-'; });
    return true;
  }
  if (feature_.format == Format::integer) return read_integer(value, text);
  if (feature_.encoding == FilterFeature::Encoding::ascii && !is_ascii(value)) return false;
  text += value;
  return true;
}

bool FeatureReader::tokens(std::string_view text, FeatureTokens& tokens) const {
  tokens.clear();
  if (text.empty()) return true;
  switch (feature_.comparison) {
    case FeatureComparison::exact:
      append_encoded(text, feature_.encoding, tokens.bytes);
      tokens.ends.push_back(static_cast<uint32_t>(tokens.bytes.size()));
      return true;
    case FeatureComparison::ngram: grams(text, tokens); return true;
    case FeatureComparison::numeric: return neighbours(text, tokens);
  }
  return true;
}

void FeatureReader::grams(std::string_view text, FeatureTokens& tokens) const {
  std::string& padded = tokens.padded;
  padded.assign(feature_.n - 1, ' ');
  padded += text;
  padded.append(feature_.n - 1, ' ');
  std::vector<uint32_t>& starts = tokens.starts;  // of characters, and the end
  starts.clear();
  if (is_ascii(text)) {
    for (size_t at = 0; at <= padded.size(); ++at) starts.push_back(static_cast<uint32_t>(at));
  } else {
    for (size_t at = 0; at < padded.size(); at += first_character(std::string_view(padded).substr(at)).bytes)
      starts.push_back(static_cast<uint32_t>(at));
    starts.push_back(static_cast<uint32_t>(padded.size()));
  }
  const bool as_it_stands =
      feature_.encoding == FilterFeature::Encoding::utf8 || feature_.encoding == FilterFeature::Encoding::ascii;
  char number[24];
  for (size_t i = 0; i + feature_.n < starts.size(); ++i) {
    const std::string_view gram(padded.data() + starts[i], starts[i + feature_.n] - starts[i]);
    std::string_view place;
    if (feature_.positional) {
      char* end = std::to_chars(number, number + sizeof number - 1, i + 1).ptr;
      *end++ = ' ';
      place = {number, static_cast<size_t>(end - number)};
    }
    if (as_it_stands) {
      tokens.bytes += place;
      tokens.bytes += gram;
    } else {
      append_encoded(std::string(place) + std::string(gram), feature_.encoding, tokens.bytes);
    }
    tokens.ends.push_back(static_cast<uint32_t>(tokens.bytes.size()));
  }
}

bool FeatureReader::neighbours(std::string_view text, FeatureTokens& tokens) const {
  const std::optional<Wide> number = scaled_number(text, feature_.precision);
  if (!number) return false;
  const auto interval = static_cast<Wide>(std::nearbyint(feature_.distance * std::pow(10.0, feature_.precision)));
  Wide value = *number * 2 * feature_.resolution;
  const Wide residue = (value % interval + interval) % interval;
  value += residue * 2 < interval ? -residue : interval - residue;
  for (int64_t i = -int64_t{feature_.resolution}; i <= int64_t{feature_.resolution}; ++i) {
    append_encoded(text_of(value + i * interval), feature_.encoding, tokens.bytes);
    tokens.ends.push_back(static_cast<uint32_t>(tokens.bytes.size()));
  }
  return true;
}

}  // namespace tessera
