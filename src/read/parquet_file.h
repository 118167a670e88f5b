// parquet_file.h: what does the footer of a Parquet file say?
#pragma once

#include <fmt/format.h>
#include <parquet/metadata.h>

#include <memory>
#include <new>
#include <string>
#include <utility>
#include <vector>

#include "read/file_digest.h"
#include "read/parquet_column.h"

namespace tessera {

// One open file: what its footer says.
struct ParquetFile {
  InputFile file;
  uint64_t number = 0;  // of all that this process opens
  std::shared_ptr<parquet::FileMetaData> metadata;
  std::vector<int> leaves;         // leaf of each planned column
  std::vector<ParquetType> types;  // of each planned column
};

// The first line of what went wrong.
std::string reason_of(const std::exception& error);

// Runs `step`, which may throw, and says in which file it went wrong.
template <class Step>
auto guarded(const std::string& where, Step&& step) -> decltype(step()) {
  try {
    return step();
  } catch (const std::bad_alloc&) {
    return fail(ErrorCode::resource, fmt::format("{}: not enough memory to read it", where));
  } catch (const std::exception& error) {
    return fail(ErrorCode::data, fmt::format("{}: cannot be read: {}", where, reason_of(error)));
  }
}

// Fails: data (3) for what is no Parquet file, or one that cannot be read.
Result<ParquetFile> open_parquet_file(const std::string& path);

std::vector<std::string> top_columns(const parquet::FileMetaData& metadata);

// The leaf column of a name, with its type. Fails: usage (2) if it is not there, data (3) for what cannot be read.
Result<std::pair<int, ParquetType>> find_leaf(const parquet::FileMetaData& metadata, const std::string& name,
                                              const std::string& path);

}  // namespace tessera
