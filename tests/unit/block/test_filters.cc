// Filters that are alike: the search against its slow twin, and each kernel against the scalar one.
#include <gtest/gtest.h>
#include <oneapi/tbb/global_control.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <random>

#include "../../reference/block/all_filters.h"
#include "block/similar_filters.h"
#include "kernels/bits.h"

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

std::vector<std::pair<uint32_t, std::vector<uint64_t>>> hits_of(BitKernel kernel, const BitQuery& query,
                                                                const BitGroups& groups,
                                                                const std::vector<uint32_t>& least) {
  std::vector<BitHit> hits(groups.count());
  hits.resize(kernel(query, groups, 0, groups.count(), least.data(), hits.data()));
  std::vector<std::pair<uint32_t, std::vector<uint64_t>>> out;
  for (const BitHit& hit : hits) {
    out.emplace_back(hit.group, std::vector<uint64_t>{hit.lanes});
    for (const uint64_t common : hit.common) out.back().second.push_back(common);
  }
  return out;
}

RC_GTEST_PROP(Filters, KernelsAgree, ()) {
  const size_t words = *rc::gen::element<size_t>(1, 2, 5, 8, 16, 31, 32, 33, 40, 64);
  const auto filters = some_filters(*rc::gen::inRange<size_t>(1, 40), words, *rc::gen::inRange(5u, 80u),
                                    *rc::gen::arbitrary<uint64_t>());
  std::vector<uint32_t> order(filters.size() / words);
  for (uint32_t i = 0; i < order.size(); ++i) order[i] = i;
  const BitGroups groups = turn_over(filters.data(), words, order);
  BitQuery query{.filter = filters.data(), .cut = *rc::gen::element<size_t>(0, 1, bit_cuts)};
  for (size_t word = bit_cut(query.cut, words); word < words; ++word)
    query.later += static_cast<uint64_t>(std::popcount(filters[word]));
  const auto least = *rc::gen::container<std::vector<uint32_t>>(
      groups.count(), rc::gen::inRange<uint32_t>(0, static_cast<uint32_t>(words * 40)));
  const auto expected = hits_of(bit_kernel(Kernels::scalar), query, groups, least);
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx2")) RC_ASSERT(hits_of(bit_kernel(Kernels::avx2), query, groups, least) == expected);
  if (__builtin_cpu_supports("avx512vpopcntdq"))
    RC_ASSERT(hits_of(bit_kernel(Kernels::avx512), query, groups, least) == expected);
#endif
}

}  // namespace
}  // namespace tessera
