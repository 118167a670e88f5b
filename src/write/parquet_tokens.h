// parquet_tokens.h: how do tokens, of 16 bytes each, become a column of Parquet?
#pragma once

#include <parquet/column_writer.h>

#include <cstdint>
#include <span>
#include <vector>

#include "write/write.h"

namespace tessera {

// `levels`: of a row, 1 if it has a token; null: all have. Both throw as Arrow does.

// Tokens of the rows that have one.
void write_tokens(parquet::ByteArrayWriter& writer, const int16_t* levels, const std::vector<OutToken>& tokens,
                  size_t rows);

// The same of places in a dictionary. Those of a group become its own dictionary, in the order in which they first occur:
// Arrow then need not look for equal ones.
void write_places(parquet::ColumnWriter& writer, const int16_t* levels, const std::vector<uint32_t>& places,
                  std::span<const OutToken> dictionary, size_t rows);

}  // namespace tessera
