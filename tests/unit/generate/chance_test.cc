// Draws without a state: permutations, probabilities, and what depends on what.
#include "generate/chance.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <vector>

using namespace tessera::generate_detail;

TEST(Permutation, MeetsEachNumberOnce) {
  const bool holds = rc::check([] {
    const auto size = *rc::gen::inRange<uint64_t>(1, 3000);
    const Permutation order(size, *rc::gen::arbitrary<uint64_t>());
    std::vector<bool> met(size);
    for (uint64_t i = 0; i < size; ++i) {
      const uint64_t at = order(i);
      RC_ASSERT(at < size);
      RC_ASSERT(!met[at]);
      met[at] = true;
    }
  });
  EXPECT_TRUE(holds);
}

TEST(Permutation, KeepsFewNeighboursTogether) {
  constexpr uint64_t size = 100000;
  const Permutation order(size, 7);
  uint64_t near = 0;
  for (uint64_t i = 1; i < size; ++i) {
    const uint64_t a = order(i - 1), b = order(i);
    near += (a < b ? b - a : a - b) < 100;
  }
  EXPECT_LT(near, size / 100) << "chance alone would leave 200 pairs";
}

TEST(Permutation, ManyAtOnceAreTheSame) {
  const Permutation order(1000, 3);
  std::vector<uint64_t> out(700);
  order.fill(200, out);
  for (size_t i = 0; i < out.size(); ++i) ASSERT_EQ(out[i], order(200 + i)) << i;
}

TEST(Chance, ComesTrueAsOftenAsItSays) {
  for (const double p : {0.001, 0.05, 0.5, 0.95}) {
    constexpr int draws = 200000;
    int hits = 0;
    for (uint64_t i = 0; i < draws; ++i) hits += chance(hash(3, i), p);
    EXPECT_NEAR(hits / double{draws}, p, 0.004 * p + 0.002) << p;
  }
  EXPECT_FALSE(chance(0, 0));
}

TEST(Below, ReachesEachNumberAndNoOther) {
  std::vector<int> met(7);
  for (uint64_t i = 0; i < 7000; ++i) ++met.at(below(hash(5, i), met.size()));
  for (const int count : met) EXPECT_NEAR(count, 1000, 150);
}

TEST(Unit, StaysBetweenItsEnds) {
  EXPECT_GT(unit(0), 0);
  EXPECT_LT(unit(~uint64_t{0}), 1);
}

TEST(Bits, AreSpentFromTheLowest) {
  Bits bits(0xabcd);
  EXPECT_EQ(bits.take(4), 0xdU);
  EXPECT_EQ(bits.take(8), 0xbcU);
  EXPECT_EQ(bits.take(16), 0xaU);
}
