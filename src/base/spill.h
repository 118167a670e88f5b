// spill.h: where do bytes wait that do not fit in memory?
//
// A few files hold many bins. Threads append to bins through buffers of their own; a full
// buffer goes to the end of the thread's file as one block with a checksum. The places of the
// blocks are kept in memory (24 bytes for each block of some 64 KiB).
//
//   file 0 | bin 3 | bin 0 | bin 3 | bin 7 | ...      blocks in the order they filled up
//   file 1 | bin 1 | bin 3 | ...                      threads that share a file wait for each other
//   bin 3  -> blocks 0 and 2 of file 0, 1 of file 1
//
// The order of blocks within a bin depends on timing: whoever reads a bin sorts.
// The files have no name once they are open, so nothing is left behind by a crash.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <numeric>
#include <span>
#include <string>
#include <vector>

#include "tessera/error.h"

namespace tessera {

class SpillBins {
 public:
  // `buffer_bytes` is the size of a block at most. Fails: resource (4).
  static Result<std::unique_ptr<SpillBins>> make(const std::string& directory, size_t bins, size_t buffer_bytes);
  ~SpillBins();

  // Buffers of one thread. Flush before it goes.
  class Appender {
   public:
    explicit Appender(SpillBins& owner)
        : owner_(&owner), file_(owner.next_file_++ % file_count), buffers_(owner.bins_.size()) {}
    // Room for `bytes` more in a bin, to be filled by the caller at once; a record never
    // straddles blocks. Requires: bytes <= buffer_bytes.
    Result<std::byte*> take(size_t bin, size_t bytes);
    Status flush();

   private:
    SpillBins* owner_;
    uint32_t file_;
    std::vector<std::vector<std::byte>> buffers_;
  };

  struct Block {
    uint64_t offset = 0;
    uint64_t checksum = 0;
    uint32_t bytes = 0;
    uint32_t file = 0;
  };
  // Writes a block that belongs to no bin: to one file or another, by `spread`. Thread-safe.
  Result<Block> add_block(uint64_t spread, std::span<const std::byte> bytes) {
    return write(static_cast<uint32_t>(spread % file_count), bytes);
  }
  [[nodiscard]] size_t bins() const { return bins_.size(); }
  [[nodiscard]] std::span<const Block> blocks(size_t bin) const { return bins_[bin]; }
  [[nodiscard]] uint64_t bytes(size_t bin) const;
  [[nodiscard]] uint64_t bytes_written() const { return std::accumulate(ends_.begin(), ends_.end(), uint64_t{0}); }
  // Thread-safe once no one appends. Fails: resource (4) when the block cannot be read or is damaged.
  Status read(const Block& block, std::vector<std::byte>& out) const;
  // The whole bin, appended block after block.
  Status read_bin(size_t bin, std::vector<std::byte>& out) const;
  // Overwrites a bin in place. Requires: as many bytes as it has.
  Status rewrite(size_t bin, std::span<const std::byte> bytes);

 private:
  static constexpr uint32_t file_count = 8;

  SpillBins(std::string directory, size_t bins, size_t buffer_bytes)
      : directory_(std::move(directory)), buffer_bytes_(buffer_bytes), bins_(bins) {
    files_.fill(-1);
  }
  Result<Block> write(uint32_t file, std::span<const std::byte> bytes);
  Status write_at(const Block& block, std::span<const std::byte> bytes);

  std::array<int, file_count> files_;
  const std::string directory_;
  const size_t buffer_bytes_;
  std::array<std::atomic<uint64_t>, file_count> ends_{};
  std::atomic<uint32_t> next_file_ = 0;
  std::mutex mutex_;  // of bins_, taken once a block
  std::vector<std::vector<Block>> bins_;
};

}  // namespace tessera
