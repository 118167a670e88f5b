// bits.cc: how many bits do one filter and each of many others have in common? (see bits.h)
#include "kernels/bits.h"

#include <algorithm>
#include <bit>

namespace tessera {
namespace {

size_t common_bits_scalar(const uint64_t* filter, const uint64_t* later, const BitGroups& groups, size_t begin,
                          size_t end, const uint32_t* least, BitHit* out) {
  const size_t words = groups.words;
  size_t count = 0;
  for (size_t group = begin; group < end; ++group) {
    const uint64_t* const bits = groups.bits.data() + group * words * bit_lanes;
    const uint64_t needed = least[group - begin];
    BitHit& hit = out[count];
    hit = {.group = static_cast<uint32_t>(group), .lanes = 0, .common = {}};
    bool hopeless = false;
    size_t word = 0;
    for (size_t cut = 0; cut <= bit_cuts && !hopeless; ++cut) {
      for (const size_t stop = cut < bit_cuts ? bit_cut(cut, words) : words; word < stop; ++word)
        for (size_t lane = 0; lane < bit_lanes; ++lane)
          hit.common[lane] += static_cast<uint64_t>(std::popcount(filter[word] & bits[word * bit_lanes + lane]));
      if (cut == bit_cuts) break;
      const uint64_t* const to_come = groups.later.data() + (group * bit_cuts + cut) * bit_lanes;
      hopeless = true;
      for (size_t lane = 0; lane < bit_lanes; ++lane)
        hopeless &= hit.common[lane] + std::min(later[cut], to_come[lane]) < needed;
    }
    if (hopeless) continue;
    for (size_t lane = 0; lane < bit_lanes; ++lane) hit.lanes |= uint32_t{hit.common[lane] >= needed} << lane;
    count += hit.lanes != 0;
  }
  return count;
}

}  // namespace

BitGroups turn_over(const uint64_t* filters, size_t words, std::span<const uint32_t> order) {
  const size_t groups = (order.size() + bit_lanes - 1) / bit_lanes;
  BitGroups out{.words = words,
                .bits = std::vector<uint64_t>(groups * words * bit_lanes),
                .later = std::vector<uint64_t>(groups * bit_cuts * bit_lanes)};
  for (size_t i = 0; i < order.size(); ++i) {
    const size_t group = i / bit_lanes, lane = i % bit_lanes;
    const uint64_t* const filter = filters + order[i] * words;
    for (size_t word = 0; word < words; ++word) {
      out.bits[(group * words + word) * bit_lanes + lane] = filter[word];
      for (size_t cut = 0; cut < bit_cuts; ++cut)
        if (word >= bit_cut(cut, words))
          out.later[(group * bit_cuts + cut) * bit_lanes + lane] += static_cast<uint64_t>(std::popcount(filter[word]));
    }
  }
  return out;
}

BitKernel bit_kernel(Kernels variant) {
#if defined(__x86_64__)
  // Some processors with AVX-512 cannot count bits in it.
  if (variant == Kernels::avx512 && __builtin_cpu_supports("avx512vpopcntdq")) return common_bits_avx512;
  if (variant != Kernels::scalar) return common_bits_avx2;
#endif
  (void)variant;
  return common_bits_scalar;
}

}  // namespace tessera
