#include "write/parquet_places.h"

#include <arrow/array.h>
#include <parquet/exception.h>
#include <parquet/properties.h>

#include <string>

namespace tessera {
namespace {

void throw_if_bad(const arrow::Status& status) {
  if (!status.ok()) throw parquet::ParquetException(status.message());
}

// Arrow's own shared objects, taken once: threads that write columns side by side ask us for them, not Arrow.
struct Types {
  std::shared_ptr<arrow::DataType> index = arrow::int32(), value = arrow::binary();
  std::shared_ptr<arrow::DataType> dictionary = arrow::dictionary(index, value);
  std::shared_ptr<parquet::ArrowWriterProperties> properties = parquet::default_arrow_writer_properties();
};

const Types& types() {
  static const Types them;
  return them;
}

std::string_view value_at(const OutColumn& column, uint32_t place) {
  if (!column.text_dictionary.empty()) return column.text_dictionary[place];
  const OutToken& token = column.dictionary[place];
  return {reinterpret_cast<const char*>(token.data()), token.size()};
}

}  // namespace

void write_places(parquet::ColumnWriter& writer, const int16_t* levels, const std::vector<uint32_t>& places,
                  const OutColumn& column, size_t rows) {
  constexpr int32_t not_yet = -1;
  std::vector<int32_t> index_of(std::max(column.dictionary.size(), column.text_dictionary.size()), not_yet),
      indices(rows), ends = {0};
  std::vector<uint8_t> valid(levels == nullptr ? 0 : (rows + 7) / 8);
  std::string used;
  const auto index = [&](uint32_t place) {
    if (index_of[place] == not_yet) {
      index_of[place] = static_cast<int32_t>(ends.size() - 1);
      used += value_at(column, place);
      ends.push_back(static_cast<int32_t>(used.size()));
    }
    return index_of[place];
  };
  if (levels == nullptr) {
    for (size_t row = 0; row < rows; ++row) indices[row] = index(places[row]);
  } else {
    for (size_t row = 0, next = 0; row < rows; ++row) {
      if (levels[row] == 0) continue;
      indices[row] = index(places[next++]);
      valid[row / 8] = static_cast<uint8_t>(valid[row / 8] | 1u << row % 8);
    }
  }
  const auto values =
      arrow::ArrayData::Make(types().value, static_cast<int64_t>(ends.size() - 1),
                             {nullptr, arrow::Buffer::Wrap(ends), arrow::Buffer::Wrap(used.data(), used.size())});
  const auto length = static_cast<int64_t>(rows);
  const auto numbers = arrow::ArrayData::Make(
      types().index, length, {levels == nullptr ? nullptr : arrow::Buffer::Wrap(valid), arrow::Buffer::Wrap(indices)});
  const arrow::DictionaryArray array(types().dictionary, arrow::MakeArray(numbers), arrow::MakeArray(values));
  parquet::ArrowWriteContext context(arrow::default_memory_pool(), types().properties.get());
  throw_if_bad(writer.WriteArrow(levels, nullptr, length, array, &context, levels != nullptr));
}

}  // namespace tessera
