// model_counts.h: how often does each pattern occur, among random pairs and among those that a rule brings?
//
// Estimation needs these counts and nothing else of the records. Pairs are made, compared and counted a piece at a
// time; counts of threads are added up by pattern, so they do not depend on the number of threads.
#pragma once

#include <array>
#include <functional>
#include <span>
#include <vector>

#include "block/block.h"
#include "compare/compare.h"
#include "record/model_plan.h"
#include "tessera/error.h"

namespace tessera {

// Both sides of a model, ready to be compared; within one input they are the same.
struct ComparedSides {
  const PairComparer& comparer;
  const CodeRows& left;
  const CodeRows& right;
};

// Fills `out` with the pairs of piece number `piece`.
using PairsOf = std::function<void(size_t piece, std::vector<RecordPair>& out)>;

// Patterns of the pairs of pieces [0, pieces), by pattern. Fails: interrupted (5).
Result<PatternCounts> count_patterns(const ComparedSides& sides, size_t pieces, const PairsOf& pairs_of);

// Pairs of records drawn at random with replacement, the same for a seed. Within: of two different records, and of
// different sources if `between_only`. Rejected draws are not replaced, so there may be fewer than asked.
//
// A piece draws some records of each side and pairs each with 32 of the other, one after another, so that their values
// are in the cache. Every pair is as likely as any other. That a record comes so often in its piece adds to the
// variance of a share only what records differ by: for names less than a third of what the number of
// pairs leaves.
//
//   left   l0 l1 l2 ...      pairs  (l0,r0) (l0,r1) ... (l0,r31)
//   right  r0 r1 r2 ...             (l1,r1) (l1,r2) ... (l1,r32)
struct RandomPairs {
  static constexpr size_t piece = size_t{1} << 14;
  static constexpr size_t partners = 32;
  static constexpr size_t records = piece / partners;  // of each side, in a piece
  static_assert(records <= grid_records_max);
  uint64_t seed = 1, count = 0;
  size_t left_rows = 0, right_rows = 0;
  bool within = false;
  std::span<const uint16_t> different_source{};  // empty: any
  bool all = false;  // instead: every pair there is, once; count is the product of both sides
  [[nodiscard]] size_t pieces() const { return static_cast<size_t>((count + piece - 1) / piece); }
  void pairs(size_t number, std::vector<RecordPair>& out) const;

  // The records of a piece. Requires: not all.
  struct Drawn {
    std::array<uint32_t, records> left, right;
  };
  [[nodiscard]] Drawn draw(size_t number) const;
  // Whether left record i and its partner of this number are a pair of the piece.
  [[nodiscard]] bool is_pair(size_t number, const Drawn& drawn, size_t i, size_t partner) const {
    const uint32_t a = drawn.left[i], b = drawn.right[(i + partner) % records];
    return number * piece + i * partners + partner < count && (!within || (a != b && !of_one_source(a, b)));
  }
  // Whether that is so of all. False: not known.
  [[nodiscard]] bool all_pairs(size_t number, const Drawn& drawn) const;

 private:
  [[nodiscard]] bool of_one_source(uint32_t a, uint32_t b) const {
    return !different_source.empty() && different_source[a] == different_source[b];
  }
};

// The same of random pairs. Their values are gathered once for all the pairs of a piece, where it does not matter which
// record of a pair is the left one.
Result<PatternCounts> count_patterns(const ComparedSides& sides, const RandomPairs& random);

}  // namespace tessera
