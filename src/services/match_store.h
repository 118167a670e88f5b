// match_store.h: where do matches wait until all of a record's are known?
//
// When the reference is partitioned, or to records take one link each, a record's
// matches come at different times. They wait in spill bins by ranges of the from input;
// a range is small enough to be sorted in memory.
#pragma once

#include <oneapi/tbb/enumerable_thread_specific.h>

#include <memory>
#include <vector>

#include "base/spill.h"
#include "decide/decide.h"
#include "resolve/resolve.h"

namespace tessera {

class MatchStore {
 public:
  // `morsels` of the from input are spread over the bins; a match takes as many bytes of passes and of
  // pattern as the plan has bits. Fails: resource (4).
  static Result<std::unique_ptr<MatchStore>> make(const std::string& spill_directory, uint64_t morsels,
                                                  const PassPlan& plan);
  // Thread-safe. Match::from is a place_of().
  Status add(std::span<const Match> matches);
  Status flush();  // after the last add
  [[nodiscard]] size_t ranges() const { return bins_->bins(); }
  [[nodiscard]] size_t range_of(uint64_t morsel) const { return std::min(morsel / morsels_a_bin_, ranges() - 1); }
  // Matches of a range in order of (from, to), or as they were last put.
  Status get(size_t range, std::vector<Match>& out) const;
  Status put(size_t range, std::span<const Match> matches);  // as many as get() gave
  void sorted() { sorted_ = true; }                          // from now on get() keeps the order
  [[nodiscard]] uint64_t bytes() const { return bins_->bytes_written(); }

 private:
  MatchStore(std::unique_ptr<SpillBins> bins, uint64_t morsels_a_bin, const PassPlan& plan);
  void put_one(const Match& match, std::byte* at) const;
  [[nodiscard]] Match get_one(const std::byte* at) const;

  std::unique_ptr<SpillBins> bins_;
  uint64_t morsels_a_bin_;
  size_t passes_bytes_, pattern_bytes_, match_bytes_;
  bool sorted_ = false;
  tbb::enumerable_thread_specific<SpillBins::Appender> appenders_;
};

}  // namespace tessera
