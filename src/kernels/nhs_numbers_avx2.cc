// nhs_numbers_avx2.cc: four NHS numbers at a time. (see nhs_numbers.h)
//
// A number's ten digits overlap in half a register, so that no byte behind them is read:
//
//   d0 d1 d2 d3 d4 d5 d6 d7 | d2 d3 d4 d5 d6 d7 d8 d9
//
// The weights of the second half are 0 for what the first half has already.
#if defined(__x86_64__)
#include <immintrin.h>

#include <cstring>

#include "kernels/nhs_number.h"
#include "kernels/nhs_numbers.h"

#define TESSERA_AVX2 __attribute__((target("avx2")))

namespace tessera {
namespace {

constexpr char no_digits[10] = {};

TESSERA_AVX2 inline __m128i load_ten(std::string_view text) {
  const char* const ten = text.size() == sizeof no_digits ? text.data() : no_digits;
  const __m128i head = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(ten));
  return _mm_castpd_si128(_mm_loadh_pd(_mm_castsi128_pd(head), reinterpret_cast<const double*>(ten + 2)));
}

TESSERA_AVX2 inline __m256i load_two(std::string_view low, std::string_view high) {
  const __m256i both = _mm256_inserti128_si256(_mm256_castsi128_si256(load_ten(low)), load_ten(high), 1);
  return _mm256_sub_epi8(both, _mm256_set1_epi8('0'));
}

// Byte sums of both halves of a text, in two lanes.
TESSERA_AVX2 inline __m256i weighted(__m256i digits) {
  const __m256i weights = _mm256_setr_epi8(10, 9, 8, 7, 6, 5, 4, 3, 0, 0, 0, 0, 0, 0, 2, 1,  //
                                           10, 9, 8, 7, 6, 5, 4, 3, 0, 0, 0, 0, 0, 0, 2, 1);
  return _mm256_sad_epu8(_mm256_maddubs_epi16(digits, weights), _mm256_setzero_si256());
}

// Numbers of four digits: d0 to d3, d4 to d7, none, d8 and d9.
TESSERA_AVX2 inline __m256i fours(__m256i digits) {
  const __m256i tens = _mm256_setr_epi8(10, 1, 10, 1, 10, 1, 10, 1, 0, 0, 0, 0, 0, 0, 10, 1,  //
                                        10, 1, 10, 1, 10, 1, 10, 1, 0, 0, 0, 0, 0, 0, 10, 1);
  const __m256i hundreds = _mm256_set1_epi32(1 << 16 | 100);
  return _mm256_madd_epi16(_mm256_maddubs_epi16(digits, tens), hundreds);
}

// Lanes that are 0 become all bits set.
TESSERA_AVX2 inline __m256i none(__m256i lanes) { return _mm256_cmpeq_epi64(lanes, _mm256_setzero_si256()); }

// The numbers of texts 0, 1, 2, 3 from the digits of 0 and 2, and of 1 and 3; 0 for those that need a closer look.
TESSERA_AVX2 inline __m256i numbers_of(__m256i even, __m256i odd) {
  const __m256i nine = _mm256_set1_epi8(9);
  const __m256i beyond_even = _mm256_subs_epu8(even, nine), beyond_odd = _mm256_subs_epu8(odd, nine);
  const __m256i beyond =
      _mm256_or_si256(_mm256_unpacklo_epi64(beyond_even, beyond_odd), _mm256_unpackhi_epi64(beyond_even, beyond_odd));
  // 5958 is 2^16 / 11, rounded up: the products of the multiples of 11 begin again at 0, and are small.
  const __m256i sum_even = weighted(even), sum_odd = weighted(odd);
  const __m256i sum =
      _mm256_add_epi64(_mm256_unpacklo_epi64(sum_even, sum_odd), _mm256_unpackhi_epi64(sum_even, sum_odd));
  const __m256i multiple =
      _mm256_cmpgt_epi64(_mm256_set1_epi64x(5958), _mm256_mullo_epi16(sum, _mm256_set1_epi64x(5958)));
  const __m256i ten_thousands = _mm256_set1_epi32(1 << 16 | 10000);
  const __m256i parts = _mm256_madd_epi16(_mm256_packus_epi32(fours(even), fours(odd)), ten_thousands);
  const __m256i number =
      _mm256_add_epi64(_mm256_mul_epu32(parts, _mm256_set1_epi64x(100)), _mm256_srli_epi64(parts, 32));
  // d2 to d8 are equal where nothing is left of what they differ in from their neighbours.
  const __m256i tail = _mm256_unpackhi_epi64(even, odd);
  const __m256i equal = none(_mm256_slli_epi64(_mm256_xor_si256(tail, _mm256_srli_epi64(tail, 8)), 16));
  const __m256i in_range = _mm256_cmpgt_epi64(_mm256_set1_epi64x(9990000000), number);
  const __m256i good = _mm256_and_si256(_mm256_and_si256(none(beyond), multiple), in_range);
  return _mm256_and_si256(number, _mm256_andnot_si256(equal, good));
}

}  // namespace

TESSERA_AVX2 void nhs_numbers_avx2(const std::string_view* texts, size_t count, uint64_t* words) {
  size_t i = 0;
  for (; i + 4 <= count; i += 4)
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(words + i),
                        numbers_of(load_two(texts[i], texts[i + 2]), load_two(texts[i + 1], texts[i + 3])));
  for (; i < count; ++i) words[i] = texts[i].size() == 10 ? nhs_number_at_once(texts[i].data()) : 0;
}

}  // namespace tessera
#undef TESSERA_AVX2
#endif
