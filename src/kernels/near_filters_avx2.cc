// near_filters_avx2.cc: a row of a table is one register. (see near_filters.h)
#if defined(__x86_64__)
#include <immintrin.h>

#include "kernels/near_filters.h"

#define TARGET __attribute__((target("avx2,bmi2")))

namespace tessera {
namespace {

namespace near_avx2 {

using Bytes = uint8_t __attribute__((vector_size(32), may_alias));
using Shorts = uint16_t __attribute__((vector_size(32), may_alias));
using Words = uint64_t __attribute__((vector_size(32), may_alias));

TARGET inline void add_saturated(Bytes& sum, const Bytes& more) {
  sum = reinterpret_cast<Bytes>(_mm256_adds_epu8(reinterpret_cast<__m256i>(sum), reinterpret_cast<__m256i>(more)));
}
TARGET inline uint32_t lanes_below(const Bytes& sums, uint8_t bound) {
  const __m256i spare = _mm256_subs_epu8(_mm256_set1_epi8(static_cast<char>(bound)), reinterpret_cast<__m256i>(sums));
  return ~static_cast<uint32_t>(_mm256_movemask_epi8(_mm256_cmpeq_epi8(spare, _mm256_setzero_si256())));
}

#include "kernels/near_filters.inc"

}  // namespace near_avx2

}  // namespace

std::span<const uint64_t> near_filters_avx2(const uint64_t* group, const BitOrder& order, const FieldFilters& others,
                                            size_t begin, size_t end, const NearLimits& limits, NearRoom& room) {
  return near_avx2::near_filters(group, order, others, begin, end, limits, room);
}

}  // namespace tessera
#undef TARGET
#endif
