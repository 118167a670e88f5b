// match_log.h: where do matches wait that are read again in the order in which they were found?
//
// One thread finds the matches of a morsel, row by row, and writes them in blocks; they are read block by block when the
// morsel comes again. Nothing is sorted, and nothing is held but a block.
//
//   morsel 0 -> blocks 0, 2     payload | row | to | passes | pattern, 18 bytes or more
//   morsel 1 -> blocks 1, 3
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include "base/spill.h"
#include "decide/decide.h"
#include "record/raw.h"
#include "resolve/resolve.h"

namespace tessera {

class MatchLog {
 public:
  // Fails: resource (4).
  static Result<std::unique_ptr<MatchLog>> make(const std::string& spill_directory, const PassPlan& plan);
  [[nodiscard]] uint64_t bytes() const { return spill_->bytes_written(); }

  // Writes the matches of one morsel.
  class Writer {
   public:
    Writer(MatchLog& log, uint64_t morsel) : log_(log), morsel_(morsel) {}
    // Of the next batch: from is the row of the batch.
    Status add(const RawBatch& raw, std::span<const Match> matches);
    Status finish();

   private:
    MatchLog& log_;
    uint64_t morsel_;
    std::vector<std::byte> buffer_;
    std::vector<SpillBins::Block> blocks_;
  };

  // Reads the matches of one morsel, once no one writes. Thread-safe with one reader a thread.
  class Reader {
   public:
    Reader(const MatchLog& log, uint64_t morsel);
    // Adds those of the next batch to others of it, in order of (from, to); from is the row of the batch.
    Status take(const RawBatch& raw, std::vector<Match>& matches);

   private:
    [[nodiscard]] Status load();

    const MatchLog& log_;
    std::span<const SpillBins::Block> blocks_;
    size_t next_ = 0;  // block
    std::vector<std::byte> block_;
    size_t at_ = 0;  // in the block
  };

 private:
  MatchLog(std::unique_ptr<SpillBins> spill, const PassPlan& plan);
  void put(const Match& match, uint32_t row, std::byte* at) const;
  [[nodiscard]] Match get(const std::byte* at) const;  // from is the row of the morsel

  std::unique_ptr<SpillBins> spill_;
  size_t passes_bytes_, pattern_bytes_, match_bytes_;
  std::mutex mutex_;  // of morsels_, taken once a morsel
  std::vector<std::vector<SpillBins::Block>> morsels_;
};

}  // namespace tessera
