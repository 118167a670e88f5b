#include "write/parquet_tokens.h"

#include <arrow/array.h>
#include <parquet/exception.h>
#include <parquet/properties.h>

#include <algorithm>

namespace tessera {
namespace {

void throw_if_bad(const arrow::Status& status) {
  if (!status.ok()) throw parquet::ParquetException(status.message());
}

// Arrow's own shared objects, taken once: threads that write columns side by side ask us for them, not Arrow.
struct Types {
  std::shared_ptr<arrow::DataType> index = arrow::int32(), token = arrow::binary();
  std::shared_ptr<arrow::DataType> dictionary = arrow::dictionary(index, token);
  std::shared_ptr<parquet::ArrowWriterProperties> properties = parquet::default_arrow_writer_properties();
};

const Types& types() {
  static const Types them;
  return them;
}

}  // namespace

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

void write_places(parquet::ColumnWriter& writer, const int16_t* levels, const std::vector<uint32_t>& places,
                  std::span<const OutToken> dictionary, size_t rows) {
  constexpr int32_t not_yet = -1;
  std::vector<int32_t> index_of(dictionary.size(), not_yet), indices(rows);
  std::vector<uint8_t> valid((rows + 7) / 8);
  std::vector<OutToken> used;
  for (size_t row = 0, next = 0; row < rows; ++row) {
    if (levels != nullptr && levels[row] == 0) continue;
    const uint32_t place = places[next++];
    if (index_of[place] == not_yet) {
      index_of[place] = static_cast<int32_t>(used.size());
      used.push_back(dictionary[place]);
    }
    indices[row] = index_of[place];
    valid[row / 8] = static_cast<uint8_t>(valid[row / 8] | 1u << row % 8);
  }
  std::vector<int32_t> ends(used.size() + 1);
  for (size_t i = 0; i < ends.size(); ++i) ends[i] = static_cast<int32_t>(i * sizeof(OutToken));
  const auto values = arrow::ArrayData::Make(types().token, static_cast<int64_t>(used.size()),
                                             {nullptr, arrow::Buffer::Wrap(ends), arrow::Buffer::Wrap(used)});
  const auto length = static_cast<int64_t>(rows);
  const auto numbers = arrow::ArrayData::Make(
      types().index, length, {levels == nullptr ? nullptr : arrow::Buffer::Wrap(valid), arrow::Buffer::Wrap(indices)});
  const arrow::DictionaryArray array(types().dictionary, arrow::MakeArray(numbers), arrow::MakeArray(values));
  parquet::ArrowWriteContext context(arrow::default_memory_pool(), types().properties.get());
  throw_if_bad(writer.WriteArrow(levels, nullptr, length, array, &context, levels != nullptr));
}

}  // namespace tessera
