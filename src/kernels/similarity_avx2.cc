// similarity_avx2.cc: 32 pairs at a time.
#if defined(__x86_64__)
#include <immintrin.h>

#include <algorithm>

#include "kernels/similarity_batch.h"
#include "kernels/similarity_tables.h"

#define TARGET __attribute__((target("avx2,fma,bmi2")))

namespace tessera::lanes_avx2 {

using Bytes = __m256i;
using Words = __m256i;
using Doubles = __m256d;
constexpr size_t group = 32, doubles = 4;

TARGET inline Bytes zero_bytes() { return _mm256_setzero_si256(); }
TARGET inline Bytes load_bytes(const void* from) { return _mm256_loadu_si256(static_cast<const __m256i*>(from)); }
TARGET inline void store_bytes(void* to, Bytes bytes) { _mm256_storeu_si256(static_cast<__m256i*>(to), bytes); }
TARGET inline Bytes unpack_low(Bytes a, Bytes b) { return _mm256_unpacklo_epi8(a, b); }
TARGET inline Bytes unpack_high(Bytes a, Bytes b) { return _mm256_unpackhi_epi8(a, b); }
TARGET inline Bytes max_bytes(Bytes a, Bytes b) { return _mm256_max_epu8(a, b); }
TARGET inline Bytes add_bytes(Bytes a, Bytes b) { return _mm256_add_epi8(a, b); }
TARGET inline bool all_zero(Bytes bytes) { return _mm256_testz_si256(bytes, bytes) != 0; }
TARGET inline Bytes bit(size_t place) { return _mm256_set1_epi8(static_cast<char>(1 << place)); }
TARGET inline Bytes count_characters(Bytes counts, Bytes characters) {
  // A comparison gives -1: it takes 1 from where 1 is added to all.
  const Bytes zero = _mm256_cmpeq_epi8(characters, _mm256_setzero_si256());
  return _mm256_add_epi8(counts, _mm256_add_epi8(zero, _mm256_set1_epi8(1)));
}
TARGET inline Bytes ones_for_zero(Bytes bytes) {
  return _mm256_or_si256(bytes, _mm256_cmpeq_epi8(bytes, _mm256_setzero_si256()));
}
TARGET inline Bytes set_where_equal(Bytes set, Bytes a, Bytes b, Bytes bit) {
  return _mm256_or_si256(set, _mm256_and_si256(_mm256_cmpeq_epi8(a, b), bit));
}

TARGET inline Words zero_words() { return _mm256_setzero_si256(); }
TARGET inline Words set_words(int16_t value) { return _mm256_set1_epi16(value); }
TARGET inline Words low_words(Bytes low, Bytes high) { return _mm256_unpacklo_epi8(low, high); }
TARGET inline Words high_words(Bytes low, Bytes high) { return _mm256_unpackhi_epi8(low, high); }
TARGET inline Bytes pack(Words low, Words high) { return _mm256_packus_epi16(low, high); }
TARGET inline Words add(Words a, Words b) { return _mm256_add_epi16(a, b); }
TARGET inline Words subtract(Words a, Words b) { return _mm256_sub_epi16(a, b); }
TARGET inline Words half_of(Words a) { return _mm256_srli_epi16(a, 1); }
TARGET inline Words and_words(Words a, Words b) { return _mm256_and_si256(a, b); }
TARGET inline Words or_words(Words a, Words b) { return _mm256_or_si256(a, b); }
TARGET inline Words xor_words(Words a, Words b) { return _mm256_xor_si256(a, b); }
TARGET inline Words and_not(Words off, Words a) { return _mm256_andnot_si256(off, a); }
TARGET inline Words or_and(Words a, Words b, Words c) { return or_words(a, and_words(b, c)); }
TARGET inline Words xor_or(Words a, Words b, Words c) { return or_words(xor_words(a, b), c); }
TARGET inline Words or_and_not(Words a, Words off, Words c) { return or_words(a, and_not(off, c)); }
TARGET inline Words and_and_not(Words a, Words b, Words off) { return and_not(off, and_words(a, b)); }
TARGET inline Words if_greater(Words a, Words b, Words yes, Words no) {
  return _mm256_blendv_epi8(no, yes, _mm256_cmpgt_epi16(a, b));
}
TARGET inline Words negative_where_set(Words where, Words a) {
  const Words zero = _mm256_setzero_si256();
  return _mm256_andnot_si256(_mm256_cmpeq_epi16(where, zero), _mm256_sub_epi16(zero, a));
}
TARGET inline Words table_of(const void* table) {
  return _mm256_broadcastsi128_si256(_mm_load_si128(static_cast<const __m128i*>(table)));
}
TARGET inline Words bit_counts(Words a) {
  const Words table = table_of(similarity_tables.bit_counts), nibble = _mm256_set1_epi8(15);
  const Words low = _mm256_shuffle_epi8(table, _mm256_and_si256(a, nibble));
  const Words high = _mm256_shuffle_epi8(table, _mm256_and_si256(_mm256_srli_epi16(a, 4), nibble));
  return _mm256_maddubs_epi16(_mm256_add_epi8(low, high), _mm256_set1_epi8(1));
}
// There is no shift of 16-bit lanes by different counts: the mask of `count` ones from the top is looked up by bytes.
TARGET inline Words highest_bits(Words count) {
  const Words low_byte = _mm256_subs_epu16(count, _mm256_set1_epi16(8));  // ones of the low byte
  const Words high_byte = _mm256_min_epi16(count, _mm256_set1_epi16(8));
  return _mm256_shuffle_epi8(table_of(similarity_tables.highest_bits),
                             _mm256_or_si256(low_byte, _mm256_slli_epi16(high_byte, 8)));
}
TARGET inline Words window_index(Words longer) {
  const Words window = _mm256_subs_epu16(_mm256_srli_epi16(longer, 1), _mm256_set1_epi16(1));
  return _mm256_add_epi16(_mm256_mullo_epi16(window, _mm256_set1_epi16(0x202)), _mm256_set1_epi16(0x100));
}
TARGET inline Words windows_at(size_t i, Words index) {
  return _mm256_shuffle_epi8(table_of(similarity_tables.windows[i]), index);
}

// 32-bit lanes.
TARGET inline Words set_dwords(int value) { return _mm256_set1_epi32(value); }
TARGET inline Words low_dwords(Words low, Words high) { return _mm256_unpacklo_epi16(low, high); }
TARGET inline Words high_dwords(Words low, Words high) { return _mm256_unpackhi_epi16(low, high); }
TARGET inline Words pack_dwords(Words low, Words high) { return _mm256_packus_epi32(low, high); }
TARGET inline Words add_dwords(Words a, Words b) { return _mm256_add_epi32(a, b); }
TARGET inline Words subtract_dwords(Words a, Words b) { return _mm256_sub_epi32(a, b); }
TARGET inline Words max_dwords(Words a, Words b) { return _mm256_max_epi32(a, b); }
TARGET inline Words half_of_dwords(Words a) { return _mm256_srli_epi32(a, 1); }
TARGET inline Words left_by(Words a, Words counts) { return _mm256_sllv_epi32(a, counts); }
TARGET inline Words right_by(Words a, Words counts) { return _mm256_srlv_epi32(a, counts); }
TARGET inline Words dword_sums(Words words) { return _mm256_madd_epi16(words, _mm256_set1_epi16(1)); }
TARGET inline Words negative_where_dwords(Words where, Words a) {
  const Words zero = _mm256_setzero_si256();
  return _mm256_andnot_si256(_mm256_cmpeq_epi32(where, zero), _mm256_sub_epi32(zero, a));
}

// Register k held texts 2 k and 2 k + 1, one in each 128 bits: byte 16 l + k is of pair 2 k + l.
TARGET inline Bytes in_order(Bytes bytes) {
  const __m128i even = _mm256_castsi256_si128(bytes), odd = _mm256_extracti128_si256(bytes, 1);
  return _mm256_set_m128i(_mm_unpackhi_epi8(even, odd), _mm_unpacklo_epi8(even, odd));
}

TARGET inline Doubles as_doubles(const uint8_t* from) {
  return _mm256_cvtepi32_pd(_mm_cvtepu8_epi32(_mm_loadu_si32(from)));
}
TARGET inline Doubles set_doubles(double value) { return _mm256_set1_pd(value); }
TARGET inline Doubles add(Doubles a, Doubles b) { return _mm256_add_pd(a, b); }
TARGET inline Doubles subtract(Doubles a, Doubles b) { return _mm256_sub_pd(a, b); }
TARGET inline Doubles multiply(Doubles a, Doubles b) { return _mm256_mul_pd(a, b); }
TARGET inline Doubles multiply_add(Doubles a, Doubles b, Doubles sum) { return _mm256_fmadd_pd(a, b, sum); }
TARGET inline Doubles divide(Doubles a, Doubles b) { return _mm256_div_pd(a, b); }
TARGET inline Doubles min_doubles(Doubles a, Doubles b) { return _mm256_min_pd(a, b); }
TARGET inline Doubles if_greater(Doubles a, Doubles b, Doubles yes, Doubles no) {
  return _mm256_blendv_pd(no, yes, _mm256_cmp_pd(a, b, _CMP_GT_OQ));
}
TARGET inline Doubles zero_unless_positive(Doubles a, Doubles value) {
  return _mm256_and_pd(_mm256_cmp_pd(a, _mm256_setzero_pd(), _CMP_GT_OQ), value);
}
TARGET inline void store_doubles(double* to, Doubles value) { _mm256_storeu_pd(to, value); }

// Two texts a register.
TARGET void equals(const ShortText* a, const ShortText* b, uint8_t* out) {
  for (size_t i = 0; i < group; i += 2) {
    const Bytes same = _mm256_cmpeq_epi8(load_bytes(a + i), load_bytes(b + i));
    const auto bytes = static_cast<uint32_t>(_mm256_movemask_epi8(same));
    out[i] = (bytes & 0xffff) == 0xffff;
    out[i + 1] = bytes >> 16 == 0xffff;
  }
}

#include "kernels/similarity_lanes.inc"

}  // namespace tessera::lanes_avx2

#undef TARGET

namespace tessera {
constinit const SimilarityKernels similarity_avx2 = lanes_avx2::all_kernels;
}  // namespace tessera
#endif
