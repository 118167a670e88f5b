// parquet_numbers.h: how does a column of whole numbers without nulls become part of a row group?
//
//   int64   pages of differences
//   int32   a dictionary, and pages of places in it; where there are more than 256 values Arrow writes the column
//
// Each page is encoded and compressed on its own, so those of a group are made in parallel; then they are written one
// after another. Numbers are read where the batches have left them: they are not gathered first.
#pragma once

#include <parquet/column_writer.h>
#include <parquet/metadata.h>
#include <parquet/properties.h>

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace tessera {

// Numbers, piece after piece.
template <class T>
using Pieces = std::vector<std::span<const T>>;

class NumberPages {
 public:
  // The pieces stay where they are until the pages are written.
  NumberPages(const Pieces<int64_t>& numbers, size_t page_rows);
  // None where they have too many different values.
  static std::optional<NumberPages> of(const Pieces<int32_t>& numbers, size_t page_rows);

  [[nodiscard]] size_t pages() const { return pages_.size(); }
  // Encodes and compresses one page; any number of them at a time. Throws parquet::ParquetException.
  void make(size_t page, const parquet::ColumnProperties& properties);
  // Writes them all, with the least and the greatest if the properties ask for it. Bytes before compression.
  int64_t write(parquet::PageWriter& writer, parquet::ColumnChunkMetaDataBuilder& metadata,
                const parquet::ColumnProperties& properties);

 private:
  struct Page {
    std::vector<uint8_t> bytes;  // compressed
    int64_t whole_bytes = 0;     // before
    size_t rows = 0;
  };
  NumberPages() = default;
  void cut(size_t rows, size_t page_rows);
  [[nodiscard]] parquet::EncodedStatistics statistics() const;

  const Pieces<int64_t>* int64s_ = nullptr;
  const Pieces<int32_t>* int32s_ = nullptr;
  std::vector<int32_t> dictionary_;  // of int32, ascending
  std::vector<uint8_t> place_of_;    // by value above the least
  size_t page_rows_ = 0;
  std::vector<Page> pages_;
};

}  // namespace tessera
