// chunk_stream.h: how do the bytes of one column chunk reach the page reader?
//
//   file    ....[ column chunk                      ]....
//   buffer       [ read ahead ]  ->  [ read ahead ] ...
//
// By pread of some hundred kilobytes at a time into one buffer that the thread
// keeps: the bytes are still in the cache of the core when they are decompressed.
// What Read() returns points into that buffer and is good until the next Read().
#pragma once

#include <arrow/io/interfaces.h>
#include <arrow/memory_pool.h>

#include <memory>
#include <vector>

#include "read/scratch.h"

namespace tessera {

class ChunkStream final : public arrow::io::InputStream {
 public:
  // Reads [offset, offset + bytes) of the open file `descriptor`, which it borrows, as it borrows `buffer`.
  ChunkStream(int descriptor, int64_t offset, int64_t bytes, Buffer<uint8_t>& buffer)
      : descriptor_(descriptor), offset_(offset), end_(offset + bytes), buffer_(buffer) {}

  arrow::Status Close() override { return arrow::Status::OK(); }
  [[nodiscard]] bool closed() const override { return false; }
  [[nodiscard]] arrow::Result<int64_t> Tell() const override { return told_; }
  arrow::Result<std::string_view> Peek(int64_t bytes) override;
  arrow::Result<int64_t> Read(int64_t bytes, void* out) override;
  arrow::Result<std::shared_ptr<arrow::Buffer>> Read(int64_t bytes) override;
  // The next Read() of a buffer is only to get past the bytes: they are not read, and the buffer is empty.
  void pass_over_next() { pass_over_ = true; }

 private:
  // Makes up to `bytes` available at begin_; fewer at the end of the chunk.
  arrow::Result<int64_t> ensure(int64_t bytes);

  int descriptor_;
  int64_t offset_;  // of the next byte to pread
  int64_t end_;
  Buffer<uint8_t>& buffer_;
  int64_t begin_ = 0;  // of what is unread in the buffer
  int64_t filled_ = 0;
  int64_t told_ = 0;
  bool pass_over_ = false;
  bool passed_ = false;  // the last step was to pass over bytes: perhaps the next is, after a few
};

// A memory pool that keeps what is freed for the next chunk, and holds no more than was ever lent at one time: pages of ever
// new sizes do not add up. For one thread: each ReadScratch has its own.
class RecyclingPool final : public arrow::MemoryPool {
 public:
  RecyclingPool() = default;
  ~RecyclingPool() override;
  arrow::Status Allocate(int64_t size, int64_t alignment, uint8_t** out) override;
  arrow::Status Reallocate(int64_t old_size, int64_t new_size, int64_t alignment, uint8_t** pointer) override;
  void Free(uint8_t* buffer, int64_t size, int64_t alignment) override;
  [[nodiscard]] int64_t bytes_allocated() const override { return held_; }
  [[nodiscard]] int64_t total_bytes_allocated() const override { return held_; }
  [[nodiscard]] int64_t num_allocations() const override { return taken_; }
  [[nodiscard]] std::string backend_name() const override { return "tessera"; }

 private:
  struct Block {
    uint8_t* data;
    int64_t bytes;
  };
  std::vector<Block> idle_;  // the one that was freed first is the first
  std::vector<Block> lent_;
  int64_t lent_bytes_ = 0, lent_bytes_max_ = 0;
  int64_t held_ = 0;  // lent and idle
  int64_t taken_ = 0;
};

}  // namespace tessera
