// joined_keys.cc: how are the pairs of a block counted, and made from the middle?
#include "block/joined_keys.h"

#include <oneapi/tbb/blocked_range.h>
#include <oneapi/tbb/parallel_for.h>

#include <algorithm>
#include <cassert>

#include "base/touch.h"

namespace tessera {

namespace {

constexpr size_t join_grain = 4096;

// Calls body(i) for i < count, in parallel.
template <typename Body>
void for_each_index(size_t count, const Body& body) {
  oneapi::tbb::parallel_for(oneapi::tbb::blocked_range<size_t>(0, count, join_grain),
                            [&](const oneapi::tbb::blocked_range<size_t>& range) {
                              for (size_t i = range.begin(); i < range.end(); ++i) body(i);
                            });
}

// Pairs of left row < right row (or any) that are of different sources (or any). Rows ascend; each side is read once.
uint64_t count_pairs(std::span<const uint32_t> left, std::span<const uint32_t> right, bool ascending,
                     const std::vector<uint16_t>* source) {
  thread_local std::vector<uint32_t> of_source;  // rows of the right seen
  uint64_t seen = 0, pairs = 0;
  size_t r = right.size();
  if (source && of_source.empty()) of_source.assign(size_t{1} << 16, 0);
  for (size_t l = left.size(); l-- > 0;) {
    for (; r > 0 && (!ascending || right[r - 1] > left[l]); --r, ++seen)
      if (source) ++of_source[(*source)[right[r - 1]]];
    pairs += seen - (source ? of_source[(*source)[left[l]]] : 0);
  }
  if (source)
    for (const uint32_t row : right) of_source[(*source)[row]] = 0;
  return pairs;
}

// Pairs of a triangle before row i: (0,1) (0,2) ... (1,2) ...
uint64_t before_row(uint64_t rows, uint64_t i) { return i * (2 * rows - i - 1) / 2; }

void append_triangle(std::span<const uint32_t> rows, uint64_t begin, uint64_t end, RecordPair* out) {
  const uint64_t n = rows.size();
  uint64_t low = 0;
  if (begin > 0) {  // the last row that begins at or before it
    uint64_t high = n - 1;
    while (low + 1 < high) {
      const uint64_t middle = (low + high) / 2;
      (before_row(n, middle) <= begin ? low : high) = middle;
    }
  }
  for (uint64_t i = low, j = low + 1 + (begin - before_row(n, low)); begin < end; ++i, j = i + 1)
    for (; j < n && begin < end; ++j, ++begin) *out++ = {rows[i], rows[j]};
}

void append_rectangle(std::span<const uint32_t> left, std::span<const uint32_t> right, uint64_t begin, uint64_t end,
                      RecordPair* out) {
  for (uint64_t i = begin / right.size(), j = begin % right.size(); begin < end; ++i, j = 0)
    for (; j < right.size() && begin < end; ++j, ++begin) *out++ = {left[i], right[j]};
}

}  // namespace

void JoinedKeys::join() {
  left_group.clear();
  right_group.clear();
  if (!triangle) {
    right_group.resize(left.size());
    for_each_index(left.size(), [&](size_t group) { right_group[group] = right->find(left.key(group)); });
    left_group.reserve(left.size());
    size_t met = 0;
    for (size_t group = 0; group < left.size(); ++group) {
      if (right_group[group] == SortedKeys::none) continue;
      left_group.push_back(static_cast<uint32_t>(group));
      right_group[met++] = right_group[group];
    }
    right_group.resize(met);
  }
  const size_t count = triangle ? right->size() : right_group.size();
  before.clear();
  grow_touched(before, count + 1);
  counts.assign(ascending || source ? count : 0, 0);
  for_each_index(count, [&](size_t block) {
    const uint64_t rows = right_rows(block).size();
    before[block + 1] = triangle ? rows * (rows - 1) / 2 : rows * left_rows(block).size();
    if (!counts.empty())
      counts[block] = count_pairs(left_rows(block), right_rows(block), triangle || ascending, source);
  });
  for (size_t block = 0; block < count; ++block) before[block + 1] = add_saturated(before[block], before[block + 1]);
}

uint64_t JoinedKeys::pairs() const {
  if (counts.empty()) return before.back();
  uint64_t sum = 0;
  for (const uint64_t count : counts) sum = add_saturated(sum, count);
  return sum;
}

void JoinedKeys::append(size_t block, uint64_t begin, uint64_t end, std::vector<RecordPair>& out) const {
  const size_t first = out.size();
  out.resize(first + (end - begin));
  if (triangle) {
    append_triangle(right_rows(block), begin, end, out.data() + first);
  } else {
    append_rectangle(left_rows(block), right_rows(block), begin, end, out.data() + first);
  }
  if (!ascending && !source) return;
  const auto from = out.begin() + static_cast<ptrdiff_t>(first);
  out.erase(std::remove_if(from, out.end(),
                           [&](RecordPair pair) {
                             return (ascending && pair.left >= pair.right) ||
                                    (source && (*source)[pair.left] == (*source)[pair.right]);
                           }),
            out.end());
}

size_t JoinedKeys::bytes() const {
  return left.bytes() + (left_group.size() + right_group.size()) * sizeof(uint32_t) +
         (before.size() + counts.size()) * sizeof(uint64_t);
}

// Numbers the rows of blocks [0, count). Rows of a block lie anywhere: those of blocks to come are asked for.
template <typename RowsOf, typename NumberOf>
void BlockNumbers::set(size_t slot, size_t count, const RowsOf& rows_of, const NumberOf& number_of) {
  constexpr size_t ahead = 32;
  oneapi::tbb::parallel_for(
      oneapi::tbb::blocked_range<size_t>(0, count, join_grain), [&](const oneapi::tbb::blocked_range<size_t>& range) {
        for (size_t block = range.begin(); block < range.end(); ++block) {
          if (block + ahead < range.end())
            for (const uint32_t row : rows_of(block + ahead).first(std::min<size_t>(4, rows_of(block + ahead).size())))
              __builtin_prefetch(&rows[row * stride + slot], 1);
          for (const uint32_t row : rows_of(block)) rows[row * stride + slot] = number_of(block);
        }
      });
}

void BlockNumbers::set_right(size_t slot, const SortedKeys& right) {
  set(
      slot, right.size(), [&](size_t group) { return right.rows(group); },
      [](size_t group) { return static_cast<uint32_t>(group + 1); });
}

void BlockNumbers::set_left(size_t slot, const JoinedKeys& joined) {
  set(
      slot, joined.blocks(), [&](size_t block) { return joined.left_rows(block); },
      [&](size_t block) { return joined.number(block); });
}

void BlockNumbers::set_list(size_t slot, const RuleKeys& keys, const SortedKeys& right) {
  Lists& list = lists[slot];
  list.starts.assign(keys.rows() + 1, 0);
  for_each_index(keys.rows(), [&](size_t row) {
    for (const uint64_t key : keys.of(row))
      if (right.find(key) != SortedKeys::none) ++list.starts[row + 1];
  });
  for (size_t row = 0; row < keys.rows(); ++row) list.starts[row + 1] += list.starts[row];
  list.items.resize(list.starts.back());
  // Keys and groups ascend alike, so the numbers of a row do.
  for_each_index(keys.rows(), [&](size_t row) {
    uint64_t at = list.starts[row];
    for (const uint64_t key : keys.of(row))
      if (const uint32_t group = right.find(key); group != SortedKeys::none) list.items[at++] = group + 1;
  });
}

size_t BlockNumbers::bytes() const {
  size_t sum = rows.size() * sizeof(uint32_t);
  for (const Lists& list : lists) sum += list.starts.size() * sizeof(uint64_t) + list.items.size() * sizeof(uint32_t);
  return sum;
}

uint32_t first_common(std::span<const uint32_t> a, std::span<const uint32_t> b) {
  for (size_t i = 0, j = 0; i < a.size() && j < b.size();) {
    if (a[i] == b[j]) return a[i];
    a[i] < b[j] ? ++i : ++j;
  }
  return 0;
}

}  // namespace tessera
