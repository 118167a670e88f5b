// csv_source.cc: where do the rows of a CSV file begin and end?
//
//   BOM  skipped rows  header  | row row row ... row  | footer rows
//
// A row end counts only outside quotes, which depends on every quote before it. So
// the serial part looks at all bytes once, with the vector kernel, and the parallel
// part once more: that is cheaper than handing positions over.
#include "read/csv_source.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "read/csv_rows.h"

namespace tessera {

namespace {

constexpr size_t scan_words = 64;

// Follows rows over text that comes in pieces.
class RowScanner {
 public:
  RowScanner(char delimiter, size_t footer_rows, size_t line_bytes_max)
      : delimiter_(delimiter),
        line_bytes_max_(line_bytes_max),
        index_(csv_index_kernel(kernels())),
        last_(footer_rows + 1) {}

  // Begins at a row. Rows that were held back are seen again.
  void restart(size_t begin) {
    rows_ -= held_ > 0 ? held_ - 1 : 0;
    quotes_ = {};
    at_ = begin;
    begin_ = last_end_ = begin;
    after_end_ = true;
    held_ = 0;
  }

  // Whole words of [at, end), and the rest too when `ended`.
  void scan(const char* data, size_t end, bool ended) {
    while (end - at_ >= 64 || (ended && at_ < end)) {
      const size_t words = std::clamp<size_t>((end - at_) / 64, 1, scan_words);
      index_(data + at_, words, delimiter_, masks_);
      for (size_t w = 0; w < words; ++w) {
        CsvMasks word = masks_[w];
        if (end - at_ < 64) {
          const uint64_t valid = (uint64_t{1} << (end - at_)) - 1;
          word = {word.quote & valid, word.delimiter & valid, word.end & valid};
        }
        take(word);
        at_ = std::min(at_ + 64, end);
      }
    }
  }

  // Where the rows end that are not among the last `footer_rows`; begin if there are none.
  [[nodiscard]] size_t cut() const { return held_ < last_.size() ? begin_ : last_[next_]; }
  [[nodiscard]] bool is_inside() const { return quotes_.is_inside(); }
  [[nodiscard]] uint64_t rows() const { return rows_; }
  // The row, from 1, that is longer than the limit; 0: none.
  [[nodiscard]] uint64_t row_too_long(size_t filled) const {
    if (row_too_long_ != 0) return row_too_long_;
    return filled - last_end_ > line_bytes_max_ ? rows_ + 1 : 0;
  }

 private:
  void take(const CsvMasks& word) {
    const uint64_t ends = word.end & ~quotes_.inside(word);
    if (ends == 0) {
      after_end_ = false;
      return;
    }
    // A line end right after another ends a blank line, which is no row.
    const uint64_t rows = ends & ~(ends << 1 | (after_end_ ? 1 : 0));
    after_end_ = (ends >> 63) != 0;
    const size_t first_end = at_ + static_cast<size_t>(std::countr_zero(ends));
    if (first_end - last_end_ > line_bytes_max_ && row_too_long_ == 0) row_too_long_ = rows_ + 1;
    rows_ += static_cast<uint64_t>(std::popcount(rows));
    last_end_ = at_ + 64 - static_cast<size_t>(std::countl_zero(ends));
    if (last_.size() == 1) {
      held_ = 1;
      last_[0] = last_end_;
      return;
    }
    for (uint64_t rest = rows; rest != 0; rest &= rest - 1) {
      last_[next_] = at_ + static_cast<size_t>(std::countr_zero(rest)) + 1;
      next_ = (next_ + 1) % last_.size();
      held_ = std::min(held_ + 1, last_.size());
    }
  }

  char delimiter_;
  size_t line_bytes_max_;
  CsvIndexKernel index_;
  CsvMasks masks_[scan_words];
  QuoteState quotes_;
  size_t at_ = 0;
  size_t begin_ = 0;
  size_t last_end_ = 0;
  bool after_end_ = true;
  uint64_t row_too_long_ = 0;
  uint64_t rows_ = 0;         // since the file began, the header not among them
  std::vector<size_t> last_;  // ring of the ends of the last footer_rows + 1 rows
  size_t next_ = 0;
  size_t held_ = 0;
};

class CsvSource final : public TextSource {
 public:
  CsvSource(const Input& input, const std::vector<std::string>& columns, const ReadOptions& options)
      : TextSource(input, columns, options), scanner_(fresh_scanner()) {}

  [[nodiscard]] const std::vector<std::string>& names() const { return names_; }
  [[nodiscard]] uint64_t file_bytes() const { return text_file().bytes(); }
  // From the rows in what was read so far.
  [[nodiscard]] uint64_t estimate_rows() {
    scanner_.scan(data(), filled(), ended());
    const uint64_t rows = scanner_.rows();
    const uint64_t seen = text_file().consumed();
    if (ended() || seen == 0) return rows;
    return static_cast<uint64_t>(static_cast<double>(rows) / static_cast<double>(seen) *
                                 static_cast<double>(file_bytes()));
  }

 protected:
  Status begin_file() override {
    scanner_ = fresh_scanner();
    if (filled() == 0) return empty();
    TESSERA_ASSIGN(const size_t mark, byte_order_mark({data(), filled()}, path()));
    skip_to(mark);
    for (uint32_t i = 0; i < input().skip_rows; ++i) TESSERA_TRY(skip_line());
    TESSERA_TRY(read_header());
    return place_columns();
  }

  Status scan(bool at_end) override {
    if (at_end && filled() > begin_of_rows() && !is_line_end(data()[filled() - 1])) close_last_row();
    scanner_.scan(data(), filled(), at_end);
    if (at_end && scanner_.is_inside()) {
      return fail(ErrorCode::data, fmt::format("{}: row {}: a quote opens and is not closed before the end of the file",
                                               path(), scanner_.rows() + 1));
    }
    const uint64_t row = scanner_.row_too_long(filled());
    if (row != 0) return too_long(row, scanner_.is_inside());
    return {};
  }

  [[nodiscard]] size_t cut(bool /*at_end*/) const override { return scanner_.cut(); }

  void restart() override { scanner_.restart(begin_of_rows()); }

  std::unique_ptr<Morsel> morsel(TextBlock block) override {
    return std::make_unique<CsvMorsel>(std::move(block), layout_, plan(), options().batch_rows);
  }

 private:
  static bool is_line_end(char byte) { return byte == '\n' || byte == '\r'; }

  [[nodiscard]] RowScanner fresh_scanner() const {
    return {input().delimiter, input().footer_rows, static_cast<size_t>(options().line_bytes_max)};
  }

  std::unexpected<Error> empty() const {
    return fail(ErrorCode::data, fmt::format("{}: empty: no {}", path(), input().header ? "header" : "rows"));
  }

  std::unexpected<Error> too_long(uint64_t row, bool inside) const {
    if (inside) {
      return fail(
          ErrorCode::data,
          fmt::format("{}: row {}: a quote opens and is not closed within {} bytes; is the closing quote missing?",
                      path(), row, options().line_bytes_max));
    }
    return fail(ErrorCode::data,
                fmt::format("{}: row {} is longer than the limit of {} bytes", path(), row, options().line_bytes_max));
  }

  // One line before the header, whatever it holds.
  Status skip_line() {
    size_t at = begin_of_rows();
    for (;;) {
      while (at < filled() && !is_line_end(data()[at])) ++at;
      if (at + 1 < filled() || ended()) break;
      if (at - begin_of_rows() > options().line_bytes_max) {
        return fail(ErrorCode::data, fmt::format("{}: a line before the header is longer than the limit of {} bytes",
                                                 path(), options().line_bytes_max));
      }
      TESSERA_TRY(fill_more());
    }
    if (at < filled()) {
      const bool both = data()[at] == '\r' && at + 1 < filled() && data()[at + 1] == '\n';
      at += both ? 2 : 1;
    }
    skip_to(at);
    return {};
  }

  // Finds the first row that is not blank: the header, or the row that tells how many columns there are.
  Status read_header() {
    size_t begin = begin_of_rows();
    for (;;) {
      while (begin < filled() && is_line_end(data()[begin])) ++begin;
      if (begin < filled() || ended()) break;
      TESSERA_TRY(fill_more());
    }
    if (begin >= filled()) return empty();
    size_t end = begin;
    for (;;) {
      end = row_end(begin);
      if (end < filled() || ended()) break;
      if (filled() - begin > options().line_bytes_max) {
        return fail(ErrorCode::data, fmt::format("{}: the header is longer than the limit of {} bytes", path(),
                                                 options().line_bytes_max));
      }
      TESSERA_TRY(fill_more());
    }
    if (end == std::string::npos) {
      return fail(ErrorCode::data,
                  fmt::format("{}: the header opens a quote that is not closed before the end of the file", path()));
    }
    names_.clear();
    if (input().header) {
      auto cells = csv_cells(data(), begin, end, input().delimiter, input().encoding);
      if (!cells) {
        return fail(ErrorCode::data, fmt::format("{}: the name of column {} is not in the encoding of the input",
                                                 path(), cells.error() + 1));
      }
      names_ = std::move(*cells);
      skip_to(std::min(end + 1, filled()));
    } else {
      const size_t count = cells_in(begin, end);
      for (size_t i = 0; i < count; ++i) names_.push_back(fmt::format("column_{}", i + 1));
    }
    return {};
  }

  // The place of the row end; filled() if it is not there, npos if at the end a quote is open.
  [[nodiscard]] size_t row_end(size_t begin) const {
    QuoteState quotes;
    for (size_t at = begin; at < filled(); at += 64) {
      CsvMasks word = masks_at(at);
      const uint64_t ends = word.end & ~quotes.inside(word);
      if (ends != 0) return at + static_cast<size_t>(std::countr_zero(ends));
    }
    return ended() && quotes.is_inside() ? std::string::npos : filled();
  }

  [[nodiscard]] size_t cells_in(size_t begin, size_t end) const {
    QuoteState quotes;
    size_t count = 1;
    for (size_t at = begin; at < end; at += 64) {
      CsvMasks word = masks_at(at);
      uint64_t delimiters = word.delimiter & ~quotes.inside(word);
      if (end - at < 64) delimiters &= (uint64_t{1} << (end - at)) - 1;
      count += static_cast<size_t>(std::popcount(delimiters));
    }
    return count;
  }

  [[nodiscard]] CsvMasks masks_at(size_t at) const {
    CsvMasks word;
    csv_index_scalar(data() + at, 1, input().delimiter, &word);
    if (filled() - at < 64) {
      const uint64_t valid = (uint64_t{1} << (filled() - at)) - 1;
      word = {word.quote & valid, word.delimiter & valid, word.end & valid};
    }
    return word;
  }

  Status place_columns() {
    auto layout = std::make_shared<CsvLayout>();
    layout->path = path();
    layout->file = file_index();
    layout->delimiter = input().delimiter;
    layout->encoding = input().encoding;
    layout->columns = names_.size();
    for (const std::string& name : plan()->names) {
      const auto at = std::ranges::find(names_, name);
      if (at == names_.end()) return std::unexpected(no_such_column(name, path(), names_));
      if (std::find(at + 1, names_.end(), name) != names_.end()) {
        return fail(ErrorCode::data, fmt::format("{}: column \"{}\" is there twice", path(), name));
      }
      layout->place.push_back(static_cast<size_t>(at - names_.begin()));
    }
    layout_ = std::move(layout);
    return {};
  }

  RowScanner scanner_;
  std::vector<std::string> names_;
  std::shared_ptr<const CsvLayout> layout_;
};

}  // namespace

Result<std::unique_ptr<Source>> open_csv(const Input& input, const std::vector<std::string>& columns,
                                         const ReadOptions& options) {
  if (input.delimiter == '"' || input.delimiter == '\n' || input.delimiter == '\r' || input.delimiter == '\0') {
    return fail(ErrorCode::usage,
                fmt::format("input \"{}\": the delimiter cannot be a quote, a line end or NUL", input.name));
  }
  auto source = std::make_unique<CsvSource>(input, columns, options);
  TESSERA_TRY(source->begin());
  return source;
}

Result<InputShape> look_at_csv(const Input& input) {
  InputShape shape;
  for (const std::string& path : input.paths) {
    Input one = input;
    one.paths = {path};
    one.where.reset();
    one.digest = Digest::none;
    CsvSource source(one, {}, {.batch_bytes = 256 << 10});
    TESSERA_TRY(source.begin());
    if (shape.columns.empty()) {
      shape.columns = source.names();
      shape.forms.assign(shape.columns.size(), RawColumn::Form::text);
    }
    TESSERA_TRY(check_shared_columns(input, shape.columns, source.names(), path));
    shape.rows += source.estimate_rows();
    shape.bytes += source.file_bytes();
  }
  return shape;
}

}  // namespace tessera
