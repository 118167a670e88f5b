// opening.h: which level do many pairs reach by what is null and what is equal, before anything is measured?
//
// Codes of several columns share a word of 64 bits, each with a free bit above it (compare/code_rows.h). Two words of a
// pair say in their free bits which columns are known on both sides, and which of these agree.
//
//   comparison of postcodes      pair 0   pair 1   pair 2   pair 3
//   known     postcode              1        0        1        1       0: null, the pair has its level
//   agree     postcode              1        0        0        0       the first 1 gives the level
//             sector                1        0        1        0
//                                level 3   null    level 2    open     "else", or what comes next decides
//
// Not here: what is asked of the pairs that stay open (compare/).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "base/cpu.h"

namespace tessera {

// Words of the left and the right records of some pairs, and what they say in the free bits.
struct GatheredWords {
  const uint64_t* left = nullptr;
  const uint64_t* right = nullptr;
  uint64_t* known = nullptr;
  uint64_t* agree = nullptr;
};

// A free bit of a column in the words of all pairs.
struct FreeBit {
  const uint64_t* words = nullptr;
  uint64_t bit = 0;
};

struct OpeningLevels {
  FreeBit known;  // without words: no level for null
  struct Equality {
    FreeBit agree;
    uint64_t digit = 0;
  };
  std::span<const Equality> equalities;  // the first that holds
  uint64_t otherwise = 0;                // the digit of the pairs that stay open, as far as is known yet
};

// Words are read and written in whole groups: they have room for a multiple of this.
inline constexpr size_t opening_group = 8;

// known and agree of `count` pairs, of a word with these bits for codes and these above them.
void find_agreement(GatheredWords words, uint64_t code_bits, uint64_t free_bits, size_t count);
// Adds the digit of each pair to its pattern. `open`: a bit for each pair that no level has taken, 64 a word; bits beyond
// the last pair are 0.
void open_levels(const OpeningLevels& levels, size_t count, uint64_t* patterns, uint64_t* open);

// One variant of both, for tests: those above choose by kernels().
struct OpeningKernels {
  void (*find_agreement)(GatheredWords, uint64_t code_bits, uint64_t free_bits, size_t count);
  void (*open_levels)(const OpeningLevels&, size_t count, uint64_t* patterns, uint64_t* open);
};
// Requires: the processor has the variant.
[[nodiscard]] const OpeningKernels& opening_kernels(Kernels variant);

extern const OpeningKernels opening_avx2, opening_avx512;  // x86-64 only

}  // namespace tessera
