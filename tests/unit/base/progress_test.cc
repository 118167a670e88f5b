#include "base/progress.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <thread>
#include <vector>

namespace tessera {
namespace {

TEST(ProgressText, SaysRateAndTimeLeft) {
  EXPECT_EQ(progress_text("reading hes", 25'000'000, 100'000'000, 5.0),
            "reading hes  25.0 M of 100.0 M rows  25 %  5.0 M rows/s  15.0 s left");
}

TEST(ProgressText, WithoutATotalThereIsNoTimeLeft) {
  EXPECT_EQ(progress_text("reading hes", 25'000'000, 0, 5.0), "reading hes  25.0 M rows  5.0 M rows/s");
}

TEST(ProgressText, MakesNoPromisesAtTheStart) {
  EXPECT_EQ(progress_text("reading hes", 10, 100, 0.01), "reading hes  10 of 100 rows  10 %");
  EXPECT_EQ(progress_text("reading hes", 0, 100, 9), "reading hes  0 of 100 rows  0 %");
}

TEST(ProgressText, MoreThanExpectedIsAllOfIt) {
  EXPECT_EQ(progress_text("reading hes", 120, 100, 10.0), "reading hes  120 of 100 rows  100 %  12 rows/s");
}

TEST(Progress, SilentUnlessOn) {
  testing::internal::CaptureStderr();
  {
    Progress progress("reading", 10, false);
    progress.add(10);
  }
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
}

TEST(Progress, ToAFileItWritesFewLinesAndTheLastHasAllRows) {
  testing::internal::CaptureStderr();
  {
    Progress progress("reading", 40'000, true);
    std::vector<std::jthread> workers;
    for (int worker = 0; worker < 4; ++worker)
      workers.emplace_back([&] {
        for (int i = 0; i < 10'000; ++i) progress.add(1);
      });
  }
  const std::string text = testing::internal::GetCapturedStderr();
  const auto lines = std::ranges::count(text, '\n');
  EXPECT_GE(lines, 2);
  EXPECT_LE(lines, 10) << "not a line for each of 40,000 calls";
  const std::string last = text.substr(text.rfind('\n', text.size() - 2) + 1);
  EXPECT_TRUE(last.starts_with("reading  40.0 k of 40.0 k rows  100 %")) << last;
  EXPECT_EQ(text.find('\033'), std::string::npos) << "no terminal codes in a file";
}

}  // namespace
}  // namespace tessera
