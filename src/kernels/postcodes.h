// postcodes.h: which of many texts are postcodes as they stand?
//
//   texts   "M1   1AE"   "m1 1ae"     ""   "GIR 0AA"
//   words   "M1   1AE"   "M1   1AE"    0       0
//
// What nearly all values of a column are becomes a word without a branch, four values at a time where the processor can.
// 0 asks for a closer look (postcode.h): nothing, spaces in other places, a layout of its own, or no postcode.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/cpu.h"

namespace tessera {

// words[i] for i < count: the word of the text, or 0. A variant may leave fewer words to the closer look than another,
// never another word.
using PostcodesKernel = void (*)(const std::string_view* texts, size_t count, uint64_t* words);

// Requires: the processor has the variant.
[[nodiscard]] PostcodesKernel postcodes_kernel(Kernels variant);

void postcodes_avx2(const std::string_view* texts, size_t count, uint64_t* words);  // x86-64 only

}  // namespace tessera
