// rules.h: what does one value of a field mean?
//
//   " 943 476 5919 "  nhs_number  -> 9434765919
//   "O'Brien"         name        -> whole "OBRIEN", soundex "O165", initial "O"
//
// Not here: columns and batches (columns.h), counts and rejects (standardise.cc).
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "kernels/date.h"
#include "kernels/value.h"
#include "record/long_texts.h"
#include "record/text_log.h"
#include "standardise/missing.h"
#include "tessera/error.h"
#include "tessera/job.h"

namespace tessera {

// Buffers that a thread reuses from value to value.
struct TextBuffers {
  std::string text;                 // the standardised text
  std::string part;                 // a part of it
  std::string joined;               // columns joined, or a number written out
  LongTexts* long_texts = nullptr;  // keeps the texts behind long words, if they are to be found by them
  TextLog* text_log = nullptr;      // writes them down, if they are wanted
};

// Whether a part needs the text of the value; others follow from the whole word.
[[nodiscard]] bool needs_text(const FieldSpec& field, Part part);

class FieldRules {
 public:
  // Fails: usage (2) for a date format, date or country that is not one.
  static Result<FieldRules> make(const Input& input, const FieldSpec& field);

  [[nodiscard]] const FieldSpec& field() const { return field_; }
  [[nodiscard]] const MissingSpellings& missing() const { return missing_; }
  [[nodiscard]] std::span<const DateFormat> formats() const { return formats_; }
  [[nodiscard]] const DateWindow& window() const { return window_; }

  // The whole word of a text. Requires: no spaces around it, not empty, not a spelling of missing.
  [[nodiscard]] Value whole(std::string_view text, TextBuffers& buffers) const;
  [[nodiscard]] Value date(std::string_view text) const;
  // Of a pseudonymised data set. Nothing is trimmed off: bytes of a token may look like spaces.
  [[nodiscard]] Value token(std::string_view text) const;
  [[nodiscard]] static Value flag(std::string_view text);
  // A date from its parts, 0 for one that is not known.
  [[nodiscard]] Value date_from(unsigned year, unsigned month, unsigned day) const;
  [[nodiscard]] Value in_window(uint64_t date) const {
    const Invalid why = window_.check(date);
    return {why == Invalid::none ? date : 0, why};
  }

  // The words of `parts` of a text, of which the first is the whole. Requirements as for whole().
  Invalid words(std::string_view text, std::span<const Part> parts, TextBuffers& buffers, uint64_t* out) const;

 private:
  [[nodiscard]] Value written(std::string_view text, TextBuffers& buffers) const;

  FieldSpec field_;
  MissingSpellings missing_;
  std::vector<DateFormat> formats_;
  DateWindow window_;
  bool any_country_ = false;
};

}  // namespace tessera
