// helpers.h: files in a folder of their own, and everything that comes out of them.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <vector>

#include <unistd.h>

#include "read/read.h"

namespace tessera::test {

// A folder that goes with the test.
class Folder {
 public:
  Folder() {
    static int count = 0;
    path_ = std::filesystem::temp_directory_path() /
            ("tessera-read-" + std::to_string(::getpid()) + "-" + std::to_string(++count));
    std::filesystem::create_directories(path_);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() { std::filesystem::remove_all(path_); }
  [[nodiscard]] std::string file(const std::string& name) const { return path_ / name; }
  [[nodiscard]] std::string write(const std::string& name, std::string_view content) const {
    std::ofstream(file(name), std::ios::binary).write(content.data(), static_cast<std::streamsize>(content.size()));
    return file(name);
  }

 private:
  std::filesystem::path path_;
};

using Cell = std::optional<std::string>;
using Row = std::vector<Cell>;

struct Everything {
  std::vector<Row> rows;
  std::vector<uint64_t> places;  // of those rows, in their file, from 0
  std::vector<Reject> rejects;   // row: in its file
  std::vector<uint32_t> reject_file;
  uint64_t seen = 0;
  uint64_t filtered = 0;
  size_t morsels = 0;
  std::vector<uint64_t> morsel_rows;  // of each
  size_t batches = 0;
  bool dictionary = false;  // some batch had one
  std::vector<RawColumn::Form> forms;
  std::vector<InputReport::File> files;
  std::optional<Error> error;
};

inline Cell cell_of(const RawColumn& column, size_t i) {
  if (column.null(i)) return std::nullopt;
  if (column.form == RawColumn::Form::text) return std::string(column.text(i));
  return std::to_string(column.numbers[i]);
}

inline Everything read_all(const Input& input, const std::vector<std::string>& columns,
                           const ReadOptions& options = {}) {
  Everything out;
  auto source = open_source(input, columns, options);
  if (!source) {
    out.error = source.error();
    return out;
  }
  const ReadScratchPtr scratch = make_read_scratch();
  uint32_t file = 0;
  uint64_t before = 0;  // rows of the file in earlier morsels
  for (;;) {
    auto morsel = (*source)->next();
    if (!morsel) {
      out.error = morsel.error();
      return out;
    }
    if (!*morsel) break;
    ++out.morsels;
    if ((*morsel)->file() != file) before = 0;
    file = (*morsel)->file();
    use_scratch(**morsel, *scratch);
    RawBatch batch;
    std::vector<Reject> rejects;
    for (;;) {
      const auto more = (*morsel)->next(batch, rejects);
      if (!more) {
        out.error = more.error();
        return out;
      }
      if (!*more) break;
      ++out.batches;
      EXPECT_GT(batch.rows, 0u);
      EXPECT_LE(batch.rows, options.batch_rows);
      EXPECT_EQ(batch.columns.size(), columns.size());
      for (const RawColumn& column : batch.columns) {
        if (out.forms.size() < columns.size()) out.forms.push_back(column.form);
        out.dictionary |= !column.indices.empty();
        EXPECT_EQ(column.indices.empty(), column.dictionary_id == 0);
      }
      for (size_t i = 0; i < batch.rows; ++i) {
        Row row;
        for (const RawColumn& column : batch.columns) row.push_back(cell_of(column, i));
        out.rows.push_back(std::move(row));
        out.places.push_back(before + batch.place(i));
      }
    }
    out.morsel_rows.push_back((*morsel)->rows_seen());
    for (Reject reject : rejects) {
      reject.row += before;
      out.rejects.push_back(reject);
      out.reject_file.push_back(file);
    }
    before += (*morsel)->rows_seen();
    out.seen += (*morsel)->rows_seen();
    out.filtered += (*morsel)->rows_filtered();
  }
  out.files = (*source)->files();
  EXPECT_EQ(out.seen, out.rows.size() + out.rejects.size() + out.filtered);
  return out;
}

using Op = Filter::Op;
using Ids = std::vector<std::string>;

inline std::string content_of(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

inline Input input_of(std::vector<std::string> paths, FileFormat format = FileFormat::by_name) {
  Input input;
  input.name = "test";
  input.paths = std::move(paths);
  input.format = format;
  return input;
}

inline FieldSpec field(const std::string& name, const std::vector<std::string>& columns) {
  FieldSpec spec;
  spec.name = name;
  spec.columns = columns;
  return spec;
}

// Cells as a person writes them: "-" is null.
inline Row row(const std::vector<std::string>& cells) {
  Row out;
  for (const std::string& cell : cells) out.push_back(cell == "-" ? Cell{} : Cell{cell});
  return out;
}

inline std::vector<uint64_t> reject_rows(const Everything& everything) {
  std::vector<uint64_t> rows;
  for (const Reject& reject : everything.rejects) rows.push_back(reject.row);
  return rows;
}

}  // namespace tessera::test
