// table.cc: which writer fits a format?
#include <cassert>

#include "write/formats.h"
#include "write/write.h"

namespace tessera {

Result<std::unique_ptr<TableWriter>> make_table_writer(const std::string& path, const std::string& name,
                                                       FileFormat format, const std::vector<OutColumn>& columns,
                                                       const std::vector<std::pair<std::string, std::string>>& notes) {
  TESSERA_ASSIGN(OutFile file, OutFile::create(path, name));
  switch (format) {
    case FileFormat::csv: return make_csv_writer(std::move(file), columns);
    case FileFormat::ndjson: return make_ndjson_writer(std::move(file), columns);
    case FileFormat::parquet: return make_parquet_writer(std::move(file), columns, notes);
    case FileFormat::by_name: break;
  }
  assert(false && "the format of an output is always named");
  return fail(ErrorCode::internal, "the format of an output is not named");
}

const char* ending_of(FileFormat format) {
  switch (format) {
    case FileFormat::csv: return ".csv";
    case FileFormat::ndjson: return ".ndjson";
    case FileFormat::parquet: return ".parquet";
    case FileFormat::by_name: break;
  }
  return "";
}

}  // namespace tessera
