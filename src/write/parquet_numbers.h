// parquet_numbers.h: how does a column of whole numbers without nulls become part of a row group?
//
//   int64   pages of differences
//   int32   a dictionary, and pages of places in it; where there may be more than 65,536 values Arrow writes the column
//
// Each page is encoded and compressed on its own, so those of a group are made in parallel; then they are written one
// after another. Numbers are read where the batches have left them: they are not gathered first. Their ends come with
// them: whoever packed them had them in the cache.
#pragma once

#include <parquet/properties.h>

#include <cstdint>
#include <optional>
#include <vector>

#include "write/parquet_pages.h"

namespace tessera {

class NumberPages {
 public:
  // The pieces stay where they are until the pages are written.
  NumberPages(const Pieces<int64_t>& numbers, Ends<int64_t> ends, size_t page_rows);
  // None where they have too many different values.
  static std::optional<NumberPages> of(const Pieces<int32_t>& numbers, Ends<int32_t> ends, size_t page_rows);

  [[nodiscard]] size_t pages() const { return made_.pages.size(); }
  // Encodes and compresses one page; any number of them at a time. Throws parquet::ParquetException.
  void make(size_t page, const parquet::ColumnProperties& properties);
  // All of them, once they are made, with the least and the greatest number.
  [[nodiscard]] MadePages& made() { return made_; }

 private:
  NumberPages() = default;
  void cut(size_t rows, size_t page_rows);
  template <class T>
  void set_statistics(Ends<T> ends);

  const Pieces<int64_t>* int64s_ = nullptr;
  const Pieces<int32_t>* int32s_ = nullptr;
  int32_t least_ = 0;               // of int32
  std::vector<uint16_t> place_of_;  // by value above the least
  size_t page_rows_ = 0;
  MadePages made_;
};

}  // namespace tessera
