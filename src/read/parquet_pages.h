// parquet_pages.h: how are the pages of a column chunk walked, and its nulls put in place?
//
// What columns of all types share. A page says how many rows it has, and by its
// levels which of them are null; the values that are there follow, dense.
#pragma once

#include <parquet/column_page.h>
#include <parquet/column_reader.h>
#include <parquet/types.h>

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <memory>

#include "read/chunk_stream.h"
#include "read/parquet_column.h"

namespace tessera {

// Bad data: caught where the file and the column are known.
[[noreturn]] void broken_page(const char* what);

[[nodiscard]] bool is_dictionary(parquet::Encoding::type encoding);

class PageWalk : public ParquetColumn {
 public:
  // Begins `from` bytes into the chunk, with a page.
  PageWalk(const ChunkPlace& place, ColumnBuffers& out, PageBuffers& pages, RecyclingPool& pool, size_t rows_max,
           int64_t from = 0);
  size_t ready() final;
  void skip(size_t rows) final;

 protected:
  virtual void load_dictionary(const parquet::DictionaryPage& page) = 0;
  // `values` bounds the values in `data`: nulls are counted but not stored.
  virtual void load_values(parquet::Encoding::type encoding, int values, const uint8_t* data, int bytes) = 0;

  // Decodes which of the next `rows` are null; how many are not.
  size_t read_levels(size_t rows);

  // Moves the first `count` values apart, so that each stands in its row. Few nulls: all values between two at a time.
  template <class T>
  void spread(T* values, size_t rows, size_t count, T null) const {
    const uint8_t* present = out_.present.data();
    if ((rows - count) * 16 > rows) {
      for (size_t i = rows, k = count; i-- > 0;) {
        const bool here = present[i] != 0;
        k -= here;
        values[i] = here ? values[k] : null;
      }
      return;
    }
    for (size_t end = rows, left = count; end > left;) {
      const void* const last = memrchr(present, 0, end);
      const auto at = static_cast<size_t>(static_cast<const uint8_t*>(last) - present);
      const size_t between = end - at - 1;
      left -= between;
      std::copy_backward(values + left, values + left + between, values + end);
      values[at] = null;
      end = at;
    }
  }

  // From the begin of the chunk to the page that comes next; 0: pages of data have gone by.
  [[nodiscard]] int64_t next_page() const;

  const ChunkPlace place_;
  ColumnBuffers& out_;
  PageBuffers& pages_;
  RecyclingPool& pool_;
  const size_t rows_max_;

 private:
  void load_page();
  void begin_page(const parquet::DataPage& page, int values, const uint8_t* data, int bytes);

  const int16_t max_level_;
  parquet::LevelDecoder levels_;
  const int64_t from_;
  std::shared_ptr<ChunkStream> stream_;
  std::unique_ptr<parquet::PageReader> pager_;
  std::shared_ptr<parquet::Page> page_;
  size_t left_ = 0;  // rows of the page
  bool all_present_ = false;
  bool any_data_ = false;
};

// For open_column(), by type.
std::unique_ptr<ParquetColumn> open_text_column(const ChunkPlace&, ColumnBuffers&, PageBuffers&, RecyclingPool&,
                                                size_t rows_max);
std::unique_ptr<ParquetColumn> open_fixed_column(const ChunkPlace&, ColumnBuffers&, PageBuffers&, RecyclingPool&,
                                                 size_t rows_max);

}  // namespace tessera
