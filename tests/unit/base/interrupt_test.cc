#include "base/interrupt.h"

#include <gtest/gtest.h>

#include <csignal>
#include <cstdlib>

namespace tessera {
namespace {

// Each in a process of its own: the flag cannot be taken back.

[[noreturn]] void exit_with_status_after(int signal) {
  watch_interrupts();
  if (interrupted() || !check_interrupted()) std::_Exit(99);
  std::raise(signal);
  const Status status = check_interrupted();
  std::_Exit(status || !interrupted() ? 98 : static_cast<int>(status.error().code));
}

TEST(InterruptDeathTest, TheFirstSignalAsksForAnOrderlyEnd) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(exit_with_status_after(SIGINT), testing::ExitedWithCode(5), "");
  EXPECT_EXIT(exit_with_status_after(SIGTERM), testing::ExitedWithCode(5), "");
}

TEST(InterruptDeathTest, TheSecondKillsAtOnce) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(
      {
        watch_interrupts();
        std::raise(SIGINT);
        std::raise(SIGTERM);
        std::_Exit(0);
      },
      testing::KilledBySignal(SIGTERM), "");
}

}  // namespace
}  // namespace tessera
