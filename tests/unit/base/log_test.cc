#include "base/log.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>

namespace tessera {
namespace {

TEST(LogLine, PlainNamesWarningsAndFields) {
  EXPECT_EQ(log_line(LogFormat::plain, LogLevel::info, "reading", {{"input", "hes"}, {"rows", "10"}}),
            "reading  input=hes  rows=10");
  EXPECT_EQ(log_line(LogFormat::plain, LogLevel::warning, "slow", {}), "warning: slow");
}

TEST(LogLine, JsonEscapes) {
  const std::string line = log_line(LogFormat::json, LogLevel::error, "a \"b\"\n\xff", {{"file", "c\\d"}});
  EXPECT_EQ(line.find('\n'), std::string::npos) << "one line";
  const auto parsed = nlohmann::json::parse(line);
  EXPECT_EQ(parsed["level"], "error");
  EXPECT_EQ(parsed["message"], "a \"b\"\n\xEF\xBF\xBD");
  EXPECT_EQ(parsed["file"], "c\\d");
}

// Each in a process of its own: the log is of the process.
class LogDeathTest : public testing::Test {
 protected:
  void SetUp() override { GTEST_FLAG_SET(death_test_style, "threadsafe"); }
};

TEST_F(LogDeathTest, JsonLinesOnStderrHaveATime) {
  EXPECT_EXIT(
      {
        start_log(LogFormat::json, LogLevel::info);
        log(LogLevel::info, "reading", {{"rows", "10"}});
        std::_Exit(0);
      },
      testing::ExitedWithCode(0),
      R"(^\{"time":"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}\.[0-9]{3}Z","level":"info","message":"reading","rows":"10"\}
$)");
}

TEST_F(LogDeathTest, LessThanAskedForIsNotWritten) {
  EXPECT_EXIT(
      {
        log(LogLevel::info, "unasked");  // before start_log: warnings and errors
        start_log(LogFormat::plain, LogLevel::error);
        log(LogLevel::warning, "unasked");
        log(LogLevel::error, "asked");
        std::_Exit(0);
      },
      testing::ExitedWithCode(0), "^[0-9]{2}:[0-9]{2}:[0-9]{2} error: asked\n$");
}

TEST(Colour, NotWhereStderrIsNoTerminalOrNoColorIsSet) {
  setenv("NO_COLOR", "1", 1);
  EXPECT_FALSE(colour_on_stderr());
  unsetenv("NO_COLOR");
}

}  // namespace
}  // namespace tessera
