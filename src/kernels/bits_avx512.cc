// bits_avx512.cc: a word of eight filters at a time. (see bits.h)
#if defined(__x86_64__)
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored "-Wuninitialized"  // g++ 12's own intrinsics pass what they leave undefined (bug 105593)
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif
#include <immintrin.h>

#include "kernels/bits.h"

#define TESSERA_AVX512 __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx512vpopcntdq,avx2,bmi2")))

namespace tessera {
namespace {

// `mine`: a word of the filter in every lane.
TESSERA_AVX512 inline __m512i add_common(__m512i sum, const __m512i* mine, const BitLanes* bits, size_t from,
                                         size_t to) {
  __m512i other = _mm512_setzero_si512();  // two sums, so that neither waits for the other
  size_t word = from;
  for (; word + 2 <= to; word += 2) {
    const __m512i a = _mm512_and_si512(mine[word], _mm512_load_si512(bits + word));
    const __m512i b = _mm512_and_si512(mine[word + 1], _mm512_load_si512(bits + word + 1));
    sum = _mm512_add_epi64(sum, _mm512_popcnt_epi64(a));
    other = _mm512_add_epi64(other, _mm512_popcnt_epi64(b));
  }
  for (; word < to; ++word)
    sum = _mm512_add_epi64(sum, _mm512_popcnt_epi64(_mm512_and_si512(mine[word], _mm512_load_si512(bits + word))));
  return _mm512_add_epi64(sum, other);
}

// `known`: the words of a filter, if that is known when this is compiled; else 0. The filter then stays in registers.
template <size_t known, bool looks>
TESSERA_AVX512 size_t common_bits_of(const BitQuery& query, const BitGroups& groups, size_t begin, size_t end,
                                     const uint32_t* least, BitHit* out) {
  const size_t words = known != 0 ? known : groups.words;
  const size_t stop = bit_cut(query.cut, words);
  __m512i mine[known != 0 ? known : bit_words_max];
  for (size_t word = 0; word < words; ++word)
    mine[word] = _mm512_set1_epi64(static_cast<long long>(query.filter[word]));
  const __m512i later = _mm512_set1_epi64(static_cast<long long>(query.later));
  size_t count = 0;
  for (size_t group = begin; group < end; ++group) {
    const BitLanes* const bits = groups.bits.data() + group * words;
    const __m512i needed = _mm512_set1_epi64(least[group - begin]);
    __m512i sum = _mm512_setzero_si512();
    if constexpr (looks) {
      sum = add_common(sum, mine, bits, 0, stop);
      const __m512i to_come = _mm512_load_si512(groups.later.data() + group * bit_cuts + query.cut);
      const __m512i most = _mm512_add_epi64(sum, _mm512_min_epu64(to_come, later));
      if (_mm512_cmpge_epu64_mask(most, needed) == 0) continue;
      sum = add_common(sum, mine, bits, stop, words);
    } else {
      sum = add_common(sum, mine, bits, 0, words);
    }
    const __mmask8 lanes = _mm512_cmpge_epu64_mask(sum, needed);
    if (lanes == 0) continue;
    BitHit& hit = out[count++];
    hit.group = static_cast<uint32_t>(group);
    hit.lanes = lanes;
    _mm512_storeu_si512(hit.common, sum);
  }
  return count;
}

template <bool looks>
size_t common_bits_by_words(const BitQuery& query, const BitGroups& groups, size_t begin, size_t end,
                            const uint32_t* least, BitHit* out) {
  switch (groups.words) {
    case 8: return common_bits_of<8, looks>(query, groups, begin, end, least, out);
    case 16: return common_bits_of<16, looks>(query, groups, begin, end, least, out);
    case 32: return common_bits_of<32, looks>(query, groups, begin, end, least, out);
    default: return common_bits_of<0, looks>(query, groups, begin, end, least, out);
  }
}

}  // namespace

size_t common_bits_avx512(const BitQuery& query, const BitGroups& groups, size_t begin, size_t end,
                          const uint32_t* least, BitHit* out) {
  return query.cut < bit_cuts ? common_bits_by_words<true>(query, groups, begin, end, least, out)
                              : common_bits_by_words<false>(query, groups, begin, end, least, out);
}

}  // namespace tessera
#undef TESSERA_AVX512
#endif
