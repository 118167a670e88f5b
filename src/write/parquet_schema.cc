#include "write/parquet_schema.h"

#include <arrow/memory_pool.h>
#include <arrow/util/compression.h>

#include <algorithm>

namespace tessera {
namespace {

parquet::schema::NodePtr make_node(const OutColumn& column) {
  using parquet::Repetition;
  using parquet::Type;
  using parquet::schema::PrimitiveNode;
  const auto repetition = column.nullable ? Repetition::OPTIONAL : Repetition::REQUIRED;
  switch (column.type) {
    case OutType::text:
      return PrimitiveNode::Make(column.name, repetition, parquet::LogicalType::String(), Type::BYTE_ARRAY);
    case OutType::token: return PrimitiveNode::Make(column.name, repetition, Type::BYTE_ARRAY);
    case OutType::boolean: return PrimitiveNode::Make(column.name, repetition, Type::BOOLEAN);
    case OutType::int64: return PrimitiveNode::Make(column.name, repetition, Type::INT64);
    case OutType::int32: return PrimitiveNode::Make(column.name, repetition, Type::INT32);
    case OutType::float64: return PrimitiveNode::Make(column.name, repetition, Type::DOUBLE);
    case OutType::date: return PrimitiveNode::Make(column.name, repetition, parquet::LogicalType::Date(), Type::INT32);
  }
  return nullptr;
}

// zstd for texts that look random but are not all different, as pseudonyms and numbers are: where nothing is found it
// looks at two places side by side, then some further on, and characters are still packed as they are at level 1. That
// takes little more than half the time. Texts of one width are looked at where one begins, each or each second of them:
// equal ones are found though few places are looked at, and files of hospital rows are as small as with the shorter
// steps that meet texts anywhere. Numbers are looked at each.
std::shared_ptr<arrow::util::CodecOptions> quick_zstd(unsigned step) {
  constexpr int target_length = 106, literal_compression = 1002;  // of zstd.h: ZSTD_c_...
  auto options = std::make_shared<arrow::util::ZstdCodecOptions>();
  options->compression_level = 1;
  options->compression_context_params = {{target_length, static_cast<int>(step - 1)}, {literal_compression, 1}};
  return options;
}

unsigned step_of(const OutColumn& column) {
  constexpr unsigned any_step = 9, step_min = 16;
  if (column.type == OutType::float64) return sizeof(double);
  const unsigned width = column.width;
  return width == 0 ? any_step : (step_min + width - 1) / width * width;
}

}  // namespace

size_t group_rows(const std::vector<OutColumn>& columns) {
  const bool tokens =
      std::any_of(columns.begin(), columns.end(), [](const OutColumn& c) { return c.type == OutType::token; });
  return tokens ? group_rows_max / 4 : group_rows_max;
}

std::shared_ptr<parquet::schema::GroupNode> parquet_schema(const std::vector<OutColumn>& columns) {
  parquet::schema::NodeVector nodes;
  for (const OutColumn& column : columns) nodes.push_back(make_node(column));
  return std::static_pointer_cast<parquet::schema::GroupNode>(
      parquet::schema::GroupNode::Make("schema", parquet::Repetition::REQUIRED, nodes));
}

std::shared_ptr<parquet::WriterProperties> parquet_properties(const std::vector<OutColumn>& columns) {
  parquet::WriterProperties::Builder builder;
  builder
      .version(parquet::ParquetVersion::PARQUET_2_6)
      // Arrow's own gives memory back to the system in between, and pages are made of it again and again.
      ->memory_pool(arrow::system_memory_pool())
      ->compression(parquet::Compression::ZSTD)
      ->enable_statistics()
      ->write_batch_size(static_cast<int64_t>(arrow_batch_rows))
      ->max_rows_per_page(static_cast<int64_t>(page_rows_max))
      ->max_row_group_length(static_cast<int64_t>(group_rows_max));
  for (const OutColumn& column : columns) {
    const auto path = parquet::schema::ColumnPath({column.name}).ToDotString();
    const bool distinct = column.distinct || column.type == OutType::int64 || column.type == OutType::float64;
    // A dictionary of ids or weights would overflow, and cost the most before it does.
    distinct ? builder.disable_dictionary(path) : builder.enable_dictionary(path);
    // The least and the greatest of many texts help no reader, and cost two comparisons a row.
    if (column.distinct || column.type == OutType::token || column.has_dictionary()) builder.disable_statistics(path);
    // Tokens look random: there is nothing to compress.
    if (column.type == OutType::token)
      builder.compression(path, parquet::Compression::UNCOMPRESSED);
    else if (column.distinct || column.type == OutType::float64)
      builder.codec_options(path, quick_zstd(step_of(column)));
    else
      builder.compression_level(path, 1);
    if (column.type == OutType::boolean) builder.disable_dictionary(path);
    // Ids as packed differences: zstd has half the bytes left to look at. Twice as fast
    // as plain and smaller, for ids in order and at random; every reader knows it.
    if (column.type == OutType::int64) builder.encoding(path, parquet::Encoding::DELTA_BINARY_PACKED);
  }
  return builder.build();
}

}  // namespace tessera
