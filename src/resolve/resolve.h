// resolve.h: which of the pairs that satisfy a pass become links?
//
// Passes are done in order of rank. At each rank the pairs that satisfy it and whose
// records are both still in the pool are looked at; a pair that is alone on the sides
// that take one becomes a link and its records leave the pool on those sides.
//
//   each_from one, each_to many      from a: x at ranks 1 and 2, y at rank 2   -> a-x at 1
//                                    from b: x and y at rank 3                 -> a tie
//
//   ties drop   b leaves without a link        ties first  b-x, the lowest to id
//   ties all    b-x and b-y                    ties next   b stays for rank 4
//
// docs/passes.md has the whole table. The slow twin that says the same in the
// obvious way is tests/reference/sequential_resolve.h.
//
// Pairs that a model has scored are resolved by choose.h (links between two inputs) and cluster.h (within one).
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "record/pattern.h"
#include "resolve/choose.h"
#include "resolve/cluster.h"
#include "resolve/components.h"
#include "resolve/metrics.h"
#include "tessera/error.h"
#include "tessera/job.h"

namespace tessera {

// A pair that satisfies at least one pass.
struct Match {
  uint64_t from = 0;     // place of the from record: ascending in input order
  uint32_t to = 0;       // row of the reference
  uint32_t ties = 0;     // of a link: to records (or from records) tied at its rank, 1 if none; else 0
  PassMask passes = 0;   // before: the passes that hold; of a link: the one bit of its rank
  uint64_t payload = 0;  // of the to record, carried through
  Pattern pattern = 0;
};

// Orders the payloads of to records by id. For ties.
using IdLess = std::function<bool(uint64_t payload_a, uint64_t payload_b)>;

struct TieCounts {
  std::vector<uint64_t> by_pass;  // from records (or to records) whose best pass was shared
};

// each_to many: every from record is decided on its own. `matches` are those of some
// from records, grouped by from; only links are left in `matches`, in order of from, tied ones by id of to.
// `copies`, if any: by from, how many records a tie counts for.
void resolve_each(std::vector<Match>& matches, const Resolve& how, const IdLess& less, TieCounts& ties,
                  std::span<const uint32_t> copies = {});

// Decides for all records together (each_to one), pass by pass, over chunks of matches
// that are read and written back one at a time; a chunk holds whole groups of one from
// record, and chunks come in order of from. Memory: 5 bytes a to record.
// Requires: ties == 0 in every match. Ensures: links have ties >= 1 and one bit in
// passes; every other match has passes == 0.
class PoolResolver {
 public:
  PoolResolver(const Resolve& how, size_t to_rows, size_t pass_count, IdLess less);
  using Visitor = std::function<void(std::vector<Match>&)>;
  using ForEachChunk = std::function<Status(const Visitor&)>;  // calls the visitor with every chunk in order
  Status run(const ForEachChunk& for_each_chunk, TieCounts& ties);

 private:
  void claim(std::span<const Match> group, PassMask bit);
  void decide(std::span<Match> group, size_t pass, TieCounts& ties);
  [[nodiscard]] bool open(const Match& match, PassMask bit) const;

  const Resolve how_;
  const size_t pass_count_;
  const IdLess less_;
  enum : uint8_t { here = 0, left = 1, leaving = 2 };  // leaving: at the end of this pass
  std::vector<uint32_t> claims_;                       // by to record: pairs at this pass
  std::vector<uint8_t> pool_;                          // by to record
};

}  // namespace tessera
