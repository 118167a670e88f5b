// csv_index.cc: the portable kernel, the choice of kernel, and quotes that need a closer look.
#include "read/csv_index.h"

namespace tessera {

CsvBytes csv_index_scalar(const char* data, size_t words, char delimiter, CsvMasks* out) {
  CsvBytes bytes;
  for (size_t w = 0; w < words; ++w, data += 64) {
    CsvMasks masks;
    for (unsigned i = 0; i < 64; ++i) {
      const char byte = data[i];
      masks.quote |= uint64_t{byte == '"'} << i;
      masks.delimiter |= uint64_t{byte == delimiter} << i;
      masks.end |= uint64_t{byte == '\n' || byte == '\r'} << i;
      bytes.high |= (static_cast<unsigned char>(byte) & 0x80) != 0;
      bytes.zero |= byte == 0;
    }
    out[w] = masks;
  }
  return bytes;
}

CsvIndexKernel csv_index_kernel(Kernels kernels) {
#if defined(__x86_64__)
  if (kernels == Kernels::avx512) return csv_index_avx512;
  if (kernels == Kernels::avx2) return csv_index_avx2;
#endif
  (void)kernels;
  return csv_index_scalar;
}

uint64_t QuoteState::inside_slowly(const CsvMasks& masks) {
  const uint64_t before = masks.delimiter | masks.end;
  uint64_t within = 0;
  unsigned from = 0;  // of the part at hand, inside or outside
  int closed_at = -2;
  for (uint64_t quotes = masks.quote; quotes != 0; quotes &= quotes - 1) {
    const auto at = static_cast<unsigned>(std::countr_zero(quotes));
    if (inside_) {
      within |= (~uint64_t{0} << from) & ((uint64_t{1} << at) - 1);
      inside_ = false;
      closed_at = static_cast<int>(at);
    } else {
      const bool opens = at == 0 ? may_open_ : (before >> (at - 1) & 1) != 0 || closed_at == static_cast<int>(at) - 1;
      if (!opens) continue;
      inside_ = true;
      from = at;
    }
  }
  if (inside_) within |= ~uint64_t{0} << from;
  may_open_ = (before >> 63) != 0 || closed_at == 63;
  return within;
}

}  // namespace tessera
