// parquet.cc: how does a batch become part of a Parquet file?
//
//   prepare()  batch -> chunk   values that are there, packed, and definition levels
//   append()   chunk -> piece   2^15 rows of the open group: they are still in the cache
//   piece      -> pages         its columns are encoded and compressed in parallel
//   group      -> file          when it holds 2^20 rows (or 256 MiB of text)
//
// Pieces begin with their group and are full but for its last one, so pages and groups
// are cut at the same rows however the rows were cut into batches.
//
// Texts are not copied into the piece: it keeps their chunks until it is written.
// Arrow gets plain buffers, no arrays are made, but for columns whose dictionary is known (parquet_places.h): of those
// a group gathers the places, four bytes each, and writes them when it is full.
#include <oneapi/tbb/parallel_for.h>
#include <oneapi/tbb/task_arena.h>
#include <parquet/column_writer.h>
#include <parquet/exception.h>
#include <parquet/file_writer.h>

#include <arrow/util/key_value_metadata.h>
#include <cassert>
#include <cstring>

#include "base/pool.h"
#include "write/formats.h"
#include "write/parquet_places.h"
#include "write/parquet_schema.h"
#include "write/parquet_stream.h"
#include "write/parquet_tokens.h"

namespace tessera {
namespace {

constexpr size_t group_text_bytes_max = size_t{256} << 20;
// Of a piece: pages begin with one of Arrow's batches, so a piece is a number of whole ones.
constexpr size_t piece_rows_max = 2 * arrow_batch_rows;

// One column of a chunk, of a piece, or of a group: only the vector that fits its type is used.
struct Packed {
  std::vector<int16_t> levels;  // one a row: 1 present, 0 null. Unused where nulls cannot be.
  std::vector<int64_t> int64s;
  std::vector<int32_t> int32s;  // int32, date
  std::vector<double> reals;
  std::vector<uint8_t> booleans;
  std::vector<OutToken> tokens;
  std::vector<uint32_t> places;  // in the column's dictionary, instead of tokens or texts
  std::vector<parquet::ByteArray> texts;

  void clear() {
    levels.clear();
    int64s.clear();
    int32s.clear();
    reals.clear();
    booleans.clear();
    tokens.clear();
    places.clear();
    texts.clear();
  }
};

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

// Texts of the column's own, in the batches: not places in a dictionary.
bool own_text(const OutColumn& column) { return column.type == OutType::text && !column.has_dictionary(); }

template <class T>
void append_part(std::vector<T>& to, const std::vector<T>& from, size_t first, size_t count) {
  to.insert(to.end(), from.begin() + static_cast<std::ptrdiff_t>(first),
            from.begin() + static_cast<std::ptrdiff_t>(first + count));
}

void append_values(Packed& to, const OutColumn& column, const Packed& from, size_t first, size_t count) {
  if (column.has_dictionary()) return append_part(to.places, from.places, first, count);
  switch (column.type) {
    case OutType::text: return append_part(to.texts, from.texts, first, count);
    case OutType::int64: return append_part(to.int64s, from.int64s, first, count);
    case OutType::int32:
    case OutType::date: return append_part(to.int32s, from.int32s, first, count);
    case OutType::token: return append_part(to.tokens, from.tokens, first, count);
    case OutType::boolean: return append_part(to.booleans, from.booleans, first, count);
    case OutType::float64: return append_part(to.reals, from.reals, first, count);
  }
}

class ParquetWriter final : public TableWriter {
 public:
  ParquetWriter(OutFile file, const std::vector<OutColumn>& columns)
      : file_(std::move(file)),
        columns_(columns),
        stream_(std::make_shared<ParquetStream>(file_)),
        piece_(columns.size()),
        group_(columns.size()) {}

  ~ParquetWriter() override { stream_->shut(); }  // Arrow would end the file when it is left unfinished

  Status begin(const std::vector<std::pair<std::string, std::string>>& notes) {
    std::shared_ptr<arrow::KeyValueMetadata> metadata;
    if (!notes.empty()) metadata = std::make_shared<arrow::KeyValueMetadata>();
    for (const auto& [key, value] : notes) metadata->Append(key, value);
    return guard([&] {
      writer_ =
          parquet::ParquetFileWriter::Open(stream_, parquet_schema(columns_), parquet_properties(columns_), metadata);
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
      }
      if (full) TESSERA_TRY(write_group());
    }
    // Texts of the open piece may point into this chunk: it stays until the piece is written.
    if (piece_rows_ > 0 && rows->characters.size() > 0) {
      held_.push_back(std::move(rows));
    } else {
      pool_.give(std::move(rows));
    }
    return {};
  }

  Result<OutputFile> close() override {
    if (group_rows_ > 0) TESSERA_TRY(write_group());
    TESSERA_TRY(guard([&] { writer_->Close(); }));
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

  static void pack_levels(const OutColumn& column, const OutValues& values, size_t rows, Packed& out) {
    if (!column.nullable) return;
    if (own_text(column) && column.width == 0) {
      for (const std::string_view text : values.texts.first(rows)) out.levels.push_back(text.data() != nullptr);
    } else if (values.present.empty()) {
      out.levels.assign(rows, 1);
    } else {
      out.levels.resize(rows);
      for (size_t i = 0; i < rows; ++i) out.levels[i] = values.present[i] != 0;
    }
  }

  // Copies the values that are there; characters go to `at`. Returns the end of the characters.
  static char* pack_values(const OutColumn& column, const OutValues& values, size_t rows, Packed& out, char* at) {
    const auto each = [&](auto put) {
      for (size_t i = 0; i < rows; ++i) {
        if (values.present.empty() || values.present[i] != 0) put(i);
      }
    };
    if (column.has_dictionary()) {
      assert(values.places.size() >= rows);
      out.places.assign(values.places.begin(), values.places.begin() + static_cast<std::ptrdiff_t>(rows));
      if (values.present.empty()) return at;
      size_t count = 0;  // without a branch: a null is written over
      for (size_t i = 0; i < rows; ++i) {
        out.places[count] = values.places[i];
        count += values.present[i] != 0;
      }
      out.places.resize(count);
      return at;
    }
    switch (column.type) {
      case OutType::text:
        if (const size_t width = column.width; width > 0) {
          assert(values.characters.size() >= rows * width);
          std::memcpy(at, values.characters.data(), rows * width);
          out.texts.reserve(rows);
          each([&](size_t i) {
            out.texts.emplace_back(column.width, reinterpret_cast<const uint8_t*>(at + i * width));
          });
          return at + rows * width;
        }
        for (const std::string_view text : values.texts.first(rows)) {
          if (text.data() == nullptr) continue;
          if (!text.empty()) std::memcpy(at, text.data(), text.size());
          out.texts.emplace_back(static_cast<uint32_t>(text.size()), reinterpret_cast<const uint8_t*>(at));
          at += text.size();
        }
        break;
      case OutType::int64:
        if (values.present.empty())
          out.int64s.assign(values.numbers.begin(), values.numbers.begin() + static_cast<std::ptrdiff_t>(rows));
        else
          each([&](size_t i) { out.int64s.push_back(values.numbers[i]); });
        break;
      case OutType::int32:
      case OutType::date:
        out.int32s.reserve(rows);
        each([&](size_t i) { out.int32s.push_back(static_cast<int32_t>(values.numbers[i])); });
        break;
      case OutType::token:
        out.tokens.reserve(rows);
        each([&](size_t i) { out.tokens.push_back(values.tokens[i]); });
        break;
      case OutType::boolean:
        out.booleans.reserve(rows);
        each([&](size_t i) { out.booleans.push_back(values.numbers[i] != 0); });
        break;
      case OutType::float64: each([&](size_t i) { out.reals.push_back(values.reals[i]); }); break;
    }
    return at;
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
        if (!columns_[c].nullable || column.levels[taken.rows + i] != 0) bytes += column.texts[value[c]++].len;
      }
      if (bytes > group_text_bytes_max && group_rows_ + i > 0) return i;
    }
    return count;
  }

  // Moves the next `count` rows of the chunk into the piece.
  void take(const Rows& rows, Taken& taken, size_t count) {
    for (size_t c = 0; c < columns_.size(); ++c) {
      const Packed& from = rows.columns[c];
      Packed& to = columns_[c].has_dictionary() ? group_[c] : piece_[c];
      size_t values = count;
      if (columns_[c].nullable) {
        values =
            static_cast<size_t>(std::count(from.levels.begin() + static_cast<std::ptrdiff_t>(taken.rows),
                                           from.levels.begin() + static_cast<std::ptrdiff_t>(taken.rows + count), 1));
        append_part(to.levels, from.levels, taken.rows, count);
      }
      append_values(to, columns_[c], from, taken.values[c], values);
      if (own_text(columns_[c])) {
        for (size_t i = to.texts.size() - values; i < to.texts.size(); ++i) group_text_bytes_ += to.texts[i].len;
      }
      taken.values[c] += values;
    }
    taken.rows += count;
    piece_rows_ += count;
    group_rows_ += count;
  }

  static void write_column(parquet::ColumnWriter& writer, const OutColumn& as, const Packed& column, size_t rows) {
    const int16_t* levels = column.levels.empty() ? nullptr : column.levels.data();
    const auto count = static_cast<int64_t>(rows);
    if (as.has_dictionary()) return write_places(writer, levels, column.places, as, rows);
    switch (as.type) {
      case OutType::text:
        static_cast<parquet::ByteArrayWriter&>(writer).WriteBatch(count, levels, nullptr, column.texts.data());
        break;
      case OutType::int64:
        static_cast<parquet::Int64Writer&>(writer).WriteBatch(count, levels, nullptr, column.int64s.data());
        break;
      case OutType::int32:
      case OutType::date:
        static_cast<parquet::Int32Writer&>(writer).WriteBatch(count, levels, nullptr, column.int32s.data());
        break;
      case OutType::token:
        write_tokens(static_cast<parquet::ByteArrayWriter&>(writer), levels, column.tokens, rows);
        break;
      case OutType::boolean:
        static_assert(sizeof(bool) == sizeof(uint8_t));
        static_cast<parquet::BoolWriter&>(writer).WriteBatch(count, levels, nullptr,
                                                             reinterpret_cast<const bool*>(column.booleans.data()));
        break;
      case OutType::float64:
        static_cast<parquet::DoubleWriter&>(writer).WriteBatch(count, levels, nullptr, column.reals.data());
        break;
    }
  }

  // Columns in parallel: those with a dictionary, or the others.
  void write_columns(bool with_dictionary, const std::vector<Packed>& from, size_t rows) {
    // Isolated: a thread that waits here takes up another column, never a task of the caller's pipeline.
    tbb::this_task_arena::isolate([&] {
      tbb::parallel_for(size_t{0}, columns_.size(), [&](size_t c) {
        if (columns_[c].has_dictionary() == with_dictionary) write_column(*writers_[c], columns_[c], from[c], rows);
      });
    });
  }

  Status write_piece() {
    TESSERA_TRY(guard([&] {
      if (group_writer_ == nullptr) {
        group_writer_ = writer_->AppendBufferedRowGroup();
        for (size_t c = 0; c < columns_.size(); ++c) writers_.push_back(group_writer_->column(static_cast<int>(c)));
      }
      write_columns(false, piece_, piece_rows_);
    }));
    piece_rows_ = 0;
    for (Packed& column : piece_) column.clear();
    for (std::unique_ptr<Rows>& rows : held_) pool_.give(std::move(rows));
    held_.clear();
    return {};
  }

  Status write_group() {
    if (piece_rows_ > 0) TESSERA_TRY(write_piece());
    TESSERA_TRY(guard([&] {
      write_columns(true, group_, group_rows_);
      // One after another: closing a column is what puts its pages into the file.
      for (parquet::ColumnWriter* writer : writers_) writer->Close();
      group_writer_->Close();
    }));
    group_writer_ = nullptr;
    writers_.clear();
    rows_ += group_rows_;
    group_rows_ = 0;
    group_text_bytes_ = 0;
    for (Packed& column : group_) column.clear();
    return {};
  }

  OutFile file_;
  std::vector<OutColumn> columns_;
  const size_t rows_max_ = group_rows(columns_);
  std::shared_ptr<ParquetStream> stream_;
  std::unique_ptr<parquet::ParquetFileWriter> writer_;
  mutable Pool<Rows> pool_;

  // The piece that is being gathered, and the chunks that its texts lie in.
  std::vector<Packed> piece_;
  size_t piece_rows_ = 0;
  std::vector<std::unique_ptr<Rows>> held_;

  // The open group: of columns with a dictionary all places, of the others what Arrow has encoded.
  std::vector<Packed> group_;
  size_t group_rows_ = 0, group_text_bytes_ = 0;  // with those of the piece
  parquet::RowGroupWriter* group_writer_ = nullptr;
  std::vector<parquet::ColumnWriter*> writers_;
  uint64_t rows_ = 0;  // written
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
