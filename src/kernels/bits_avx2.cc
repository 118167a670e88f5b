// bits_avx2.cc: a word of four filters at a time. (see bits.h)
//
// AVX2 counts no bits: the counts of a byte's two halves are looked up, and summed as bytes over up to 31 words, since 31
// times 8 is the most that a byte holds. Source: Mula, Kurz, Lemire 2018.
#if defined(__x86_64__)
#include <immintrin.h>

#include <algorithm>

#include "kernels/bits.h"

#define TESSERA_AVX2 __attribute__((target("avx2,bmi2")))

namespace tessera {
namespace {

constexpr size_t words_in_bytes = 31;

TESSERA_AVX2 inline __m256i counts_of(__m256i bits) {
  const __m256i table = _mm256_setr_epi8(0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4,  //
                                         0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4);
  const __m256i low = _mm256_set1_epi8(15);
  return _mm256_add_epi8(_mm256_shuffle_epi8(table, _mm256_and_si256(bits, low)),
                         _mm256_shuffle_epi8(table, _mm256_and_si256(_mm256_srli_epi16(bits, 4), low)));
}

TESSERA_AVX2 inline __m256i load_four(const uint64_t* at) {
  return _mm256_load_si256(reinterpret_cast<const __m256i*>(at));
}

struct Sums {
  __m256i low, high;  // lanes 0 to 3, 4 to 7
};

TESSERA_AVX2 inline Sums add_common_avx2(Sums sums, const uint64_t* filter, const BitLanes* bits, size_t from,
                                         size_t to) {
  const __m256i zero = _mm256_setzero_si256();
  while (from < to) {
    const size_t stop = std::min(to, from + words_in_bytes);
    __m256i low = zero, high = zero;
    for (; from < stop; ++from) {
      const __m256i mine = _mm256_set1_epi64x(static_cast<long long>(filter[from]));
      low = _mm256_add_epi8(low, counts_of(_mm256_and_si256(mine, load_four(bits[from].lane))));
      high = _mm256_add_epi8(high, counts_of(_mm256_and_si256(mine, load_four(bits[from].lane + 4))));
    }
    sums.low = _mm256_add_epi64(sums.low, _mm256_sad_epu8(low, zero));
    sums.high = _mm256_add_epi64(sums.high, _mm256_sad_epu8(high, zero));
  }
  return sums;
}

// Numbers are below 2^63, so a signed comparison is right.
TESSERA_AVX2 inline unsigned lanes_with(__m256i sum, __m256i needed) {
  return 15u & ~static_cast<unsigned>(_mm256_movemask_pd(_mm256_castsi256_pd(_mm256_cmpgt_epi64(needed, sum))));
}

// What the filters can have in common in the end, at most.
TESSERA_AVX2 inline __m256i most_in_common(__m256i sum, __m256i mine, __m256i theirs) {
  return _mm256_add_epi64(sum, _mm256_blendv_epi8(mine, theirs, _mm256_cmpgt_epi64(mine, theirs)));
}

}  // namespace

TESSERA_AVX2 size_t common_bits_avx2(const BitQuery& query, const BitGroups& groups, size_t begin, size_t end,
                                     const uint32_t* least, BitHit* out) {
  const size_t words = groups.words, stop = bit_cut(query.cut, words);
  const __m256i later = _mm256_set1_epi64x(static_cast<long long>(query.later));
  size_t count = 0;
  for (size_t group = begin; group < end; ++group) {
    const BitLanes* const bits = groups.bits.data() + group * words;
    const __m256i needed = _mm256_set1_epi64x(least[group - begin]);
    Sums sums = add_common_avx2({_mm256_setzero_si256(), _mm256_setzero_si256()}, query.filter, bits, 0, stop);
    if (query.cut < bit_cuts) {
      const BitLanes& to_come = groups.later[group * bit_cuts + query.cut];
      if ((lanes_with(most_in_common(sums.low, later, load_four(to_come.lane)), needed) |
           lanes_with(most_in_common(sums.high, later, load_four(to_come.lane + 4)), needed)) == 0)
        continue;
    }
    sums = add_common_avx2(sums, query.filter, bits, stop, words);
    const unsigned lanes = lanes_with(sums.low, needed) | lanes_with(sums.high, needed) << 4;
    if (lanes == 0) continue;
    BitHit& hit = out[count++];
    hit.group = static_cast<uint32_t>(group);
    hit.lanes = lanes;
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(hit.common), sums.low);
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(hit.common + 4), sums.high);
  }
  return count;
}

}  // namespace tessera
#undef TESSERA_AVX2
#endif
