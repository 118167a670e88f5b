#include "base/private.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <cstdlib>

namespace tessera {
namespace {

// In a process of its own: what is given up does not come back.
[[noreturn]] void keep_private_and_look() {
  umask(0);
  keep_private();
  rlimit core{};
  getrlimit(RLIMIT_CORE, &core);
  const bool no_core = core.rlim_cur == 0 && core.rlim_max == 0;
  const bool not_dumpable = prctl(PR_GET_DUMPABLE) == 0;
  std::_Exit((no_core ? 1 : 0) + (not_dumpable ? 2 : 0) + (umask(0) == 077 ? 4 : 0));
}

TEST(PrivateDeathTest, NoCoreNoDumpOwnerOnly) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(keep_private_and_look(), testing::ExitedWithCode(7), "");
}

}  // namespace
}  // namespace tessera
