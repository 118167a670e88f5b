// What the pool of a thread keeps: pages of ever new sizes do not add up, and memory is used again.
#include <gtest/gtest.h>

#include <cstdint>

#include "read/chunk_stream.h"

namespace tessera {
namespace {

TEST(RecyclingPool, HoldsNoMoreThanWasLentAtOneTime) {
  RecyclingPool pool;
  for (int64_t size = 1'000'000; size < 3'000'000; size += 10'000) {
    uint8_t *one = nullptr, *two = nullptr;
    ASSERT_TRUE(pool.Allocate(size, 64, &one).ok());
    ASSERT_TRUE(pool.Allocate(size / 3, 64, &two).ok());
    pool.Free(one, size, 64);
    pool.Free(two, size / 3, 64);
    EXPECT_LE(pool.bytes_allocated(), size * 9 / 4);  // both may lie in large blocks, an eighth larger than asked for
  }
}

TEST(RecyclingPool, LendsAgainWhatWasFreed) {
  RecyclingPool pool;
  uint8_t *first = nullptr, *again = nullptr;
  ASSERT_TRUE(pool.Allocate(1'000'000, 64, &first).ok());
  pool.Free(first, 1'000'000, 64);
  ASSERT_TRUE(pool.Allocate(1'010'000, 64, &again).ok());  // a little more finds room there too
  EXPECT_EQ(first, again);
  ASSERT_TRUE(pool.Reallocate(1'010'000, 1'030'000, 64, &again).ok());
  EXPECT_EQ(first, again);
  pool.Free(again, 1'030'000, 64);
}

TEST(RecyclingPool, KeepsWhatWasWrittenWhenItGrows) {
  RecyclingPool pool;
  uint8_t* data = nullptr;
  ASSERT_TRUE(pool.Allocate(100, 64, &data).ok());
  for (uint8_t i = 0; i < 100; ++i) data[i] = i;
  ASSERT_TRUE(pool.Reallocate(100, 100'000, 64, &data).ok());
  for (uint8_t i = 0; i < 100; ++i) EXPECT_EQ(data[i], i);
  pool.Free(data, 100'000, 64);
}

}  // namespace
}  // namespace tessera
