// opening.cc: the variant that every processor has, and the choice between the variants.
#include "kernels/opening.h"

#include <cassert>

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

size_t open_levels_scalar(const OpeningLevels& levels, size_t count, uint64_t* patterns, uint16_t* open) {
  size_t kept = 0;
  for (size_t i = 0; i < count; ++i) {
    // All ones while the pair is open.
    uint64_t stays = !levels.known.words || (levels.known.words[i] & levels.known.bit) ? ~uint64_t{0} : 0;
    uint64_t digit = 0;
    for (const auto& [agree, of_level] : levels.equalities) {
      const uint64_t holds = agree.words[i] & agree.bit ? stays : 0;
      digit |= of_level & holds;
      stays &= ~holds;
    }
    if (levels.closes) {
      digit |= levels.otherwise & stays;
      stays = 0;
    }
    patterns[i] |= digit;
    open[kept] = static_cast<uint16_t>(i);
    kept += stays & 1;
  }
  return kept;
}

constexpr OpeningKernels opening_scalar = {find_agreement_scalar, open_levels_scalar};

}  // namespace

const OpeningKernels& opening_kernels(Kernels variant) {
#if defined(__x86_64__)
  if (variant != Kernels::scalar) return opening_avx2;
#endif
  (void)variant;
  return opening_scalar;
}

void find_agreement(GatheredWords words, uint64_t code_bits, uint64_t free_bits, size_t count) {
  opening_kernels(kernels()).find_agreement(words, code_bits, free_bits, count);
}

size_t open_levels(const OpeningLevels& levels, size_t count, uint64_t* patterns, uint16_t* open) {
  assert(count <= size_t{1} << 16);
  return opening_kernels(kernels()).open_levels(levels, count, patterns, open);
}

}  // namespace tessera
