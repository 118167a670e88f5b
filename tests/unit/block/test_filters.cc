// Filters that are alike: the search against its slow twin, and each kernel against the scalar one and all distances.
#include <gtest/gtest.h>
#include <oneapi/tbb/global_control.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <bit>
#include <random>

#include "../../reference/block/all_filters.h"
#include "block/similar_filters.h"
#include "kernels/near_filters.h"

namespace tessera {
namespace {

// Filters of a few prototypes with some bits changed, so that many are alike; some without a bit.
std::vector<uint64_t> some_filters(size_t count, size_t words, unsigned density, uint64_t seed) {
  std::mt19937_64 random(seed), prototypes(7);
  std::vector<uint64_t> kinds(5 * words);
  for (uint64_t& word : kinds)
    for (unsigned bit = 0; bit < 64; ++bit) word |= uint64_t{prototypes() % 100 < density} << bit;
  std::vector<uint64_t> out;
  for (size_t i = 0; i < count; ++i) {
    const size_t kind = random() % 6;
    const unsigned change = static_cast<unsigned>(random() % 20);
    for (size_t word = 0; word < words; ++word) {
      uint64_t made = kind == 5 ? 0 : kinds[kind * words + word];
      for (unsigned bit = 0; bit < 64 && kind != 5; ++bit)
        if (random() % 100 < change) made ^= uint64_t{1} << bit;
      out.push_back(made);
    }
  }
  return out;
}

RC_GTEST_PROP(Filters, SearchIsItsTwin, ()) {
  const size_t words = *rc::gen::element<size_t>(1, 2, 3, 8, 15, 16, 17, 32);
  const auto density = *rc::gen::inRange(5u, 70u);
  const auto seed = *rc::gen::arbitrary<uint64_t>();
  const bool within = *rc::gen::arbitrary<bool>();
  const auto a = some_filters(*rc::gen::inRange<size_t>(0, 60), words, density, seed);
  const auto b = within ? a : some_filters(*rc::gen::inRange<size_t>(0, 60), words, density, seed + 1);
  const FilterQuery query{.measure = *rc::gen::element(BitMeasure::dice, BitMeasure::jaccard),
                          .at_least = *rc::gen::element(0.0, 0.05, 0.3, 0.5, 0.6, 2.0 / 3, 0.7, 0.8, 0.9, 1.0),
                          .top = within ? 0 : *rc::gen::element<size_t>(0, 1, 3),
                          .within = within};
  const FilterSet from{a, words}, to{b, words};
  const auto found = similar_filters(from, to, query);
  RC_ASSERT(found == reference::similar_filters(from, to, query));
}

TEST(Filters, ThreadsAndPiecesChangeNothing) {
  const auto a = some_filters(300, 16, 40, 1), b = some_filters(400, 16, 40, 2);
  const FilterQuery query{.at_least = 0.75};
  const auto expected = reference::similar_filters({a, 16}, {b, 16}, query);
  ASSERT_GT(expected.size(), 200u);
  for (const size_t threads : {size_t{1}, size_t{3}}) {
    const tbb::global_control limit(tbb::global_control::max_allowed_parallelism, threads);
    EXPECT_EQ(similar_filters({a, 16}, {b, 16}, query), expected);
  }
}

TEST(Filters, ExactlyAtTheLimitIsIn) {
  // 6 of 10 and 10 bits in common: Dice 0.6, Jaccard 6 / 14.
  const std::vector<uint64_t> a{0x3ff}, b{0x3ff0};
  const std::vector<uint64_t> c{0x3ff << 4};
  EXPECT_EQ(similar_filters({a, 1}, {c, 1}, {.at_least = 0.6}).size(), 1u);
  EXPECT_EQ(similar_filters({a, 1}, {b, 1}, {.at_least = 0.6}).size(), 1u);
  EXPECT_EQ(similar_filters({a, 1}, {b, 1}, {.at_least = 0.6000001}).size(), 0u);
  EXPECT_EQ(similar_filters({a, 1}, {b, 1}, {.measure = BitMeasure::jaccard, .at_least = 6.0 / 14}).size(), 1u);
}

using Near = std::vector<std::pair<uint32_t, uint64_t>>;

Near near_of(Kernels variant, const FilterGroups& groups, const FieldFilters& others, size_t begin,
             const NearLimits& limits) {
  NearRoom room;
  Near out;
  for (size_t group = 0; group < groups.count(); ++group) {
    const NearFilters near = near_kernel(variant)(groups.group(group), others, begin, others.count, limits, room);
    for (size_t i = 0; i < near.filters.size(); ++i) out.emplace_back(near.filters[i], near.lanes[i]);
  }
  return out;
}

// Nobody who is near enough is left out; of those who are not, who would be told by his first rounds is.
RC_GTEST_PROP(Filters, NearOnesAreFoundByEachKernel, ()) {
  const size_t words = *rc::gen::element<size_t>(1, 2, 5, 8, 16, 31, 32, 33, 40, 64);
  const auto filters = some_filters(*rc::gen::inRange<size_t>(1, 150), words, *rc::gen::inRange(5u, 80u),
                                    *rc::gen::arbitrary<uint64_t>());
  std::vector<uint32_t> order(filters.size() / words);
  for (uint32_t i = 0; i < order.size(); ++i) order[i] = i;
  const FilterGroups groups = turn_over(filters.data(), words, order);
  const FieldFilters others = cut_into_fields(filters.data(), words, order);
  const size_t begin = *rc::gen::inRange<size_t>(0, order.size());
  const auto furthest = *rc::gen::inRange<unsigned>(0, static_cast<unsigned>(words * 40));
  NearLimits limits{.bounds = {}, .shift = 0};
  while (furthest >> limits.shift >= 255) ++limits.shift;
  limits.bounds.assign(order.size(), static_cast<uint8_t>((furthest >> limits.shift) + 1));
  if (begin + 1 < order.size()) limits.bounds[begin + 1] = 0;  // has nobody near

  const Near found = near_of(Kernels::scalar, groups, others, begin, limits);
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx2")) RC_ASSERT(near_of(Kernels::avx2, groups, others, begin, limits) == found);
#endif
  size_t at = 0;
  for (size_t first = 0; first < order.size(); first += table_filters)
    for (size_t i = begin; i < order.size(); ++i) {
      uint64_t lanes = 0;
      if (at < found.size() && found[at].first == i) lanes = found[at++].second;
      RC_ASSERT(i != begin + 1 || lanes == 0);
      for (size_t j = first; j < std::min(first + table_filters, order.size()); ++j) {
        unsigned distance = 0;
        for (size_t word = 0; word < words; ++word)
          distance += static_cast<unsigned>(std::popcount(filters[i * words + word] ^ filters[j * words + word]));
        const bool near = (lanes >> (j - first) & 1) != 0;
        if (distance <= furthest && i != begin + 1) RC_ASSERT(near);
        // Short filters lose at most the fields of six that are kept as five: at most a sixth.
        if (words <= 4 && limits.shift == 0 && distance * 5 / 6 > furthest) RC_ASSERT(!near);
      }
    }
  RC_ASSERT(at == found.size());
}

}  // namespace
}  // namespace tessera
