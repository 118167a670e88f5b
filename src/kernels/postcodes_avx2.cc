// postcodes_avx2.cc: four postcodes at a time. (see postcodes.h)
//
// Each is brought to the fixed form of eight characters. Which of them are letters, digits and spaces is then a bit each:
//
//   L . . . _ 9 L L   and   . 9 ? _ . . . .   (A9, A99, A9A)   or   . L 9 ? . . . .   (AA9, AA99, AA9A)
#if defined(__x86_64__)
#include <immintrin.h>

#include <cstring>

#include "kernels/postcode.h"
#include "kernels/postcodes.h"
#include "kernels/swar.h"

#define TESSERA_AVX2 __attribute__((target("avx2")))

namespace tessera {
namespace {

constexpr char no_postcode[8] = {};

// Outward part first, inward part last, spaces between. Of texts that are shorter than five or longer than eight: no
// postcode.
inline uint64_t eight_characters(std::string_view text) {
  constexpr uint32_t keep[4] = {0xffff, 0xffffff, 0xffffffff, 0xffffffff};
  const bool fits = text.size() - 5 <= 3;
  const char* const at = fits ? text.data() : no_postcode;
  const size_t size = fits ? text.size() : sizeof no_postcode;
  const uint32_t kept = keep[size - 5];
  const uint32_t outward = (swar::load_as<uint32_t>(at) & kept) | (0x20202020u & ~kept);
  const uint32_t inward = swar::load_as<uint32_t>(at + size - 4) >> 8;
  const unsigned char middle = size == 8 ? static_cast<unsigned char>(at[4]) : ' ';
  return outward | uint64_t{middle} << 32 | uint64_t{inward} << 40;
}

TESSERA_AVX2 inline __m256i within(__m256i characters, char low, char high) {
  return _mm256_and_si256(_mm256_cmpgt_epi8(characters, _mm256_set1_epi8(static_cast<char>(low - 1))),
                          _mm256_cmpgt_epi8(_mm256_set1_epi8(static_cast<char>(high + 1)), characters));
}

TESSERA_AVX2 inline uint32_t bits_of(__m256i bytes) { return static_cast<uint32_t>(_mm256_movemask_epi8(bytes)); }

// The lowest bit of each eight: whether they are a postcode.
inline uint32_t layouts(uint32_t letter, uint32_t digit, uint32_t space) {
  const uint32_t any = letter | digit | space;
  const uint32_t short_area = digit >> 1 & any >> 2 & space >> 3;
  const uint32_t long_area = letter >> 1 & digit >> 2 & any >> 3;
  const uint32_t inward = space >> 4 & digit >> 5 & letter >> 6 & letter >> 7;
  return letter & inward & (short_area | long_area) & 0x01010101;
}

}  // namespace

TESSERA_AVX2 void postcodes_avx2(const std::string_view* texts, size_t count, uint64_t* words) {
  const __m256i turn = _mm256_setr_epi8(7, 6, 5, 4, 3, 2, 1, 0, 15, 14, 13, 12, 11, 10, 9, 8,  //
                                        7, 6, 5, 4, 3, 2, 1, 0, 15, 14, 13, 12, 11, 10, 9, 8);
  const __m256i lane = _mm256_setr_epi64x(0, 8, 16, 24);
  size_t i = 0;
  for (; i + 4 <= count; i += 4) {
    const auto form = [&](size_t k) { return static_cast<long long>(eight_characters(texts[i + k])); };
    const __m256i as_given = _mm256_setr_epi64x(form(0), form(1), form(2), form(3));
    const __m256i small = _mm256_and_si256(within(as_given, 'a', 'z'), _mm256_set1_epi8(0x20));
    const __m256i forms = _mm256_sub_epi8(as_given, small);
    const uint32_t good = layouts(bits_of(within(forms, 'A', 'Z')), bits_of(within(forms, '0', '9')),
                                  bits_of(_mm256_cmpeq_epi8(forms, _mm256_set1_epi8(' '))));
    const __m256i bit = _mm256_and_si256(_mm256_srlv_epi64(_mm256_set1_epi64x(good), lane), _mm256_set1_epi64x(1));
    const __m256i mask = _mm256_sub_epi64(_mm256_setzero_si256(), bit);
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(words + i),
                        _mm256_and_si256(_mm256_shuffle_epi8(forms, turn), mask));
  }
  for (; i < count; ++i) words[i] = postcode(texts[i]).word;
}

}  // namespace tessera
#undef TESSERA_AVX2
#endif
