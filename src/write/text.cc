// text.cc: how does a batch become lines of CSV or JSON?
//
//   CSV     from_id,to_id,name        RFC 4180, but lines end in \n
//           1,7,"a ""b"", c"          quoted only if needed
//           2,,""                     null is empty; the empty text is quoted
//   ndjson  {"from_id":1,"to_id":7}   null is left out
//
// prepare() writes the lines of its batch into one buffer; append() writes that
// buffer to the file. So formatting is parallel and the file is cut-free.
#include <algorithm>
#include <array>
#include <cassert>
#include <charconv>
#include <chrono>
#include <cmath>
#include <cstring>

#include "base/pool.h"
#include "write/formats.h"

namespace tessera {
namespace {

// A look at each character; find_first_of would search the set for each.
bool needs_quotes(std::string_view text) {
  bool any = false;
  for (const char c : text) any |= c == ',' || c == '"' || c == '\r' || c == '\n';
  return any;
}

constexpr size_t number_chars_max = 32;  // of an int64, the shortest form of a double, a date

char* put_date(char* at, int64_t days) {
  using namespace std::chrono;
  const year_month_day date{sys_days{std::chrono::days{static_cast<int32_t>(days)}}};
  const int year = static_cast<int>(date.year());
  if (year < 0) *at++ = '-';
  unsigned rest = static_cast<unsigned>(year < 0 ? -year : year);
  if (rest > 9999) {
    at = std::to_chars(at, at + number_chars_max, rest).ptr;
  } else {
    for (const unsigned unit : {1000u, 100u, 10u, 1u}) {
      *at++ = static_cast<char>('0' + rest / unit);
      rest %= unit;
    }
  }
  for (const unsigned part : {static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day())}) {
    *at++ = '-';
    *at++ = static_cast<char>('0' + part / 10);
    *at++ = static_cast<char>('0' + part % 10);
  }
  return at;
}

bool null_at(const OutColumn& column, const OutValues& values, size_t row) {
  assert(column.type != OutType::token && "text has no place for bytes");
  if (column.type == OutType::text && !column.has_dictionary() && column.width == 0)
    return values.texts[row].data() == nullptr;
  return !values.present.empty() && values.present[row] == 0;
}

// Requires: a column of texts, not null.
std::string_view text_at(const OutColumn& column, const OutValues& values, size_t row) {
  if (column.has_dictionary()) return column.text_dictionary[values.places[row]];
  if (column.width > 0) return {values.characters.data() + row * column.width, column.width};
  return values.texts[row];
}

// Requires: not null; number_chars_max characters of room.
char* put_number(char* at, OutType type, const OutValues& values, size_t row) {
  char* const end = at + number_chars_max;
  if (type == OutType::float64) return std::to_chars(at, end, values.reals[row]).ptr;
  if (type == OutType::date) return put_date(at, values.numbers[row]);
  if (type == OutType::boolean) {
    const std::string_view word = values.numbers[row] != 0 ? "true" : "false";
    return std::copy(word.begin(), word.end(), at);
  }
  return std::to_chars(at, end, values.numbers[row]).ptr;
}

class Csv {
 public:
  explicit Csv(const std::vector<OutColumn>& columns) : columns_(columns) {}

  void header(CharBuffer& out) const {
    char* at = nullptr;
    for (size_t c = 0; c < columns_.size(); ++c) {
      at = out.room(room_for(columns_[c].name) + 1);
      if (c > 0) *at++ = ',';
      at = put_text(at, columns_[c].name);
      out.set_end(at);
    }
    end_line(out);
  }

  void row(const OutBatch& batch, size_t row, CharBuffer& out) const {
    for (size_t c = 0; c < columns_.size(); ++c) {
      const OutValues& values = batch.columns[c];
      const bool null = null_at(columns_[c], values, row);
      const bool text = columns_[c].type == OutType::text;
      const std::string_view value = text && !null ? text_at(columns_[c], values, row) : std::string_view();
      char* at = out.room(1 + (text ? room_for(value) : number_chars_max));
      if (c > 0) *at++ = ',';
      if (!null) at = text ? put_text(at, value) : put_number(at, columns_[c].type, values, row);
      out.set_end(at);
    }
    end_line(out);
  }

 private:
  static size_t room_for(std::string_view text) { return 2 * text.size() + 2; }
  static void end_line(CharBuffer& out) {
    char* at = out.room(1);
    *at++ = '\n';
    out.set_end(at);
  }
  static char* put_text(char* at, std::string_view text) {
    if (!text.empty() && !needs_quotes(text)) {
      std::memcpy(at, text.data(), text.size());
      return at + text.size();
    }
    *at++ = '"';
    for (const char c : text) {
      if (c == '"') *at++ = '"';
      *at++ = c;
    }
    *at++ = '"';
    return at;
  }

  std::vector<OutColumn> columns_;
};

class Ndjson {
 public:
  explicit Ndjson(const std::vector<OutColumn>& columns) : columns_(columns) {
    for (const OutColumn& column : columns) {
      std::string key(6 * column.name.size() + 3, '\0');
      key.resize(static_cast<size_t>(put_text(key.data(), column.name) - key.data()));
      keys_.push_back(key + ':');
    }
  }

  void header(CharBuffer&) const {}

  void row(const OutBatch& batch, size_t row, CharBuffer& out) const {
    char* at = out.room(1);
    *at++ = '{';
    out.set_end(at);
    bool first = true;
    for (size_t c = 0; c < columns_.size(); ++c) {
      const OutValues& values = batch.columns[c];
      const OutType type = columns_[c].type;
      if (null_at(columns_[c], values, row)) continue;
      if (type == OutType::float64 && !std::isfinite(values.reals[row])) continue;  // JSON has no such number
      const bool text = type == OutType::text;
      const std::string_view value = text ? text_at(columns_[c], values, row) : std::string_view();
      at = out.room(keys_[c].size() + 1 + (text ? 6 * value.size() + 2 : number_chars_max + 2));
      if (!first) *at++ = ',';
      first = false;
      std::memcpy(at, keys_[c].data(), keys_[c].size());
      at += keys_[c].size();
      if (type == OutType::date) *at++ = '"';
      at = text ? put_text(at, value) : put_number(at, type, values, row);
      if (type == OutType::date) *at++ = '"';
      out.set_end(at);
    }
    at = out.room(2);
    *at++ = '}';
    *at++ = '\n';
    out.set_end(at);
  }

 private:
  static char* put_text(char* at, std::string_view text) {
    constexpr std::string_view hex = "0123456789abcdef";
    *at++ = '"';
    for (const char c : text) {
      const auto byte = static_cast<unsigned char>(c);
      if (byte >= 0x20 && c != '"' && c != '\\') {
        *at++ = c;
        continue;
      }
      *at++ = '\\';
      switch (c) {
        case '"': *at++ = '"'; break;
        case '\\': *at++ = '\\'; break;
        case '\n': *at++ = 'n'; break;
        case '\r': *at++ = 'r'; break;
        case '\t': *at++ = 't'; break;
        default:
          for (const char u : {'u', '0', '0', hex[byte >> 4], hex[byte & 15]}) *at++ = u;
      }
    }
    *at++ = '"';
    return at;
  }

  std::vector<OutColumn> columns_;
  std::vector<std::string> keys_;  // quoted, with the colon
};

struct Lines : TableWriter::Chunk {
  CharBuffer text;
  size_t rows = 0;
};

template <class Format>
class TextWriter final : public TableWriter {
 public:
  TextWriter(OutFile file, const std::vector<OutColumn>& columns)
      : file_(std::move(file)), format_(columns), column_count_(columns.size()) {}

  Status begin() {
    CharBuffer text;
    format_.header(text);
    return file_.write({text.data(), text.size()});
  }

  std::unique_ptr<Chunk> prepare(const OutBatch& batch) const override {
    assert(batch.columns.size() == column_count_);
    std::unique_ptr<Lines> lines = pool_.take();
    lines->text.clear();
    lines->rows = batch.rows;
    for (size_t row = 0; row < batch.rows; ++row) format_.row(batch, row, lines->text);
    return lines;
  }

  Status append(std::unique_ptr<Chunk> chunk) override {
    std::unique_ptr<Lines> lines(static_cast<Lines*>(chunk.release()));  // only prepare() makes chunks
    TESSERA_TRY(file_.write({lines->text.data(), lines->text.size()}));
    rows_ += lines->rows;
    pool_.give(std::move(lines));
    return {};
  }

  Result<OutputFile> close() override { return file_.close(rows_); }

 private:
  OutFile file_;
  Format format_;
  size_t column_count_;
  mutable Pool<Lines> pool_;
  uint64_t rows_ = 0;
};

template <class Format>
Result<std::unique_ptr<TableWriter>> make(OutFile file, const std::vector<OutColumn>& columns) {
  auto writer = std::make_unique<TextWriter<Format>>(std::move(file), columns);
  TESSERA_TRY(writer->begin());
  return writer;
}

}  // namespace

Result<std::unique_ptr<TableWriter>> make_csv_writer(OutFile file, const std::vector<OutColumn>& columns) {
  return make<Csv>(std::move(file), columns);
}

Result<std::unique_ptr<TableWriter>> make_ndjson_writer(OutFile file, const std::vector<OutColumn>& columns) {
  return make<Ndjson>(std::move(file), columns);
}

}  // namespace tessera
