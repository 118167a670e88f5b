// parquet_source.cc: where do row groups lie, and how do their columns meet?
//
//   source  footer of each file -> place of each chunk     (serial, cheap)
//   morsel  one ParquetColumn a chunk, slices of equal rows (parallel); a row group of a small input is several
//
// A slice ends where the page of any column ends, so that no text is copied.
#include "read/parquet_source.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <parquet/exception.h>
#include <parquet/metadata.h>
#include <parquet/properties.h>
#include <parquet/schema.h>
#include <parquet/statistics.h>

#include <arrow/util/key_value_metadata.h>

#include <algorithm>
#include <bit>
#include <cassert>
#include <limits>

#include "read/parquet_file.h"

namespace tessera {

namespace {

// An input of few row groups is read in parts of them, so that no thread stands idle. Each part begins with the headers of
// the pages before it, and the first of a thread with the dictionary.
constexpr uint64_t morsels_wanted = 8, part_rows_least = 1 << 15;

// The next part of a row group that is read in about so many: the nearest power of 2, as our own pages have 2^17 rows and
// those of others often a power of 2. Then a part is whole pages, or a page a number of parts. A short rest goes along;
// what is left of less than two parts is halved, as no thread is to wait long for another at the end.
uint64_t part_rows(uint64_t rows, uint64_t parts, uint64_t left) {
  if (parts == 1) return left;
  const uint64_t exact = (rows + parts - 1) / parts, less = std::bit_floor(exact);
  const uint64_t part = exact - less < less / 2 ? less : 2 * less;
  if (left < part + part / 4) return left;
  return left < 2 * part ? (left + 1) / 2 : part;
}

const char* form_text(RawColumn::Form form) {
  switch (form) {
    case RawColumn::Form::text: return "text";
    case RawColumn::Form::number: return "a number";
    default: return "a date";
  }
}

class ParquetMorsel final : public ScratchMorsel {
 public:
  ParquetMorsel(std::shared_ptr<const ParquetFile> file, std::shared_ptr<const ColumnPlan> plan,
                std::vector<ChunkPlace> chunks, uint64_t first_row, uint64_t rows, uint32_t file_index, int group,
                size_t batch_rows)
      : file_(std::move(file)),
        plan_(std::move(plan)),
        chunks_(std::move(chunks)),
        first_row_(first_row),
        rows_(rows),
        file_index_(file_index),
        group_(group),
        batch_rows_(batch_rows) {}

  void use(ReadScratch& scratch) override { scratch_ = &scratch; }

  Result<bool> next(RawBatch& out, std::vector<Reject>& rejects) override {
    assert(scratch_ != nullptr && "use_scratch() comes before next()");
    size_t at = 0;  // of the column at work
    try {
      return next_batch(out, rejects, at);
    } catch (const std::bad_alloc&) {
      return fail(ErrorCode::resource, fmt::format("{}: not enough memory to read it", file_->file.path()));
    } catch (const std::exception& error) {
      return fail(ErrorCode::data, fmt::format("{}: column \"{}\", row group {}: {}", file_->file.path(),
                                               plan_->names[at], group_ + 1, reason_of(error)));
    }
  }

  [[nodiscard]] uint64_t rows_seen() const override { return done_; }
  [[nodiscard]] uint64_t rows_filtered() const override { return filtered_; }
  [[nodiscard]] uint32_t file() const override { return file_index_; }

 private:
  Result<bool> next_batch(RawBatch& out, std::vector<Reject>& rejects, size_t& at) {
    if (columns_.empty()) open_columns(at);
    while (done_ < rows_) {
      size_t rows = static_cast<size_t>(std::min<uint64_t>(rows_ - done_, std::numeric_limits<int32_t>::max()));
      for (at = 0; at < columns_.size(); ++at) {
        const size_t ready = columns_[at]->ready();
        if (ready == 0) throw parquet::ParquetException("has fewer values than the row group has rows");
        rows = std::min(rows, ready);
      }
      // Slices of equal size, rather than full ones and a short last one.
      const size_t slices = (rows + batch_rows_ - 1) / batch_rows_;
      rows = (rows + slices - 1) / slices;

      ReadScratch& scratch = *scratch_;
      scratch.raw.resize(columns_.size());
      scratch.unusable.clear();
      const size_t first_reject = rejects.size();
      for (at = 0; at < columns_.size(); ++at) {
        const size_t before = scratch.unusable.size();
        scratch.raw[at] = columns_[at]->read(rows, scratch.unusable);
        for (size_t k = before; k < scratch.unusable.size(); ++k) {
          rejects.push_back({done_ + scratch.unusable[k], plan_->field[at], RejectReason::undecodable});
        }
      }
      settle_rejects(rejects, first_reject, scratch.unusable);
      at = 0;
      const size_t filtered = finish_batch(*plan_, scratch, rows, done_, nullptr, work_, out);
      filtered_ += filtered;
      done_ += rows;
      if (out.rows > 0) return true;
    }
    columns_.clear();
    return false;
  }

  void open_columns(size_t& at) {
    if (!scratch_->parquet) scratch_->parquet = std::make_shared<ParquetScratch>();
    ParquetScratch& own = *scratch_->parquet;
    while (own.pages.size() < chunks_.size()) own.pages.emplace_back();
    for (at = 0; at < chunks_.size(); ++at) {
      columns_.push_back(open_column(chunks_[at], scratch_->column(at), own.pages[at], own.pool, batch_rows_));
      columns_.back()->skip(first_row_);
    }
  }

  std::shared_ptr<const ParquetFile> file_;
  std::shared_ptr<const ColumnPlan> plan_;
  std::vector<ChunkPlace> chunks_;
  uint64_t first_row_;  // of the row group
  uint64_t rows_;
  uint32_t file_index_;
  int group_;
  size_t batch_rows_;
  ReadScratch* scratch_ = nullptr;
  std::vector<std::unique_ptr<ParquetColumn>> columns_;
  RowFilter::Work work_;
  uint64_t done_ = 0;
  uint64_t filtered_ = 0;
};

class ParquetSource final : public Source {
 public:
  ParquetSource(const Input& input, const std::vector<std::string>& columns, const ReadOptions& options)
      : paths_(input.paths),
        digest_(input.digest),
        plan_(std::make_shared<ColumnPlan>(input, columns)),
        options_(options) {}

  // The first file now, so that a mistake shows before work begins.
  Status begin() {
    TESSERA_TRY(open_next_file());
    const uint64_t groups = static_cast<uint64_t>(std::max(file_->metadata->num_row_groups(), 1)) * paths_.size();
    parts_ = (morsels_wanted + groups - 1) / groups;
    return {};
  }

  Result<std::unique_ptr<Morsel>> next() override {
    for (;;) {
      if (group_ == file_->metadata->num_row_groups()) {
        if (files_.size() == paths_.size()) return nullptr;
        TESSERA_TRY(open_next_file());
        continue;
      }
      const int group = group_;
      auto morsel = guarded(file_->file.path(), [&] { return morsel_of(group); });
      if (!morsel) return std::unexpected(std::move(morsel).error());
      if (*morsel) return morsel;
    }
  }

  [[nodiscard]] std::vector<InputReport::File> files() const override { return files_; }

 private:
  Status open_next_file() {
    const std::string& path = paths_[files_.size()];
    TESSERA_ASSIGN(ParquetFile file, open_parquet_file(path));
    for (size_t i = 0; i < plan_->names.size(); ++i) {
      const std::string& name = plan_->names[i];
      TESSERA_ASSIGN(const auto leaf, find_leaf(*file.metadata, name, path));
      file.leaves.push_back(leaf.first);
      file.types.push_back(leaf.second);
      file.types.back().bytes = plan_->bytes[i] != 0;
      if (file_ && file_->types[i].form != leaf.second.form) {
        return fail(ErrorCode::data,
                    fmt::format("{}: column \"{}\" is {}, but it is {} in {}", path, name, form_text(leaf.second.form),
                                form_text(file_->types[i].form), file_->file.path()));
      }
    }
    TESSERA_ASSIGN(std::string digest, digest_text(file));
    files_.push_back({path, file.file.bytes(), std::move(digest)});
    file_ = std::make_shared<const ParquetFile>(std::move(file));
    group_ = 0;
    first_row_ = 0;
    return {};
  }

  Result<std::string> digest_text(const ParquetFile& file) const {
    if (digest_ == Digest::none) return std::string();
    if (digest_ == Digest::full) return digest_of(file.file);
    // The footer: the metadata, their length, the magic. It holds the place,
    // size and statistics of every chunk.
    const uint64_t bytes = std::min<uint64_t>(static_cast<uint64_t>(file.metadata->size()) + 8, file.file.bytes());
    std::vector<char> footer(bytes);
    TESSERA_TRY(file.file.read_at(file.file.bytes() - bytes, footer.data(), bytes));
    FileDigest digest;
    digest.add(footer.data(), bytes);
    return digest.text("xxh3-128-footer:");
  }

  // The next part of a row group.
  Result<std::unique_ptr<Morsel>> morsel_of(int group) {
    const auto row_group = file_->metadata->RowGroup(group);
    if (row_group->num_rows() < 0) throw parquet::ParquetException("a row group with fewer than no rows");
    const auto all_rows = static_cast<uint64_t>(row_group->num_rows());
    const uint64_t parts = std::clamp<uint64_t>(all_rows / part_rows_least, 1, parts_);
    const uint64_t first_row = first_row_;
    const uint64_t rows = part_rows(all_rows, parts, all_rows - first_row);
    first_row_ += rows;
    if (first_row_ == all_rows) {
      ++group_;
      first_row_ = 0;
    }
    if (rows == 0) return nullptr;
    std::vector<ChunkPlace> chunks;
    chunks.reserve(plan_->names.size());
    for (size_t i = 0; i < plan_->names.size(); ++i) {
      chunks.push_back(place_of(*row_group, i));
    }
    return std::make_unique<ParquetMorsel>(file_, plan_, std::move(chunks), first_row, rows,
                                           static_cast<uint32_t>(files_.size() - 1), group,
                                           std::max<size_t>(options_.batch_rows, 1));
  }

  ChunkPlace place_of(const parquet::RowGroupMetaData& group, size_t column) const {
    const int leaf = file_->leaves[column];
    const auto chunk = group.ColumnChunk(leaf);
    ChunkPlace place;
    place.file = file_->number;
    place.column = file_->metadata->schema()->Column(leaf);
    place.type = file_->types[column];
    place.descriptor = file_->file.descriptor();
    place.offset = chunk->data_page_offset();
    if (chunk->has_dictionary_page() && chunk->dictionary_page_offset() > 0) {
      place.offset = std::min(place.offset, chunk->dictionary_page_offset());
    }
    place.bytes = chunk->total_compressed_size();
    place.values = chunk->num_values();
    place.compression = static_cast<int>(chunk->compression());
    const auto size = static_cast<int64_t>(file_->file.bytes());
    if (place.offset < 4 || place.bytes < 0 || place.offset > size || place.bytes > size - place.offset) {
      throw parquet::ParquetException("column \"" + plan_->names[column] + "\" lies beyond the end of the file");
    }
    if (!chunk->can_decompress()) {
      throw parquet::ParquetException("column \"" + plan_->names[column] + "\" is compressed in an unknown way");
    }
    if (chunk->is_stats_set()) {
      const auto statistics = chunk->statistics();
      place.no_nulls = statistics && statistics->HasNullCount() && statistics->null_count() == 0;
    }
    // The system reads ahead while other morsels are at work.
    ::posix_fadvise(place.descriptor, place.offset, place.bytes, POSIX_FADV_WILLNEED);
    return place;
  }

  std::vector<std::string> paths_;
  Digest digest_;
  std::shared_ptr<const ColumnPlan> plan_;
  ReadOptions options_;
  std::shared_ptr<const ParquetFile> file_;
  int group_ = 0;  // the next morsel is of it, from first_row_ on
  uint64_t first_row_ = 0;
  uint64_t parts_ = 1;  // of a row group
  std::vector<InputReport::File> files_;
};

}  // namespace

Result<std::unique_ptr<Source>> open_parquet(const Input& input, const std::vector<std::string>& columns,
                                             const ReadOptions& options) {
  auto source = std::make_unique<ParquetSource>(input, columns, options);
  TESSERA_TRY(source->begin());
  return source;
}

Result<InputShape> look_at_parquet(const Input& input) {
  InputShape shape;
  shape.rows_exact = true;
  for (const std::string& path : input.paths) {
    TESSERA_ASSIGN(const ParquetFile file, open_parquet_file(path));
    if (shape.columns.empty()) {
      shape.columns = top_columns(*file.metadata);
      for (const std::string& name : shape.columns) {
        const auto leaf = find_leaf(*file.metadata, name, path);
        shape.forms.push_back(leaf ? leaf->second.form : RawColumn::Form::text);
      }
    }
    TESSERA_TRY(check_shared_columns(input, shape.columns, top_columns(*file.metadata), path));
    shape.rows += static_cast<uint64_t>(std::max<int64_t>(file.metadata->num_rows(), 0));
    shape.bytes += file.file.bytes();
  }
  return shape;
}

Result<std::string> parquet_note(const std::string& path, const std::string& key) {
  TESSERA_ASSIGN(const ParquetFile file, open_parquet_file(path));
  const auto& notes = file.metadata->key_value_metadata();
  if (notes == nullptr) return std::string();
  const auto found = notes->Get(key);
  return found.ok() ? *found : std::string();
}

}  // namespace tessera
