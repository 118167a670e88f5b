// parquet.cc: how does a batch become part of a Parquet file?
//
//   prepare()  batch -> chunk   values that are there, packed, and definition levels
//   append()   chunk -> piece   2^15 rows of the open group: they are still in the cache
//   piece      -> pages         its columns are encoded and compressed in parallel (parquet_group.h)
//   group      -> file          when it holds 2^20 rows (or 256 MiB of text)
//
// Pieces begin with their group and are full but for its last one, so pages and groups
// are cut at the same rows however the rows were cut into batches.
//
// Two kinds of columns we encode ourselves. Ids, texts of one width and values of a known dictionary (parquet_numbers.h,
// parquet_texts.h, parquet_places.h) each time that 2^17 rows make a page: their values are not copied, the pages are made
// of the chunks, which are kept. So are the chunks of Arrow's texts until their piece is written. int32s and dates without
// nulls (parquet_numbers.h) when the group is full: they are copied, as chunks kept for a group would hold far more than
// its numbers where each has few rows.
#include <parquet/exception.h>

#include <arrow/util/key_value_metadata.h>
#include <cassert>

#include "base/pool.h"
#include "write/formats.h"
#include "write/parquet_group.h"
#include "write/parquet_places.h"
#include "write/parquet_rows.h"
#include "write/parquet_schema.h"
#include "write/parquet_stream.h"
#include "write/parquet_texts.h"

namespace tessera {
namespace {

constexpr size_t group_text_bytes_max = size_t{256} << 20;
// Of a piece: pages begin with one of Arrow's batches, so a piece is a number of whole ones.
constexpr size_t piece_rows_max = 2 * arrow_batch_rows;
static_assert(page_rows_max % piece_rows_max == 0);

struct Rows : TableWriter::Chunk {
  size_t rows = 0;
  std::vector<Packed> columns;
  CharBuffer characters;  // what the texts point to
};

// What of a chunk has gone into pieces: values of a column lie closer than its rows.
struct Taken {
  size_t rows = 0;
  std::vector<size_t> values;
};

class ParquetWriter final : public TableWriter {
 public:
  ParquetWriter(OutFile file, const std::vector<OutColumn>& columns)
      : file_(std::move(file)),
        columns_(columns),
        stream_(std::make_shared<ParquetStream>(file_)),
        places_(columns.size()),
        piece_(columns.size()),
        page_(columns.size()),
        group_(columns.size()) {
    for (size_t c = 0; c < columns_.size(); ++c) {
      const OutColumn& column = columns_[c];
      in_pieces_.push_back(!own_pages(column) && !own_numbers(column));
      in_pages_.push_back(own_pages(column));
      if (column.has_dictionary()) places_[c].emplace(column);
      if (own_pages(column)) holds_pages_ = true;
      if (own_numbers(column)) group_[c].int32s.reserve(rows_max_);  // of which the system gives what is used
    }
  }

  ~ParquetWriter() override { stream_->shut(); }

  Status begin(const std::vector<std::pair<std::string, std::string>>& notes) {
    std::shared_ptr<arrow::KeyValueMetadata> metadata;
    if (!notes.empty()) metadata = std::make_shared<arrow::KeyValueMetadata>();
    for (const auto& [key, value] : notes) metadata->Append(key, value);
    return guard([&] {
      groups_ =
          std::make_unique<GroupWriter>(stream_, parquet_schema(columns_), parquet_properties(columns_), metadata);
    });
  }

  std::unique_ptr<Chunk> prepare(const OutBatch& batch) const override {
    assert(batch.columns.size() == columns_.size());
    std::unique_ptr<Rows> rows = pool_.take();
    rows->rows = batch.rows;
    rows->columns.resize(columns_.size());
    rows->characters.clear();
    size_t text_bytes = 0;
    for (size_t c = 0; c < columns_.size(); ++c) {
      if (!own_text(columns_[c])) continue;
      text_bytes += batch.rows * columns_[c].width;
      if (columns_[c].width > 0) continue;
      for (const std::string_view text : batch.columns[c].texts.first(batch.rows)) text_bytes += text.size();
    }
    char* at = rows->characters.room(text_bytes);
    for (size_t c = 0; c < columns_.size(); ++c) {
      rows->columns[c].clear();
      pack_levels(columns_[c], batch.columns[c], batch.rows, rows->columns[c]);
      at = pack_values(columns_[c], batch.columns[c], batch.rows, rows->columns[c], at);
    }
    rows->characters.set_end(at);
    return rows;
  }

  Status append(std::unique_ptr<Chunk> chunk) override {
    std::unique_ptr<Rows> rows(static_cast<Rows*>(chunk.release()));  // only prepare() makes chunks
    Taken taken{.rows = 0, .values = std::vector<size_t>(columns_.size(), 0)};
    while (taken.rows < rows->rows) {
      size_t count = fitting(*rows, taken);
      const bool full = group_rows_ + count == rows_max_ || taken.rows + count < rows->rows;
      for (size_t part; count > 0; count -= part) {
        part = std::min(count, piece_rows_max - piece_rows_);
        take(*rows, taken, part);
        if (piece_rows_ == piece_rows_max) TESSERA_TRY(write_piece());
        if (group_rows_ % page_rows_max == 0) TESSERA_TRY(write_page());
      }
      if (full) TESSERA_TRY(write_group());
    }
    // Texts of the open piece may point into this chunk, or values of the open page: it stays until they are written.
    const bool held = holds_pages_ ? group_rows_ % page_rows_max > 0 : piece_rows_ > 0 && rows->characters.size() > 0;
    if (held) {
      held_.push_back(std::move(rows));
    } else {
      pool_.give(std::move(rows));
    }
    return {};
  }

  Result<OutputFile> close() override {
    if (group_rows_ > 0) TESSERA_TRY(write_group());
    TESSERA_TRY(guard([&] { groups_->close(); }));
    return file_.close(rows_);
  }

 private:
  // Runs what may throw as Arrow does; our own error about the file wins.
  template <class F>
  Status guard(F f) {
    try {
      f();
    } catch (const std::bad_alloc&) {
      throw;
    } catch (const std::exception& error) {
      if (!stream_->status()) return stream_->status();
      return fail(ErrorCode::internal, std::string("Parquet writer: ") + error.what());
    }
    return {};
  }

  // How many rows of the chunk the open group can still take. At least one row when the group is empty.
  [[nodiscard]] size_t fitting(const Rows& rows, const Taken& taken) const {
    const size_t count = std::min(rows.rows - taken.rows, rows_max_ - group_rows_);
    if (group_text_bytes_ + rows.characters.size() <= group_text_bytes_max) return count;  // nearly always
    std::vector<size_t> value = taken.values;
    size_t bytes = group_text_bytes_;
    for (size_t i = 0; i < count; ++i) {
      for (size_t c = 0; c < columns_.size(); ++c) {
        if (!own_text(columns_[c])) continue;
        const Packed& column = rows.columns[c];
        if (columns_[c].width > 0)
          bytes += is_present(c, column, taken.rows + i) ? columns_[c].width : 0;
        else if (is_present(c, column, taken.rows + i))
          bytes += column.texts[value[c]++].len;
      }
      if (bytes > group_text_bytes_max && group_rows_ + i > 0) return i;
    }
    return count;
  }

  [[nodiscard]] bool is_present(size_t c, const Packed& column, size_t row) const {
    return !columns_[c].nullable || (in_pages_[c] ? column.present[row] : column.levels[row]) != 0;
  }

  // Notes where the next `count` rows of a column lie whose pages are ours. Returns how many of them are there.
  size_t take_for_page(size_t c, const Packed& from, const Taken& taken, size_t count) {
    size_t values = count;
    if (columns_[c].nullable) {
      page_[c].present.push_back(std::span(from.present).subspan(taken.rows, count));
      values = static_cast<size_t>(std::ranges::count(page_[c].present.back(), 1));
    }
    if (columns_[c].has_dictionary()) {
      page_[c].places.push_back(std::span(from.places).subspan(taken.values[c], values));
    } else if (columns_[c].type == OutType::int64) {
      const auto part = page_[c].numbers.emplace_back(std::span(from.int64s).subspan(taken.values[c], values));
      group_[c].int64_ends.add(values == from.int64s.size() ? from.int64_ends : ends_of(part));
    } else {
      const size_t width = columns_[c].width;
      page_[c].characters.push_back(from.characters.subspan(taken.values[c] * width, values * width));
      group_text_bytes_ += values * width;
    }
    return values;
  }

  // Moves the next `count` rows of the chunk into the piece.
  void take(const Rows& rows, Taken& taken, size_t count) {
    for (size_t c = 0; c < columns_.size(); ++c) {
      const Packed& from = rows.columns[c];
      if (in_pages_[c]) {
        taken.values[c] += take_for_page(c, from, taken, count);
        continue;
      }
      Packed& to = in_pieces_[c] ? piece_[c] : group_[c];
      size_t values = count;
      if (columns_[c].nullable) {
        values =
            static_cast<size_t>(std::count(from.levels.begin() + static_cast<std::ptrdiff_t>(taken.rows),
                                           from.levels.begin() + static_cast<std::ptrdiff_t>(taken.rows + count), 1));
        append_part(to.levels, from.levels, taken.rows, count);
      }
      append_values(to, columns_[c], from, taken.values[c], values);
      if (own_numbers(columns_[c])) {  // nearly always all of the chunk: then their ends are known
        const auto part = std::span<const int32_t>(from.int32s).subspan(taken.values[c], values);
        to.int32_ends.add(values == from.int32s.size() ? from.int32_ends : ends_of(part));
      }
      if (own_text(columns_[c])) {
        for (size_t i = to.texts.size() - values; i < to.texts.size(); ++i) group_text_bytes_ += to.texts[i].len;
      }
      taken.values[c] += values;
    }
    taken.rows += count;
    piece_rows_ += count;
    group_rows_ += count;
  }

  // The chunks that nothing points into any more.
  void give_back() {
    for (std::unique_ptr<Rows>& rows : held_) pool_.give(std::move(rows));
    held_.clear();
  }

  Status write_piece() {
    TESSERA_TRY(guard([&] {
      groups_->write_piece(in_pieces_, [&](size_t c, parquet::ColumnWriter& writer) {
        write_column(writer, columns_[c], piece_[c], piece_rows_);
      });
    }));
    piece_rows_ = 0;
    for (Packed& column : piece_) column.clear();
    if (!holds_pages_) give_back();
    return {};
  }

  // Requires: no piece is open.
  Status write_page() {
    if (!holds_pages_) return {};
    const size_t rows = (group_rows_ - 1) % page_rows_max + 1;
    TESSERA_TRY(guard([&] {
      groups_->write_page(in_pages_, [&](size_t c, const parquet::ColumnProperties& properties) {
        if (places_[c]) return places_[c]->make(page_[c], rows, properties);
        if (columns_[c].type == OutType::int64) return make_number_page(page_[c], rows, properties);
        return make_text_page(page_[c], columns_[c].width, rows, properties);
      });
    }));
    for (PageValues& values : page_) values = {};
    give_back();
    return {};
  }

  Status write_group() {
    if (piece_rows_ > 0) TESSERA_TRY(write_piece());
    if (group_rows_ % page_rows_max > 0) TESSERA_TRY(write_page());
    std::vector<GroupNumbers> numbers(columns_.size());
    for (size_t c = 0; c < columns_.size(); ++c)
      if (own_numbers(columns_[c])) numbers[c] = {group_[c].int32s, group_[c].int32_ends};
    TESSERA_TRY(guard([&] {
      // Numbers that have too many different values for a dictionary of ours.
      const auto write = [&](size_t c, parquet::ColumnWriter& writer) {
        write_column(writer, columns_[c], group_[c], group_rows_);
      };
      const auto end = [&](size_t c, MadePages& pages) {
        if (places_[c]) {
          places_[c]->end_group(pages);
        } else if (columns_[c].type == OutType::int64) {
          pages.encoding = parquet::Encoding::DELTA_BINARY_PACKED;
          pages.statistics = statistics_of(group_[c].int64_ends);
        } else {
          pages.encoding = parquet::Encoding::DELTA_LENGTH_BYTE_ARRAY;
        }
      };
      groups_->finish(numbers, group_rows_, write, end);
    }));
    rows_ += group_rows_;
    group_rows_ = 0;
    group_text_bytes_ = 0;
    for (Packed& column : group_) column.clear();
    give_back();
    return {};
  }

  OutFile file_;
  std::vector<OutColumn> columns_;
  const size_t rows_max_ = group_rows(columns_);
  std::shared_ptr<ParquetStream> stream_;
  std::unique_ptr<GroupWriter> groups_;
  mutable Pool<Rows> pool_;

  // By column: Arrow gets it piece by piece; we make its pages as they fill.
  std::vector<uint8_t> in_pieces_, in_pages_;
  std::vector<std::optional<PlacePages>> places_;
  bool holds_pages_ = false;  // chunks are kept for the page

  // The piece that is being gathered.
  std::vector<Packed> piece_;
  size_t piece_rows_ = 0;

  std::vector<PageValues> page_;  // the open page

  std::vector<Packed> group_;  // the open group: of the columns that wait for its end, and ends of the others
  size_t group_rows_ = 0, group_text_bytes_ = 0;  // with those of the piece
  std::vector<std::unique_ptr<Rows>> held_;       // chunks that the piece or the page points into
  uint64_t rows_ = 0;                             // written
};

}  // namespace

Result<std::unique_ptr<TableWriter>> make_parquet_writer(
    OutFile file, const std::vector<OutColumn>& columns,
    const std::vector<std::pair<std::string, std::string>>& notes) {
  auto writer = std::make_unique<ParquetWriter>(std::move(file), columns);
  TESSERA_TRY(writer->begin(notes));
  return writer;
}

}  // namespace tessera
