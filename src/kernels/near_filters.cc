// near_filters.cc: which of 64 filters can be near enough to each of many others? (see near_filters.h)
#include "kernels/near_filters.h"

#include <algorithm>
#include <array>

namespace tessera {
namespace {

namespace near_scalar {

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

}  // namespace near_scalar

// Word i, bit k becomes word k, bit i: squares of half the size change places, then those within them.
using Square = std::array<uint64_t, 64>;
void transpose(Square& words) {
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
  FilterGroups out{.bits = words * 64, .words = {}};
  const size_t groups = (rows.size() + table_filters - 1) / table_filters;
  out.words.resize(groups * (out.bits + 1));
  for (size_t group = 0; group < groups; ++group) {
    const size_t first = group * table_filters, count = std::min(table_filters, rows.size() - first);
    for (size_t word = 0; word < words; ++word) {
      Square square{};
      for (size_t i = 0; i < count; ++i) square[i] = filters[rows[first + i] * words + word];
      transpose(square);
      std::ranges::copy(square, out.words.begin() + static_cast<ptrdiff_t>(group * (out.bits + 1) + word * 64));
    }
  }
  return out;
}

FieldFilters cut_into_fields(const FilterGroups& groups, size_t first, size_t count, const BitOrder& order) {
  const size_t rounds = order.size() / round_bits;
  FieldFilters out{.count = count, .fields = std::vector<uint8_t>(rounds * count * round_fields)};
  for (size_t done = 0; done < count; done += table_filters) {
    const uint64_t* const group = groups.group(first + done / table_filters);
    for (size_t round = 0; round < rounds; ++round) {
      Square square{};
      for (size_t bit = 0; bit < round_bits; ++bit) square[bit] = group[order[round * round_bits + bit]];
      transpose(square);
      uint8_t* at = out.fields.data() + (round * count + done) * round_fields;
      for (size_t i = 0; i < std::min(table_filters, count - done); ++i)
        for (size_t field = 0; field < round_fields; ++field)
          *at++ = static_cast<uint8_t>((square[i] >> (field * field_bits) & 63) << 2);
    }
  }
  return out;
}

NearKernel near_kernel(Kernels variant) {
#if defined(__x86_64__)
  if (variant != Kernels::scalar) return near_filters_avx2;
#endif
  (void)variant;
  return near_scalar::near_filters;
}

}  // namespace tessera
