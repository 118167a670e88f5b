// match.h: which reference records does each record of a batch satisfy a pass with?
//
//   words ─ repeats ─ hash of each anchor ─ probe ─ compare ─ pattern ─ table ─ limits ─ matches
//
// Rows of a batch with the same words are one record and are looked up once: an episode is rarely alone.
#pragma once

#include <span>
#include <vector>

#include "block/block.h"
#include "compare/compare.h"
#include "decide/decide.h"
#include "record/packed.h"
#include "resolve/resolve.h"

namespace tessera {

// Counts of one thread, or of all of them together.
struct MatchCounts {
  uint64_t probes = 0;
  uint64_t candidates = 0;
  uint64_t looked_up = 0;         // rows that were not the same as an earlier one of their batch
  std::vector<uint64_t> refused;  // by pass: pairs refused by a limit
  void add(const MatchCounts& other);
};

// Buffers of one thread.
struct MatchScratch {
  Repeats repeats;  // of the last batch, if any_repeats
  std::vector<uint64_t> hashes;
  std::vector<Candidate> candidates;
  std::vector<Pair> pairs;
  CompareScratch compare;
  std::vector<std::vector<Match>> found;  // by anchor, records ascending
  std::vector<Match> merged;
  std::vector<uint32_t> begin;  // by record: its matches in merged
  bool any_repeats = false;
  unsigned skip_batches = 0;  // batches left for which no repetition is looked for
  MatchCounts counts;
};

class Matcher {
 public:
  // best: of a record, only the matches of the best pass that it satisfies matter, and later anchors need not find the
  // others.
  enum class Wanted : uint8_t { all, best };

  // The plan, records and indexes outlive the matcher. indexes[i] may be null: that
  // anchor is not probed (a partition of another anchor).
  Matcher(const PassPlan& plan, const PackedRecords& records, std::vector<const KeyIndex*> indexes, Wanted wanted);

  // Appends the matches of rows [0, rows): from is the row, in order; to ascends within a row.
  // Pairs refused by a limit go to `refused`, if given. Thread-safe with one scratch a thread.
  void match(const std::vector<std::vector<uint64_t>>& words, size_t rows, MatchScratch& scratch,
             std::vector<Match>& out, std::vector<Match>* refused) const;
  // The matches of the distinct records of the rows, without limits, in place of what is in `out`: from is the
  // number of the record in scratch.repeats if scratch.any_repeats, else the row.
  void match_records(const std::vector<std::vector<uint64_t>>& words, size_t rows, MatchScratch& scratch,
                     std::vector<Match>& out) const;

 private:
  void look_for_repeats(const std::vector<std::vector<uint64_t>>& words, size_t rows, MatchScratch& scratch) const;
  // Whether the matches it found are in order.
  bool probe(size_t anchor, const std::vector<std::vector<uint64_t>>& records, MatchScratch& scratch) const;
  void spread(size_t rows, const std::vector<std::vector<uint64_t>>& words, MatchScratch& scratch,
              std::vector<Match>& out, std::vector<Match>* refused) const;

  const PassPlan& plan_;
  const PackedRecords& records_;
  std::vector<const KeyIndex*> indexes_;
  std::vector<PassMask> decided_;   // by anchor: with one of these passes a record need not be looked up by it
  std::vector<uint32_t> compared_;  // from slots that conditions look at
};

}  // namespace tessera
