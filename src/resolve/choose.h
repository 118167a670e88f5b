// choose.h: which scored pairs become links between two inputs?
//
//   weights   a-x 9   a-y 9   b-y 7   b-z 4   c-z 5
//
//   each_from one, each_to many    a has two equal candidates     ties drop   b-y c-z
//                                                                 ties first  a-x b-y c-z    x is the lower record
//                                                                 ties all    a-x a-y b-y c-z
//                                                                 ties next   b-y c-z        a has no third candidate
//   each_from one, each_to one     a-x b-y c-z: 21 is the most that any choice has
//
// One to one is exact: inside each connected piece the choice has the greatest sum of what its pairs have above the
// threshold (and a little, so that a pair at the threshold is better than none). Of choices with equal sums it is the one
// that shortest augmenting paths reach when left records come in order of number and a path of equal length ends at the
// lower right record. A piece of more than size_max records takes its pairs from the best down instead, and is counted.
//
// One to one, ties all adds the tied candidates to the choice, and ties next is as first.
//
// Not here: matches with ranks (resolve.h), clusters (cluster.h).
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "record/model_plan.h"
#include "tessera/job.h"

namespace tessera {

struct ChooseOptions {
  Resolve how;
  float threshold = 0;         // pairs below it are no candidates
  std::optional<float> close;  // a link is close when a record that takes one link has another candidate this near
  uint64_t size_max = 10'000;  // one to one: records of a piece beyond which it is greedy
};

struct ChosenLink {
  uint32_t pair = 0;  // its index
  // Candidates that share a record with it which takes one link, have the same weight, and are not spoken for by a
  // better link of their other record; itself included. 1: no tie.
  uint32_t ties = 1;
  bool close = false;
  friend bool operator==(const ChosenLink&, const ChosenLink&) = default;
};

struct ChosenLinks {
  std::vector<ChosenLink> links;  // by left record, then by right record
  uint64_t tied = 0;      // each_from or each_to one: records whose best candidates were equal; one to one: links
  uint64_t close = 0;     // links
  uint64_t repeated = 0;  // pairs given again: only the best is a candidate
  uint64_t greedy_pieces = 0;
  uint64_t greedy_records = 0;
};

// Left and right records are numbered on their own. Requires: numbers within range; fewer than 2^32 - 1 pairs, and
// records of both sides together. A pair given twice is a candidate once, at its best weight. The same links for any
// number of threads and any order of pairs (but of the same pair twice at the same weight the first is taken).
[[nodiscard]] ChosenLinks choose_links(size_t left_records, size_t right_records, std::span<const ScoredPair> pairs,
                                       const ChooseOptions& options);

}  // namespace tessera
