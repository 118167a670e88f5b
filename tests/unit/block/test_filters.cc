// Filters that are alike: the search against its slow twin, and each kernel against the scalar one and all distances.
#include <gtest/gtest.h>
#include <oneapi/tbb/global_control.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <bit>
#include <random>

#include "../../reference/block/all_filters.h"
#include "block/similar_filters.h"
#include "block/telling_bits.h"
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

std::vector<uint64_t> near_of(Kernels variant, const FilterGroups& groups, const BitOrder& order,
                              const FieldFilters& others, size_t begin, const NearLimits& limits) {
  NearRoom room;
  std::vector<uint64_t> out;
  for (size_t group = 0; group < groups.count(); ++group) {
    const auto near = near_kernel(variant)(groups.group(group), order, others, begin, others.count, limits, room);
    out.insert(out.end(), near.begin(), near.end());
  }
  return out;
}

std::vector<uint32_t> all_rows(size_t count) {
  std::vector<uint32_t> out(count);
  for (uint32_t i = 0; i < count; ++i) out[i] = i;
  return out;
}

// Nobody who is near enough is left out, whichever bits are looked at; and where all are, nobody is in who is far away.
RC_GTEST_PROP(Filters, NearOnesAreFoundByEachKernel, ()) {
  const size_t words = *rc::gen::element<size_t>(1, 2, 5, 8, 16, 31, 32, 33, 40, 64);
  const auto filters = some_filters(*rc::gen::inRange<size_t>(1, 150), words, *rc::gen::inRange(5u, 80u),
                                    *rc::gen::arbitrary<uint64_t>());
  const size_t count = filters.size() / words, bits = words * 64;
  const FilterGroups groups = turn_over(filters.data(), words, all_rows(count));
  const size_t begin = *rc::gen::inRange<size_t>(0, count);
  const auto furthest = *rc::gen::inRange<unsigned>(0, static_cast<unsigned>(words * 40));
  const size_t rounds_all = (bits + round_bits - 1) / round_bits;
  const size_t rounds = *rc::gen::inRange<size_t>(1, rounds_all + 1);
  BitOrder order = all_rows(bits);
  std::shuffle(order.begin(), order.end(), std::mt19937_64(furthest));
  order.resize(rounds * round_bits, static_cast<uint32_t>(bits));
  const FieldFilters others = cut_into_fields(groups, 0, count, order);
  NearLimits limits{.bounds = {}, .shift = 0};
  while (furthest >> limits.shift >= 255) ++limits.shift;
  limits.bounds.assign(count, static_cast<uint8_t>((furthest >> limits.shift) + 1));
  if (begin + 1 < count) limits.bounds[begin + 1] = 0;  // has nobody near

  const auto found = near_of(Kernels::scalar, groups, order, others, begin, limits);
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx2")) RC_ASSERT(near_of(Kernels::avx2, groups, order, others, begin, limits) == found);
#endif
  RC_ASSERT(found.size() == groups.count() * (count - begin));
  for (size_t group = 0; group < groups.count(); ++group)
    for (size_t i = begin; i < count; ++i) {
      const uint64_t lanes = found[group * (count - begin) + i - begin];
      if (i == begin + 1) RC_ASSERT(lanes == 0);
      if (i == begin + 1) continue;
      for (size_t j = group * table_filters; j < std::min(count, (group + 1) * table_filters); ++j) {
        unsigned distance = 0;
        for (size_t word = 0; word < words; ++word)
          distance += static_cast<unsigned>(std::popcount(filters[i * words + word] ^ filters[j * words + word]));
        const bool near = (lanes >> (j % table_filters) & 1) != 0;
        if (distance <= furthest) RC_ASSERT(near);
        // What is lost is a sixth at most, of fields of six that are kept as five.
        if (words <= 4 && rounds == rounds_all && limits.shift == 0 && distance * 5 / 6 > furthest) RC_ASSERT(!near);
      }
    }
}

// Half of the bits are the same in all filters, and tell nobody apart; of the others, fewer are enough for a near limit.
TEST(Filters, TellingBitsComeFirst) {
  constexpr size_t words = 16, count = 640;
  auto filters = some_filters(count, words, 50, 3);
  std::mt19937_64 random(4);
  for (size_t i = 0; i < filters.size(); ++i) filters[i] = i % 2 == 0 ? 0xffff0000ffff0000 : random();
  const FilterGroups groups = turn_over(filters.data(), words, all_rows(count));
  const BitOrder near = telling_bits(groups, groups, 40), far = telling_bits(groups, groups, 150);
  EXPECT_LT(near.size(), far.size());
  EXPECT_LT(far.size(), size_t{512});
  for (const uint32_t bit : far) EXPECT_EQ(bit / 64 % 2, 1u);
  EXPECT_EQ(telling_bits(groups, groups, 0).size() % round_bits, 0u);
}

}  // namespace
}  // namespace tessera
