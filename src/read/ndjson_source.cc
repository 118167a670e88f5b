// ndjson_source.cc: cutting JSON lines into blocks. A line feed inside a value is
// written \n in JSON, so every line feed ends a line.
#include "read/ndjson_source.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "read/ndjson_rows.h"

namespace tessera {

namespace {

constexpr size_t lines_for_keys = 100;

class NdjsonSource final : public TextSource {
 public:
  // With `first`, the first file tells which keys there are.
  NdjsonSource(const Input& input, const std::vector<std::string>& columns, const ReadOptions& options,
               bool first = true)
      : TextSource(input, columns, options), first_(first) {}

  // Of the first lines of the first file.
  [[nodiscard]] const std::vector<std::string>& names() const { return names_; }
  [[nodiscard]] uint64_t file_bytes() const { return text_file().bytes(); }
  [[nodiscard]] uint64_t estimate_rows() const {
    const auto lines = static_cast<uint64_t>(std::count(data() + begin_of_rows(), data() + filled(), '\n'));
    const uint64_t seen = text_file().consumed();
    if (ended() || seen == 0) return lines + (filled() > begin_of_rows() && data()[filled() - 1] != '\n' ? 1 : 0);
    return static_cast<uint64_t>(static_cast<double>(lines) / static_cast<double>(seen) *
                                 static_cast<double>(file_bytes()));
  }

 protected:
  Status begin_file() override {
    lines_ = 0;
    TESSERA_ASSIGN(const size_t mark, byte_order_mark({data(), filled()}, path()));
    skip_to(mark);
    if (file_index() > 0 || !first_) return {};
    TESSERA_TRY(read_keys());
    if (names_.empty()) {
      return fail(ErrorCode::data,
                  fmt::format("{}: {}", path(),
                              filled() == mark ? "empty: no rows"
                                               : "not JSON lines: none of its first lines is an object with keys"));
    }
    for (const std::string& name : plan()->names) {
      if (std::ranges::find(names_, name) == names_.end()) {
        return std::unexpected(no_such_column(name, path(), names_));
      }
    }
    return {};
  }

  Status scan(bool at_end) override {
    if (at_end && filled() > begin_of_rows() && data()[filled() - 1] != '\n') close_last_row();
    while (scanned_ < filled()) {
      const auto* end = static_cast<const char*>(std::memchr(data() + scanned_, '\n', filled() - scanned_));
      scanned_ = end == nullptr ? filled() : static_cast<size_t>(end - data()) + 1;
      if (scanned_ - line_ > options().line_bytes_max) {
        return too_long(lines_ + 1);
      }
      if (end == nullptr) break;
      line_ = scanned_;
      ++lines_;
    }
    return {};
  }

  [[nodiscard]] size_t cut(bool /*at_end*/) const override { return line_; }
  void restart() override { scanned_ = line_ = begin_of_rows(); }
  std::unique_ptr<Morsel> morsel(TextBlock block) override {
    return std::make_unique<NdjsonMorsel>(std::move(block), plan(), file_index(), options().batch_rows);
  }

 private:
  std::unexpected<Error> too_long(uint64_t line) const {
    return fail(ErrorCode::data, fmt::format("{}: line {} is longer than the limit of {} bytes", path(), line,
                                             options().line_bytes_max));
  }

  Status read_keys() {
    names_.clear();
    JsonLine reader;
    size_t at = begin_of_rows();
    for (size_t lines = 0; lines < lines_for_keys;) {
      const char* begin = data() + at;
      const auto* end = at < filled() ? static_cast<const char*>(std::memchr(begin, '\n', filled() - at)) : nullptr;
      if (end == nullptr && !ended()) {
        if (filled() - at > options().line_bytes_max) return too_long(lines + 1);
        TESSERA_TRY(fill_more());
        continue;
      }
      if (at >= filled()) break;
      const std::string_view line(begin, end == nullptr ? filled() - at : static_cast<size_t>(end - begin));
      at += line.size() + 1;
      if (is_blank(line)) continue;
      ++lines;
      reader.keys(line, names_);
    }
    return {};
  }

  bool first_;
  std::vector<std::string> names_;
  size_t scanned_ = 0;
  size_t line_ = 0;     // where the line at hand begins
  uint64_t lines_ = 0;  // of the file, before it
};

Status check_encoding(const Input& input) {
  if (input.encoding == Encoding::utf8) return {};
  return fail(ErrorCode::usage, fmt::format("input \"{}\": JSON lines are UTF-8; leave out \"encoding\"", input.name));
}

}  // namespace

Result<std::unique_ptr<Source>> open_ndjson(const Input& input, const std::vector<std::string>& columns,
                                            const ReadOptions& options) {
  TESSERA_TRY(check_encoding(input));
  auto source = std::make_unique<NdjsonSource>(input, columns, options);
  TESSERA_TRY(source->begin());
  return source;
}

Result<InputShape> look_at_ndjson(const Input& input) {
  TESSERA_TRY(check_encoding(input));
  InputShape shape;
  for (const std::string& path : input.paths) {
    Input one = input;
    one.paths = {path};
    one.where.reset();
    one.digest = Digest::none;
    NdjsonSource source(one, {}, {.batch_bytes = 256 << 10}, shape.columns.empty());
    TESSERA_TRY(source.begin());
    if (shape.columns.empty()) {
      shape.columns = source.names();
      shape.forms.assign(shape.columns.size(), RawColumn::Form::text);
    }
    shape.rows += source.estimate_rows();
    shape.bytes += source.file_bytes();
  }
  return shape;
}

}  // namespace tessera
