// parquet_schema.h: how does each column of a table lie in a Parquet file?
#pragma once

#include <parquet/properties.h>
#include <parquet/schema.h>

#include <memory>
#include <vector>

#include "write/write.h"

namespace tessera {

inline constexpr size_t group_rows_max = size_t{1} << 20;
// Each page has its price for a reader; the last one of a column is compressed by one thread only.
inline constexpr size_t page_rows_max = group_rows_max / 8;
// After so many rows Arrow looks whether a page is full.
inline constexpr size_t arrow_batch_rows = size_t{1} << 14;

// Rows of a group: fewer with tokens, many wide columns that cannot be compressed.
[[nodiscard]] size_t group_rows(const std::vector<OutColumn>& columns);

[[nodiscard]] std::shared_ptr<parquet::schema::GroupNode> parquet_schema(const std::vector<OutColumn>& columns);

// Compression, dictionaries, encodings and statistics of each column.
[[nodiscard]] std::shared_ptr<parquet::WriterProperties> parquet_properties(const std::vector<OutColumn>& columns);

}  // namespace tessera
