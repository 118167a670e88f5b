// large_blocks.cc: see large_blocks.h.
#include "base/large_blocks.h"

#include <sys/mman.h>

#include <algorithm>
#include <cassert>
#include <cstdint>
#include <iterator>

namespace tessera {

namespace {

constexpr size_t unit_bytes = size_t{64} << 10;
constexpr size_t huge_page_bytes = size_t{2} << 20;

std::byte* up_to_huge_page(std::byte* place) {
  return place + (huge_page_bytes - reinterpret_cast<uintptr_t>(place) % huge_page_bytes) % huge_page_bytes;
}

}  // namespace

LargeBlocks::LargeBlocks(size_t room_bytes) {
  void* const room =
      mmap(nullptr, room_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (room == MAP_FAILED) return;
  start_ = static_cast<std::byte*>(room);
  end_ = start_ + room_bytes;
  unused_ = std::min(up_to_huge_page(start_), end_);
  // Advice only: where the system has no huge pages the blocks still work.
  madvise(room, room_bytes, MADV_HUGEPAGE);
  madvise(room, room_bytes, MADV_DONTDUMP);  // records of persons live here
}

LargeBlocks::~LargeBlocks() {
  if (start_ != nullptr) munmap(start_, static_cast<size_t>(end_ - start_));
}

void* LargeBlocks::take(size_t bytes) {
  const std::scoped_lock lock(mutex_);
  if (bytes > static_cast<size_t>(end_ - start_)) return nullptr;
  const size_t wanted = std::max<size_t>((bytes + unit_bytes - 1) / unit_bytes, 1) * unit_bytes;
  std::byte* place = unused_;
  if (const auto best = idle_by_size_.lower_bound({wanted, nullptr}); best != idle_by_size_.end()) {
    const size_t size = best->first;
    place = best->second;
    idle_.erase(place);
    idle_by_size_.erase(best);
    if (size > wanted) keep(place + wanted, size - wanted);
    idle_bytes_ -= std::min(idle_bytes_, wanted);
  } else {
    if (wanted > static_cast<size_t>(end_ - unused_)) return nullptr;
    unused_ += wanted;
  }
  taken_.emplace(place, wanted);
  return place;
}

void LargeBlocks::give_back(void* block) {
  const std::scoped_lock lock(mutex_);
  const auto found = taken_.find(static_cast<std::byte*>(block));
  assert(found != taken_.end());
  std::byte* place = found->first;
  size_t bytes = found->second;
  taken_.erase(found);
  idle_bytes_ += bytes;
  // With its neighbours, if these are idle.
  auto after = idle_.lower_bound(place);
  if (after != idle_.begin()) {
    if (const auto before = std::prev(after); before->first + before->second == place) {
      place = before->first;
      bytes += before->second;
      idle_by_size_.erase({before->second, before->first});
      idle_.erase(before);
    }
  }
  if (after != idle_.end() && place + bytes == after->first) {
    bytes += after->second;
    idle_by_size_.erase({after->second, after->first});
    idle_.erase(after);
  }
  keep(place, bytes);
  if (idle_bytes_ > idle_bytes_max) release_idle();
}

size_t LargeBlocks::idle_bytes() const {
  const std::scoped_lock lock(mutex_);
  return idle_bytes_;
}

void LargeBlocks::keep(std::byte* place, size_t bytes) {
  idle_.emplace(place, bytes);
  idle_by_size_.emplace(bytes, place);
}

// Whole huge pages only: to break one up costs more than it gives.
void LargeBlocks::release_idle() {
  for (const auto& [place, bytes] : idle_) {
    std::byte* const begin = up_to_huge_page(place);
    if (place + bytes < begin + huge_page_bytes) continue;
    const auto whole = static_cast<size_t>(place + bytes - begin) / huge_page_bytes * huge_page_bytes;
    madvise(begin, whole, MADV_DONTNEED);
  }
  idle_bytes_ = 0;
}

}  // namespace tessera
