// touch.cc: see touch.h.
#include "base/touch.h"

#include <oneapi/tbb/parallel_for.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>

namespace tessera {

void touch([[maybe_unused]] void* memory, [[maybe_unused]] size_t bytes) {
#ifdef MADV_POPULATE_WRITE
  constexpr size_t least_bytes = size_t{1} << 21, slice_bytes = size_t{1} << 21;  // a huge page
  if (bytes < least_bytes) return;
  const auto page = static_cast<uintptr_t>(sysconf(_SC_PAGESIZE));
  const uintptr_t first = reinterpret_cast<uintptr_t>(memory), begin = (first + page - 1) / page * page,
                  end = (first + bytes) / page * page;
  oneapi::tbb::parallel_for(begin / slice_bytes, (end - 1) / slice_bytes + 1, [&](uintptr_t slice) {
    const uintptr_t from = std::max(begin, slice * slice_bytes), to = std::min(end, (slice + 1) * slice_bytes);
    madvise(reinterpret_cast<void*>(from), to - from, MADV_POPULATE_WRITE);  // advice: it may fail
  });
#endif
}

}  // namespace tessera
