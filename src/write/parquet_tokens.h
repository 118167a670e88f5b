// parquet_tokens.h: how do tokens, of 16 bytes each, become a column of Parquet?
#pragma once

#include <parquet/column_writer.h>

#include <vector>

#include "write/write.h"

namespace tessera {

// Tokens of the rows that have one. `levels`: of a row, 1 if it has a token; null: all have. Throws as Arrow does.
void write_tokens(parquet::ByteArrayWriter& writer, const int16_t* levels, const std::vector<OutToken>& tokens,
                  size_t rows);

}  // namespace tessera
