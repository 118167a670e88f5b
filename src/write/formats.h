// formats.h: the writers behind make_table_writer, one for each format.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "write/file.h"
#include "write/write.h"

namespace tessera {

Result<std::unique_ptr<TableWriter>> make_csv_writer(OutFile file, const std::vector<OutColumn>& columns);
Result<std::unique_ptr<TableWriter>> make_ndjson_writer(OutFile file, const std::vector<OutColumn>& columns);
Result<std::unique_ptr<TableWriter>> make_parquet_writer(OutFile file, const std::vector<OutColumn>& columns,
                                                         const std::vector<std::pair<std::string, std::string>>& notes);

}  // namespace tessera
