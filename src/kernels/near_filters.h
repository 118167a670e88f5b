// near_filters.h: which of 64 filters can be near enough to each of many others?
//
// The distance of two filters is the number of bits in which they differ. Filters are cut into fields of six bits. For a
// field and 64 filters there is a table: row v says of each filter in how many bits its field differs from v, four bits
// for each. What another filter adds to 64 distances at once is a row that is looked up.
//
//   field 0 of the other: 37     row 37 of table 0     64 counts, 32 bytes
//   field 1 of the other: 5      row  5 of table 1     added to it: three fields stay below 16
//
// Nine fields are a round: their tables, 18 KiB, stay in the first cache while thousands of filters pass.
//
// Nothing near is lost, and who is near in truth is for the caller to count: not all bits need be looked at, a count of
// six is kept as five, and sums are kept without their lowest bits if a byte would not hold them, so that a sum is never
// above the distance.
//
// Source: the tables are those of Arlazarov, Dinic, Kronrod and Faradzev 1970 (the "four Russians") for products of
// matrices of bits. Not here: which bits are looked at (block/telling_bits.h), and what distance is near enough
// (block/similar_filters.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/cpu.h"

namespace tessera {

inline constexpr size_t table_filters = 64;  // a group
inline constexpr size_t field_bits = 6, round_fields = 9, round_bits = field_bits * round_fields;

// Filters turned over, 64 together: a word for each bit, a bit for each filter of the group.
struct FilterGroups {
  size_t bits = 0;              // of a filter
  std::vector<uint64_t> words;  // [group][bit]; filters beyond the last are 0, and so is one bit more than there are
  [[nodiscard]] size_t count() const { return words.size() / (bits + 1); }
  [[nodiscard]] const uint64_t* group(size_t index) const { return words.data() + index * (bits + 1); }
};
// `rows`: which of `filters`, of so many words each, and in which order.
[[nodiscard]] FilterGroups turn_over(const uint64_t* filters, size_t words, std::span<const uint32_t> rows);

// Which bits are looked at: rounds of `round_bits`. The bit that no filter has fills the last round.
using BitOrder = std::vector<uint32_t>;

// Filters cut into fields.
struct FieldFilters {
  size_t count = 0;
  std::vector<uint8_t> fields;  // [round][filter][field of the round]: its value times 4
};
// Of the groups from `first` on, as many filters.
[[nodiscard]] FieldFilters cut_into_fields(const FilterGroups& groups, size_t first, size_t count,
                                           const BitOrder& order);

// Near enough: a sum below `bounds[filter]`, 0 for none, where sums are kept without their lowest `shift` bits.
struct NearLimits {
  std::vector<uint8_t> bounds;  // of each of the others
  unsigned shift = 0;
};

// One thread's. Room for as many others as have met it.
struct NearRoom {
  struct alignas(64) Sums {
    uint8_t of[table_filters];
  };
  static constexpr size_t row_bytes = table_filters / 2, table_rows = size_t{1} << field_bits;
  struct alignas(64) Tables {
    uint8_t rows[round_fields][table_rows][row_bytes];
  };
  Tables tables;
  std::vector<Sums> phase, all;  // of a run of rounds; of those before
  std::vector<uint64_t> near;
};

// For each of the others [begin, end): a bit for each filter of the group that can be near enough. Valid until the next
// call.
using NearKernel = std::span<const uint64_t> (*)(const uint64_t* group, const BitOrder& order,
                                                 const FieldFilters& others, size_t begin, size_t end,
                                                 const NearLimits& limits, NearRoom& room);

// Requires: the processor has the variant.
[[nodiscard]] NearKernel near_kernel(Kernels variant);

std::span<const uint64_t> near_filters_avx2(const uint64_t* group, const BitOrder& order, const FieldFilters& others,
                                            size_t begin, size_t end, const NearLimits& limits,
                                            NearRoom& room);  // x86-64 only

}  // namespace tessera
