// opening_avx2.cc: four pairs at a time; a level is a mask of them.
#if defined(__x86_64__)
#include <immintrin.h>

#include <array>
#include <bit>
#include <cstring>

#include "kernels/opening.h"

#define TARGET __attribute__((target("avx2,fma,bmi2")))

namespace tessera {
namespace opening_lanes {

constexpr size_t lanes = 4;
static_assert(opening_group % lanes == 0);

// By mask: the places of its ones, 16 bits each.
constexpr std::array<uint64_t, 16> places_of = [] {
  std::array<uint64_t, 16> made{};
  for (uint64_t mask = 0; mask < made.size(); ++mask)
    for (uint64_t place = 0, at = 0; place < lanes; ++place)
      if (mask >> place & 1) made[mask] |= place << (16 * at++);
  return made;
}();

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

TARGET size_t open_levels(const OpeningLevels& levels, size_t count, uint64_t* patterns, uint16_t* open) {
  size_t kept = 0;
  for (size_t i = 0; i < count; i += lanes) {
    __m256i stays =
        levels.known.words ? set(load(levels.known.words + i), broadcast(levels.known.bit)) : broadcast(~uint64_t{0});
    __m256i digit = _mm256_setzero_si256();
    for (const auto& [agree, of_level] : levels.equalities) {
      const __m256i holds = _mm256_and_si256(set(load(agree.words + i), broadcast(agree.bit)), stays);
      digit = _mm256_or_si256(digit, _mm256_and_si256(holds, broadcast(of_level)));
      stays = _mm256_andnot_si256(holds, stays);
    }
    if (levels.closes) {
      digit = _mm256_or_si256(digit, _mm256_and_si256(stays, broadcast(levels.otherwise)));
      stays = _mm256_setzero_si256();
    }
    auto mask = static_cast<unsigned>(_mm256_movemask_pd(_mm256_castsi256_pd(stays)));
    if (count - i >= lanes) {
      store(patterns + i, _mm256_or_si256(load(patterns + i), digit));
    } else {
      mask &= (1u << (count - i)) - 1;
      alignas(32) uint64_t last[lanes];
      store(last, digit);
      for (size_t k = 0; i + k < count; ++k) patterns[i + k] |= last[k];
    }
    const uint64_t places = places_of[mask] + i * 0x0001000100010001;
    std::memcpy(open + kept, &places, sizeof places);
    kept += static_cast<size_t>(std::popcount(mask));
  }
  return kept;
}

}  // namespace opening_lanes

#undef TARGET

constinit const OpeningKernels opening_avx2 = {opening_lanes::find_agreement, opening_lanes::open_levels};
}  // namespace tessera
#endif
