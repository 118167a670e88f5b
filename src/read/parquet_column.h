// parquet_column.h: how does one column of a row group become slices of a RawColumn?
//
//   chunk   [dictionary page] [data page 40,000 rows] [data page 38,000 rows] ...
//   slices                     |8,000|8,000| ...       |7,600| ...
//
// The page reader of Parquet C++ decompresses one page at a time. Text of a plain
// page is not copied: a slice holds views into the page, and so never crosses the
// end of a page. Text of a dictionary page comes as indices into the dictionary,
// whose bytes are copied once for each chunk and thread, though it be read in parts.
// Nulls are not stored in a page, so values are decoded dense and then moved apart,
// from the last to the first.
//
// Not here: files and row groups (parquet_source.h).
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "read/chunk_stream.h"
#include "read/scratch.h"

namespace parquet {
class ColumnDescriptor;
class ReaderProperties;
}  // namespace parquet

namespace tessera {

// How stored values become text, numbers or days.
enum class Conversion : uint8_t {
  number,      // INT32, INT64
  number_u32,  // unsigned
  number_u64,  // unsigned; above 2^63-1 is an error
  day,         // DATE
  day_milli,   // TIMESTAMP, by unit
  day_micro,
  day_nano,
  day_int96,   // nanoseconds of the day and Julian day
  text,        // BYTE_ARRAY
  text_fixed,  // FIXED_LEN_BYTE_ARRAY, as it stands
  text_float,  // shortest decimal that reads back the same; NaN is null
  text_double,
  text_boolean,  // "true", "false"
  text_decimal,  // any physical type
};

struct ParquetType {
  Conversion conversion = Conversion::text;
  RawColumn::Form form = RawColumn::Form::text;
  bool bytes = false;  // of conversion text: any bytes, not UTF-8
};

// Fails with what cannot be read, without the names of file and column.
Result<ParquetType> parquet_type(const parquet::ColumnDescriptor& column);

// Where a column chunk lies, from the metadata of the file.
struct ChunkPlace {
  uint64_t file = 0;  // of all that this process opens
  const parquet::ColumnDescriptor* column = nullptr;
  ParquetType type;
  int descriptor = -1;  // of the file
  int64_t offset = 0;
  int64_t bytes = 0;
  int64_t values = 0;
  int compression = 0;    // arrow::Compression::type
  bool no_nulls = false;  // the statistics say so
};

// Memory for one column, kept by the thread.
struct PageBuffers {
  Buffer<uint8_t> compressed;
  Buffer<int16_t> levels;
  Buffer<uint8_t> dense;  // decoded values that need a conversion
  std::vector<std::string_view> dictionary;
  Buffer<char> dictionary_bytes;
  std::vector<uint8_t> dictionary_bad;  // 1: not UTF-8; empty: all good
  // The chunk that the dictionary is of, and the bytes from its begin to the first page after it.
  uint64_t dictionary_file = 0;
  int64_t dictionary_offset = 0, dictionary_end = 0;
  uint64_t dictionary_id = 0;
  // 0: the dictionary of this chunk is not at hand.
  [[nodiscard]] int64_t known_bytes(const ChunkPlace& place) const {
    return dictionary_id != 0 && dictionary_file == place.file && dictionary_offset == place.offset ? dictionary_end
                                                                                                    : 0;
  }
};

struct ParquetScratch {
  RecyclingPool pool;
  std::deque<PageBuffers> pages;  // one a column
};

// All members throw what Parquet C++ throws (std::exception) on bad data.
class ParquetColumn {
 public:
  virtual ~ParquetColumn() = default;
  // Rows at hand without crossing a page; 0 at the end of the chunk.
  virtual size_t ready() = 0;
  // Leaves out rows before the first are read. Whole pages are not decompressed.
  virtual void skip(size_t rows) = 0;
  // The next `rows` <= ready(). Rows whose text is not UTF-8 are appended to `unusable`.
  virtual RawColumn read(size_t rows, std::vector<uint32_t>& unusable) = 0;
};

// Borrows everything; `rows_max` bounds a slice.
std::unique_ptr<ParquetColumn> open_column(const ChunkPlace&, ColumnBuffers&, PageBuffers&, RecyclingPool&,
                                           size_t rows_max);

}  // namespace tessera
