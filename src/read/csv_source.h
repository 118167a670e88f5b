// csv_source.h: CSV files as a source. A morsel is a block of rows.
#pragma once

#include <memory>

#include "read/read.h"

namespace tessera {

Result<std::unique_ptr<Source>> open_csv(const Input& input, const std::vector<std::string>& columns,
                                         const ReadOptions& options);
Result<InputShape> look_at_csv(const Input& input);

}  // namespace tessera
