// csv_index_avx2.cc: quotes, delimiters and row ends of 32 bytes at a time.
#if defined(__x86_64__)
#include <immintrin.h>

#include "read/csv_index.h"

namespace tessera {

namespace {

__attribute__((target("avx2"))) inline uint64_t equal(__m256i low, __m256i high, __m256i wanted) {
  const auto a = static_cast<uint32_t>(_mm256_movemask_epi8(_mm256_cmpeq_epi8(low, wanted)));
  const auto b = static_cast<uint32_t>(_mm256_movemask_epi8(_mm256_cmpeq_epi8(high, wanted)));
  return uint64_t{b} << 32 | a;
}

}  // namespace

__attribute__((target("avx2"))) CsvBytes csv_index_avx2(const char* data, size_t words, char delimiter, CsvMasks* out) {
  const __m256i quote = _mm256_set1_epi8('"');
  const __m256i comma = _mm256_set1_epi8(delimiter);
  const __m256i line_feed = _mm256_set1_epi8('\n');
  const __m256i carriage_return = _mm256_set1_epi8('\r');
  __m256i any = _mm256_setzero_si256();
  __m256i least = _mm256_set1_epi8(-1);
  for (size_t w = 0; w < words; ++w, data += 64) {
    const __m256i low = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(data));
    const __m256i high = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(data + 32));
    out[w].quote = equal(low, high, quote);
    out[w].delimiter = equal(low, high, comma);
    out[w].end = equal(low, high, line_feed) | equal(low, high, carriage_return);
    any = _mm256_or_si256(any, _mm256_or_si256(low, high));
    least = _mm256_min_epu8(least, _mm256_min_epu8(low, high));
  }
  CsvBytes bytes;
  bytes.high = _mm256_movemask_epi8(any) != 0;
  bytes.zero = _mm256_movemask_epi8(_mm256_cmpeq_epi8(least, _mm256_setzero_si256())) != 0;
  return bytes;
}

}  // namespace tessera
#endif
