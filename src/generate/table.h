// table.h: how does a table of made-up rows reach its file?
//
//   chunk numbers -> make rows (parallel) -> number them (in order) -> prepare (parallel) -> append (in order)
//
// A chunk is made from its number alone. Its ids are only known when all before it are counted,
// so they are filled in between: ids run 1, 2, 3 ... above a first one, without gaps.
#pragma once

#include <any>
#include <cstdint>
#include <cstring>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/pool.h"
#include "base/publish.h"
#include "tessera/error.h"
#include "tessera/job.h"
#include "write/write.h"

namespace tessera::generate_detail {

// The rows of a chunk, column by column. Column 0 is the id, which the maker leaves alone.
class Rows {
 public:
  struct Column {
    std::vector<std::string_view> texts;
    UnsetVector<int64_t> numbers;
    UnsetVector<char> characters;  // of a column with a width
    UnsetVector<uint32_t> places;  // in the column's dictionary
    UnsetVector<uint8_t> present;  // of all but texts; empty: all
  };
  std::vector<Column> columns;
  UnsetVector<int64_t> persons;  // one a row: the truth
  std::any scratch;              // the maker's, for the next chunk too

  void clear(size_t column_count);
  // Room for so many rows, to be filled in any order. Not of texts without a dictionary or a width.
  void resize(const std::vector<OutColumn>&, size_t row_count);
  void text(size_t column, std::string_view value) { columns[column].texts.push_back(keep(value)); }
  void null_text(size_t column) { columns[column].texts.emplace_back(); }
  void place(size_t column, uint32_t place) { columns[column].places.push_back(place); }
  // A place that may be missing; every row of that column is put so.
  void maybe_place(size_t column, bool present, uint32_t place) {
    columns[column].places.push_back(present ? place : 0);
    columns[column].present.push_back(present ? 1 : 0);
  }
  void number(size_t column, int64_t value) { columns[column].numbers.push_back(value); }

 private:
  std::string_view keep(std::string_view value) {
    if (block_ == blocks_.size() || used_ + value.size() > block_bytes) next_block();
    char* at = blocks_[block_].get() + used_;
    std::memcpy(at, value.data(), value.size());
    used_ += value.size();
    return {at, value.size()};
  }
  void next_block();

  static constexpr size_t block_bytes = size_t{1} << 18;
  std::vector<std::unique_ptr<char[]>> blocks_;
  size_t block_ = 0, used_ = 0;
};

struct Table {
  std::string name;                // of the file, without its ending
  std::vector<OutColumn> columns;  // the first is the id, int64
  int64_t first_id = 1;
};

// The rows of a chunk, table by table.
using Sheets = std::span<const std::unique_ptr<Rows>>;

// Tables that come of the same chunks: mostly one.
struct TableJob {
  std::vector<Table> tables;
  uint64_t chunks = 0;
  std::function<void(uint64_t chunk, Sheets)> make;  // thread-safe; depends on the chunk only
};

struct TableFiles {
  OutputFile data, truth;
};

// A table all of whose rows are made. What is left is mostly waiting for the disk, which can be done beside the next one.
struct MadeTable {
  std::unique_ptr<TableWriter> data, truth;
  // Writes the last rows and syncs. Fails: resource (4).
  [[nodiscard]] Result<TableFiles> close() const;
};

// Writes NAME and truth_NAME of each table. `pool` keeps buffers from one job to the next. Fails: resource (4),
// interrupted (5).
Result<std::vector<MadeTable>> write_tables(const TableJob&, const OutputDirectory&, FileFormat, unsigned threads,
                                            Pool<Rows>& pool);

}  // namespace tessera::generate_detail
