// near_filters.h: which of 64 filters can be near enough to each of many others?
//
// The distance of two filters is the number of bits in which they differ. Filters are cut into fields of six bits. For a
// field and 64 filters there is a table: row v says of each filter in how many bits its field differs from v, four bits
// for each. What another filter adds to 64 distances at once is a row that is looked up.
//
//   field 0 of the other: 37     row 37 of table 0     64 counts, 32 bytes
//   field 1 of the other: 5      row  5 of table 1     added to it: three fields stay below 16
//
// Nine fields are a round: their tables, 18 KiB, stay in the first cache while thousands of filters pass. Of a filter
// that has nobody near after half the rounds the other half is left out.
//
// Nothing near is lost, and what is told apart in the end is for the caller to count: a count of six is kept as five, and
// sums are kept without their lowest bits if a byte would not hold them, so a sum is never above the distance.
//
// Source: the tables are those of Arlazarov, Dinic, Kronrod and Faradzev 1970 (the "four Russians") for products of
// matrices of bits. Not here: what distance is near enough (block/similar_filters.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/cpu.h"

namespace tessera {

inline constexpr size_t table_filters = 64;  // a group
inline constexpr size_t field_bits = 6, round_fields = 9, round_bits = field_bits * round_fields;

constexpr size_t rounds_of(size_t words) { return (words * 64 + round_bits - 1) / round_bits; }

// The filters of which there are tables, turned over: a word for each bit, a bit for each filter of the group.
struct FilterGroups {
  size_t rounds = 0;
  std::vector<uint64_t> bits;  // [group][bit of all rounds]; filters and bits beyond the last are 0
  [[nodiscard]] size_t count() const { return rounds == 0 ? 0 : bits.size() / (rounds * round_bits); }
  [[nodiscard]] const uint64_t* group(size_t index) const { return bits.data() + index * rounds * round_bits; }
};

// The others, cut into fields.
struct FieldFilters {
  size_t count = 0, rounds = 0;
  std::vector<uint8_t> fields;  // [round][filter][field of the round]: its value times 4
};

// `rows`: which of `filters`, of so many words each, and in which order.
[[nodiscard]] FilterGroups turn_over(const uint64_t* filters, size_t words, std::span<const uint32_t> rows);
[[nodiscard]] FieldFilters cut_into_fields(const uint64_t* filters, size_t words, std::span<const uint32_t> rows);

// Near enough: a sum below `bounds[filter]`, 0 for none, where sums are kept without their lowest `shift` bits.
struct NearLimits {
  std::vector<uint8_t> bounds;  // of each of the others
  unsigned shift = 0;
};

// Those of the others that have somebody near, in order, and for each of them a bit for each filter of the group that can
// be near enough.
struct NearFilters {
  std::span<const uint32_t> filters;
  std::span<const uint64_t> lanes;
};

// Room for as many others as have met it; one thread's.
class NearRoom {
 public:
  struct alignas(64) Sums {
    uint8_t of[table_filters];
  };
  static constexpr size_t row_bytes = table_filters / 2, table_rows = size_t{1} << field_bits;
  struct alignas(64) Tables {
    uint8_t rows[round_fields][table_rows][row_bytes];
  };
  Tables tables;
  std::vector<Sums> phase, all;   // of a run of rounds; of those before
  std::vector<uint32_t> filters;  // those that may still have somebody near
  std::vector<uint64_t> lanes;
};

// Of the others [begin, end); valid until the next call.
using NearKernel = NearFilters (*)(const uint64_t* group, const FieldFilters& others, size_t begin, size_t end,
                                   const NearLimits& limits, NearRoom& room);

// Requires: the processor has the variant.
[[nodiscard]] NearKernel near_kernel(Kernels variant);

NearFilters near_filters_avx2(const uint64_t* group, const FieldFilters& others, size_t begin, size_t end,
                              const NearLimits& limits, NearRoom& room);  // x86-64 only

}  // namespace tessera
