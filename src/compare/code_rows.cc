// code_rows.cc: which column goes into which word? (see code_rows.h)
#include "compare/code_rows.h"

#include <oneapi/tbb/blocked_range.h>
#include <oneapi/tbb/parallel_for.h>

#include <algorithm>
#include <bit>
#include <cassert>

namespace tessera {

CodeLayout::CodeLayout(std::span<const ColumnId> columns, std::span<const Code> largest) {
  // The widest first, each into the first word that has room.
  std::vector<ColumnId> order(columns.begin(), columns.end());
  std::ranges::stable_sort(order, [&](ColumnId a, ColumnId b) { return largest[a] > largest[b]; });
  places_.resize(largest.size());
  std::vector<uint32_t> used;  // bits of each word
  for (const ColumnId column : order) {
    const auto bits = std::max(1u, static_cast<uint32_t>(std::bit_width(largest[column])));
    size_t word = 0;
    while (word < used.size() && used[word] + bits + 1 > 64) ++word;
    if (word == used.size()) used.push_back(0), words_.emplace_back();
    Place& place = places_[column];
    place = {.word = static_cast<uint32_t>(word), .shift = used[word], .most = (uint64_t{1} << bits) - 1};
    words_[word].code_bits |= place.most << place.shift;
    words_[word].free_bits |= place.free_bit();
    used[word] += bits + 1;
  }
  if (words_.empty()) words_.emplace_back();
}

CodeRows::CodeRows(const ValueTable& table, std::span<const ColumnId> columns, const CodeLayout& layout)
    : stride_(layout.words().size()), words_(std::max<size_t>(table.rows, 1) * stride_ * sizeof(uint64_t)) {
  auto* const words = reinterpret_cast<uint64_t*>(words_.data());
  tbb::parallel_for(tbb::blocked_range<size_t>(0, table.rows, 1024), [&](const auto& range) {
    for (const ColumnId column : columns) {
      const std::vector<Code>& from = table.columns[column];
      const CodeLayout::Place place = layout.place(column);
      for (size_t row = range.begin(); row < range.end(); ++row) {
        assert(from[row] <= place.most);
        words[row * stride_ + place.word] |= uint64_t{from[row]} << place.shift;
      }
    }
  });
}

}  // namespace tessera
