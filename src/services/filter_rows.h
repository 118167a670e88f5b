// filter_rows.h: which filter (CLK) is written for a row when a data set is encoded?
//
//   ... | clk     base64 of the filter, as clkhash writes it
//
// A feature of the schema takes a column as it stands, which must fit the schema, or the standardised value of a field;
// a field without a value sets no bits. A row with a value that does not fit is rejected.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "pseudonymise/pseudonymise.h"
#include "record/words.h"
#include "services/side.h"

namespace tessera {

inline constexpr const char* filter_column = "clk";

class FilterRows {
 public:
  // Adds to `words` those that mapped features want, and to `input` a field for each column that is taken as it stands,
  // so that rejects can name it. Fails: as FilterEncoder::make.
  static Result<FilterRows> make(const Encode& how, const FilterSchema& schema, std::span<const std::byte> secret,
                                 Input& input, std::vector<WordSpec>& words);

  // Columns that are taken as they stand, in the order in which encode() wants them.
  [[nodiscard]] const std::vector<std::string>& columns() const { return columns_; }
  [[nodiscard]] size_t bits() const { return encoder_.bits(); }

  // What one thread needs.
  struct Buffers {
    std::unique_ptr<FilterEncoder::Scratch, FilterEncoder::DropScratch> scratch;
    std::vector<std::byte> filters;
    std::string characters, text, value;
    std::vector<std::string_view> views;
  };
  [[nodiscard]] Result<Buffers> buffers() const;

  // The filters of a batch: rows that do not fit the schema leave `words` for `rejects`. `raw_columns`: as columns().
  void encode(const RawBatch& raw, std::span<const RawColumn> raw_columns, WordBatch& words,
              const Standardiser& standardiser, const Standardiser::Scratch& texts, std::vector<Reject>& rejects,
              Buffers& buffers) const;
  // Of the rows that encode() left.
  [[nodiscard]] static OutValues values(const Buffers& buffers) { return {.texts = buffers.views}; }

 private:
  struct FeaturePlace {
    size_t feature = 0;  // in the schema
    bool column = false;
    size_t place = 0;   // in columns_, or in the words
    int32_t field = 0;  // of the input
    TokenSpec whole;    // of a word: for its text
    Kind kind = Kind::text;
  };
  explicit FilterRows(FilterEncoder encoder) : encoder_(std::move(encoder)) {}
  [[nodiscard]] bool add(const FeaturePlace& place, std::span<const RawColumn> raw_columns, uint32_t raw_row,
                         const WordBatch& words, size_t row, const LongTexts& texts, Buffers& buffers) const;

  FilterEncoder encoder_;
  std::vector<FeaturePlace> places_;
  std::vector<std::string> columns_;
};

// The features of a schema for `tessera explain`: what each takes, its tokens, bits and hash.
[[nodiscard]] std::string describe_filters(const Encode& how, const FilterSchema& schema);

}  // namespace tessera
