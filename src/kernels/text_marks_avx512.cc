// text_marks_avx512.cc: eight pairs at a time.
#if defined(__x86_64__)
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored "-Wuninitialized"  // g++ 12's own intrinsics pass what they leave undefined (bug 105593)
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif
#include <immintrin.h>

#include <algorithm>

#include "kernels/text_marks.h"

#define TARGET __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx2,fma,bmi2")))

namespace tessera {
namespace marks_lanes_avx512 {

using Words = __m512i;
constexpr size_t lanes = 8;
static_assert(mark_group % lanes == 0);

TARGET inline Words broadcast(uint64_t word) { return _mm512_set1_epi64(static_cast<long long>(word)); }
TARGET inline Words load(const uint64_t* from) { return _mm512_loadu_si512(from); }
TARGET inline Words and_(Words a, Words b) { return _mm512_and_si512(a, b); }
TARGET inline Words or_(Words a, Words b) { return _mm512_or_si512(a, b); }
TARGET inline Words xor_(Words a, Words b) { return _mm512_xor_si512(a, b); }
TARGET inline Words add(Words a, Words b) { return _mm512_add_epi64(a, b); }
TARGET inline Words subtract(Words a, Words b) { return _mm512_sub_epi64(a, b); }
template <unsigned bits>
TARGET inline Words shift_right(Words a) {
  return _mm512_srli_epi64(a, bits);
}
template <unsigned bits>
TARGET inline Words shift_left(Words a) {
  return _mm512_slli_epi64(a, bits);
}
TARGET inline Words bit_counts(Words a) {
  const Words table = _mm512_broadcast_i32x4(_mm_setr_epi8(0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4));
  const Words nibble = _mm512_set1_epi8(15);
  const Words low = _mm512_shuffle_epi8(table, and_(a, nibble));
  const Words high = _mm512_shuffle_epi8(table, and_(_mm512_srli_epi16(a, 4), nibble));
  return _mm512_sad_epu8(_mm512_add_epi8(low, high), _mm512_setzero_si512());
}
TARGET inline Words look_up(const uint8_t* bytes, Words at) { return _mm512_i64gather_epi64(at, bytes, 1); }
TARGET inline Words and_where_zero(Words a, Words b) {
  return _mm512_maskz_mov_epi64(_mm512_testn_epi64_mask(a, a), b);
}
TARGET inline uint64_t not_above(Words a, Words b) { return _mm512_cmple_epi64_mask(a, b); }
TARGET inline uint64_t not_zero(Words a) { return _mm512_test_epi64_mask(a, a); }

#include "kernels/text_marks.inc"

}  // namespace marks_lanes_avx512

#undef TARGET

constinit const MarkKernels marks_avx512 = {marks_lanes_avx512::near_letters, marks_lanes_avx512::near_places};
}  // namespace tessera
#endif
