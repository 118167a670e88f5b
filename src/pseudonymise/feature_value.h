// feature_value.h: is a value what its schema says, and as which tokens does it go into a filter?
//
//   value        text        tokens
//   "OKAFOR"     OKAFOR      " O" "OK" "KA" "AF" "FO" "OR" "R "      ngram, n = 2
//   1950-03-01   19500301    "1 1" "2 9" "3 5" ...                   ngram, n = 1, positional
//   " +07"       7           "12" "14" "16" ...                      numeric: its neighbours on a grid
//
// Text and tokens are those of clkhash 0.18, to the byte: tests/unit/pseudonymise and tests/filters hold them together.
// Source: Vatsalan and Christen 2016 (numeric neighbours).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kernels/time_format.h"
#include "record/filter_schema.h"
#include "tessera/error.h"

namespace re2 {
class RE2;
}

namespace tessera {

// The tokens of one value, end to end.
struct FeatureTokens {
  std::string bytes;
  std::vector<uint32_t> ends;
  std::string padded;            // for the work
  std::vector<uint32_t> starts;  // for the work
  void clear() {
    bytes.clear();
    ends.clear();
  }
  [[nodiscard]] size_t size() const { return ends.size(); }
  [[nodiscard]] std::string_view operator[](size_t i) const {
    const size_t begin = i == 0 ? 0 : ends[i - 1];
    return std::string_view(bytes).substr(begin, ends[i] - begin);
  }
};

// Safe to use from many threads at a time.
class FeatureReader {
 public:
  // Fails: usage (2) for a pattern or a date format that is not understood.
  static Result<FeatureReader> make(const FilterFeature& feature, const std::string& schema_path);
  FeatureReader(FeatureReader&&) noexcept;
  FeatureReader& operator=(FeatureReader&&) noexcept;
  ~FeatureReader();

  // Appends the text of a value as it stands in a column. False: it does not fit the schema. Requires: UTF-8.
  [[nodiscard]] bool read(std::string_view value, std::string& text) const;
  // The same for a value that was standardised already, which is not checked but for what its tokens need.
  [[nodiscard]] bool take(std::string_view value, std::string& text) const;
  // Replaces `tokens` by those of a text. False: the comparison is of numbers, and it is none, or one beyond 1e15.
  [[nodiscard]] bool tokens(std::string_view text, FeatureTokens& tokens) const;

 private:
  explicit FeatureReader(const FilterFeature& feature);
  [[nodiscard]] bool fits_text(std::string_view value) const;
  void grams(std::string_view text, FeatureTokens& tokens) const;
  [[nodiscard]] bool neighbours(std::string_view text, FeatureTokens& tokens) const;

  FilterFeature feature_;
  std::unique_ptr<re2::RE2> pattern_;
  std::optional<TimeFormat> date_;
};

}  // namespace tessera
