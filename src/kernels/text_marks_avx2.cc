// text_marks_avx2.cc: four pairs at a time.
#if defined(__x86_64__)
#include <immintrin.h>

#include <algorithm>

#include "kernels/text_marks.h"

#define TARGET __attribute__((target("avx2,fma,bmi2")))

namespace tessera {
namespace marks_lanes_avx2 {

using Words = __m256i;
constexpr size_t lanes = 4;
static_assert(mark_group % lanes == 0);

TARGET inline Words broadcast(uint64_t word) { return _mm256_set1_epi64x(static_cast<long long>(word)); }
TARGET inline Words load(const uint64_t* from) { return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from)); }
TARGET inline Words and_(Words a, Words b) { return _mm256_and_si256(a, b); }
TARGET inline Words or_(Words a, Words b) { return _mm256_or_si256(a, b); }
TARGET inline Words xor_(Words a, Words b) { return _mm256_xor_si256(a, b); }
TARGET inline Words add(Words a, Words b) { return _mm256_add_epi64(a, b); }
TARGET inline Words subtract(Words a, Words b) { return _mm256_sub_epi64(a, b); }
template <int bits>
TARGET inline Words shift_right(Words a) {
  return _mm256_srli_epi64(a, bits);
}
template <int bits>
TARGET inline Words shift_left(Words a) {
  return _mm256_slli_epi64(a, bits);
}
TARGET inline Words bit_counts(Words a) {
  const Words table =
      _mm256_setr_epi8(0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4, 0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4);
  const Words nibble = _mm256_set1_epi8(15);
  const Words low = _mm256_shuffle_epi8(table, and_(a, nibble));
  const Words high = _mm256_shuffle_epi8(table, and_(_mm256_srli_epi16(a, 4), nibble));
  return _mm256_sad_epu8(_mm256_add_epi8(low, high), _mm256_setzero_si256());
}
TARGET inline Words look_up(const uint8_t* bytes, Words at) {
  return _mm256_i64gather_epi64(reinterpret_cast<const long long*>(bytes), at, 1);
}
TARGET inline Words zeros(Words a) { return _mm256_cmpeq_epi64(a, _mm256_setzero_si256()); }
TARGET inline Words and_where_zero(Words a, Words b) { return and_(zeros(a), b); }
TARGET inline uint64_t mask_of(Words all_ones) {
  return static_cast<uint64_t>(_mm256_movemask_pd(_mm256_castsi256_pd(all_ones)));
}
TARGET inline uint64_t not_above(Words a, Words b) { return mask_of(_mm256_cmpgt_epi64(a, b)) ^ 0xf; }
TARGET inline uint64_t not_zero(Words a) { return mask_of(zeros(a)) ^ 0xf; }

#include "kernels/text_marks.inc"

}  // namespace marks_lanes_avx2

#undef TARGET

constinit const MarkKernels marks_avx2 = {marks_lanes_avx2::near_letters, marks_lanes_avx2::near_places};
}  // namespace tessera
#endif
