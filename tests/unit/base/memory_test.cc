#include "base/memory.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <limits>
#include <new>

#include "temporary_folder.h"

namespace tessera {
namespace {

namespace stdfs = std::filesystem;

TEST(Arena, IsZeroedAligned) {
  for (const size_t bytes : {size_t{1}, size_t{4096}, size_t{100'000}, size_t{2} << 20, (size_t{5} << 20) + 7}) {
    const Arena arena(bytes);
    ASSERT_EQ(arena.bytes(), bytes);
    const size_t boundary = bytes >= (size_t{2} << 20) ? size_t{2} << 20 : 4096;
    EXPECT_EQ(reinterpret_cast<uintptr_t>(arena.data()) % boundary, 0U);
    EXPECT_TRUE(std::all_of(arena.data(), arena.data() + bytes, [](std::byte b) { return b == std::byte{0}; }));
    std::fill_n(arena.data(), bytes, std::byte{1});  // all of it is ours
  }
}

TEST(Arena, EmptyHoldsNothing) {
  const Arena arena(0);
  EXPECT_EQ(arena.data(), nullptr);
  EXPECT_EQ(Arena().bytes(), 0U);
}

TEST(Arena, MovesWithItsBytes) {
  Arena first(10'000);
  first.data()[9'999] = std::byte{7};
  Arena second(std::move(first));
  Arena third;
  third = std::move(second);
  EXPECT_EQ(third.data()[9'999], std::byte{7});
  EXPECT_EQ(third.bytes(), 10'000U);
}

TEST(Arena, TooMuchIsBadAlloc) {
  constexpr size_t most = std::numeric_limits<size_t>::max();
  EXPECT_THROW(Arena{most}, std::bad_alloc);
  EXPECT_THROW(Arena{most / 4}, std::bad_alloc);
}

TEST(Memory, PeakGrowsWithWhatIsTouched) {
  constexpr size_t bytes = size_t{64} << 20;
  const uint64_t before = peak_memory_bytes();
  const Arena arena(bytes);
  std::fill_n(arena.data(), bytes, std::byte{1});
  EXPECT_GT(before, 0U);
  EXPECT_GE(peak_memory_bytes(), bytes);
  EXPECT_GE(peak_memory_bytes(), before);
}

TEST(Memory, TheMachineHasMoreThanThisTestUses) { EXPECT_GT(machine_memory_bytes(), peak_memory_bytes()); }

TEST(ControlGroup, Version2TakesTheLeastOnTheWayUp) {
  TemporaryFolder mount;
  stdfs::create_directories(mount.path("a/b"));
  put(mount.path("a/memory.max"), "1000\n");
  put(mount.path("a/b/memory.max"), "max\n");
  EXPECT_EQ(control_group_limit_bytes("0::/a/b\n", mount.path()), 1000U);
  put(mount.path("a/b/memory.max"), "500\n");
  EXPECT_EQ(control_group_limit_bytes("0::/a/b\n", mount.path()), 500U);
}

TEST(ControlGroup, InAContainerTheRootOfTheMountIsOurs) {
  TemporaryFolder mount;
  put(mount.path("memory.max"), "700\n");
  EXPECT_EQ(control_group_limit_bytes("0::/not/seen/from/here\n", mount.path()), 700U);
  EXPECT_EQ(control_group_limit_bytes("0::/\n", mount.path()), 700U);
}

TEST(ControlGroup, Version1HasItsOwnTree) {
  TemporaryFolder mount;
  stdfs::create_directories(mount.path("memory/job"));
  put(mount.path("memory/memory.limit_in_bytes"), "9223372036854771712\n");
  put(mount.path("memory/job/memory.limit_in_bytes"), "800\n");
  EXPECT_EQ(control_group_limit_bytes("7:cpu,cpuacct:/x\n5:memory:/job\n", mount.path()), 800U);
}

TEST(ControlGroup, NoFilesNoLimit) {
  TemporaryFolder mount;
  EXPECT_EQ(control_group_limit_bytes("0::/a\n", mount.path()), std::nullopt);
  EXPECT_EQ(control_group_limit_bytes("", mount.path()), std::nullopt);
  EXPECT_EQ(control_group_limit_bytes("nonsense", mount.path()), std::nullopt);
}

}  // namespace
}  // namespace tessera
