// The slow twin of block/equal_pairs.h: every pair, every rule.
#pragma once

#include <algorithm>
#include <cstdint>
#include <tuple>
#include <vector>

namespace tessera::reference {

// columns[c][row]; pairs as (left, right, first rule that holds).
inline std::vector<std::tuple<uint32_t, uint32_t, uint16_t>> equal_pairs(
    const std::vector<std::vector<uint64_t>>& columns, const std::vector<std::vector<uint32_t>>& rules,
    const std::vector<uint16_t>& source) {
  std::vector<std::tuple<uint32_t, uint32_t, uint16_t>> out;
  const auto rows = static_cast<uint32_t>(columns.at(0).size());
  for (uint32_t a = 0; a < rows; ++a)
    for (uint32_t b = a + 1; b < rows; ++b) {
      if (!source.empty() && source[a] == source[b]) continue;
      for (uint16_t r = 0; r < rules.size(); ++r) {
        const bool holds = std::ranges::all_of(
            rules[r], [&](uint32_t c) { return columns[c][a] != 0 && columns[c][a] == columns[c][b]; });
        if (!holds) continue;
        out.emplace_back(a, b, r);
        break;
      }
    }
  return out;
}

}  // namespace tessera::reference
