// read.cc: which reader does an input need?
#include "read/read.h"

#include <fmt/format.h>

#include <cassert>

#include "read/parquet_source.h"

namespace tessera {

namespace {

FileFormat format_of(const Input& input) { return input.format; }

}  // namespace

Result<std::unique_ptr<Source>> open_source(const Input& input, const std::vector<std::string>& columns,
                                            const ReadOptions& options) {
  assert(!input.paths.empty());
  (void)format_of(input);
  return open_parquet(input, columns, options);
}

Result<InputShape> look_at(const Input& input) { return look_at_parquet(input); }

}  // namespace tessera
