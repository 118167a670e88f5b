// model_cascade.h: how are links chosen when passes and a model look at every record?
//
//                     rank  weight          each_from one
//   a-x               2      9.1
//   a-y               2     12.4   <─ link  both have the best rank of a; the model tells them apart
//   a-z                     14.0            no rank: after all that have one, whatever its weight. a-y is close
//   b-x               1     -3.2   <─ link  what a pass says holds; that the model doubts it stands beside it
//   c-z                      8.8   <─ link  found by the model alone
//
// "rest" lets the passes decide first, as if there were no model, and asks the model about the records that they leave.
#pragma once

#include "services/model_kept.h"

namespace tessera {

// "cascade": "all", between two sides of which one at least takes one link. Marks who is linked in `taken`.
Status link_for_all(ModelRun& run, const Blocks& blocks, Taken& taken, TableWriter& links);

}  // namespace tessera
