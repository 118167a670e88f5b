// nhs_numbers.h: which of many texts are NHS numbers?
//
//   texts   "9434765919"   ""   "943 476 5919"   "1111111111"
//   words    9434765919     0        0                0
//
// What nearly all values of a column are, ten digits side by side with the right check digit, becomes a number without a
// branch, four values at a time where the processor can. 0 asks for a closer look (nhs_number.h): nothing, another
// layout, a wrong check digit, the test range, or digits that are equal and so may be nobody's number.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/cpu.h"

namespace tessera {

// words[i] for i < count: nhs_number_at_once of a text of ten characters, else 0. A variant may leave fewer numbers to the
// closer look than another, never another number.
using NhsNumbersKernel = void (*)(const std::string_view* texts, size_t count, uint64_t* words);

// Requires: the processor has the variant.
[[nodiscard]] NhsNumbersKernel nhs_numbers_kernel(Kernels variant);

void nhs_numbers_avx2(const std::string_view* texts, size_t count, uint64_t* words);  // x86-64 only

}  // namespace tessera
