// parquet.cc: how does a batch become part of a Parquet file?
//
//   prepare()  batch -> chunk   values that are there, packed, and definition levels
//   append()   chunk -> group   until the group holds 2^20 rows (or 256 MiB of text)
//   group      -> file          its columns are encoded and compressed in parallel (parquet_group.h)
//
// A group is written only when it is full, each column by one call, so pages and
// groups are cut at the same rows however the rows were cut into batches.
//
// Texts, and numbers without nulls, are not copied into the group: it keeps their chunks until it is written.
// Arrow gets plain buffers, no arrays are made, but for tokens whose dictionary is known (parquet_tokens.h).
#include <parquet/column_writer.h>
#include <parquet/exception.h>

#include <arrow/io/interfaces.h>
#include <arrow/util/key_value_metadata.h>
#include <cassert>
#include <cstring>

#include "base/pool.h"
#include "write/formats.h"
#include "write/parquet_group.h"
#include "write/parquet_schema.h"
#include "write/parquet_tokens.h"

namespace tessera {
namespace {

constexpr size_t group_text_bytes_max = size_t{256} << 20;

// One column of a chunk or of a group: only the vector that fits its type is used.
struct Packed {
  std::vector<int16_t> levels;  // one a row: 1 present, 0 null. Unused where nulls cannot be.
  std::vector<int64_t> int64s;
  std::vector<int32_t> int32s;  // int32, date
  std::vector<double> reals;
  std::vector<uint8_t> booleans;
  std::vector<OutToken> tokens;
  std::vector<uint32_t> places;  // in the column's dictionary, instead of tokens
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

// What of a chunk has gone into groups: values of a column lie closer than its rows.
struct Taken {
  size_t rows = 0;
  std::vector<size_t> values;
};

template <class T>
void append_part(std::vector<T>& to, const std::vector<T>& from, size_t first, size_t count) {
  to.insert(to.end(), from.begin() + static_cast<std::ptrdiff_t>(first),
            from.begin() + static_cast<std::ptrdiff_t>(first + count));
}

// An OutFile as Arrow sees a stream. The error of the file outlives Arrow's exception about it.
class Stream final : public arrow::io::OutputStream {
 public:
  explicit Stream(OutFile& file) : file_(file) {}
  arrow::Status Close() override {
    closed_ = true;
    return arrow::Status::OK();
  }
  [[nodiscard]] bool closed() const override { return closed_; }
  [[nodiscard]] arrow::Result<int64_t> Tell() const override { return static_cast<int64_t>(file_.bytes()); }
  using arrow::io::OutputStream::Write;
  arrow::Status Write(const void* data, int64_t count) override {
    if (closed_ || !status_) return arrow::Status::IOError("closed");
    status_ = file_.write({static_cast<const char*>(data), static_cast<size_t>(count)});
    return status_ ? arrow::Status::OK() : arrow::Status::IOError("see the file's own error");
  }
  [[nodiscard]] const Status& status() const { return status_; }
  void shut() { closed_ = true; }  // from here on nothing is written

 private:
  OutFile& file_;
  bool closed_ = false;
  Status status_;
};

class ParquetWriter final : public TableWriter {
 public:
  ParquetWriter(OutFile file, const std::vector<OutColumn>& columns)
      : file_(std::move(file)),
        columns_(columns),
        stream_(std::make_shared<Stream>(file_)),
        group_(columns.size()),
        pieces_(columns.size()) {}

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
      if (columns_[c].type != OutType::text) continue;
      for (const std::string_view text : batch.columns[c].texts.first(batch.rows)) text_bytes += text.size();
    }
    char* at = rows->characters.room(text_bytes);
    for (size_t c = 0; c < columns_.size(); ++c) {
      rows->columns[c].clear();
      pack_levels(columns_[c], batch.columns[c], batch.rows, rows->columns[c]);
      at = pack_values(columns_[c].type, batch.columns[c], batch.rows, rows->columns[c], at);
    }
    rows->characters.set_end(at);
    return rows;
  }

  Status append(std::unique_ptr<Chunk> chunk) override {
    std::unique_ptr<Rows> rows(static_cast<Rows*>(chunk.release()));  // only prepare() makes chunks
    Taken taken{.rows = 0, .values = std::vector<size_t>(columns_.size(), 0)};
    while (taken.rows < rows->rows) {
      const size_t count = fitting(*rows, taken);
      take(*rows, taken, count);
      if (group_rows_ == rows_max_ || taken.rows < rows->rows) TESSERA_TRY(write_group());
    }
    // The open group may point into this chunk, which then stays until it is written.
    if (group_rows_ > 0) {
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

  static void pack_levels(const OutColumn& column, const OutValues& values, size_t rows, Packed& out) {
    if (!column.nullable) return;
    if (column.type == OutType::text) {
      for (const std::string_view text : values.texts.first(rows)) out.levels.push_back(text.data() != nullptr);
    } else if (values.present.empty()) {
      out.levels.assign(rows, 1);
    } else {
      for (const uint8_t present : values.present.first(rows)) out.levels.push_back(present != 0);
    }
  }

  // Copies the values that are there; characters go to `at`. Returns the end of the characters.
  static char* pack_values(OutType type, const OutValues& values, size_t rows, Packed& out, char* at) {
    const auto each = [&](auto put) {
      for (size_t i = 0; i < rows; ++i) {
        if (values.present.empty() || values.present[i] != 0) put(i);
      }
    };
    switch (type) {
      case OutType::text:
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
        if (values.present.empty()) {
          out.int32s.resize(rows);
          for (size_t i = 0; i < rows; ++i) out.int32s[i] = static_cast<int32_t>(values.numbers[i]);
        } else {
          each([&](size_t i) { out.int32s.push_back(static_cast<int32_t>(values.numbers[i])); });
        }
        break;
      case OutType::token:
        (values.places.empty() ? out.tokens.reserve(rows) : out.places.reserve(rows));
        if (values.places.empty())
          each([&](size_t i) { out.tokens.push_back(values.tokens[i]); });
        else
          each([&](size_t i) { out.places.push_back(values.places[i]); });
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
        if (columns_[c].type != OutType::text) continue;
        const Packed& column = rows.columns[c];
        if (!columns_[c].nullable || column.levels[taken.rows + i] != 0) bytes += column.texts[value[c]++].len;
      }
      if (bytes > group_text_bytes_max && group_rows_ + i > 0) return i;
    }
    return count;
  }

  // Moves the next `count` rows of the chunk into the group.
  void take(const Rows& rows, Taken& taken, size_t count) {
    for (size_t c = 0; c < columns_.size(); ++c) {
      const Packed& from = rows.columns[c];
      Packed& to = group_[c];
      size_t values = count;
      if (columns_[c].nullable) {
        values =
            static_cast<size_t>(std::count(from.levels.begin() + static_cast<std::ptrdiff_t>(taken.rows),
                                           from.levels.begin() + static_cast<std::ptrdiff_t>(taken.rows + count), 1));
        append_part(to.levels, from.levels, taken.rows, count);
      }
      switch (columns_[c].type) {
        case OutType::text:
          append_part(to.texts, from.texts, taken.values[c], values);
          for (size_t i = to.texts.size() - values; i < to.texts.size(); ++i) group_text_bytes_ += to.texts[i].len;
          break;
        case OutType::int64:
          if (columns_[c].nullable)
            append_part(to.int64s, from.int64s, taken.values[c], values);
          else
            pieces_[c].int64s.push_back(std::span(from.int64s).subspan(taken.values[c], values));
          break;
        case OutType::int32:
        case OutType::date:
          if (columns_[c].nullable)
            append_part(to.int32s, from.int32s, taken.values[c], values);
          else
            pieces_[c].int32s.push_back(std::span(from.int32s).subspan(taken.values[c], values));
          break;
        case OutType::token:
          if (columns_[c].dictionary.empty())
            append_part(to.tokens, from.tokens, taken.values[c], values);
          else
            append_part(to.places, from.places, taken.values[c], values);
          break;
        case OutType::boolean: append_part(to.booleans, from.booleans, taken.values[c], values); break;
        case OutType::float64: append_part(to.reals, from.reals, taken.values[c], values); break;
      }
      taken.values[c] += values;
    }
    taken.rows += count;
    group_rows_ += count;
  }

  static void write_column(parquet::ColumnWriter& writer, const OutColumn& as, const Packed& column, size_t rows) {
    const int16_t* levels = column.levels.empty() ? nullptr : column.levels.data();
    const auto count = static_cast<int64_t>(rows);
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
        if (as.dictionary.empty())
          write_tokens(static_cast<parquet::ByteArrayWriter&>(writer), levels, column.tokens, rows);
        else
          write_places(writer, levels, column.places, as.dictionary, rows);
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

  Status write_group() {
    TESSERA_TRY(guard([&] {
      for (size_t c = 0; c < columns_.size(); ++c)
        pieces_[c].write = [this, c](parquet::ColumnWriter& writer) {
          for (const auto piece : pieces_[c].int32s)
            group_[c].int32s.insert(group_[c].int32s.end(), piece.begin(), piece.end());
          write_column(writer, columns_[c], group_[c], group_rows_);
        };
      groups_->write(pieces_, group_rows_);
    }));
    rows_ += group_rows_;
    group_rows_ = 0;
    group_text_bytes_ = 0;
    for (Packed& column : group_) column.clear();
    for (GroupColumn& column : pieces_) column = {};
    for (std::unique_ptr<Rows>& rows : held_) pool_.give(std::move(rows));
    held_.clear();
    return {};
  }

  OutFile file_;
  std::vector<OutColumn> columns_;
  const size_t rows_max_ = group_rows(columns_);
  std::shared_ptr<Stream> stream_;
  std::unique_ptr<GroupWriter> groups_;
  mutable Pool<Rows> pool_;

  // The group that is being gathered.
  std::vector<Packed> group_;
  std::vector<GroupColumn> pieces_;  // of numbers without nulls, in chunks that are held
  size_t group_rows_ = 0, group_text_bytes_ = 0;
  std::vector<std::unique_ptr<Rows>> held_;
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
