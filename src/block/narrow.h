// narrow.h: what is added to the key of a block that is too large?
//
// The column that tells its records apart best: most distinct values, weighted by the share of records that have one,
// since records without a value are left out. Records that agree in all columns are left out as well.
#pragma once

#include <span>
#include <vector>

#include "block/rule_keys.h"

namespace tessera {

struct TooLarge {
  uint64_t key = 0;
  std::span<const uint32_t> left, right;  // rows; left is empty within one table
  uint64_t pairs = 0;                     // or rows
};

// Adds a step for each block. `left` may be null. The same for any number of threads.
void add_steps(std::span<const TooLarge> large, std::span<const ColumnId> columns, const ValueTable* left,
               const ValueTable& right, Narrowing& narrowing);

}  // namespace tessera
