// tables.h: small tables to write, and files to write them to.
#pragma once

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "write/write.h"

namespace tessera::testing {

// A folder that goes with its test.
class Folder {
 public:
  Folder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "tessera-write-XXXXXX").string();
    path_ = ::mkdtemp(pattern.data());
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  [[nodiscard]] std::string operator/(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

inline std::string content_of(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

// A whole table by columns; nullopt is null. Of a column, the vector of its type holds one value a row.
struct Column {
  OutColumn as;
  std::vector<std::optional<std::string>> texts;
  std::vector<std::optional<int64_t>> numbers;
  std::vector<std::optional<double>> reals;
};

inline Column text_column(std::string name, std::vector<std::optional<std::string>> texts) {
  Column column;
  column.as.name = std::move(name);
  column.texts = std::move(texts);
  return column;
}

inline Column number_column(std::string name, OutType type, std::vector<std::optional<int64_t>> numbers) {
  Column column;
  column.as.name = std::move(name);
  column.as.type = type;
  column.numbers = std::move(numbers);
  return column;
}

inline Column real_column(std::string name, std::vector<std::optional<double>> reals) {
  Column column;
  column.as.name = std::move(name);
  column.as.type = OutType::float64;
  column.reals = std::move(reals);
  return column;
}

struct Table {
  std::vector<Column> columns;
  [[nodiscard]] size_t rows() const {
    return columns.empty() ? 0
                           : std::max({columns[0].texts.size(), columns[0].numbers.size(), columns[0].reals.size()});
  }
  [[nodiscard]] std::vector<OutColumn> names() const {
    std::vector<OutColumn> out;
    for (const Column& column : columns) out.push_back(column.as);
    return out;
  }
};

// Prepares rows [first, first + count) of the table. What the batch points to dies before append(),
// so a writer that borrows instead of copying is found out by the sanitizers.
inline std::unique_ptr<TableWriter::Chunk> prepare_rows(const TableWriter& writer, const Table& table, size_t first,
                                                        size_t count) {
  OutBatch batch;
  batch.rows = count;
  std::vector<std::vector<std::string_view>> texts(table.columns.size());
  std::vector<std::vector<int64_t>> numbers(table.columns.size());
  std::vector<std::vector<double>> reals(table.columns.size());
  std::vector<std::vector<uint8_t>> present(table.columns.size());
  for (size_t c = 0; c < table.columns.size(); ++c) {
    const Column& column = table.columns[c];
    for (size_t i = first; i < first + count; ++i) {
      if (column.as.type == OutType::text) {
        texts[c].push_back(column.texts[i] ? std::string_view(*column.texts[i]) : std::string_view());
      } else if (column.as.type == OutType::float64) {
        reals[c].push_back(column.reals[i].value_or(-1));
        present[c].push_back(column.reals[i].has_value());
      } else {
        numbers[c].push_back(column.numbers[i].value_or(-1));
        present[c].push_back(column.numbers[i].has_value());
      }
    }
    if (!column.as.nullable) present[c].clear();
    batch.columns.push_back({.texts = texts[c], .numbers = numbers[c], .reals = reals[c], .present = present[c]});
  }
  return writer.prepare(batch);
}

// The same texts three times: as they are, as places in a dictionary, and of one width, with nulls; and without nulls.
struct ThreeWays {
  static constexpr unsigned width = 5;
  std::vector<std::string> values;           // each once
  std::vector<std::string_view> dictionary;  // those
  std::vector<uint32_t> places;              // one a row
  std::vector<uint8_t> present;

  ThreeWays(size_t row_count, size_t value_count) {
    for (size_t i = 0; i < value_count; ++i) values.push_back(std::to_string(10000 + i));
    dictionary.assign(values.begin(), values.end());
    for (size_t row = 0; row < row_count; ++row) {
      places.push_back(static_cast<uint32_t>(row * 7919 % value_count));
      present.push_back(row % 7 != 0);
    }
  }
  [[nodiscard]] std::vector<OutColumn> columns() const {
    return {{"plain"},
            {.name = "places", .text_dictionary = dictionary},
            {.name = "wide", .distinct = true, .width = width},
            {.name = "always", .nullable = false, .text_dictionary = dictionary}};
  }
  // Writes them in batches of `batch_rows`, each of which dies before append().
  OutputFile write(const std::string& path, FileFormat format, size_t batch_rows) const {
    auto writer = make_table_writer(path, "table", format, columns());
    EXPECT_TRUE(writer);
    for (size_t first = 0; first < places.size(); first += batch_rows) {
      const size_t count = std::min(batch_rows, places.size() - first);
      std::vector<std::string_view> texts;
      std::string characters;
      for (size_t row = first; row < first + count; ++row) {
        texts.push_back(present[row] != 0 ? dictionary[places[row]] : std::string_view());
        characters += present[row] != 0 ? dictionary[places[row]] : std::string_view("?????");
      }
      const std::span<const uint32_t> these = std::span(places).subspan(first, count);
      const std::span<const uint8_t> there = std::span(present).subspan(first, count);
      OutBatch batch{.rows = count, .columns = {}};
      batch.columns.push_back({.texts = texts});
      batch.columns.push_back({.present = there, .places = these});
      batch.columns.push_back({.present = there, .characters = characters});
      batch.columns.push_back({.places = these});
      auto chunk = (*writer)->prepare(batch);
      characters.assign(characters.size(), '!');
      EXPECT_TRUE((*writer)->append(std::move(chunk)));
    }
    return *(*writer)->close();
  }
};

// Writes the table in batches of `batch_rows`; fails the test if that fails.
inline OutputFile write_table(const std::string& path, FileFormat format, const Table& table, size_t batch_rows) {
  auto writer = make_table_writer(path, "table", format, table.names());
  if (!writer) {
    ADD_FAILURE() << writer.error().message;
    return {};
  }
  for (size_t first = 0; first < table.rows(); first += batch_rows) {
    const Status status =
        (*writer)->append(prepare_rows(**writer, table, first, std::min(batch_rows, table.rows() - first)));
    if (!status) ADD_FAILURE() << status.error().message;
  }
  auto file = (*writer)->close();
  if (!file) ADD_FAILURE() << file.error().message;
  return file.value_or(OutputFile{});
}

}  // namespace tessera::testing
