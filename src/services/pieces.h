// pieces.h: how are many rows written, a piece at a time, prepared in parallel and appended in order?
#pragma once

#include <oneapi/tbb/parallel_pipeline.h>
#include <oneapi/tbb/task_arena.h>

#include <algorithm>
#include <atomic>
#include <memory>
#include <utility>

#include "base/interrupt.h"
#include "write/write.h"

namespace tessera {

// Result<std::unique_ptr<TableWriter::Chunk>> prepare(at, count): rows [at, at + count); thread-safe.
template <class Prepare>
Status write_in_pieces(size_t rows, size_t at_a_time, TableWriter& writer, Prepare&& prepare) {
  using Made = Result<std::unique_ptr<TableWriter::Chunk>>;
  using MadePtr = std::shared_ptr<Made>;
  size_t next = 0;
  Status status;  // owned by the serial filters
  std::atomic<bool> stop = false;
  const auto first = [&](tbb::flow_control& flow) -> size_t {
    if (stop || next >= rows) {
      flow.stop();
      return rows;
    }
    return std::exchange(next, next + at_a_time);
  };
  const auto second = [&](size_t at) -> MadePtr {
    return std::make_shared<Made>(prepare(at, std::min(at_a_time, rows - at)));
  };
  const auto third = [&](const MadePtr& made) {
    if (!status) return;
    if (!*made)
      status = std::unexpected(std::move(*made).error());
    else if (**made)
      status = writer.append(std::move(**made));
    if (status) status = check_interrupted();
    if (!status) stop = true;
  };
  tbb::parallel_pipeline(static_cast<size_t>(tbb::this_task_arena::max_concurrency()) + 1,
                         tbb::make_filter<void, size_t>(tbb::filter_mode::serial_in_order, first) &
                             tbb::make_filter<size_t, MadePtr>(tbb::filter_mode::parallel, second) &
                             tbb::make_filter<MadePtr, void>(tbb::filter_mode::serial_in_order, third));
  return status;
}

}  // namespace tessera
