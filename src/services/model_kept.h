// model_kept.h: which links are kept, and how are they written?
//
// Their patterns and weights are made again, which costs less than keeping those of every candidate.
#pragma once

#include <vector>

#include "services/model_emit.h"

namespace tessera {

struct KeptLinks {
  std::vector<RecordPair> pairs;
  std::vector<uint16_t> rules;
  std::vector<int> ranks;  // empty: of no pass; 0: not this one
  LinkMarks marks;
};

// All candidates where both sides may have many links, by left record, then by right; else the best choice, which the
// report counts. Puts the candidates in order.
KeptLinks choose_kept(ModelRun& run, std::vector<ScoredPair>& candidates);

// A piece at a time. `marks`: with ties, and close.
Status write_links(ModelRun& run, const KeptLinks& kept, bool marks, TableWriter& links);

// A warning where a one to one choice was too large to be exact.
void note_greedy(ModelRun& run, const ChosenLinks& chosen);

// Who has a link already.
struct Taken {
  std::vector<uint8_t> left, right;  // by row
  // Whether that leaves no room for the pair.
  [[nodiscard]] bool bars(const Resolve& how, RecordPair pair) const {
    return (how.each_from == Cardinality::one && left[pair.left]) ||
           (how.each_to == Cardinality::one && right[pair.right]);
  }
  [[nodiscard]] bool both(RecordPair pair) const { return left[pair.left] && right[pair.right]; }
};

}  // namespace tessera
