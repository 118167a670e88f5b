// cpu.h: which kernels may this processor run?
#pragma once

#include <cstdint>
#include <string>

#include "tessera/error.h"

namespace tessera {

enum class Kernels : uint8_t { scalar, avx2, avx512 };

// The best the processor has, or what TESSERA_KERNELS=scalar|avx2|avx512 asks for.
// Decided once. check_kernels() reports a wrong or unsupported wish; kernels() then falls back to the best.
[[nodiscard]] Kernels kernels();
[[nodiscard]] Status check_kernels();
const char* name_of(Kernels);
// Model and the features that matter, for `tessera doctor`.
std::string processor_text();

}  // namespace tessera
