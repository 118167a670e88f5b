#include "write/parquet_group.h"

#include <oneapi/tbb/parallel_for.h>
#include <oneapi/tbb/task_arena.h>
#include <parquet/exception.h>
#include <parquet/file_writer.h>

#include <utility>

namespace tessera {
namespace {

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
  const arrow::util::CodecOptions level(properties.compression_level());
  const arrow::util::CodecOptions& options = properties.codec_options() ? *properties.codec_options() : level;
  return parquet::PageWriter::Open(sink_, properties.compression(), chunk, groups_, static_cast<int16_t>(column),
                                   properties_->memory_pool(), in_memory, nullptr, nullptr, false, nullptr, nullptr,
                                   options);
}

void GroupWriter::open_group() {
  if (group_ != nullptr) return;
  group_ = metadata_->AppendRowGroup();
  open_.clear();
  open_.resize(static_cast<size_t>(schema_.num_columns()));
  for (OneColumn& column : open_) column.chunk = group_->NextColumnChunk();
}

void GroupWriter::give_to_arrow(size_t column) {
  OneColumn& of = open_[column];
  if (!of.arrows)
    of.arrows = parquet::ColumnWriter::Make(of.chunk, pages_of(column, true, of.chunk), properties_.get());
}

void GroupWriter::write_piece(std::span<const uint8_t> now, const WriteColumn& write) {
  open_group();
  std::vector<size_t> columns;
  for (size_t c = 0; c < now.size(); ++c) {
    if (now[c] == 0) continue;
    give_to_arrow(c);
    columns.push_back(c);
  }
  in_parallel(columns.size(), [&](size_t i) { write(columns[i], *open_[columns[i]].arrows); });
}

void GroupWriter::write_page(std::span<const uint8_t> now, const MakePage& make) {
  open_group();
  std::vector<size_t> columns;
  for (size_t c = 0; c < now.size(); ++c)
    if (now[c] != 0) columns.push_back(c);
  in_parallel(columns.size(), [&](size_t i) {
    const size_t c = columns[i];
    open_[c].ours.pages.push_back(make(c, properties_of(c)));
  });
}

void GroupWriter::finish(std::span<const GroupNumbers> numbers, size_t rows, const WriteColumn& write,
                         const EndPages& end) {
  open_group();
  const auto page_rows = static_cast<size_t>(properties_->max_rows_per_page());
  in_parallel(open_.size(), [&](size_t c) {
    open_[c].numbers = NumberPages::of(numbers[c], page_rows);
    if (!open_[c].ours.pages.empty()) end(c, open_[c].ours);
  });
  // The longest tasks first.
  std::vector<std::function<void()>> tasks;
  for (size_t c = 0; c < open_.size(); ++c) {
    if (open_[c].numbers || open_[c].arrows || !open_[c].ours.pages.empty()) continue;
    give_to_arrow(c);
    tasks.emplace_back([&, c] { write(c, *open_[c].arrows); });
  }
  for (size_t c = 0; c < open_.size(); ++c)
    for (size_t page = 0; open_[c].numbers && page < open_[c].numbers->pages(); ++page)
      tasks.emplace_back([&, c, page] { open_[c].numbers->make(page, properties_of(c)); });
  in_parallel(tasks.size(), [&](size_t i) { tasks[i](); });
  // One after another into the file.
  int64_t bytes = 0;
  for (size_t c = 0; c < open_.size(); ++c) {
    OneColumn& of = open_[c];
    MadePages& made = of.numbers ? of.numbers->made() : of.ours;
    if (!properties_of(c).statistics_enabled()) made.statistics.reset();
    bytes += made.pages.empty() ? of.arrows->Close() : write_pages(made, *pages_of(c, false, of.chunk), *of.chunk);
  }
  group_->set_num_rows(static_cast<int64_t>(rows));
  group_->Finish(bytes, groups_);
  group_ = nullptr;
  open_.clear();
  ++groups_;
}

void GroupWriter::close() {
  const auto metadata = metadata_->Finish(notes_);
  parquet::WriteFileMetaData(*metadata, sink_.get());
}

}  // namespace tessera
