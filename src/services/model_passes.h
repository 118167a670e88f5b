// model_passes.h: how are passes run by the engine that looks inside values?
//
// For passes with terms of likeness, within one input, and before a model (a cascade). The links are those of
// docs/passes.md: the same resolution as of passes that go through anchors.
#pragma once

#include <vector>

#include "services/model_step.h"

namespace tessera {

// Every pair that satisfies a pass, once, by left row, then right row. `passes`: a bit for each that it satisfies.
Result<std::vector<Match>> pass_matches(ModelRun& run);

struct PassLinks {
  std::vector<RecordPair> pairs;  // by left row, then right row
  std::vector<int> ranks;
  std::vector<uint32_t> ties;
  std::vector<uint64_t> by_rank, ties_by_rank;  // links and ties of each pass, in the order of ranks
};

// Pairs that satisfy a pass, resolved as the step says; within: all of them, each at its best rank.
Result<PassLinks> link_passes(ModelRun& run);

}  // namespace tessera
