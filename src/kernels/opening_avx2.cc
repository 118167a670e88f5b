// opening_avx2.cc: four pairs at a time; a level is a mask of them.
#if defined(__x86_64__)
#include <immintrin.h>

#include <algorithm>

#include "kernels/opening.h"

#define TARGET __attribute__((target("avx2,fma,bmi2")))

namespace tessera {
namespace opening_lanes {

constexpr size_t lanes = 4;
static_assert(opening_group % lanes == 0);

TARGET inline __m256i broadcast(uint64_t word) { return _mm256_set1_epi64x(static_cast<long long>(word)); }
TARGET inline __m256i load(const uint64_t* from) { return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from)); }
TARGET inline void store(uint64_t* to, __m256i words) { _mm256_storeu_si256(reinterpret_cast<__m256i*>(to), words); }
// All ones where a word has a bit of `bits`.
TARGET inline __m256i set(__m256i words, __m256i bits) {
  return _mm256_cmpeq_epi64(_mm256_and_si256(words, bits), bits);
}

TARGET void find_agreement(GatheredWords words, uint64_t code_bits, uint64_t free_bits, size_t count) {
  const __m256i codes = broadcast(code_bits), frees = broadcast(free_bits);
  for (size_t i = 0; i < count; i += lanes) {
    const __m256i a = load(words.left + i), b = load(words.right + i);
    const __m256i both = _mm256_and_si256(_mm256_add_epi64(a, codes), _mm256_add_epi64(b, codes));
    const __m256i known = _mm256_and_si256(both, frees);
    const __m256i differ = _mm256_add_epi64(_mm256_xor_si256(a, b), codes);
    store(words.known + i, known);
    store(words.agree + i, _mm256_andnot_si256(differ, known));
  }
}

TARGET void open_levels(const OpeningLevels& levels, size_t count, uint64_t* patterns, uint64_t* open) {
  for (size_t begin = 0; begin < count; begin += 64) {
    const size_t end = std::min(count, begin + 64);
    uint64_t bits = 0;
    for (size_t i = begin; i < end; i += lanes) {
      __m256i stays =
          levels.known.words ? set(load(levels.known.words + i), broadcast(levels.known.bit)) : broadcast(~uint64_t{0});
      __m256i digit = _mm256_setzero_si256();
      for (const auto& [agree, of_level] : levels.equalities) {
        const __m256i holds = _mm256_and_si256(set(load(agree.words + i), broadcast(agree.bit)), stays);
        digit = _mm256_or_si256(digit, _mm256_and_si256(holds, broadcast(of_level)));
        stays = _mm256_andnot_si256(holds, stays);
      }
      digit = _mm256_or_si256(digit, _mm256_and_si256(stays, broadcast(levels.otherwise)));
      auto mask = static_cast<uint64_t>(_mm256_movemask_pd(_mm256_castsi256_pd(stays)));
      if (end - i >= lanes) {
        store(patterns + i, _mm256_or_si256(load(patterns + i), digit));
      } else {
        mask &= (uint64_t{1} << (end - i)) - 1;
        alignas(32) uint64_t last[lanes];
        store(last, digit);
        for (size_t k = 0; i + k < end; ++k) patterns[i + k] |= last[k];
      }
      bits |= mask << (i - begin);
    }
    *open++ = bits;
  }
}

}  // namespace opening_lanes

#undef TARGET

constinit const OpeningKernels opening_avx2 = {opening_lanes::find_agreement, opening_lanes::open_levels};
}  // namespace tessera
#endif
