// sets.h: how much do two lists have in common?
//
//   FLAT 2 MILL LANE -> 2 FLAT LANE MILL     weights 3 1 1 6      shared 3 + 1 + 6 = 10
//   2 MILL RD        -> 2 MILL RD            weights 3 6 1        of the lighter side: 10 / 10 = 1
//
// Lists are sorted codes (record/values.h) without repeats, so that two are compared in one walk.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace tessera {

// All: Requires: codes ascend, each once.

[[nodiscard]] size_t items_in_common(std::span<const uint32_t> a, std::span<const uint32_t> b);

// In common / in either; 0 for two empty lists.
[[nodiscard]] double items_jaccard(std::span<const uint32_t> a, std::span<const uint32_t> b);

// Weight of what they share over the weight of the lighter side; 0 where that weighs nothing.
// Weights are by code and not below 0, summed in the order of codes.
// Requires: a weight for each code.
[[nodiscard]] double token_likeness(std::span<const uint32_t> a, std::span<const uint32_t> b,
                                    std::span<const double> weights);

}  // namespace tessera
