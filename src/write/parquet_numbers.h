// parquet_numbers.h: how do whole numbers without nulls become pages of Parquet?
//
//   int64   differences, a page as soon as its rows are there
//   int32   a dictionary, and pages of places in it, when the group is full: its dictionary is sorted; where there may be
//           more than 65,536 values Arrow writes the column
//
// The int64s are read where the batches have left them: they are not gathered first. Ends come with the numbers: whoever
// packed them had them in the cache.
#pragma once

#include <parquet/properties.h>

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "write/parquet_pages.h"

namespace tessera {

// A page of int64s (DELTA_BINARY_PACKED). Throws parquet::ParquetException.
[[nodiscard]] MadePage make_number_page(const PageValues& values, size_t rows,
                                        const parquet::ColumnProperties& properties);

// The int32s of a column of a group, if it has some and none is null.
struct GroupNumbers {
  std::span<const int32_t> numbers;
  Ends<int32_t> ends;
};

class NumberPages {
 public:
  // The numbers stay where they are until the pages are written. None where they have too many different values.
  static std::optional<NumberPages> of(const GroupNumbers& numbers, size_t page_rows);

  [[nodiscard]] size_t pages() const { return made_.pages.size(); }
  // Encodes and compresses one page; any number of them at a time. Throws parquet::ParquetException.
  void make(size_t page, const parquet::ColumnProperties& properties);
  // All of them, once they are made, with the least and the greatest number.
  [[nodiscard]] MadePages& made() { return made_; }

 private:
  NumberPages() = default;

  std::span<const int32_t> numbers_;
  int32_t least_ = 0;
  std::vector<uint16_t> place_of_;  // by value above the least
  size_t page_rows_ = 0;
  MadePages made_;
};

}  // namespace tessera
