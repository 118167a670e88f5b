// postcodes.cc: see postcodes.h.
#include "kernels/postcodes.h"

#include "kernels/postcode.h"

namespace tessera {

namespace {

void postcodes_scalar(const std::string_view* texts, size_t count, uint64_t* words) {
  for (size_t i = 0; i < count; ++i) words[i] = postcode(texts[i]).word;
}

}  // namespace

PostcodesKernel postcodes_kernel(Kernels variant) {
#if defined(__x86_64__)
  if (variant != Kernels::scalar) return postcodes_avx2;
#endif
  (void)variant;
  return postcodes_scalar;
}

}  // namespace tessera
