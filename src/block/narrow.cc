// narrow.cc: which column tells the records of a block apart best?
#include "block/narrow.h"

#include <oneapi/tbb/parallel_for.h>

#include <algorithm>

namespace tessera {

namespace {

constexpr size_t sample_rows = 1 << 15;  // of a side of a block, evenly spaced

void gather(std::span<const uint32_t> rows, const std::vector<Code>& column, std::vector<Code>& out) {
  const size_t count = std::min(rows.size(), sample_rows);
  for (size_t i = 0; i < count; ++i)
    if (const Code code = column[rows[i * rows.size() / count]]) out.push_back(code);
}

ColumnId most_telling(const TooLarge& block, std::span<const ColumnId> columns, const ValueTable* left,
                      const ValueTable& right) {
  ColumnId best = Narrowing::leave_out;
  uint64_t best_score = 0;
  std::vector<Code> codes;
  for (const ColumnId column : columns) {
    codes.clear();
    if (left) gather(block.left, left->columns[column], codes);
    gather(block.right, right.columns[column], codes);
    const uint64_t present = codes.size();
    std::ranges::sort(codes);
    const auto distinct = static_cast<uint64_t>(std::ranges::unique(codes).begin() - codes.begin());
    // A column that is in the key already has one value: so every step splits, and they come to an end.
    if (distinct < 2 || distinct * present <= best_score) continue;
    best_score = distinct * present;
    best = column;
  }
  return best;
}

}  // namespace

void add_steps(std::span<const TooLarge> large, std::span<const ColumnId> columns, const ValueTable* left,
               const ValueTable& right, Narrowing& narrowing) {
  std::vector<ColumnId> chosen(large.size());
  oneapi::tbb::parallel_for(size_t{0}, large.size(),
                            [&](size_t i) { chosen[i] = most_telling(large[i], columns, left, right); });
  for (size_t i = 0; i < large.size(); ++i) narrowing.add(large[i].key, chosen[i], large[i].right.size());
}

}  // namespace tessera
