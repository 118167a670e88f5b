// columns.h: which columns are read, which are handed on, and which rows?
//
//   asked for   NHS, DOB, NHS       where SEX = '1'
//   read        NHS, DOB, SEX       each once
//   handed on   0, 1, 0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "read/filter.h"
#include "read/scratch.h"
#include "tessera/job.h"

namespace tessera {

struct ColumnPlan {
  std::vector<std::string> names;  // read, each once
  std::vector<size_t> handed_on;   // asked[k] is names[handed_on[k]]
  std::vector<int32_t> field;      // names[i] belongs to this field of the input; -1: none
  std::vector<uint8_t> bytes;      // names[i] holds bytes and not text: tokens of Parquet
  std::optional<RowFilter> filter;

  ColumnPlan(const Input& input, const std::vector<std::string>& asked);
};

// The last step of every batch: rows that were rejected or that `where` leaves out
// are taken from the columns in `scratch.raw`, whose values lie in `scratch`, and
// the rest is handed on. `first_row` is the place of the first row, unless
// `places` has a place for each. Returns how many rows `where` left out.
size_t finish_batch(const ColumnPlan& plan, ReadScratch& scratch, size_t rows, uint64_t first_row,
                    const uint32_t* places, RowFilter::Work& work, RawBatch& out);

// Rejected rows of one batch, from `first` on: in the order of rows, each once.
// `unusable`, the rows of the batch, likewise.
void settle_rejects(std::vector<Reject>& rejects, size_t first, std::vector<uint32_t>& unusable);

// Columns that the input itself names: its id, those of its fields and of its filter.
std::vector<std::string> named_columns(const Input& input);
// That a further file has the named columns which the first has.
Status check_shared_columns(const Input& input, const std::vector<std::string>& first,
                            const std::vector<std::string>& there, const std::string& path);

// "there is no column NAME in FILE; its columns are A, B, C"
Error no_such_column(const std::string& name, const std::string& path, const std::vector<std::string>& there);

}  // namespace tessera
