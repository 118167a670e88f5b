// near_filters.cc: which of 64 filters can be near enough to each of many others? (see near_filters.h)
#include "kernels/near_filters.h"

#include <algorithm>

namespace tessera {
namespace {

namespace lanes {

#define TARGET

using Bytes = uint8_t __attribute__((vector_size(32), may_alias));
using Shorts = uint16_t __attribute__((vector_size(32), may_alias));
using Words = uint64_t __attribute__((vector_size(32), may_alias));

inline void add_saturated(Bytes& sum, const Bytes& more) {
  sum += more;
  sum |= reinterpret_cast<Bytes>(sum < more);
}
inline uint32_t lanes_below(const Bytes& sums, uint8_t bound) {
  uint32_t out = 0;
  for (size_t lane = 0; lane < sizeof(Bytes); ++lane) out |= uint32_t{sums[lane] < bound} << lane;
  return out;
}

#include "kernels/near_filters.inc"

#undef TARGET

}  // namespace lanes

// Word i, bit k becomes word k, bit i: squares of half the size change places, then those within them.
void transpose(uint64_t (&words)[64]) {
  uint64_t mask = 0xffffffff;
  for (size_t half = 32; half != 0; half /= 2, mask ^= mask << half)
    for (size_t i = 0; i < 64; i = (i + half + 1) & ~half) {
      const uint64_t change = (words[i] >> half ^ words[i + half]) & mask;
      words[i] ^= change << half;
      words[i + half] ^= change;
    }
}

}  // namespace

FilterGroups turn_over(const uint64_t* filters, size_t words, std::span<const uint32_t> rows) {
  FilterGroups out{.rounds = rounds_of(words), .bits = {}};
  const size_t groups = (rows.size() + table_filters - 1) / table_filters;
  out.bits.resize(groups * out.rounds * round_bits);
  for (size_t group = 0; group < groups; ++group) {
    const auto of_group =
        rows.subspan(group * table_filters).first(std::min(table_filters, rows.size() - group * table_filters));
    for (size_t word = 0; word < words; ++word) {
      uint64_t square[64] = {};
      for (size_t i = 0; i < of_group.size(); ++i) square[i] = filters[of_group[i] * words + word];
      transpose(square);
      std::ranges::copy(square, out.bits.begin() + static_cast<ptrdiff_t>(group * out.rounds * round_bits + word * 64));
    }
  }
  return out;
}

FieldFilters cut_into_fields(const uint64_t* filters, size_t words, std::span<const uint32_t> rows) {
  FieldFilters out{.count = rows.size(), .rounds = rounds_of(words), .fields = {}};
  out.fields.resize(out.rounds * out.count * round_fields);
  for (size_t i = 0; i < rows.size(); ++i) {
    const uint64_t* const filter = filters + rows[i] * words;
    for (size_t field = 0; field * field_bits < words * 64; ++field) {
      const size_t word = field * field_bits / 64, shift = field * field_bits % 64;
      uint64_t value = filter[word] >> shift;
      if (shift + field_bits > 64 && word + 1 < words) value |= filter[word + 1] << (64 - shift);
      out.fields[(field / round_fields * out.count + i) * round_fields + field % round_fields] =
          static_cast<uint8_t>(value << 2);
    }
  }
  return out;
}

NearKernel near_kernel(Kernels variant) {
#if defined(__x86_64__)
  if (variant != Kernels::scalar) return near_filters_avx2;
#endif
  (void)variant;
  return lanes::near_filters;
}

}  // namespace tessera
