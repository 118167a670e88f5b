// anchors.h: which exact agreements must a pair have to be worth meeting?
//
// Eight ranks are not eight joins. Each way to satisfy a pass names some equal
// words; an anchor serves every way whose equal words contain it.
//
//   rank 1  nhs sex dob postcode      ┐
//   rank 2  nhs sex dob               ├ anchor {nhs}
//   rank 8  nhs                       ┘
//   rank 6      sex dob postcode      ─ anchor {sex dob postcode}
#pragma once

#include <vector>

#include "record/pattern.h"
#include "tessera/error.h"

namespace tessera {

// May add conditions for equal parts that no pass names as they are.
// Fails: usage (2) naming the pass that has no exact term.
Result<std::vector<Anchor>> choose_anchors(const std::vector<PassBits>& passes, std::vector<PairCondition>& conditions,
                                           uint64_t reference_rows);

}  // namespace tessera
