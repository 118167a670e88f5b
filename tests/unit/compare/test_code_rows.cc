// Packed codes beside plain ones: what is null, what is equal, and the codes themselves.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "compare/code_rows.h"

namespace tessera {
namespace {

struct Drawn {
  std::vector<Code> largest;
  std::vector<ColumnId> columns;  // that have a place
  ValueTable table;
};

// Codes of domains of any size, many of them 0, the largest, or equal to their neighbour's.
Drawn drawn() {
  Drawn out;
  const auto count = *rc::gen::inRange<size_t>(1, 14);
  out.table.rows = *rc::gen::inRange<size_t>(1, 40);
  for (ColumnId c = 0; c < count; ++c) {
    const auto bits = *rc::gen::inRange<unsigned>(0, 33);
    out.largest.push_back(static_cast<Code>((uint64_t{1} << bits) - 1));
    if (c % 5 != 4) out.columns.push_back(c);
    auto& codes = out.table.columns.emplace_back();
    for (size_t row = 0; row < out.table.rows; ++row) {
      const Code any = *rc::gen::arbitrary<Code>() & out.largest[c];
      const auto pick = *rc::gen::inRange(0, 4);
      codes.push_back(pick == 0 ? 0 : pick == 1 ? out.largest[c] : pick == 2 && row > 0 ? codes.back() : any);
    }
  }
  return out;
}

RC_GTEST_PROP(CodeRows, SayWhatPlainCodesSay, ()) {
  const Drawn of = drawn();
  const CodeLayout layout(of.columns, of.largest);
  const CodeRows rows(of.table, of.columns, layout);
  for (size_t a = 0; a < of.table.rows; ++a)
    for (size_t b = 0; b < of.table.rows; ++b)
      for (const ColumnId c : of.columns) {
        const Code left = of.table.columns[c][a], right = of.table.columns[c][b];
        const CodeLayout::Place& place = layout.place(c);
        RC_ASSERT(place.code(rows.row(a)) == left);
        const CodeLayout::Word& word = layout.words()[place.word];
        const uint64_t x = rows.row(a)[place.word], y = rows.row(b)[place.word], known = word.known(x, y);
        RC_ASSERT(((known & place.free_bit()) != 0) == (left != 0 && right != 0));
        RC_ASSERT(((word.agree(x, y, known) & place.free_bit()) != 0) == (left != 0 && left == right));
      }
}

TEST(CodeRows, ColumnsOfAllSizesShareWords) {
  // 33 bits with its free bit leaves room for 31; the narrow ones come last and fill up.
  const std::vector<Code> largest = {1, ~Code{0}, 0x3fffffff, 7};
  const std::vector<ColumnId> columns = {0, 1, 2, 3};
  const CodeLayout layout(columns, largest);
  EXPECT_EQ(layout.words().size(), 2u);
  EXPECT_EQ(layout.place(1).word, layout.place(2).word);
  EXPECT_EQ(layout.place(0).word, layout.place(3).word);
}

}  // namespace
}  // namespace tessera
