// nhs_numbers.cc: see nhs_numbers.h.
#include "kernels/nhs_numbers.h"

#include "kernels/nhs_number.h"

namespace tessera {

namespace {

void nhs_numbers_scalar(const std::string_view* texts, size_t count, uint64_t* words) {
  for (size_t i = 0; i < count; ++i) words[i] = texts[i].size() == 10 ? nhs_number_at_once(texts[i].data()) : 0;
}

}  // namespace

NhsNumbersKernel nhs_numbers_kernel(Kernels variant) {
#if defined(__x86_64__)
  if (variant != Kernels::scalar) return nhs_numbers_avx2;
#endif
  (void)variant;
  return nhs_numbers_scalar;
}

}  // namespace tessera
