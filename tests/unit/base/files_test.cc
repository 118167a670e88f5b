#include "base/files.h"

#include <fcntl.h>

#include <cerrno>

#include "temporary_folder.h"

namespace tessera {
namespace {

TEST(Files, FreeDiskOfAFolder) {
  TemporaryFolder folder;
  const auto bytes = free_disk_bytes(folder.path());
  ASSERT_TRUE(bytes);
  EXPECT_GT(*bytes, 0U);
}

TEST(Files, ErrorsNameTheFileAndTheReason) {
  TemporaryFolder folder;
  const std::string missing = folder.path("missing");
  for (const Error& error : {free_disk_bytes(missing).error(), sync_path(missing).error()}) {
    EXPECT_EQ(error.code, ErrorCode::resource);
    EXPECT_NE(error.message.find(missing), std::string::npos);
    EXPECT_NE(error.message.find("No such file"), std::string::npos);
  }
}

TEST(Files, SyncsFilesAndFolders) {
  TemporaryFolder folder;
  put(folder.path("a"), "a");
  EXPECT_TRUE(sync_path(folder.path("a")));
  EXPECT_TRUE(sync_path(folder.path()));
}

TEST(Files, FolderOf) {
  EXPECT_EQ(folder_of("out"), ".");
  EXPECT_EQ(folder_of("a/out"), "a");
  EXPECT_EQ(folder_of("/out"), "/");
}

TEST(OpenFile, ClosesItself) {
  int descriptor = -1;
  {
    OpenFile file(open("/dev/null", O_RDONLY | O_CLOEXEC));
    ASSERT_TRUE(file.is_open());
    const OpenFile moved = std::move(file);
    descriptor = moved.descriptor();
    EXPECT_NE(fcntl(descriptor, F_GETFD), -1);
  }
  EXPECT_EQ(fcntl(descriptor, F_GETFD), -1);
  EXPECT_FALSE(OpenFile().is_open());
}

}  // namespace
}  // namespace tessera
