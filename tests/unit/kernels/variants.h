// variants.h: which variants of a kernel can be tried here?
#pragma once

#include <vector>

#include "base/cpu.h"

namespace tessera {

// Those that the processor has, scalar first.
inline std::vector<Kernels> variants() {
  std::vector<Kernels> out{Kernels::scalar};
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi2"))
    out.push_back(Kernels::avx2);
  if (out.size() == 2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
      __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq"))
    out.push_back(Kernels::avx512);
#endif
  return out;
}

}  // namespace tessera
