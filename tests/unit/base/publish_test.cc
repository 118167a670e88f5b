#include "base/publish.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "temporary_folder.h"

namespace tessera {
namespace {

using Names = std::set<std::string>;

unsigned mode_of(const std::string& path) {
  struct stat status{};
  EXPECT_EQ(stat(path.c_str(), &status), 0) << path;
  return status.st_mode & 0777;
}

// Publishes one file called links that holds `text`.
Status publish_text(const std::string& target, bool force, const std::string& text) {
  TESSERA_ASSIGN(OutputDirectory out, OutputDirectory::begin(target, force));
  put(out.file("links"), text);
  return out.publish();
}

// Runs `work` in a child; it must end with raise(SIGKILL), as with kill -9 or the kernel's want of memory.
template <class Work>
void die_in(Work work) {
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    work();
    _exit(0);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

TEST(OutputDirectory, NothingIsAtTheTargetBeforePublish) {
  TemporaryFolder folder;
  auto out = OutputDirectory::begin(folder.path("out"), false);
  ASSERT_TRUE(out);
  put(out->file("links"), "a");
  EXPECT_FALSE(folder.names().contains("out"));
  EXPECT_EQ(folder.names().size(), 1U) << "one work directory beside the target";
  ASSERT_TRUE(out->publish());
  EXPECT_EQ(folder.names(), Names{"out"});
  EXPECT_EQ(text_of(folder.path("out/links")), "a");
}

TEST(OutputDirectory, UnpublishedLeavesNothing) {
  TemporaryFolder folder;
  {
    auto out = OutputDirectory::begin(folder.path("out"), false);
    ASSERT_TRUE(out);
    put(out->file("links"), "a");
  }
  EXPECT_EQ(folder.names(), Names{});
}

TEST(OutputDirectory, OnlyTheOwnerReads) {
  TemporaryFolder folder;
  const mode_t before = umask(0);
  auto out = OutputDirectory::begin(folder.path("out"), false);
  ASSERT_TRUE(out);
  EXPECT_EQ(mode_of(out->file("")), 0700U);
  put(out->file("links"), "a");
  std::filesystem::create_directory(out->file("parts"));
  put(out->file("parts/1"), "a");
  ASSERT_TRUE(out->publish());
  umask(before);
  EXPECT_EQ(mode_of(folder.path("out")), 0700U);
  EXPECT_EQ(mode_of(folder.path("out/links")), 0600U);
  EXPECT_EQ(mode_of(folder.path("out/parts")), 0700U);
  EXPECT_EQ(mode_of(folder.path("out/parts/1")), 0600U);
}

TEST(OutputDirectory, AnExistingOneIsNotTouchedWithoutForce) {
  TemporaryFolder folder;
  ASSERT_TRUE(publish_text(folder.path("out"), false, "old"));
  const Status again = publish_text(folder.path("out"), false, "new");
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, ErrorCode::usage);
  EXPECT_NE(again.error().message.find("--force"), std::string::npos);
  EXPECT_EQ(text_of(folder.path("out/links")), "old");
  EXPECT_EQ(folder.names(), Names{"out"});
}

TEST(OutputDirectory, OneThatAppearsMeanwhileIsNotTouched) {
  TemporaryFolder folder;
  auto late = OutputDirectory::begin(folder.path("out"), false);
  ASSERT_TRUE(late);
  ASSERT_TRUE(publish_text(folder.path("out"), false, "first"));
  put(late->file("links"), "second");
  const Status status = late->publish();
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, ErrorCode::usage);
  EXPECT_EQ(text_of(folder.path("out/links")), "first");
}

TEST(OutputDirectory, ForceReplacesTheWholeDirectory) {
  TemporaryFolder folder;
  {
    auto out = OutputDirectory::begin(folder.path("out"), false);
    ASSERT_TRUE(out);
    put(out->file("links"), "old");
    put(out->file("rejects"), "old");
    ASSERT_TRUE(out->publish());
  }
  ASSERT_TRUE(publish_text(folder.path("out"), true, "new"));
  EXPECT_EQ(text_of(folder.path("out/links")), "new");
  EXPECT_FALSE(std::filesystem::exists(folder.path("out/rejects")));
  EXPECT_EQ(folder.names(), Names{"out"});
}

TEST(OutputDirectory, ForceWorksWhereNothingIsYet) {
  TemporaryFolder folder;
  EXPECT_TRUE(publish_text(folder.path("out/"), true, "new"));
  EXPECT_EQ(text_of(folder.path("out/links")), "new");
}

TEST(OutputDirectory, ForceReplacesAnEmptyFolderAndOneWithAManifest) {
  TemporaryFolder folder;
  std::filesystem::create_directory(folder.path("empty"));
  EXPECT_TRUE(publish_text(folder.path("empty"), true, "new"));
  std::filesystem::create_directory(folder.path("run"));
  put(folder.path("run/manifest.json"), "{}");
  EXPECT_TRUE(publish_text(folder.path("run"), true, "new"));
}

TEST(OutputDirectory, ForceLeavesSomebodysDataAlone) {
  TemporaryFolder folder;
  std::filesystem::create_directory(folder.path("data"));
  put(folder.path("data/hes.csv"), "precious");
  put(folder.path("plain"), "precious");
  for (const char* target : {"data", "plain"}) {
    const Status status = publish_text(folder.path(target), true, "new");
    ASSERT_FALSE(status) << target;
    EXPECT_EQ(status.error().code, ErrorCode::usage);
  }
  EXPECT_EQ(text_of(folder.path("data/hes.csv")), "precious");
  EXPECT_EQ(text_of(folder.path("plain")), "precious");
  EXPECT_EQ(folder.names(), (Names{"data", "plain"}));
}

TEST(OutputDirectory, AFolderThatIsNotThereIsAResourceError) {
  TemporaryFolder folder;
  const auto out = OutputDirectory::begin(folder.path("missing/out"), false);
  ASSERT_FALSE(out);
  EXPECT_EQ(out.error().code, ErrorCode::resource);
  EXPECT_NE(out.error().message.find(folder.path("missing")), std::string::npos);
}

TEST(OutputDirectory, AFolderThatCannotBeWrittenIsAResourceError) {
  const auto out = OutputDirectory::begin("/proc/tessera-out", false);  // not even root writes there
  ASSERT_FALSE(out);
  EXPECT_EQ(out.error().code, ErrorCode::resource);
}

TEST(OutputDirectory, ANameOfItsOwnIsNeeded) {
  for (const char* target : {"", "/"}) {
    const auto out = OutputDirectory::begin(target, true);
    ASSERT_FALSE(out) << target;
    EXPECT_EQ(out.error().code, ErrorCode::usage);
  }
}

TEST(OutputDirectory, TheNextRunRemovesWhatAKilledOneLeft) {
  TemporaryFolder folder;
  die_in([&] {
    auto out = OutputDirectory::begin(folder.path("out"), false);
    put(out->file("links"), "half");
    raise(SIGKILL);
  });
  ASSERT_EQ(folder.names().size(), 1U) << "the killed run leaves its work directory";
  ASSERT_FALSE(folder.names().contains("out"));
  ASSERT_TRUE(publish_text(folder.path("out"), false, "whole"));
  EXPECT_EQ(folder.names(), Names{"out"});
}

TEST(OutputDirectory, TheNextRunRemovesAnOldOutputThatAKilledForceLeft) {
  TemporaryFolder folder;
  // What lies there when the kill comes between exchange and removal.
  std::filesystem::create_directory(folder.path("out.tessera-99-abcdef"));
  put(folder.path("out.tessera-99-abcdef/links"), "old");
  ASSERT_TRUE(publish_text(folder.path("out"), false, "new"));
  EXPECT_EQ(folder.names(), Names{"out"});
}

TEST(OutputDirectory, ALiveRunIsLeftAlone) {
  TemporaryFolder folder;
  auto live = OutputDirectory::begin(folder.path("out"), false);
  ASSERT_TRUE(live);
  put(live->file("links"), "mine");
  {
    const auto other = OutputDirectory::begin(folder.path("out"), false);
    ASSERT_TRUE(other);
  }
  EXPECT_EQ(text_of(live->file("links")), "mine");
  EXPECT_TRUE(live->publish());
}

TEST(OutputDirectory, OtherTargetsWorkDirectoriesAreLeftAlone) {
  TemporaryFolder folder;
  std::filesystem::create_directory(folder.path("other.tessera-1-abcdef"));
  std::filesystem::create_directory(folder.path("out-of-office"));
  ASSERT_TRUE(publish_text(folder.path("out"), false, "new"));
  EXPECT_EQ(folder.names(), (Names{"other.tessera-1-abcdef", "out", "out-of-office"}));
}

TEST(OutputDirectory, MovingLeavesOneOwner) {
  TemporaryFolder folder;
  auto first = OutputDirectory::begin(folder.path("out"), false);
  ASSERT_TRUE(first);
  OutputDirectory second = std::move(*first);
  put(second.file("links"), "a");
  EXPECT_TRUE(second.publish());
}

TEST(SpillDirectory, IsPrivateAndGoesAway) {
  TemporaryFolder folder;
  {
    auto spill = SpillDirectory::begin(folder.path());
    ASSERT_TRUE(spill);
    EXPECT_EQ(mode_of(spill->path()), 0700U);
    put(spill->path() + "/partition-0", "a");
  }
  EXPECT_EQ(folder.names(), Names{});
}

TEST(SpillDirectory, TheNextRunRemovesADeadOneAndKeepsALiveOne) {
  TemporaryFolder folder;
  auto live = SpillDirectory::begin(folder.path());
  ASSERT_TRUE(live);
  die_in([&] {
    auto dead = SpillDirectory::begin(folder.path());
    put(dead->path() + "/partition-0", "a");
    raise(SIGKILL);
  });
  EXPECT_EQ(folder.names().size(), 2U);
  auto next = SpillDirectory::begin(folder.path());
  ASSERT_TRUE(next);
  EXPECT_EQ(folder.names(), (Names{std::filesystem::path(live->path()).filename().string(),
                                   std::filesystem::path(next->path()).filename().string()}));
}

TEST(SpillDirectory, AMissingParentIsAResourceError) {
  TemporaryFolder folder;
  const auto spill = SpillDirectory::begin(folder.path("missing"));
  ASSERT_FALSE(spill);
  EXPECT_EQ(spill.error().code, ErrorCode::resource);
}

}  // namespace
}  // namespace tessera
