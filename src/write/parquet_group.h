// parquet_group.h: how do the columns of a row group get into a Parquet file?
//
//   columns   numbers without nulls, texts of one width or with a dictionary: our pages (parquet_pages.h), all others:
//             Arrow's column writer, into memory
//   pieces    of columns that Arrow can be given as they come     in parallel
//   pages     of int64s and texts of ours                         in parallel, as they fill
//   tasks     a page of int32s, or a column of Arrow's            in parallel, when the group is full
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
#include <optional>
#include <span>
#include <vector>

#include "write/parquet_numbers.h"

namespace tessera {

// Gives Arrow's writer a column: of a piece, or of the group.
using WriteColumn = std::function<void(size_t column, parquet::ColumnWriter&)>;

// Makes the next page of a column of ours, or the dictionary of all of them.
using MakePage = std::function<MadePage(size_t column, const parquet::ColumnProperties&)>;
using EndPages = std::function<void(size_t column, MadePages&)>;

// All members throw what Parquet C++ throws (std::exception).
class GroupWriter {
 public:
  GroupWriter(std::shared_ptr<arrow::io::OutputStream> sink, const std::shared_ptr<parquet::schema::GroupNode>& schema,
              std::shared_ptr<parquet::WriterProperties> properties,
              std::shared_ptr<const arrow::KeyValueMetadata> notes);
  // A piece of the open group, of the columns for which `now` is not 0.
  void write_piece(std::span<const uint8_t> now, const WriteColumn& write);
  // A page of the open group, of the columns for which `now` is not 0.
  void write_page(std::span<const uint8_t> now, const MakePage& make);
  // The columns that came in no piece or page, and the end of the group. The bytes depend on the columns, the pieces and
  // the pages only.
  void finish(std::span<const GroupNumbers> numbers, size_t rows, const WriteColumn& write, const EndPages& end);
  void close();

 private:
  // A column of the open group: ours or Arrow's.
  struct OneColumn {
    parquet::ColumnChunkMetaDataBuilder* chunk = nullptr;
    std::optional<NumberPages> numbers;
    MadePages ours;  // that came as they filled
    std::shared_ptr<parquet::ColumnWriter> arrows;
  };
  void open_group();
  void give_to_arrow(size_t column);
  [[nodiscard]] const parquet::ColumnProperties& properties_of(size_t column) const;
  [[nodiscard]] std::unique_ptr<parquet::PageWriter> pages_of(size_t column, bool in_memory,
                                                              parquet::ColumnChunkMetaDataBuilder* chunk) const;

  std::shared_ptr<arrow::io::OutputStream> sink_;
  parquet::SchemaDescriptor schema_;
  std::shared_ptr<parquet::WriterProperties> properties_;
  std::shared_ptr<const arrow::KeyValueMetadata> notes_;
  std::unique_ptr<parquet::FileMetaDataBuilder> metadata_;
  int16_t groups_ = 0;
  parquet::RowGroupMetaDataBuilder* group_ = nullptr;  // null: none is open
  std::vector<OneColumn> open_;
};

}  // namespace tessera
