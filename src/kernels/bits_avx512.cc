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

TESSERA_AVX512 inline __m512i add_common(__m512i sum, const uint64_t* filter, const uint64_t* bits, size_t from,
                                         size_t to) {
  __m512i other = _mm512_setzero_si512();  // two sums, so that neither waits for the other
  size_t word = from;
  for (; word + 2 <= to; word += 2) {
    const __m512i a = _mm512_and_si512(_mm512_set1_epi64(static_cast<long long>(filter[word])),
                                       _mm512_loadu_si512(bits + word * bit_lanes));
    const __m512i b = _mm512_and_si512(_mm512_set1_epi64(static_cast<long long>(filter[word + 1])),
                                       _mm512_loadu_si512(bits + (word + 1) * bit_lanes));
    sum = _mm512_add_epi64(sum, _mm512_popcnt_epi64(a));
    other = _mm512_add_epi64(other, _mm512_popcnt_epi64(b));
  }
  for (; word < to; ++word)
    sum = _mm512_add_epi64(sum,
                           _mm512_popcnt_epi64(_mm512_and_si512(_mm512_set1_epi64(static_cast<long long>(filter[word])),
                                                                _mm512_loadu_si512(bits + word * bit_lanes))));
  return _mm512_add_epi64(sum, other);
}

TESSERA_AVX512 inline bool is_hopeless(__m512i sum, const uint64_t* to_come, uint64_t later, __m512i needed) {
  const __m512i most = _mm512_add_epi64(
      sum, _mm512_min_epu64(_mm512_loadu_si512(to_come), _mm512_set1_epi64(static_cast<long long>(later))));
  return _mm512_cmpge_epu64_mask(most, needed) == 0;
}

// `fixed`: the words of a filter, or 0 if they are not known when this is compiled.
template <size_t fixed>
TESSERA_AVX512 size_t common_bits_of(const uint64_t* filter, const uint64_t* later, const BitGroups& groups,
                                     size_t begin, size_t end, const uint32_t* least, BitHit* out) {
  const size_t words = fixed != 0 ? fixed : groups.words;
  const size_t half = bit_cut(0, words), most = bit_cut(1, words);
  size_t count = 0;
  for (size_t group = begin; group < end; ++group) {
    const uint64_t* const bits = groups.bits.data() + group * words * bit_lanes;
    const uint64_t* const to_come = groups.later.data() + group * bit_cuts * bit_lanes;
    const __m512i needed = _mm512_set1_epi64(least[group - begin]);
    __m512i sum = add_common(_mm512_setzero_si512(), filter, bits, 0, half);
    if (is_hopeless(sum, to_come, later[0], needed)) continue;
    sum = add_common(sum, filter, bits, half, most);
    if (is_hopeless(sum, to_come + bit_lanes, later[1], needed)) continue;
    sum = add_common(sum, filter, bits, most, words);
    const __mmask8 lanes = _mm512_cmpge_epu64_mask(sum, needed);
    if (lanes == 0) continue;
    BitHit& hit = out[count++];
    hit.group = static_cast<uint32_t>(group);
    hit.lanes = lanes;
    _mm512_storeu_si512(hit.common, sum);
  }
  return count;
}

}  // namespace

size_t common_bits_avx512(const uint64_t* filter, const uint64_t* later, const BitGroups& groups, size_t begin,
                          size_t end, const uint32_t* least, BitHit* out) {
  switch (groups.words) {
    case 8: return common_bits_of<8>(filter, later, groups, begin, end, least, out);
    case 16: return common_bits_of<16>(filter, later, groups, begin, end, least, out);
    case 32: return common_bits_of<32>(filter, later, groups, begin, end, least, out);
    default: return common_bits_of<0>(filter, later, groups, begin, end, least, out);
  }
}

}  // namespace tessera
#undef TESSERA_AVX512
#endif
