// Which records hang together: examples, the slow twin, and many threads on one forest.
#include "resolve/components.h"

#include <numeric>

#include "../../reference/resolve/slow_cluster.h"
#include "scored.h"

namespace tessera {
namespace {

using test::scored;
using Labels = std::vector<uint32_t>;

TEST(Components, TheExampleOfTheHeader) {
  const std::vector<ScoredPair> pairs{scored(0, 4, 1), scored(4, 2, 1), scored(1, 3, 1)};
  EXPECT_EQ(connected_components(6, pairs), (Labels{0, 1, 0, 1, 0, 5}));
}

TEST(Components, NothingAndAlmostNothing) {
  EXPECT_EQ(connected_components(0, std::span<const ScoredPair>{}), Labels{});
  EXPECT_EQ(connected_components(1, std::span<const ScoredPair>{}), Labels{0});
  const std::vector<ScoredPair> self{scored(0, 0, 1)};
  EXPECT_EQ(connected_components(1, self), Labels{0});
  const std::vector<ScoredPair> twice{scored(1, 0, 1), scored(0, 1, 1), scored(1, 0, 1)};
  EXPECT_EQ(connected_components(3, twice), (Labels{0, 0, 2}));
}

TEST(Components, OnlyPairsAtOrAboveTheThreshold) {
  const std::vector<ScoredPair> pairs{scored(0, 1, 2), scored(1, 2, 1.5f), scored(2, 3, NAN)};
  Components components(4);
  components.join(pairs, 2);
  EXPECT_EQ(components.labels(), (Labels{0, 0, 2, 3}));
  components.join(2, 3);  // may go on after labels were asked for
  components.join(pairs, 1);
  EXPECT_EQ(components.labels(), (Labels{0, 0, 0, 0}));
}

RC_GTEST_PROP(ComponentsProperty, SameAsSlowTwin, ()) {
  const auto records = *rc::gen::inRange<uint32_t>(1, 60);
  const auto pairs = test::arbitrary_scored(records, records, 60);
  RC_ASSERT(connected_components(records, pairs) == reference::slow_components(records, pairs, -100));
}

// Chains, stars and random pairs of half a million records: large enough that all threads work on one forest.
TEST(Components, ManyThreadsOneForest) {
  constexpr uint32_t records = 500'000;
  test::Random random(5);
  const auto check = [&](const Labels& left, const Labels& right) {
    // A union-find of one thread, without any trick.
    Labels parent(records);
    std::iota(parent.begin(), parent.end(), 0u);
    const auto find = [&](uint32_t r) {
      while (parent[r] != r) r = parent[r] = parent[parent[r]];
      return r;
    };
    for (size_t i = 0; i < left.size(); ++i) {
      const uint32_t a = find(left[i]), b = find(right[i]);
      parent[std::max(a, b)] = std::min(a, b);
    }
    for (uint32_t r = 0; r < records; ++r) parent[r] = find(r);
    test::with_threads([&](size_t) { EXPECT_EQ(connected_components(records, left, right), parent); });
  };
  Labels left(records - 1), right(records - 1);
  for (uint32_t i = 0; i + 1 < records; ++i) {
    left[i] = records - 1 - i;
    right[i] = records - 2 - i;
  }
  check(left, right);  // one chain, from its large end
  std::ranges::fill(right, records / 2);
  check(left, right);  // a star
  for (uint32_t i = 0; i + 1 < records; ++i) {
    left[i] = random.below(records);
    right[i] = random.below(records);
  }
  check(left, right);
  left.resize(records / 3);
  right.resize(records / 3);
  check(left, right);  // many small ones
}

}  // namespace
}  // namespace tessera
