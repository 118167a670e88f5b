#include "write/parquet_tokens.h"

#include <algorithm>

namespace tessera {

// Piece by piece, always at the same rows: the views that Arrow wants stay in the cache.
void write_tokens(parquet::ByteArrayWriter& writer, const int16_t* levels, const std::vector<OutToken>& tokens,
                  size_t rows) {
  constexpr size_t piece = 16384;
  std::vector<parquet::ByteArray> views(std::min(piece, rows));
  size_t next = 0;
  for (size_t at = 0; at < rows; at += piece) {
    const size_t count = std::min(piece, rows - at);
    const size_t there =
        levels == nullptr ? count : static_cast<size_t>(std::count(levels + at, levels + at + count, 1));
    for (size_t i = 0; i < there; ++i)
      views[i] = {static_cast<uint32_t>(sizeof(OutToken)), reinterpret_cast<const uint8_t*>(tokens[next + i].data())};
    next += there;
    writer.WriteBatch(static_cast<int64_t>(count), levels == nullptr ? nullptr : levels + at, nullptr, views.data());
  }
}

}  // namespace tessera
