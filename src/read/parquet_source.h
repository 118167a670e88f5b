// parquet_source.h: Parquet files as a source. A morsel is a row group.
#pragma once

#include <memory>

#include "read/columns.h"
#include "read/read.h"

namespace tessera {

Result<std::unique_ptr<Source>> open_parquet(const Input& input, const std::vector<std::string>& columns,
                                             const ReadOptions& options);
Result<InputShape> look_at_parquet(const Input& input);

}  // namespace tessera
