// similarity_tables.h: what do lanes look up that have no instruction for it?
#pragma once

#include <cstddef>
#include <cstdint>

namespace tessera {

struct SimilarityTables {
  alignas(16) uint8_t bit_counts[16] = {};    // of the numbers below 16
  alignas(16) uint8_t highest_bits[16] = {};  // the byte with so many ones from the top, up to 8
  alignas(16) uint16_t windows[16][8] = {};   // place i, window w: the places from i - w to i + w
};

inline constexpr SimilarityTables similarity_tables = [] {
  SimilarityTables made;
  for (unsigned i = 0; i < 16; ++i) {
    made.bit_counts[i] = static_cast<uint8_t>((i & 1) + (i >> 1 & 1) + (i >> 2 & 1) + (i >> 3));
    made.highest_bits[i] = static_cast<uint8_t>(0xff00u >> (i < 8 ? i : 8));
    for (unsigned w = 0; w < 8; ++w)
      for (unsigned j = 0; j < 16; ++j)
        if (j + w >= i && j <= i + w) made.windows[i][w] = static_cast<uint16_t>(made.windows[i][w] | 1u << j);
  }
  return made;
}();

}  // namespace tessera
