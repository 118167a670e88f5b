// large_blocks.h: where do large blocks of memory come from?
//
//   malloc       each mapped, touched page by page, and given back: every 4 KiB of every new block is a page fault
//   here   |--- taken ---|- idle -|------ taken ------|-- idle --|........ never used ........|
//          |   2 MiB   |   2 MiB   |   2 MiB   |   2 MiB   |
//
// A stretch of addresses is reserved once, on huge pages where the system gives them. Blocks lie side by side in it; what
// is given back is kept for the next block, with its pages. So a fault brings 2 MiB, and only for memory that was never
// used. Once 256 MiB lie idle, their pages go back to the system.
//
// Not here: who asks (cli/operator_new.cc), blocks that are zeroed and kept (memory.h).
#pragma once

#include <cstddef>
#include <map>
#include <mutex>
#include <set>
#include <utility>

namespace tessera {

class LargeBlocks {
 public:
  static constexpr size_t idle_bytes_max = size_t{256} << 20;

  explicit LargeBlocks(size_t room_bytes);  // addresses, not memory; where the system refuses them there is no room
  LargeBlocks(const LargeBlocks&) = delete;
  LargeBlocks& operator=(const LargeBlocks&) = delete;
  ~LargeBlocks();

  // Both from any thread. What is taken begins on a multiple of 64 KiB; nullptr: there is no room.
  [[nodiscard]] void* take(size_t bytes);
  void give_back(void* block);  // requires: holds(block), which is taken

  [[nodiscard]] bool holds(const void* block) const {
    const auto* const place = static_cast<const std::byte*>(block);
    return place >= start_ && place < end_;
  }
  [[nodiscard]] size_t idle_bytes() const;  // whose pages have not gone back

 private:
  using Place = std::map<std::byte*, size_t>;  // to bytes
  void keep(std::byte* place, size_t bytes);
  void release_idle();

  std::byte *start_ = nullptr, *end_ = nullptr;  // fixed
  mutable std::mutex mutex_;
  std::byte* unused_ = nullptr;  // from here on
  Place taken_, idle_;           // idle ones are not neighbours
  std::set<std::pair<size_t, std::byte*>> idle_by_size_;
  size_t idle_bytes_ = 0;  // of pages that have not gone back
};

}  // namespace tessera
