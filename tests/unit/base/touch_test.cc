// touch_test.cc: is memory that all threads have asked for the same as any other?
#include "base/touch.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <vector>

namespace tessera {

namespace {

TEST(Touch, LeavesWhatIsThere) {
  std::vector<uint8_t> bytes(5'000'001);
  for (size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<uint8_t>(i * 7);
  const std::vector<uint8_t> before = bytes;
  for (const size_t begin : {size_t{0}, size_t{1}, size_t{4095}, size_t{4'999'999}})
    touch(bytes.data() + begin, bytes.size() - begin);
  touch(nullptr, 0);
  EXPECT_EQ(bytes, before);
}

TEST(Touch, GrowsAsAnyVector) {
  std::vector<uint32_t> numbers{1, 2, 3}, slow = numbers;
  for (const size_t size : {size_t{3'000'000}, size_t{2}, size_t{0}, size_t{1'500'000}}) {
    grow_touched(numbers, size);
    slow.resize(size);
    EXPECT_EQ(numbers, slow);
  }
}

}  // namespace

}  // namespace tessera
