// parquet_group.h: how do the columns of a row group get into a Parquet file?
//
//   columns   numbers without nulls: our pages (parquet_numbers.h), all others: Arrow's column writer, into memory
//   tasks     a page of ours, or a column of Arrow's      in parallel
//   file      column after column                         one thread
//   footer    where they lie                              at close()
//
// Arrow's own file writer does not let pages in that it has not made; its parts, which this is built from, do.
#pragma once

#include <arrow/io/interfaces.h>
#include <parquet/column_writer.h>
#include <parquet/metadata.h>
#include <parquet/properties.h>
#include <parquet/schema.h>

#include <arrow/util/key_value_metadata.h>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "write/parquet_numbers.h"

namespace tessera {

// A column of a group: its numbers, if it has some and none is null, and how Arrow's writer is given it.
struct GroupColumn {
  Pieces<int64_t> int64s;
  Pieces<int32_t> int32s;
  std::function<void(parquet::ColumnWriter&)> write;
};

// All members throw what Parquet C++ throws (std::exception).
class GroupWriter {
 public:
  GroupWriter(std::shared_ptr<arrow::io::OutputStream> sink, const std::shared_ptr<parquet::schema::GroupNode>& schema,
              std::shared_ptr<parquet::WriterProperties> properties,
              std::shared_ptr<const arrow::KeyValueMetadata> notes);
  // The bytes depend on the columns only.
  void write(std::span<const GroupColumn> columns, size_t rows);
  void close();

 private:
  [[nodiscard]] const parquet::ColumnProperties& properties_of(size_t column) const;
  [[nodiscard]] std::unique_ptr<parquet::PageWriter> pages_of(size_t column, bool in_memory,
                                                              parquet::ColumnChunkMetaDataBuilder* chunk) const;

  std::shared_ptr<arrow::io::OutputStream> sink_;
  parquet::SchemaDescriptor schema_;
  std::shared_ptr<parquet::WriterProperties> properties_;
  std::shared_ptr<const arrow::KeyValueMetadata> notes_;
  std::unique_ptr<parquet::FileMetaDataBuilder> metadata_;
  int16_t groups_ = 0;
};

}  // namespace tessera
