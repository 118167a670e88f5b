// opening_avx512.cc: eight pairs at a time; a level is a mask register.
#if defined(__x86_64__)
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored "-Wuninitialized"  // g++ 12's own intrinsics pass what they leave undefined (bug 105593)
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif
#include <immintrin.h>

#include <algorithm>

#include "kernels/opening.h"

#define TARGET __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx2,fma,bmi2")))

namespace tessera {
namespace opening_lanes_512 {

constexpr size_t lanes = 8;
static_assert(opening_group % lanes == 0);

TARGET inline __m512i broadcast(uint64_t word) { return _mm512_set1_epi64(static_cast<long long>(word)); }

TARGET void find_agreement(GatheredWords words, uint64_t code_bits, uint64_t free_bits, size_t count) {
  const __m512i codes = broadcast(code_bits), frees = broadcast(free_bits);
  for (size_t i = 0; i < count; i += lanes) {
    const __m512i a = _mm512_loadu_si512(words.left + i), b = _mm512_loadu_si512(words.right + i);
    const __m512i both = _mm512_and_si512(_mm512_add_epi64(a, codes), _mm512_add_epi64(b, codes));
    const __m512i known = _mm512_and_si512(both, frees);
    const __m512i differ = _mm512_add_epi64(_mm512_xor_si512(a, b), codes);
    _mm512_storeu_si512(words.known + i, known);
    _mm512_storeu_si512(words.agree + i, _mm512_andnot_si512(differ, known));
  }
}

TARGET void open_levels(const OpeningLevels& levels, size_t count, uint64_t* patterns, uint64_t* open) {
  for (size_t begin = 0; begin < count; begin += 64) {
    const size_t end = std::min(count, begin + 64);
    uint64_t bits = 0;
    for (size_t i = begin; i < end; i += lanes) {
      const auto there = static_cast<__mmask8>(end - i >= lanes ? 0xff : (1 << (end - i)) - 1);
      __mmask8 stays = there;
      if (levels.known.words)
        stays =
            _mm512_mask_test_epi64_mask(there, _mm512_loadu_si512(levels.known.words + i), broadcast(levels.known.bit));
      __m512i pattern = _mm512_maskz_loadu_epi64(there, patterns + i);
      for (const auto& [agree, of_level] : levels.equalities) {
        const __mmask8 holds =
            _mm512_mask_test_epi64_mask(stays, _mm512_loadu_si512(agree.words + i), broadcast(agree.bit));
        pattern = _mm512_mask_or_epi64(pattern, holds, pattern, broadcast(of_level));
        stays = static_cast<__mmask8>(stays & ~holds);
      }
      pattern = _mm512_mask_or_epi64(pattern, stays, pattern, broadcast(levels.otherwise));
      _mm512_mask_storeu_epi64(patterns + i, there, pattern);
      bits |= uint64_t{stays} << (i - begin);
    }
    *open++ = bits;
  }
}

}  // namespace opening_lanes_512

#undef TARGET

constinit const OpeningKernels opening_avx512 = {opening_lanes_512::find_agreement, opening_lanes_512::open_levels};
}  // namespace tessera
#endif
