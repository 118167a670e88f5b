// operator_new.cc: what does `new` do in the command?
//
// Blocks of 128 KiB and more, such as the columns of a morsel, come from large_blocks.h; others from malloc. Only in the
// command: a library has no say in its host's memory. Not with a sanitizer, which has its own.
#include <malloc.h>
#include <unistd.h>

#include <atomic>
#include <cstddef>
#include <cstdlib>
#include <new>

#include "base/large_blocks.h"

namespace {

constexpr size_t large_bytes = size_t{128} << 10;

constinit std::atomic<tessera::LargeBlocks*> made = nullptr;

// Made at the first large block, and never taken down: the last block is given back after every static object is gone.
tessera::LargeBlocks& large_blocks() {
  alignas(tessera::LargeBlocks) static std::byte place[sizeof(tessera::LargeBlocks)];
  static tessera::LargeBlocks& blocks = []() -> tessera::LargeBlocks& {
    // What malloc keeps for itself: large blocks of C code are few, and not worth a map for each.
    mallopt(M_MMAP_THRESHOLD, 32 << 20);
    mallopt(M_TRIM_THRESHOLD, 64 << 20);
    const size_t memory = static_cast<size_t>(sysconf(_SC_PHYS_PAGES)) * static_cast<size_t>(sysconf(_SC_PAGESIZE));
    auto* const all = new (place) tessera::LargeBlocks(4 * memory);  // room for gaps
    made.store(all, std::memory_order_release);
    return *all;
  }();
  return blocks;
}

}  // namespace

void* operator new(size_t bytes) {
  if (bytes >= large_bytes)
    if (void* const block = large_blocks().take(bytes)) return block;
  for (;;) {
    if (void* const block = std::malloc(bytes == 0 ? 1 : bytes)) return block;
    const std::new_handler handler = std::get_new_handler();
    if (handler == nullptr) throw std::bad_alloc();
    handler();
  }
}

void operator delete(void* block) noexcept {
  tessera::LargeBlocks* const blocks = made.load(std::memory_order_acquire);
  if (blocks != nullptr && blocks->holds(block))
    blocks->give_back(block);
  else
    std::free(block);
}

void operator delete(void* block, size_t) noexcept { operator delete(block); }
