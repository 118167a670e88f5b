// parquet_rows.h: how do the values of a batch wait until a Parquet file takes them?
//
// Packed column by column: the values that are there, one after another, and for each row whether it has one.
#pragma once

#include <parquet/column_writer.h>
#include <parquet/types.h>

#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

#include "base/pool.h"
#include "write/parquet_pages.h"
#include "write/write.h"

namespace tessera {

// One column of a chunk, of a piece, or of a group: only the vector that fits its type is used.
struct Packed {
  std::vector<int16_t> levels;   // one a row: 1 present, 0 null. Unused where nulls cannot be.
  UnsetVector<uint8_t> present;  // the same, of columns whose pages are ours
  std::vector<int64_t> int64s;
  UnsetVector<int32_t> int32s;  // int32, date
  Ends<int64_t> int64_ends;     // of a chunk, or of what is written of a group
  Ends<int32_t> int32_ends;     // of a chunk, or of a group
  std::vector<double> reals;
  std::vector<uint8_t> booleans;
  std::vector<OutToken> tokens;
  UnsetVector<uint32_t> places;  // in the column's dictionary, instead of tokens or texts
  std::vector<parquet::ByteArray> texts;
  std::span<const char> characters;  // of texts of one width

  void clear() {
    levels.clear();
    present.clear();
    int64s.clear();
    int32s.clear();
    int64_ends = {};
    int32_ends = {};
    reals.clear();
    booleans.clear();
    tokens.clear();
    places.clear();
    texts.clear();
    characters = {};
  }
};

// Texts of the column's own, in the batches: not places in a dictionary.
inline bool own_text(const OutColumn& column) { return column.type == OutType::text && !column.has_dictionary(); }
// Whose pages we make as they fill (parquet_places.h, parquet_texts.h, parquet_numbers.h).
inline bool own_pages(const OutColumn& column) {
  return column.has_dictionary() || (column.type == OutType::text && column.width > 0) ||
         (column.type == OutType::int64 && !column.nullable);
}
// Whose pages we make when the group is full (parquet_numbers.h).
inline bool own_numbers(const OutColumn& column) {
  return (column.type == OutType::int32 || column.type == OutType::date) && !column.nullable;
}

template <class T>
void append_part(T& to, const T& from, size_t first, size_t count) {
  to.insert(to.end(), from.begin() + static_cast<std::ptrdiff_t>(first),
            from.begin() + static_cast<std::ptrdiff_t>(first + count));
}

// Values [first, first + count) of a column.
void append_values(Packed& to, const OutColumn& column, const Packed& from, size_t first, size_t count);

void pack_levels(const OutColumn& column, const OutValues& values, size_t rows, Packed& out);
// Copies the values that are there; characters go to `at`. Returns the end of the characters.
char* pack_values(const OutColumn& column, const OutValues& values, size_t rows, Packed& out, char* at);

// Hands them to Arrow's writer of the column. Throws as Arrow does.
void write_column(parquet::ColumnWriter& writer, const OutColumn& as, const Packed& column, size_t rows);

}  // namespace tessera
