// similarity_avx512.cc: 64 pairs at a time.
#if defined(__x86_64__)
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored "-Wuninitialized"  // g++ 12's own intrinsics pass what they leave undefined (bug 105593)
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif
#include <immintrin.h>

#include <algorithm>

#include "kernels/similarity_batch.h"
#include "kernels/similarity_tables.h"

#define TARGET __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx2,fma,bmi2")))

namespace tessera::lanes_avx512 {

using Bytes = __m512i;
using Words = __m512i;
using Doubles = __m512d;
constexpr size_t group = 64, doubles = 8;

TARGET inline Bytes zero_bytes() { return _mm512_setzero_si512(); }
TARGET inline Bytes load_bytes(const void* from) { return _mm512_loadu_si512(from); }
TARGET inline void store_bytes(void* to, Bytes bytes) { _mm512_storeu_si512(to, bytes); }
TARGET inline Bytes unpack_low(Bytes a, Bytes b) { return _mm512_unpacklo_epi8(a, b); }
TARGET inline Bytes unpack_high(Bytes a, Bytes b) { return _mm512_unpackhi_epi8(a, b); }
TARGET inline Bytes max_bytes(Bytes a, Bytes b) { return _mm512_max_epu8(a, b); }
TARGET inline Bytes add_bytes(Bytes a, Bytes b) { return _mm512_add_epi8(a, b); }
TARGET inline bool all_zero(Bytes bytes) { return _mm512_test_epi8_mask(bytes, bytes) == 0; }
TARGET inline Bytes bit(size_t place) { return _mm512_set1_epi8(static_cast<char>(1 << place)); }
TARGET inline Bytes count_characters(Bytes counts, Bytes characters) {
  return _mm512_mask_add_epi8(counts, _mm512_test_epi8_mask(characters, characters), counts, _mm512_set1_epi8(1));
}
TARGET inline Bytes ones_for_zero(Bytes bytes) {
  return _mm512_mask_mov_epi8(bytes, _mm512_testn_epi8_mask(bytes, bytes), _mm512_set1_epi8(-1));
}
TARGET inline Bytes set_where_equal(Bytes set, Bytes a, Bytes b, Bytes bit) {
  return _mm512_mask_add_epi8(set, _mm512_cmpeq_epi8_mask(a, b), set, bit);
}

TARGET inline Words zero_words() { return _mm512_setzero_si512(); }
TARGET inline Words set_words(int16_t value) { return _mm512_set1_epi16(value); }
TARGET inline Words low_words(Bytes low, Bytes high) { return _mm512_unpacklo_epi8(low, high); }
TARGET inline Words high_words(Bytes low, Bytes high) { return _mm512_unpackhi_epi8(low, high); }
TARGET inline Bytes pack(Words low, Words high) { return _mm512_packus_epi16(low, high); }
TARGET inline Words add(Words a, Words b) { return _mm512_add_epi16(a, b); }
TARGET inline Words subtract(Words a, Words b) { return _mm512_sub_epi16(a, b); }
TARGET inline Words half_of(Words a) { return _mm512_srli_epi16(a, 1); }
TARGET inline Words and_words(Words a, Words b) { return _mm512_and_si512(a, b); }
TARGET inline Words or_words(Words a, Words b) { return _mm512_or_si512(a, b); }
TARGET inline Words xor_words(Words a, Words b) { return _mm512_xor_si512(a, b); }
TARGET inline Words and_not(Words off, Words a) { return _mm512_andnot_si512(off, a); }
// Three operands at once: the constant is the column of results for a, b, c = 000 ... 111, lowest bit first.
TARGET inline Words or_and(Words a, Words b, Words c) { return _mm512_ternarylogic_epi32(a, b, c, 0xf8); }
TARGET inline Words xor_or(Words a, Words b, Words c) { return _mm512_ternarylogic_epi32(a, b, c, 0xbe); }
TARGET inline Words or_and_not(Words a, Words off, Words c) { return _mm512_ternarylogic_epi32(a, off, c, 0xf2); }
TARGET inline Words and_and_not(Words a, Words b, Words off) { return _mm512_ternarylogic_epi32(a, b, off, 0x40); }
TARGET inline Words if_greater(Words a, Words b, Words yes, Words no) {
  return _mm512_mask_mov_epi16(no, _mm512_cmpgt_epi16_mask(a, b), yes);
}
TARGET inline Words negative_where_set(Words where, Words a) {
  return _mm512_maskz_sub_epi16(_mm512_test_epi16_mask(where, where), _mm512_setzero_si512(), a);
}
TARGET inline Words table_of(const void* table) {
  return _mm512_broadcast_i32x4(_mm_load_si128(static_cast<const __m128i*>(table)));
}
TARGET inline Words bit_counts(Words a) {
  const Words table = table_of(similarity_tables.bit_counts), nibble = _mm512_set1_epi8(15);
  const Words low = _mm512_shuffle_epi8(table, _mm512_and_si512(a, nibble));
  const Words high = _mm512_shuffle_epi8(table, _mm512_and_si512(_mm512_srli_epi16(a, 4), nibble));
  return _mm512_maddubs_epi16(_mm512_add_epi8(low, high), _mm512_set1_epi8(1));
}
TARGET inline Words highest_bits(Words count) {
  return _mm512_sllv_epi16(_mm512_set1_epi16(-1), _mm512_sub_epi16(_mm512_set1_epi16(16), count));
}
TARGET inline Words window_index(Words longer) {
  const Words window = _mm512_subs_epu16(_mm512_srli_epi16(longer, 1), _mm512_set1_epi16(1));
  return _mm512_add_epi16(_mm512_mullo_epi16(window, _mm512_set1_epi16(0x202)), _mm512_set1_epi16(0x100));
}
TARGET inline Words windows_at(size_t i, Words index) {
  return _mm512_shuffle_epi8(table_of(similarity_tables.windows[i]), index);
}

// 32-bit lanes.
TARGET inline Words set_dwords(int value) { return _mm512_set1_epi32(value); }
TARGET inline Words low_dwords(Words low, Words high) { return _mm512_unpacklo_epi16(low, high); }
TARGET inline Words high_dwords(Words low, Words high) { return _mm512_unpackhi_epi16(low, high); }
TARGET inline Words pack_dwords(Words low, Words high) { return _mm512_packus_epi32(low, high); }
TARGET inline Words add_dwords(Words a, Words b) { return _mm512_add_epi32(a, b); }
TARGET inline Words subtract_dwords(Words a, Words b) { return _mm512_sub_epi32(a, b); }
TARGET inline Words max_dwords(Words a, Words b) { return _mm512_max_epi32(a, b); }
TARGET inline Words half_of_dwords(Words a) { return _mm512_srli_epi32(a, 1); }
TARGET inline Words left_by(Words a, Words counts) { return _mm512_sllv_epi32(a, counts); }
TARGET inline Words right_by(Words a, Words counts) { return _mm512_srlv_epi32(a, counts); }
TARGET inline Words dword_sums(Words words) { return _mm512_madd_epi16(words, _mm512_set1_epi16(1)); }
TARGET inline Words negative_where_dwords(Words where, Words a) {
  return _mm512_maskz_sub_epi32(_mm512_test_epi32_mask(where, where), _mm512_setzero_si512(), a);
}

// Register k held texts 4 k to 4 k + 3, one in each 128 bits: byte 16 l + k is of pair 4 k + l.
TARGET inline Bytes in_order(Bytes bytes) {
  const Bytes parts =
      _mm512_permutexvar_epi32(_mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15), bytes);
  return _mm512_shuffle_epi8(
      parts, _mm512_broadcast_i32x4(_mm_setr_epi8(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15)));
}

TARGET inline Doubles as_doubles(const uint8_t* from) {
  return _mm512_cvtepi32_pd(_mm256_cvtepu8_epi32(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(from))));
}
TARGET inline Doubles set_doubles(double value) { return _mm512_set1_pd(value); }
TARGET inline Doubles add(Doubles a, Doubles b) { return _mm512_add_pd(a, b); }
TARGET inline Doubles subtract(Doubles a, Doubles b) { return _mm512_sub_pd(a, b); }
TARGET inline Doubles multiply(Doubles a, Doubles b) { return _mm512_mul_pd(a, b); }
TARGET inline Doubles multiply_add(Doubles a, Doubles b, Doubles sum) { return _mm512_fmadd_pd(a, b, sum); }
TARGET inline Doubles divide(Doubles a, Doubles b) { return _mm512_div_pd(a, b); }
TARGET inline Doubles min_doubles(Doubles a, Doubles b) { return _mm512_min_pd(a, b); }
TARGET inline Doubles if_greater(Doubles a, Doubles b, Doubles yes, Doubles no) {
  return _mm512_mask_mov_pd(no, _mm512_cmp_pd_mask(a, b, _CMP_GT_OQ), yes);
}
TARGET inline Doubles zero_unless_positive(Doubles a, Doubles value) {
  return _mm512_maskz_mov_pd(_mm512_cmp_pd_mask(a, _mm512_setzero_pd(), _CMP_GT_OQ), value);
}
TARGET inline void store_doubles(double* to, Doubles value) { _mm512_storeu_pd(to, value); }

// Four texts a register: a text is equal where both of its halves are.
TARGET void equals(const ShortText* a, const ShortText* b, uint8_t* out) {
  uint64_t equal = 0;
  for (size_t i = 0; i < group; i += 4) {
    const unsigned parts = _mm512_cmpeq_epi64_mask(load_bytes(a + i), load_bytes(b + i));
    equal |= uint64_t{_pext_u32(parts & parts >> 1, 0x55)} << i;
  }
  store_bytes(out, _mm512_maskz_set1_epi8(equal, 1));
}

#include "kernels/similarity_lanes.inc"

}  // namespace tessera::lanes_avx512

#undef TARGET

namespace tessera {
constinit const SimilarityKernels similarity_avx512 = lanes_avx512::all_kernels;
}  // namespace tessera
#endif
