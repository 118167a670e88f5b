// csv_index_avx512.cc: quotes, delimiters and row ends of 64 bytes at a time.
#if defined(__x86_64__)
#include <immintrin.h>

#include "read/csv_index.h"

namespace tessera {

__attribute__((target("avx512f,avx512bw"))) CsvBytes csv_index_avx512(const char* data, size_t words, char delimiter,
                                                                      CsvMasks* out) {
  const __m512i quote = _mm512_set1_epi8('"');
  const __m512i comma = _mm512_set1_epi8(delimiter);
  const __m512i line_feed = _mm512_set1_epi8('\n');
  const __m512i carriage_return = _mm512_set1_epi8('\r');
  uint64_t high = 0;
  uint64_t zero = 0;
  for (size_t w = 0; w < words; ++w, data += 64) {
    const __m512i text = _mm512_loadu_si512(data);
    out[w].quote = _mm512_cmpeq_epi8_mask(text, quote);
    out[w].delimiter = _mm512_cmpeq_epi8_mask(text, comma);
    out[w].end = _mm512_cmpeq_epi8_mask(text, line_feed) | _mm512_cmpeq_epi8_mask(text, carriage_return);
    high |= _mm512_movepi8_mask(text);
    zero |= _mm512_testn_epi8_mask(text, text);
  }
  return {.high = high != 0, .zero = zero != 0};
}

}  // namespace tessera
#endif
