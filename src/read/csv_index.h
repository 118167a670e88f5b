// csv_index.h: where are the quotes, delimiters and row ends in a text?
//
//   text    1,"a,b",x\n      (64 bytes a word, first byte in the lowest bit)
//   quote   ..*...*...
//   comma   .*..*..*..
//   end     .........*
//
// Bytes become bit masks with vector instructions, chosen at run time; what the
// masks mean together (a comma within quotes is no delimiter) is arithmetic on
// 64-bit words, the same for all processors.
//
// A quote opens a quoted part only at the start of a field. Elsewhere it is a
// character like any other (5" pipe), as in Python's reader. Within a quoted part,
// a quote closes it, and one that follows at once opens it again ("" is a quote).
// Where quotes are used as they should be, the parity of their number tells what is
// inside. QuoteState checks that, word by word, and looks at each quote only if not.
//
// Not here: rows and fields (csv_rows.h).
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>

#include "base/cpu.h"

namespace tessera {

struct CsvMasks {
  uint64_t quote = 0;
  uint64_t delimiter = 0;
  uint64_t end = 0;  // CR or LF
  friend bool operator==(const CsvMasks&, const CsvMasks&) = default;
};

struct CsvBytes {
  bool high = false;  // a byte of 0x80 or above
  bool zero = false;  // a NUL byte
  friend bool operator==(const CsvBytes&, const CsvBytes&) = default;
};

// Reads 64 * words bytes.
using CsvIndexKernel = CsvBytes (*)(const char* data, size_t words, char delimiter, CsvMasks* out);

CsvBytes csv_index_scalar(const char* data, size_t words, char delimiter, CsvMasks* out);
CsvBytes csv_index_avx2(const char* data, size_t words, char delimiter, CsvMasks* out);    // x86-64 only
CsvBytes csv_index_avx512(const char* data, size_t words, char delimiter, CsvMasks* out);  // x86-64 only
[[nodiscard]] CsvIndexKernel csv_index_kernel(Kernels kernels);

// Whether the next byte is inside a quoted part, and whether a quote there would open one.
class QuoteState {
 public:
  // The bytes of a word that are inside quotes, from the opening quote up to, not
  // including, the closing one. Requires: masks of the next word, none beyond the end set.
  uint64_t inside(const CsvMasks& masks) {
    const uint64_t before = masks.delimiter | masks.end;
    uint64_t within = 0;
    if (masks.quote == 0) {
      within = inside_ ? ~uint64_t{0} : 0;
      may_open_ = (before >> 63) != 0;
    } else {
      within = prefix_xor(masks.quote) ^ (inside_ ? ~uint64_t{0} : 0);
      const uint64_t closing = masks.quote & ~within;
      const uint64_t opening = masks.quote & within;
      const uint64_t allowed = (before | closing) << 1 | (may_open_ ? 1 : 0);
      if ((opening & ~allowed) != 0) [[unlikely]]
        return inside_slowly(masks);
      inside_ = (within >> 63) != 0;
      may_open_ = ((before | closing) >> 63) != 0;
    }
    return within;
  }
  [[nodiscard]] bool is_inside() const { return inside_; }

 private:
  static uint64_t prefix_xor(uint64_t bits) {
    bits ^= bits << 1;
    bits ^= bits << 2;
    bits ^= bits << 4;
    bits ^= bits << 8;
    bits ^= bits << 16;
    bits ^= bits << 32;
    return bits;
  }
  uint64_t inside_slowly(const CsvMasks& masks);

  bool inside_ = false;
  bool may_open_ = true;  // at the start of a row
};

}  // namespace tessera
