// parquet_texts.h: how do texts of one width become a page of Parquet?
//
//   lengths      10 10 10 ...               a few bytes a block, as all are equal
//   characters   4010017733 6129083348 ...  one after another, without lengths between them
//
// (DELTA_LENGTH_BYTE_ARRAY.) A reader need not walk from length to length, and a compressor finds characters only.
#pragma once

#include <parquet/properties.h>

#include "write/parquet_pages.h"

namespace tessera {

// The values of a page, of so many rows. Throws parquet::ParquetException.
[[nodiscard]] MadePage make_text_page(const PageValues& values, size_t width, size_t rows,
                                      const parquet::ColumnProperties& properties);

}  // namespace tessera
