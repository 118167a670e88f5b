// joined_keys.h: what are the blocks of one rule, and how are they cut into pieces of work?
//
// A block is a group of left records with a group of right ones. Its pairs are counted before any is made, and lie in
// one line, block after block: a piece of work is a stretch of that line, and may begin in the middle of a block.
//
//   block        {r0, r1, r4}                  {r2, r7}
//   candidates   (r0,r1) (r0,r4) (r1,r4)       (r2,r7)
//   before       0                             3            4
//
// Also here: the number of its block that every record has in every rule, by which two records know that they met.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "block/sorted_keys.h"

namespace tessera {

[[nodiscard]] inline uint64_t add_saturated(uint64_t a, uint64_t b) { return a + b < a ? ~uint64_t{0} : a + b; }

struct JoinedKeys {
  bool triangle = false;   // a group with itself, each pair once; else every left with every right row
  bool ascending = false;  // only pairs of left row < right row count
  const std::vector<uint16_t>* source = nullptr;  // only pairs of different sources count
  const SortedKeys* right = nullptr;
  SortedKeys left;                                // unless triangle
  std::vector<uint32_t> left_group, right_group;  // of a block; unless triangle
  std::vector<uint64_t> before;                   // candidates before each block, and all; saturated
  std::vector<uint64_t> counts;                   // pairs of each block, where they are not its candidates

  // Finds the blocks. Requires: all above but the last three are set; right has a directory unless triangle.
  void join();
  [[nodiscard]] size_t blocks() const { return before.size() - 1; }
  [[nodiscard]] uint32_t number(size_t block) const {  // of the block, as its right records know it; never 0
    return triangle ? static_cast<uint32_t>(block + 1) : right_group[block] + 1;
  }
  [[nodiscard]] std::span<const uint32_t> right_rows(size_t block) const {
    return right->rows(triangle ? block : right_group[block]);
  }
  [[nodiscard]] std::span<const uint32_t> left_rows(size_t block) const {
    return triangle ? right->rows(block) : left.rows(left_group[block]);
  }
  [[nodiscard]] uint64_t pairs(size_t block) const {
    return counts.empty() ? before[block + 1] - before[block] : counts[block];
  }
  [[nodiscard]] uint64_t pairs() const;  // of all blocks, saturated
  // Appends candidates [begin, end) of a block that count, in ascending order.
  void append(size_t block, uint64_t begin, uint64_t end, std::vector<RecordPair>& out) const;
  [[nodiscard]] size_t bytes() const;
};

// The blocks of each record: of exploded rules as lists, of all others side by side.
struct BlockNumbers {
  size_t stride = 0;           // numbers of a row, a multiple of 4
  std::vector<uint32_t> rows;  // [row * stride + slot]; 0: none
  struct Lists {
    std::vector<uint64_t> starts;
    std::vector<uint32_t> items;  // ascending within a row
    [[nodiscard]] std::span<const uint32_t> of(size_t row) const {
      return {items.data() + starts[row], static_cast<size_t>(starts[row + 1] - starts[row])};
    }
  };
  std::vector<Lists> lists;

  // Numbers the records of a rule by the groups of the right side that they meet.
  void set_right(size_t slot, const SortedKeys& right);
  void set_left(size_t slot, const JoinedKeys& joined);
  void set_list(size_t slot, const RuleKeys& keys, const SortedKeys& right);
  [[nodiscard]] size_t bytes() const;

 private:
  template <typename RowsOf, typename NumberOf>
  void set(size_t slot, size_t count, const RowsOf& rows_of, const NumberOf& number_of);
};

// The first number two ascending lists have in common, or 0.
[[nodiscard]] uint32_t first_common(std::span<const uint32_t> a, std::span<const uint32_t> b);

}  // namespace tessera
