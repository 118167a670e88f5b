#include "base/cpu.h"

#include <gtest/gtest.h>

#include <cstdlib>

namespace tessera {
namespace {

// Each in a process of its own: the choice is made once.
[[noreturn]] void exit_with_choice(const char* wish) {
  setenv("TESSERA_KERNELS", wish, 1);
  const int refused = check_kernels() ? 0 : 10;
  std::_Exit(refused + static_cast<int>(kernels()));
}

TEST(CpuDeathTest, ScalarCanAlwaysBeForced) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(exit_with_choice("scalar"), testing::ExitedWithCode(0), "");
}

TEST(CpuDeathTest, AnUnknownWishIsRefusedAndTheBestIsTaken) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  unsetenv("TESSERA_KERNELS");
  const int best = static_cast<int>(kernels());
  EXPECT_EXIT(exit_with_choice("mmx"), testing::ExitedWithCode(10 + best), "");
}

TEST(Cpu, TheMessageNamesWhatThereIs) {
  setenv("TESSERA_KERNELS", "mmx", 1);
  const Status status = check_kernels();
  unsetenv("TESSERA_KERNELS");
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, ErrorCode::usage);
  EXPECT_NE(status.error().message.find("scalar, avx2 or avx512"), std::string::npos);
}

TEST(Cpu, NamesAreThoseOfTheWish) {
  EXPECT_STREQ(name_of(Kernels::scalar), "scalar");
  EXPECT_STREQ(name_of(Kernels::avx2), "avx2");
  EXPECT_STREQ(name_of(Kernels::avx512), "avx512");
}

TEST(Cpu, TextListsTheFeaturesThatTheChoiceNeeds) {
  unsetenv("TESSERA_KERNELS");
  const std::string text = processor_text();
  EXPECT_NE(text.find(':'), std::string::npos);
  if (kernels() != Kernels::scalar) {
    EXPECT_NE(text.find("avx2"), std::string::npos) << text;
  }
}

}  // namespace
}  // namespace tessera
