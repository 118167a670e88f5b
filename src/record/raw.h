// raw.h: what does a batch of rows look like as it comes from a file?
//
// A batch holds the columns that the job asked for, in the order it asked, and
// only the rows that passed `where` and could be read. Columns are views into
// buffers that the morsel owns and reuses: they are good until its next batch.
//
//   numbers  [17, 18, 19]                       Parquet INT32/INT64
//   texts    ["M", "F", null]                   CSV, JSON lines, plain Parquet strings
//   texts    ["M", "F"] indices [0, 0, 1, -1]   Parquet dictionary pages
//
// With a dictionary, each distinct value is standardised once.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace tessera {

struct RawColumn {
  enum class Form : uint8_t {
    text,    // texts, or texts + indices
    number,  // numbers
    day,     // numbers: days since 1970-01-01
  };
  Form form = Form::text;
  std::span<const std::string_view> texts{};  // data() == nullptr: null. Valid UTF-8.
  std::span<const int32_t> indices{};         // not empty: row i has texts[indices[i]]; -1: null
  uint64_t dictionary_id = 0;                 // with indices: changes when texts change; never 0 then
  std::span<const int64_t> numbers{};         // one a row; undefined where null
  std::span<const uint8_t> present{};         // numbers: 1 present, 0 null; empty: all present

  // Text of row i; data() == nullptr for null. Requires: form == text.
  [[nodiscard]] std::string_view text(size_t i) const {
    if (indices.empty()) return texts[i];
    return indices[i] < 0 ? std::string_view{} : texts[static_cast<size_t>(indices[i])];
  }
  [[nodiscard]] bool null(size_t i) const {
    if (form == Form::text) return text(i).data() == nullptr;
    return !present.empty() && present[i] == 0;
  }
};

struct RawBatch {
  size_t rows = 0;
  std::vector<RawColumn> columns;
  // Place of each row within its morsel's rows, counted from 0, as rows of the
  // file count (filtered and rejected ones too). Empty: first_row + i.
  uint64_t first_row = 0;
  std::vector<uint32_t> row_of;

  [[nodiscard]] uint64_t place(size_t i) const { return row_of.empty() ? first_row + i : row_of[i]; }
};

// Why a row cannot be used. Texts: reason_text().
enum class RejectReason : uint8_t {
  ragged,            // too many or too few columns
  undecodable,       // not in the encoding of the input, or a NUL byte
  not_an_object,     // JSON lines: the line is not a JSON object
  id_missing,        // the id column is null
  required_missing,  // a required field is null
  required_invalid,  // a required field has a value that cannot be used
  too_long,          // a value or line over the limit
  schema_misfit,     // a value that does not fit the schema of filters
  no_partner,        // a pseudonym that is not in the bridging file
  several_partners,  // one that the bridging file gives several for
};
const char* reason_text(RejectReason);

struct Reject {
  uint64_t row = 0;    // as RawBatch::place
  int32_t field = -1;  // index into Input::fields; -1: none
  RejectReason reason = RejectReason::ragged;
};

}  // namespace tessera
