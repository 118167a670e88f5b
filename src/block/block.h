// block.h: which records deserve a comparison?
//
// Only records that agree on an anchor meet. The reference side has one compact
// index for each anchor: a table of cache lines, so that a probe costs one miss.
//
//   line of 64 bytes:  tag x 10 (16 bits) | value x 10 (32 bits) | flags (32 bits)
//
//   value < 2^31   row of the reference
//   else           start of a posting list: several rows share the key
//
// A key's hash names its line, its tag and one of the 32 flags. A full line sends further
// keys on to the next one of its page (64 lines), and their flags say so: nearly no probe
// that need not goes on to a second line. Rows that share a key are found through one entry, so a value
// that a million records have does not clog its neighbours.
//
// Tags may agree by accident (1 in 6,500 probes): a candidate is then compared and
// fails. So answers are exact, and the comparison of the anchor's words decides.
//
// Rows of a batch that are the same record meet once: repeats.h.
//
// The probabilistic matcher's rules: which pairs meet (blocks.h), which rules are worth it (choose.h).
// Encoded filters that are alike: similar_filters.h. Pairs within one input that have equal words: equal_pairs.h.
//
// Not here: the words of a record (record/words.h), what a pair is worth (decide/).
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "base/memory.h"
#include "block/blocks.h"
#include "block/choose.h"
#include "block/equal_pairs.h"
#include "block/repeats.h"
#include "block/similar_filters.h"
#include "record/packed.h"
#include "record/pattern.h"

namespace tessera {

// Hashes of an anchor's words; 0 where one of them is null: such a record does not meet.
// `columns` are the words of a side by slot; writes hashes[i] for i < rows.
void anchor_hashes(std::span<const WordRef> anchor, const std::vector<std::vector<uint64_t>>& columns, size_t rows,
                   std::vector<uint64_t>& hashes);
// The same for one packed record.
uint64_t anchor_hash(std::span<const WordRef> anchor, const PackedLayout& layout, const std::byte* row);

struct Candidate {
  uint32_t probe = 0;  // index into the hashes probed
  uint32_t row = 0;    // of the reference
};

class KeyIndex {
 public:
  static constexpr size_t rows_max = size_t{1} << 31;

  KeyIndex() = default;
  // Indexes the records by an anchor. Parallel; the result does not depend on the number of threads.
  // Requires: records.size() <= rows_max.
  KeyIndex(const PackedRecords& records, std::span<const WordRef> anchor);
  // The same over plain hashes: row i has hashes[i].
  explicit KeyIndex(std::span<const uint64_t> hashes);

  // Appends every row whose key may have hashes[i], for each i in order; rows ascend within a probe.
  // A hash of 0 meets nothing.
  void probe(std::span<const uint64_t> hashes, std::vector<Candidate>& out) const;

  [[nodiscard]] uint64_t entries() const { return entries_; }  // distinct keys
  [[nodiscard]] size_t bytes() const { return lines_.bytes() + postings_.size() * sizeof(uint32_t); }
  // Largest number of rows that share a key.
  [[nodiscard]] uint32_t largest() const { return largest_; }
  // Memory that an index of `rows` rows needs: kept, and while it is built.
  static size_t bytes_for(uint64_t rows);
  static size_t build_bytes_for(uint64_t rows);

 private:
  struct Line;
  struct Hashes {
    std::function<void(size_t begin, size_t end, uint64_t* out)> of_range;
    std::function<void(std::span<const uint32_t> rows, uint64_t* out)> of_rows;
  };
  void build(size_t rows, const Hashes& hashes);
  bool fill(size_t rows, const Hashes& hashes, uint64_t pages);
  void look(const Line* lines, uint64_t home, uint32_t found, uint64_t hash, uint32_t probe,
            std::vector<Candidate>& out) const;

  Arena lines_;
  uint64_t line_count_ = 0;
  std::vector<uint32_t> postings_;  // count, rows ...
  uint64_t entries_ = 0;
  uint32_t largest_ = 0;
};

}  // namespace tessera
