// spill.h: where do bytes wait that do not fit in memory?
//
// One file holds many bins. Threads append to bins through buffers of their own; a full
// buffer goes to the end of the file as one block with a checksum. The places of the
// blocks are kept in memory (24 bytes for each block of some 64 KiB).
//
//   file   | bin 3 | bin 0 | bin 3 | bin 7 | ...      blocks in the order they filled up
//   bin 3  -> blocks 0, 2
//
// The order of blocks within a bin depends on timing: whoever reads a bin sorts.
// The file has no name once it is open, so nothing is left behind by a crash.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
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
    explicit Appender(SpillBins& owner) : owner_(&owner), buffers_(owner.bins_.size()) {}
    // Room for `bytes` more in a bin, to be filled by the caller at once; a record never
    // straddles blocks. Requires: bytes <= buffer_bytes.
    Result<std::byte*> take(size_t bin, size_t bytes);
    Status flush();

   private:
    SpillBins* owner_;
    std::vector<std::vector<std::byte>> buffers_;
  };

  struct Block {
    uint64_t offset = 0;
    uint64_t checksum = 0;
    uint32_t bytes = 0;
  };
  [[nodiscard]] size_t bins() const { return bins_.size(); }
  [[nodiscard]] std::span<const Block> blocks(size_t bin) const { return bins_[bin]; }
  [[nodiscard]] uint64_t bytes(size_t bin) const;
  [[nodiscard]] uint64_t bytes_written() const { return end_; }
  // Thread-safe once no one appends. Fails: resource (4) when the block cannot be read or is damaged.
  Status read(const Block& block, std::vector<std::byte>& out) const;
  // The whole bin, appended block after block.
  Status read_bin(size_t bin, std::vector<std::byte>& out) const;
  // Overwrites a bin in place. Requires: as many bytes as it has.
  Status rewrite(size_t bin, std::span<const std::byte> bytes);

 private:
  SpillBins(int file, std::string directory, size_t bins, size_t buffer_bytes)
      : file_(file), directory_(std::move(directory)), buffer_bytes_(buffer_bytes), bins_(bins) {}
  Result<Block> write(std::span<const std::byte> bytes);
  Status write_at(uint64_t offset, std::span<const std::byte> bytes);

  const int file_;
  const std::string directory_;
  const size_t buffer_bytes_;
  std::atomic<uint64_t> end_ = 0;
  std::mutex mutex_;  // of bins_, taken once a block
  std::vector<std::vector<Block>> bins_;
};

}  // namespace tessera
