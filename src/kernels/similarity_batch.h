// similarity_batch.h: how alike are the two texts of each of many pairs?
//
// Names are short, so what one pair leaves idle in a register others can use: 64 pairs at a time in AVX-512, 32 in AVX2.
//
//   16 bytes a text, 64 texts     turned over: vector i holds the i-th character of all texts
//   one match matrix a pair       a vector for each i of a, a 16-bit lane for each pair, bit j: "b[j] is a[i]"
//   then as for one pair          the words of jaro.cc and edit_distance.cc, in lanes
//
// E-mail addresses and addresses are longer: Jaro takes up to 32 characters, in lanes of 32 bits. A group costs as many
// steps as its longest texts have characters. Variants give the same bytes as the scalar one.
//
// Not here: longer texts, or beyond ASCII (similarity.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "base/cpu.h"
#include "kernels/short_text.h"

namespace tessera {

// All: out[i] is about a[i] and b[i], as the function of the same name in similarity.h has it.
// Requires: a and b of one size, out of at least that; a text may be empty, all NUL.

void equal_batch(std::span<const ShortText> a, std::span<const ShortText> b, uint8_t* out);  // 1 or 0
void jaro_batch(std::span<const ShortText> a, std::span<const ShortText> b, double* out);
void jaro_winkler_batch(std::span<const ShortText> a, std::span<const ShortText> b, double* out);
void jaro_halved_batch(HalvedTexts a, HalvedTexts b, size_t count, double* out);
void jaro_winkler_halved_batch(HalvedTexts a, HalvedTexts b, size_t count, double* out);
void levenshtein_batch(std::span<const ShortText> a, std::span<const ShortText> b, uint8_t* out);
void optimal_alignment_batch(std::span<const ShortText> a, std::span<const ShortText> b, uint8_t* out);
// A distance above `bound` is given as bound + 1. Pairs that optimal alignment does not decide are done one by one: with
// a small bound these are few (damerau.cc).
void damerau_levenshtein_batch(std::span<const ShortText> a, std::span<const ShortText> b, uint8_t bound, uint8_t* out);

// The kernels of one variant, for tests and benchmarks: those above choose by kernels().
struct SimilarityKernels {
  template <class Out>
  using Kernel = void (*)(const ShortText* a, const ShortText* b, size_t count, Out* out);
  Kernel<uint8_t> equal;
  Kernel<double> jaro;
  Kernel<double> jaro_winkler;
  Kernel<uint8_t> levenshtein;
  Kernel<uint8_t> optimal_alignment;
  using HalvedKernel = void (*)(HalvedTexts a, HalvedTexts b, size_t count, double* out);
  HalvedKernel jaro_halved;
  HalvedKernel jaro_winkler_halved;
};
// Requires: the processor has the variant.
[[nodiscard]] const SimilarityKernels& similarity_kernels(Kernels variant);

extern const SimilarityKernels similarity_avx2;    // x86-64 only
extern const SimilarityKernels similarity_avx512;  // x86-64 only

}  // namespace tessera
