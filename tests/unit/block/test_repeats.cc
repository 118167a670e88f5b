// Rows that say the same are one record; nothing else is.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

#include "block/repeats.h"

namespace tessera {
namespace {

using Columns = std::vector<std::vector<uint64_t>>;

// What find_repeats promises of any answer.
void check_repeats(const Columns& columns, std::span<const uint32_t> slots, size_t rows, const Repeats& repeats) {
  RC_ASSERT(repeats.like.size() == rows);
  std::vector<uint32_t> copies(repeats.records());
  for (size_t i = 0; i < rows; ++i) {
    const uint32_t first = repeats.first.at(repeats.like[i]);
    RC_ASSERT(first <= i);
    RC_ASSERT(repeats.like[first] == repeats.like[i]);
    for (const uint32_t slot : slots) RC_ASSERT(columns[slot][i] == columns[slot][first]);
    ++copies.at(repeats.like[i]);
  }
  RC_ASSERT(repeats.copies == copies);
  RC_ASSERT(std::ranges::is_sorted(repeats.first));
}

RC_GTEST_PROP(Repeats, AreThoseOfTheSlowTwin, ()) {
  const size_t rows = *rc::gen::inRange<size_t>(0, 200);
  const uint64_t values = *rc::gen::element<uint64_t>(1, 2, 5, 1000);
  const uint64_t spread = *rc::gen::element<uint64_t>(1, 0x10000001, 0x100000001);  // one key holds both words, or just
  Columns columns;
  for (int slot = 0; slot < 3; ++slot)
    columns.push_back(*rc::gen::container<std::vector<uint64_t>>(
        rows, rc::gen::map(rc::gen::inRange<uint64_t>(0, values), [spread](auto v) { return v * spread; })));
  const std::vector<uint32_t> slots{0, 2};
  Repeats fast, slow;
  find_repeats(columns, slots, rows, fast);
  find_repeats_slowly(columns, slots, rows, slow);
  check_repeats(columns, slots, rows, fast);
  check_repeats(columns, slots, rows, slow);
  // Of rows that follow each other none is missed.
  for (size_t i = 1; i < rows; ++i) RC_ASSERT(slow.like[i] != slow.like[i - 1] || fast.like[i] == fast.like[i - 1]);
}

// What the first rows say of the width of words need not hold for the others.
TEST(Repeats, OfWordsThatGetWider) {
  Columns columns(2, std::vector<uint64_t>(2000));
  for (size_t i = 0; i < 2000; ++i) columns[0][i] = i % 7, columns[1][i] = i < 1500 ? i % 3 : uint64_t{1} << 63 | i % 3;
  const std::vector<uint32_t> slots{0, 1};
  Repeats fast, slow;
  find_repeats(columns, slots, 2000, fast);
  find_repeats_slowly(columns, slots, 2000, slow);
  EXPECT_EQ(fast.like, slow.like);
  EXPECT_EQ(fast.first, slow.first);
  EXPECT_EQ(fast.copies, slow.copies);
}

TEST(Repeats, AsDrawn) {
  const Columns columns{{7, 7, 9, 7, 8}};
  const std::vector<uint32_t> slots{0};
  Repeats repeats;
  find_repeats(columns, slots, 5, repeats);
  EXPECT_EQ(repeats.like, (std::vector<uint32_t>{0, 0, 1, 0, 2}));
  EXPECT_EQ(repeats.first, (std::vector<uint32_t>{0, 2, 4}));
  EXPECT_EQ(repeats.copies, (std::vector<uint32_t>{3, 1, 1}));
}

}  // namespace
}  // namespace tessera
