// chunk_stream.cc: reading a column chunk by pieces, and keeping the memory of its pages.
#include "read/chunk_stream.h"

#include <arrow/buffer.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cassert>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <utility>

namespace tessera {

namespace {
// Large enough that system calls are rare, small enough for the second-level cache.
constexpr int64_t read_bytes = 256 << 10;
constexpr int64_t header_bytes = 4 << 10;  // more than a page's header has
constexpr int64_t block_align = 64;
constexpr size_t idle_max = 64;

// No two pages are of quite the same size. Eight sizes between a power of two and the next, so that a page a little larger
// than all before it finds room where they lay.
int64_t block_bytes(int64_t size) {
  const auto wanted = static_cast<uint64_t>(std::max(size, block_align));
  const uint64_t step = std::max(std::bit_floor(wanted) / 8, uint64_t{block_align});
  return static_cast<int64_t>((wanted + step - 1) / step * step);
}
}  // namespace

arrow::Result<int64_t> ChunkStream::ensure(int64_t bytes) {
  const int64_t have = filled_ - begin_;
  const int64_t want = std::min(bytes, have + (end_ - offset_));
  if (want <= have) return want;
  const int64_t piece = std::min(std::max(want - have, passed_ ? header_bytes : read_bytes), end_ - offset_);
  passed_ = false;
  if (begin_ > 0) {
    std::memmove(buffer_.data(), buffer_.data() + begin_, static_cast<size_t>(have));
    begin_ = 0;
    filled_ = have;
  }
  buffer_.extend(static_cast<size_t>(have + piece), static_cast<size_t>(have));
  int64_t done = 0;
  while (done < piece) {
    const ssize_t got = ::pread(descriptor_, buffer_.data() + filled_, static_cast<size_t>(piece - done), offset_);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return arrow::Status::IOError("cannot be read: ", std::strerror(errno));
    if (got == 0) return arrow::Status::IOError("the file ends within a column");
    done += got;
    offset_ += got;
    filled_ += got;
  }
  return want;
}

arrow::Result<std::string_view> ChunkStream::Peek(int64_t bytes) {
  ARROW_ASSIGN_OR_RAISE(const int64_t count, ensure(bytes));
  return std::string_view(reinterpret_cast<const char*>(buffer_.data() + begin_), static_cast<size_t>(count));
}

arrow::Result<int64_t> ChunkStream::Read(int64_t bytes, void* out) {
  ARROW_ASSIGN_OR_RAISE(const int64_t count, ensure(bytes));
  if (count > 0) std::memcpy(out, buffer_.data() + begin_, static_cast<size_t>(count));
  begin_ += count;
  told_ += count;
  return count;
}

arrow::Result<std::shared_ptr<arrow::Buffer>> ChunkStream::Read(int64_t bytes) {
  if (std::exchange(pass_over_, false)) {
    const int64_t here = std::min(bytes, filled_ - begin_), beyond = std::min(bytes - here, end_ - offset_);
    begin_ += here;
    offset_ += beyond;
    told_ += here + beyond;
    passed_ = beyond > 0;
    return std::make_shared<arrow::Buffer>(buffer_.data(), 0);
  }
  ARROW_ASSIGN_OR_RAISE(const int64_t count, ensure(bytes));
  auto view = std::make_shared<arrow::Buffer>(buffer_.data() + begin_, count);
  begin_ += count;
  told_ += count;
  return view;
}

RecyclingPool::~RecyclingPool() {
  assert(lent_.empty() && "a page outlived its scratch");
  for (const Block& block : idle_) std::free(block.data);
}

arrow::Status RecyclingPool::Allocate(int64_t size, int64_t alignment, uint8_t** out) {
  assert(alignment <= block_align);
  if (size < 0) return arrow::Status::Invalid("negative size");
  auto best = idle_.end();
  for (auto i = idle_.begin(); i != idle_.end(); ++i) {
    if (i->bytes >= size && (best == idle_.end() || i->bytes < best->bytes)) best = i;
  }
  // A large block is not spent on a small wish: the next page needs it.
  if (best != idle_.end() && best->bytes / 8 <= std::max(size, int64_t{512})) {
    lent_.push_back(*best);
    idle_.erase(best);
  } else {
    const int64_t bytes = block_bytes(size);
    auto* data = static_cast<uint8_t*>(std::aligned_alloc(block_align, static_cast<size_t>(bytes)));
    if (data == nullptr) return arrow::Status::OutOfMemory("no memory for a page");
    lent_.push_back({data, bytes});
    held_ += bytes;
  }
  lent_bytes_ += lent_.back().bytes;
  lent_bytes_max_ = std::max(lent_bytes_max_, lent_bytes_);
  ++taken_;
  *out = lent_.back().data;
  return arrow::Status::OK();
}

arrow::Status RecyclingPool::Reallocate(int64_t old_size, int64_t new_size, int64_t alignment, uint8_t** pointer) {
  for (const Block& block : lent_) {
    if (block.data == *pointer && block.bytes >= new_size) return arrow::Status::OK();
  }
  uint8_t* fresh = nullptr;
  ARROW_RETURN_NOT_OK(Allocate(new_size, alignment, &fresh));
  std::memcpy(fresh, *pointer, static_cast<size_t>(std::min(old_size, new_size)));
  Free(*pointer, old_size, alignment);
  *pointer = fresh;
  return arrow::Status::OK();
}

void RecyclingPool::Free(uint8_t* buffer, int64_t /*size*/, int64_t /*alignment*/) {
  const auto lent = std::find_if(lent_.begin(), lent_.end(), [&](const Block& b) { return b.data == buffer; });
  assert(lent != lent_.end() && "freed what was not lent");
  idle_.push_back(*lent);
  lent_bytes_ -= lent->bytes;
  lent_.erase(lent);
  while (held_ > lent_bytes_max_ || idle_.size() > idle_max) {  // what has not been wanted for the longest time goes
    held_ -= idle_.front().bytes;
    std::free(idle_.front().data);
    idle_.erase(idle_.begin());
  }
}

}  // namespace tessera
