#include "write/parquet_group.h"

#include <oneapi/tbb/parallel_for.h>
#include <oneapi/tbb/task_arena.h>
#include <parquet/exception.h>
#include <parquet/file_writer.h>

#include <optional>
#include <utility>

namespace tessera {
namespace {

// A column on its way: ours or Arrow's.
struct OneColumn {
  parquet::ColumnChunkMetaDataBuilder* chunk = nullptr;
  std::optional<NumberPages> ours;
  std::shared_ptr<parquet::ColumnWriter> arrows;
};

// Isolated: a thread that waits here takes up another task of these, never one of the caller's pipeline.
template <class F>
void in_parallel(size_t count, F&& f) {
  tbb::this_task_arena::isolate([&] { tbb::parallel_for(size_t{0}, count, std::forward<F>(f)); });
}

}  // namespace

GroupWriter::GroupWriter(std::shared_ptr<arrow::io::OutputStream> sink,
                         const std::shared_ptr<parquet::schema::GroupNode>& schema,
                         std::shared_ptr<parquet::WriterProperties> properties,
                         std::shared_ptr<const arrow::KeyValueMetadata> notes)
    : sink_(std::move(sink)), properties_(std::move(properties)), notes_(std::move(notes)) {
  schema_.Init(schema);
  metadata_ = parquet::FileMetaDataBuilder::Make(&schema_, properties_);
  PARQUET_THROW_NOT_OK(sink_->Write("PAR1", 4));
}

const parquet::ColumnProperties& GroupWriter::properties_of(size_t column) const {
  return properties_->column_properties(schema_.Column(static_cast<int>(column))->path());
}

std::unique_ptr<parquet::PageWriter> GroupWriter::pages_of(size_t column, bool in_memory,
                                                           parquet::ColumnChunkMetaDataBuilder* chunk) const {
  const parquet::ColumnProperties& properties = properties_of(column);
  return parquet::PageWriter::Open(sink_, properties.compression(), chunk, groups_, static_cast<int16_t>(column),
                                   properties_->memory_pool(), in_memory, nullptr, nullptr, false, nullptr, nullptr,
                                   arrow::util::CodecOptions(properties.compression_level()));
}

void GroupWriter::write(std::span<const GroupColumn> columns, size_t rows) {
  parquet::RowGroupMetaDataBuilder& group = *metadata_->AppendRowGroup();
  const auto page_rows = static_cast<size_t>(properties_->max_rows_per_page());
  std::vector<OneColumn> all(columns.size());
  for (OneColumn& column : all) column.chunk = group.NextColumnChunk();
  in_parallel(all.size(), [&](size_t c) {
    if (!columns[c].int64s.empty()) all[c].ours.emplace(NumberPages(columns[c].int64s, page_rows));
    if (!columns[c].int32s.empty()) all[c].ours = NumberPages::of(columns[c].int32s, page_rows);
  });
  // The longest tasks first.
  std::vector<std::function<void()>> tasks;
  for (size_t c = 0; c < all.size(); ++c) {
    if (all[c].ours) continue;
    all[c].arrows = parquet::ColumnWriter::Make(all[c].chunk, pages_of(c, true, all[c].chunk), properties_.get());
    tasks.emplace_back([&, c] { columns[c].write(*all[c].arrows); });
  }
  for (size_t c = 0; c < all.size(); ++c)
    for (size_t page = 0; all[c].ours && page < all[c].ours->pages(); ++page)
      tasks.emplace_back([&, c, page] { all[c].ours->make(page, properties_of(c)); });
  in_parallel(tasks.size(), [&](size_t i) { tasks[i](); });
  // One after another into the file.
  int64_t bytes = 0;
  for (size_t c = 0; c < all.size(); ++c)
    bytes += all[c].ours ? all[c].ours->write(*pages_of(c, false, all[c].chunk), *all[c].chunk, properties_of(c))
                         : all[c].arrows->Close();
  group.set_num_rows(static_cast<int64_t>(rows));
  group.Finish(bytes, groups_);
  ++groups_;
}

void GroupWriter::close() {
  const auto metadata = metadata_->Finish(notes_);
  parquet::WriteFileMetaData(*metadata, sink_.get());
}

}  // namespace tessera
