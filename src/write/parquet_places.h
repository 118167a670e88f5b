// parquet_places.h: how do values whose dictionary is known become a column of Parquet?
//
//   dictionary   F  M  X  N     known before the first row
//   places       1 0 1 1 3      of the rows of a group
//   written      M  F  N        the group's own dictionary, in the order in which they first occur
//                0 1 0 0 2      in as many bits as the values up to the end of the page need
//
// Nobody looks for equal values: a table of all places is enough.
#pragma once

#include <parquet/properties.h>

#include <cstdint>
#include <vector>

#include "write/parquet_pages.h"
#include "write/write.h"

namespace tessera {

// The pages of one column, a group after another.
class PlacePages {
 public:
  // Requires: column.has_dictionary(). It must outlive this.
  explicit PlacePages(const OutColumn& column) : column_(column) {}
  // The next page of the group. Throws parquet::ParquetException.
  [[nodiscard]] MadePage make(const PageValues& values, size_t rows, const parquet::ColumnProperties& properties);
  // Puts the dictionary to the pages; the next one begins another group.
  void end_group(MadePages& made);

 private:
  [[nodiscard]] std::string_view value(uint32_t place) const;

  const OutColumn& column_;
  std::vector<uint32_t> index_of_;  // by place; empty before the first page of a group
  std::vector<uint32_t> used_;      // places, by index
};

}  // namespace tessera
