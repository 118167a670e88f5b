// bits.cc: how many bits do one filter and each of many others have in common? (see bits.h)
#include "kernels/bits.h"

#include <algorithm>
#include <bit>

namespace tessera {
namespace {

size_t common_bits_scalar(const BitQuery& query, const BitGroups& groups, size_t begin, size_t end,
                          const uint32_t* least, BitHit* out) {
  const size_t words = groups.words, stop = bit_cut(query.cut, words);
  size_t count = 0;
  for (size_t group = begin; group < end; ++group) {
    const BitLanes* const bits = groups.bits.data() + group * words;
    const uint64_t needed = least[group - begin];
    BitHit& hit = out[count];
    hit = {.group = static_cast<uint32_t>(group), .lanes = 0, .common = {}};
    const auto add_words = [&](size_t from, size_t to) {
      for (size_t word = from; word < to; ++word)
        for (size_t lane = 0; lane < bit_lanes; ++lane)
          hit.common[lane] += static_cast<uint64_t>(std::popcount(query.filter[word] & bits[word].lane[lane]));
    };
    add_words(0, stop);
    if (query.cut < bit_cuts) {
      const BitLanes& to_come = groups.later[group * bit_cuts + query.cut];
      bool hope = false;
      for (size_t lane = 0; lane < bit_lanes; ++lane)
        hope |= hit.common[lane] + std::min(query.later, to_come.lane[lane]) >= needed;
      if (!hope) continue;
    }
    add_words(stop, words);
    for (size_t lane = 0; lane < bit_lanes; ++lane) hit.lanes |= uint32_t{hit.common[lane] >= needed} << lane;
    count += hit.lanes != 0;
  }
  return count;
}

}  // namespace

BitGroups turn_over(const uint64_t* filters, size_t words, std::span<const uint32_t> order) {
  const size_t groups = (order.size() + bit_lanes - 1) / bit_lanes;
  BitGroups out{
      .words = words, .bits = std::vector<BitLanes>(groups * words), .later = std::vector<BitLanes>(groups * bit_cuts)};
  for (size_t i = 0; i < order.size(); ++i) {
    const size_t group = i / bit_lanes, lane = i % bit_lanes;
    const uint64_t* const filter = filters + order[i] * words;
    for (size_t word = 0; word < words; ++word) {
      out.bits[group * words + word].lane[lane] = filter[word];
      for (size_t cut = 0; cut < bit_cuts; ++cut)
        if (word >= bit_cut(cut, words))
          out.later[group * bit_cuts + cut].lane[lane] += static_cast<uint64_t>(std::popcount(filter[word]));
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
