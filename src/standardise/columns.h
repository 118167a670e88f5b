// columns.h: how do the rows of a column become words?
//
//   dictionary   once for each distinct value, then one gather a row
//   plain text   straight through the kernel; written kinds through a memo of values seen
//   numbers      straight, or written out for the kinds that are texts
//   several      joined by a space, or the parts of a date
//
// A row whose word is 0 is counted by its reason; of a required field it is noted as bad.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "kernels/value.h"
#include "record/raw.h"
#include "record/words.h"
#include "standardise/memo.h"
#include "standardise/rules.h"

namespace tessera {

// How the values of a field came out. Written by one thread.
struct Tally {
  uint64_t valid = 0, null = 0;
  std::array<uint64_t, invalid_count> invalid{};
};

struct BadRow {
  uint32_t row = 0;
  int32_t field = -1;
  bool missing = false;
};

// What one thread keeps for one field from batch to batch.
struct FieldScratch {
  Tally tally;
  TextBuffers buffers;
  Memo memo;
  std::vector<std::vector<uint64_t>> spare;             // words that are computed but not asked for
  uint64_t dictionary_id = 0;                           // of the tables below
  std::vector<std::vector<uint64_t>> table;             // [part][index + 1]; [0] is null
  std::vector<std::vector<uint32_t>> small;             // the same; empty: words of the part need more than four bytes
  std::vector<Invalid> table_why;                       // [index + 1]
  std::shared_ptr<const std::vector<uint64_t>> shared;  // table[0], once it is asked for
  std::vector<uint32_t> no_value;                       // rows of a batch whose word is 0
};

// The field that rows are made for: what is asked, and where it goes.
struct FieldTask {
  const FieldRules& rules;
  std::span<const Part> parts;     // the first is whole
  std::span<uint64_t* const> out;  // a column for each part, of `rows`
  size_t rows;
  int32_t field;             // index in Input::fields, for bad rows
  std::vector<BadRow>* bad;  // nullptr: the field is not required
};

// One column of any form, which holds the field whole.
void standardise_column(const RawColumn& column, const FieldTask& task, FieldScratch& scratch);

// The same of a column with a dictionary, as places in its words. Requires: task.parts is the whole.
void place_column(const RawColumn& column, const FieldTask& task, FieldScratch& scratch, PlacedWords& out);

// Columns that together hold the field, joined by a space; nulls are passed over.
void standardise_joined(std::span<const RawColumn> columns, const FieldTask& task, FieldScratch& scratch);

// Day, month and year of a date; nullptr: there is no such column.
void standardise_date_parts(const RawColumn* day, const RawColumn* month, const RawColumn* year, const FieldTask& task,
                            FieldScratch& scratch);

}  // namespace tessera
