// to_parts.h: where do the records of a to side wait that does not fit in memory?
//
// In spill bins, for each anchor by a hash of its words, so that a pair that has the anchor lies in parts of the same
// number. A part is loaded again as records with an index.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "base/spill.h"
#include "services/step.h"

namespace tessera {

inline constexpr size_t part_buffer_bytes = size_t{1} << 16;

class ToParts {
 public:
  // Walks the to side and spills it. Sets run.to_starts and run.linked_to.
  static Result<ToParts> make(StepRun& run);

  struct Part {
    PackedRecords records;
    std::vector<uint32_t> rows;  // of the to side, by record
    KeyIndex index;              // of the anchor
  };
  // Counts its size in run.report.
  Result<Part> load(size_t anchor, size_t part) const;

  // For a Matcher: by anchor, this one's index and no other.
  [[nodiscard]] std::vector<const KeyIndex*> indexes(size_t anchor, const Part& part) const;

  [[nodiscard]] uint64_t parts() const { return parts_; }
  [[nodiscard]] size_t anchors() const { return anchors_; }
  [[nodiscard]] size_t bin_of(size_t anchor, size_t part) const { return anchor * parts_ + part; }
  // The index takes the upper bits of the hash for its lines and the lowest for its tags.
  [[nodiscard]] size_t part_of(uint64_t hash) const;
  [[nodiscard]] uint64_t bytes() const { return bins_->bytes_written(); }

 private:
  explicit ToParts(StepRun& run)
      : run_(&run), parts_(run.plan.forecast.partitions), anchors_(run.plan.passes.anchors.size()) {}
  Status spill();
  // A record of a part: its head and its words.
  [[nodiscard]] size_t record_bytes() const;

  StepRun* run_;
  uint64_t parts_;
  size_t anchors_;
  std::unique_ptr<SpillBins> bins_;
};

}  // namespace tessera
