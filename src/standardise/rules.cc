// rules.cc: what does one value of a field mean? (see rules.h)
#include "standardise/rules.h"

#include <algorithm>
#include <chrono>

#include "base/base64.h"
#include "kernels/integer.h"
#include "kernels/name.h"
#include "kernels/nhs_number.h"
#include "kernels/postcode.h"
#include "kernels/sex.h"
#include "record/text_parts.h"
#include "record/words.h"

namespace tessera {

namespace {

bool is_written(Kind kind) {
  return kind == Kind::name || kind == Kind::text || kind == Kind::code || kind == Kind::token;
}

uint64_t today() {
  const auto days = std::chrono::floor<std::chrono::days>(std::chrono::system_clock::now());
  return word_of_day(days.time_since_epoch().count());
}

Result<uint64_t> iso_date(const FieldSpec& field, const char* setting, const std::string& text) {
  TESSERA_ASSIGN(const DateFormat iso, DateFormat::compile("%Y-%m-%d"));
  const Value value = iso.read(text);
  if (value.word == 0)
    return fail(ErrorCode::usage, "field " + field.name + ": " + setting + " must be a date as 1950-12-31");
  return value.word;
}

Result<DateWindow> window_of(const FieldSpec& field) {
  DateWindow window;
  TESSERA_ASSIGN(window.min, iso_date(field, "date_min", field.date_min));
  window.max = today();
  if (!field.date_max.empty()) {
    TESSERA_ASSIGN(window.max, iso_date(field, "date_max", field.date_max));
  }
  for (const std::string& text : field.placeholders) {
    TESSERA_ASSIGN(const uint64_t word, iso_date(field, "placeholders", text));
    window.placeholders.push_back(word);
  }
  std::ranges::sort(window.placeholders);
  return window;
}

}  // namespace

bool needs_text(const FieldSpec& field, Part part) {
  if (part == Part::whole) return false;
  return is_written(field.kind) || (field.kind == Kind::postcode && field.country != "gb");
}

Result<FieldRules> FieldRules::make(const Input& input, const FieldSpec& field) {
  FieldRules rules;
  rules.field_ = field;
  rules.missing_ = MissingSpellings(input.missing, field.missing);
  if (field.kind == Kind::date) {
    const std::vector<std::string> usual = {"%Y-%m-%d", "%Y%m%d", "%d/%m/%Y"};
    for (const std::string& text : field.formats.empty() ? usual : field.formats) {
      TESSERA_ASSIGN(DateFormat format, DateFormat::compile(text));
      rules.formats_.push_back(std::move(format));
    }
    TESSERA_ASSIGN(rules.window_, window_of(field));
  }
  if (field.kind == Kind::postcode && field.country != "gb" && field.country != "any")
    return fail(ErrorCode::usage, "field " + field.name + ": country must be \"gb\" or \"any\"");
  rules.any_country_ = field.country == "any";
  return rules;
}

Value FieldRules::whole(std::string_view text, TextBuffers& buffers) const {
  switch (field_.kind) {
    case Kind::nhs_number: return nhs_number(text, field_.allow_test_range);
    case Kind::date: return date(text);
    case Kind::sex: return sex(text);
    case Kind::integer: return integer(text);
    case Kind::pseudonym: return token(text);
    case Kind::flag: return flag(text);
    case Kind::clk: {
      buffers.text.clear();
      const bool good = read_base64(text, buffers.text);
      return good ? Value{text_word(buffers.text), Invalid::none} : Value{0, Invalid::not_a_filter};
    }
    case Kind::postcode: {
      const Value british = postcode(text);
      if (!any_country_ || british.why == Invalid::none) return british;
      return written(text, buffers);
    }
    default: return written(text, buffers);
  }
}

Value FieldRules::date(std::string_view text) const {
  Invalid why = Invalid::not_a_date;
  for (const DateFormat& format : formats_) {
    const Value value = format.read(text, field_.two_digit_pivot);
    if (value.why == Invalid::none) return in_window(value.word);
    if (value.why == Invalid::two_digit_year) why = value.why;
  }
  return {0, why};
}

Value FieldRules::date_from(unsigned year, unsigned month, unsigned day) const {
  const uint64_t word = date_of_parts(year, month, day);
  return word == 0 ? Value{0, Invalid::not_a_date} : in_window(word);
}

Value FieldRules::token(std::string_view text) const {
  const uint64_t word = token_word(text, field_.binary);
  return {word, word == 0 ? Invalid::not_a_token : Invalid::none};
}

Value FieldRules::flag(std::string_view text) {
  if (text == "true") return {1, Invalid::none};
  return {0, text == "false" ? Invalid::none : Invalid::not_a_flag};
}

// Leaves the standardised text in buffers.text.
Value FieldRules::written(std::string_view text, TextBuffers& buffers) const {
  switch (field_.kind) {
    case Kind::name: fold_name(text, field_.drop_titles, buffers.text); break;
    case Kind::text: tidy_text(text, buffers.text); break;
    case Kind::code: tidy_code(text, buffers.text); break;
    case Kind::postcode: tidy_postcode(text, buffers.text); break;
    default: buffers.text.assign(text); break;
  }
  return {text_word(buffers.text), buffers.text.empty() ? Invalid::no_letters : Invalid::none};
}

Invalid FieldRules::words(std::string_view text, std::span<const Part> parts, TextBuffers& buffers,
                          uint64_t* out) const {
  const Value value = whole(text, buffers);
  out[0] = value.word;
  if (is_long_word(value.word)) {
    if (buffers.long_texts != nullptr) buffers.long_texts->add(value.word, buffers.text);
    if (buffers.text_log != nullptr) buffers.text_log->add(value.word, buffers.text);
  }
  const bool british = field_.kind == Kind::postcode && value.word != 0 && postcode(text).word == value.word;
  for (size_t i = 1; i < parts.size(); ++i) {
    if (value.word == 0)
      out[i] = 0;
    else
      out[i] = british ? derive_word(Kind::postcode, parts[i], value.word)
                       : text_word(part_of_text(parts[i], buffers.text, buffers.part));
  }
  return value.why;
}

}  // namespace tessera
