// Do files appear private and new, with their digest, and do failures say what to do?
#include "write/file.h"

#include <fmt/format.h>
#include <sys/resource.h>

#include <cerrno>
#include <csignal>

#include "tables.h"

namespace tessera::testing {
namespace {

TEST(File, IsPrivateAndHoldsWhatWasWritten) {
  const Folder folder;
  auto file = OutFile::create(folder / "a", "a");
  ASSERT_TRUE(file);
  ASSERT_TRUE(file->write("one "));
  ASSERT_TRUE(file->write("two"));
  const auto closed = file->close(2);
  ASSERT_TRUE(closed);
  EXPECT_EQ(content_of(folder / "a"), "one two");
  EXPECT_EQ(closed->bytes, 7u);
  EXPECT_EQ(closed->rows, 2u);
  EXPECT_EQ(closed->name, "a");
  struct stat found{};
  ASSERT_EQ(::stat((folder / "a").c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 0777, 0600u);
}

TEST(File, DigestIsThatOfItsBytes) {
  const Folder folder;
  std::string all;
  auto file = OutFile::create(folder / "a", "a");
  ASSERT_TRUE(file);
  for (size_t size : {size_t{1}, size_t{100'000}, size_t{700'000}, size_t{0}, size_t{200'000}, size_t{9}}) {
    std::string piece(size, '\0');
    for (size_t i = 0; i < size; ++i) piece[i] = static_cast<char>((i * 31 + size) % 251);
    ASSERT_TRUE(file->write(piece));
    all += piece;
  }
  EXPECT_EQ(file->bytes(), all.size());
  const auto closed = file->close(0);
  ASSERT_TRUE(closed);
  EXPECT_TRUE(content_of(folder / "a") == all);
  const XXH128_hash_t hash = XXH3_128bits(all.data(), all.size());
  EXPECT_EQ(closed->digest, fmt::format("xxh3-128:{:016x}{:016x}", hash.high64, hash.low64));
}

TEST(File, NeverReplacesAnother) {
  const Folder folder;
  std::ofstream(folder / "a") << "mine";
  const auto file = OutFile::create(folder / "a", "a");
  ASSERT_FALSE(file);
  EXPECT_EQ(file.error().code, ErrorCode::resource);
  EXPECT_NE(file.error().message.find(folder / "a"), std::string::npos);
  EXPECT_EQ(content_of(folder / "a"), "mine");
}

TEST(File, FolderThatIsNotThere) {
  const auto file = OutFile::create("/no such folder/a", "a");
  ASSERT_FALSE(file);
  EXPECT_EQ(file.error().code, ErrorCode::resource);
  EXPECT_EQ(file.error().message, "cannot create /no such folder/a: No such file or directory");
}

TEST(File, FullDiskSaysWhatHelps) {
  const std::string message = write_failure("/out/links.csv", "write", ENOSPC);
  EXPECT_EQ(message,
            "cannot write /out/links.csv: No space left on device\n"
            "  free space on that disk, or name another place as output.directory");
}

// Every format hands on the error of its file, as it happened, and stays failed.
class Limited : public ::testing::TestWithParam<FileFormat> {};

TEST_P(Limited, WriteErrorReachesTheCaller) {
  const Folder folder;
  const std::string path = folder / "limited";
  struct rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  const struct rlimit small{.rlim_cur = 4096, .rlim_max = before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);

  Table table;
  table.columns.push_back(text_column("id", {}));
  for (size_t i = 0; i < 20'000; ++i) table.columns[0].texts.push_back("value " + std::to_string(i * 7919 % 20011));
  auto writer = make_table_writer(path, "table", GetParam(), table.names());
  Status status;
  Result<OutputFile> closed;
  if (writer) {
    status = (*writer)->append(prepare_rows(**writer, table, 0, table.rows()));
    closed = (*writer)->close();
  }
  ::setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, handler);

  ASSERT_TRUE(writer);
  ASSERT_FALSE(closed);
  EXPECT_EQ(closed.error().code, ErrorCode::resource);
  EXPECT_TRUE(closed.error().message.starts_with("cannot write " + path + ": File too large"))
      << closed.error().message;
  if (!status) {
    EXPECT_EQ(status.error().message, closed.error().message);
  }
}

INSTANTIATE_TEST_SUITE_P(Formats, Limited, ::testing::Values(FileFormat::csv, FileFormat::ndjson, FileFormat::parquet),
                         [](const auto& tested) { return std::string(ending_of(tested.param) + 1); });

}  // namespace
}  // namespace tessera::testing
