#include "base/line_scatter.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <random>
#include <utility>
#include <vector>

namespace tessera {
namespace {

struct Numbered {
  uint64_t key;
  uint32_t number;
};

// As if each had been written straight to its place, wherever bins begin, and nothing else is touched.
TEST(LineScatter, entries_come_to_their_places) {
  std::mt19937 random(1);
  for (size_t round = 0; round < 200; ++round) {
    const size_t bins = 1 + random() % 20, before = random() % 8, count = random() % 300;
    std::vector<size_t> bin_of(count);
    std::vector<uint32_t> places(bins, 0);
    for (size_t& bin : bin_of) ++places[bin = random() % bins];
    auto sum = static_cast<uint32_t>(random() % 8);
    for (uint32_t& place : places) {
      sum += std::exchange(place, sum);
      sum += static_cast<uint32_t>(random() % 2);  // a gap
    }
    const size_t size = before + sum + 1;
    std::vector<Numbered> straight(size, {~uint64_t{0}, 0}), scattered = straight;
    std::vector<uint32_t> next = places;
    LineScatter<Numbered> scatter(scattered.data() + before, places);
    for (uint32_t i = 0; i < count; ++i) {
      const Numbered entry{i * uint64_t{0x9e3779b97f4a7c15}, i};
      straight[before + next[bin_of[i]]++] = entry;
      scatter.put(bin_of[i], entry);
    }
    scatter.finish();
    EXPECT_EQ(places, next);
    for (size_t i = 0; i < size; ++i) {
      ASSERT_EQ(scattered[i].key, straight[i].key) << round << " " << i;
      ASSERT_EQ(scattered[i].number, straight[i].number);
    }
  }
}

}  // namespace
}  // namespace tessera
