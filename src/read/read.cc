// read.cc: which reader does an input need?
#include "read/read.h"

#include <fmt/format.h>

#include <cassert>
#include <optional>

#include "read/csv_source.h"
#include "read/ndjson_source.h"
#include "read/parquet_source.h"
#include "read/text_file.h"

namespace tessera {

Result<FileFormat> format_of(const Input& input) {
  if (input.format != FileFormat::by_name) return input.format;
  std::optional<FileFormat> format;
  for (const std::string& path : input.paths) {
    const std::string ending = format_ending(path);
    std::optional<FileFormat> one;
    if (ending == ".csv" || ending == ".tsv" || ending == ".txt") one = FileFormat::csv;
    if (ending == ".ndjson" || ending == ".jsonl" || ending == ".json") one = FileFormat::ndjson;
    if (ending == ".parquet" || ending == ".pq") one = FileFormat::parquet;
    if (!one) {
      return fail(
          ErrorCode::usage,
          fmt::format("{}: its ending does not tell its format; set \"format\" to csv, ndjson or parquet", path));
    }
    if (format && *format != *one) {
      return fail(ErrorCode::usage,
                  fmt::format("{}: the files of input \"{}\" are of several formats", path, input.name));
    }
    format = one;
  }
  return *format;
}

Result<std::unique_ptr<Source>> open_source(const Input& input, const std::vector<std::string>& columns,
                                            const ReadOptions& options) {
  assert(!input.paths.empty());
  TESSERA_ASSIGN(const FileFormat format, format_of(input));
  if (format == FileFormat::parquet) return open_parquet(input, columns, options);
  if (format == FileFormat::ndjson) return open_ndjson(input, columns, options);
  return open_csv(input, columns, options);
}

Result<InputShape> look_at(const Input& input) {
  assert(!input.paths.empty());
  TESSERA_ASSIGN(const FileFormat format, format_of(input));
  if (format == FileFormat::parquet) return look_at_parquet(input);
  if (format == FileFormat::ndjson) return look_at_ndjson(input);
  return look_at_csv(input);
}

}  // namespace tessera
