// scratch.cc: how is a thread's memory taken, kept and given back?
#include "read/scratch.h"

#include <cassert>

namespace tessera {

namespace {
constexpr size_t side_block_bytes = 64 << 10;
}

void SideBytes::add(size_t count) {
  const size_t bytes = std::max(count, std::max(side_block_bytes, capacity_ * 2));
  if (kept_bytes_ >= count && kept_) {
    blocks_.push_back(std::move(kept_));
    capacity_ = kept_bytes_;
    kept_bytes_ = 0;
  } else {
    blocks_.push_back(std::make_unique_for_overwrite<char[]>(bytes));
    capacity_ = bytes;
  }
  current_ = blocks_.back().get();
  used_ = 0;
}

void SideBytes::clear() {
  if (blocks_.empty()) return;
  // The last block is the largest, unless an older, larger one was kept.
  if (capacity_ > kept_bytes_) {
    kept_ = std::move(blocks_.back());
    kept_bytes_ = capacity_;
  }
  blocks_.clear();
  current_ = nullptr;
  capacity_ = used_ = 0;
}

ReadScratchPtr make_read_scratch() { return ReadScratchPtr(new ReadScratch); }

void ReadScratchDeleter::operator()(ReadScratch* scratch) const { delete scratch; }

void use_scratch(Morsel& morsel, ReadScratch& scratch) {
  auto* user = dynamic_cast<ScratchMorsel*>(&morsel);
  assert(user != nullptr && "a morsel of another room");
  user->use(scratch);
}

}  // namespace tessera
