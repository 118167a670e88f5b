#include "base/large_blocks.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <random>
#include <thread>
#include <vector>

namespace tessera {
namespace {

constexpr size_t mib = size_t{1} << 20;

TEST(LargeBlocks, what_is_given_back_is_taken_again) {
  LargeBlocks blocks(64 * mib);
  void *const a = blocks.take(mib), *const b = blocks.take(mib), *const c = blocks.take(mib);
  EXPECT_TRUE(blocks.holds(a) && blocks.holds(b) && blocks.holds(c));
  blocks.give_back(a);
  blocks.give_back(c);
  blocks.give_back(b);
  EXPECT_EQ(blocks.idle_bytes(), 3 * mib);
  EXPECT_EQ(blocks.take(3 * mib), a);  // neighbours have become one
  EXPECT_EQ(blocks.idle_bytes(), 0U);
}

TEST(LargeBlocks, the_smallest_that_is_enough_is_taken) {
  LargeBlocks blocks(64 * mib);
  void *const large = blocks.take(4 * mib), *const between = blocks.take(mib);
  void *const small = blocks.take(mib), *const last = blocks.take(mib);
  blocks.give_back(large);
  blocks.give_back(small);
  EXPECT_EQ(blocks.take(mib - 1), small);
  EXPECT_EQ(blocks.take(2 * mib), large);
  EXPECT_TRUE(blocks.holds(between) && blocks.holds(last));
}

TEST(LargeBlocks, without_room_there_is_nothing) {
  LargeBlocks blocks(8 * mib);
  EXPECT_EQ(blocks.take(9 * mib), nullptr);
  EXPECT_EQ(blocks.take(~size_t{0}), nullptr);
  EXPECT_NE(blocks.take(4 * mib), nullptr);
  int outside = 0;
  EXPECT_FALSE(blocks.holds(&outside));
  EXPECT_FALSE(blocks.holds(nullptr));
  LargeBlocks none(size_t{1} << 60);  // more addresses than there are
  EXPECT_EQ(none.take(mib), nullptr);
  EXPECT_FALSE(none.holds(nullptr));
}

TEST(LargeBlocks, pages_of_much_that_lies_idle_go_back) {
  LargeBlocks blocks(4 * LargeBlocks::idle_bytes_max);
  auto* const first = static_cast<std::byte*>(blocks.take(LargeBlocks::idle_bytes_max));
  auto* const second = static_cast<std::byte*>(blocks.take(16 * mib));
  first[3 * mib] = second[3 * mib] = std::byte{1};
  blocks.give_back(first);
  EXPECT_EQ(blocks.idle_bytes(), LargeBlocks::idle_bytes_max);
  blocks.give_back(second);
  EXPECT_EQ(blocks.idle_bytes(), 0U);
  EXPECT_EQ(blocks.take(LargeBlocks::idle_bytes_max + 16 * mib), first);
  EXPECT_EQ(first[3 * mib], std::byte{0});
  EXPECT_EQ(second[3 * mib], std::byte{0});
}

// What is taken stays as it was written, whatever others do.
TEST(LargeBlocks, blocks_do_not_overlap) {
  LargeBlocks blocks(1024 * mib);
  const auto use = [&](uint32_t seed) {
    struct Block {
      uint32_t* words;
      size_t size;
      uint32_t mark;
    };
    std::mt19937 random(seed);
    std::vector<Block> taken;
    const auto give_back = [&](size_t k) {
      const Block block = taken[k];
      EXPECT_TRUE(std::all_of(block.words, block.words + block.size, [&](uint32_t w) { return w == block.mark; }));
      blocks.give_back(block.words);
      taken.erase(taken.begin() + static_cast<ptrdiff_t>(k));
    };
    for (int i = 0; i < 500; ++i) {
      if (taken.size() == 20 || (!taken.empty() && random() % 3 == 0)) {
        give_back(random() % taken.size());
        continue;
      }
      const size_t size = 1 + random() % 200'000;
      auto* const words = static_cast<uint32_t*>(blocks.take(size * sizeof(uint32_t)));
      ASSERT_NE(words, nullptr);
      EXPECT_EQ(reinterpret_cast<uintptr_t>(words) % (size_t{64} << 10), 0U);
      taken.push_back({words, size, static_cast<uint32_t>(random())});
      std::fill_n(words, size, taken.back().mark);
    }
    while (!taken.empty()) give_back(0);
  };
  std::thread other([&] { use(1); });
  use(2);
  other.join();
  EXPECT_NE(blocks.take(blocks.idle_bytes()), nullptr);  // all of it has become one
}

}  // namespace
}  // namespace tessera
