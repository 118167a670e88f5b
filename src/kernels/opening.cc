// opening.cc: the variant that every processor has, and the choice between the variants.
#include "kernels/opening.h"

#include <algorithm>

namespace tessera {
namespace {

void find_agreement_scalar(GatheredWords words, uint64_t code_bits, uint64_t free_bits, size_t count) {
  for (size_t i = 0; i < count; ++i) {
    const uint64_t a = words.left[i], b = words.right[i];
    const uint64_t known = (a + code_bits) & (b + code_bits) & free_bits;
    words.known[i] = known;
    words.agree[i] = known & ~((a ^ b) + code_bits);
  }
}

void open_levels_scalar(const OpeningLevels& levels, size_t count, uint64_t* patterns, uint64_t* open) {
  for (size_t begin = 0; begin < count; begin += 64) {
    uint64_t bits = 0;
    for (size_t i = begin; i < std::min(count, begin + 64); ++i) {
      // All ones while the pair is open.
      uint64_t stays = !levels.known.words || (levels.known.words[i] & levels.known.bit) ? ~uint64_t{0} : 0;
      uint64_t digit = 0;
      for (const auto& [agree, of_level] : levels.equalities) {
        const uint64_t holds = agree.words[i] & agree.bit ? stays : 0;
        digit |= of_level & holds;
        stays &= ~holds;
      }
      patterns[i] |= digit | (levels.otherwise & stays);
      bits |= (stays & 1) << (i - begin);
    }
    *open++ = bits;
  }
}

constexpr OpeningKernels opening_scalar = {find_agreement_scalar, open_levels_scalar};

}  // namespace

const OpeningKernels& opening_kernels(Kernels variant) {
#if defined(__x86_64__)
  if (variant != Kernels::scalar) return variant == Kernels::avx512 ? opening_avx512 : opening_avx2;
#endif
  (void)variant;
  return opening_scalar;
}

void find_agreement(GatheredWords words, uint64_t code_bits, uint64_t free_bits, size_t count) {
  opening_kernels(kernels()).find_agreement(words, code_bits, free_bits, count);
}

void open_levels(const OpeningLevels& levels, size_t count, uint64_t* patterns, uint64_t* open) {
  opening_kernels(kernels()).open_levels(levels, count, patterns, open);
}

}  // namespace tessera
