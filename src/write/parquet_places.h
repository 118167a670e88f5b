// parquet_places.h: how do values whose dictionary is known become a column of Parquet?
//
//   dictionary   F  M  X  N     known before the first row
//   places       1 0 1 1 3      of the rows of a group
//   written      M  F  N        the group's own dictionary, in the order in which they first occur
//                0 1 0 0 2
//
// Arrow then need not look for equal values: a table of all places is enough.
#pragma once

#include <parquet/column_writer.h>

#include <cstdint>
#include <vector>

#include "write/write.h"

namespace tessera {

// The places of a whole group, of the rows that have one. `levels`: of a row, 1 if it has; null: all have.
// Requires: column.has_dictionary(). Throws as Arrow does.
void write_places(parquet::ColumnWriter& writer, const int16_t* levels, const std::vector<uint32_t>& places,
                  const OutColumn& column, size_t rows);

}  // namespace tessera
