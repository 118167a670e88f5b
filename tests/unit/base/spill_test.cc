// What is spilled comes back whole, from every thread, or is found to be damaged.
#include "base/spill.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <map>
#include <thread>

#include "temporary_folder.h"

namespace tessera {
namespace {

constexpr size_t block_bytes = 256;

// Appends count numbers from first on, number n to bin n modulo the bins.
Status append(SpillBins& bins, uint64_t first, uint64_t count) {
  SpillBins::Appender appender(bins);
  for (uint64_t number = first; number < first + count; ++number) {
    TESSERA_ASSIGN(std::byte * place, appender.take(number % bins.bins(), sizeof number));
    std::memcpy(place, &number, sizeof number);
  }
  return appender.flush();
}

Result<std::vector<uint64_t>> numbers(const SpillBins& bins, size_t bin) {
  std::vector<std::byte> bytes;
  TESSERA_TRY(bins.read_bin(bin, bytes));
  std::vector<uint64_t> out(bytes.size() / sizeof(uint64_t));
  if (!bytes.empty()) std::memcpy(out.data(), bytes.data(), bytes.size());
  std::ranges::sort(out);
  return out;
}

// Changes one byte of every spill file that this process holds open below the folder.
void damage(const std::string& folder) {
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
    std::error_code gone;
    const std::string target = std::filesystem::read_symlink(entry.path(), gone).string();
    if (gone || target.find(folder) != 0 || target.find("/bins-") == std::string::npos) continue;
    const int file = ::open(entry.path().c_str(), O_RDWR | O_CLOEXEC);
    ASSERT_GE(file, 0);
    char byte = 0;
    if (::pread(file, &byte, 1, 5) == 1) {
      byte = static_cast<char>(byte ^ 1);
      ASSERT_EQ(::pwrite(file, &byte, 1, 5), 1);
    }
    ::close(file);
  }
}

TEST(Spill, ComesBackWholeFromManyThreads) {
  TemporaryFolder folder;
  const auto made = SpillBins::make(folder.path(), 7, block_bytes);
  ASSERT_TRUE(made);
  SpillBins& bins = **made;
  constexpr uint64_t threads = 11, each = 1000;  // more threads than files
  {
    std::vector<std::jthread> running;
    for (uint64_t t = 0; t < threads; ++t)
      running.emplace_back([&bins, t] { EXPECT_TRUE(append(bins, t * each, each)); });
  }
  EXPECT_EQ(bins.bytes_written(), threads * each * sizeof(uint64_t));
  for (size_t bin = 0; bin < bins.bins(); ++bin) {
    std::vector<uint64_t> expected;
    for (uint64_t number = bin; number < threads * each; number += bins.bins()) expected.push_back(number);
    const auto found = numbers(bins, bin);
    ASSERT_TRUE(found);
    EXPECT_EQ(*found, expected);
  }
}

TEST(Spill, ABinIsOverwrittenInPlace) {
  TemporaryFolder folder;
  const auto bins = SpillBins::make(folder.path(), 2, block_bytes);
  ASSERT_TRUE(bins);
  ASSERT_TRUE(append(**bins, 0, 500));
  auto even = numbers(**bins, 0);
  ASSERT_TRUE(even);
  for (uint64_t& number : *even) number += 1'000'000;
  ASSERT_TRUE((*bins)->rewrite(0, std::as_bytes(std::span(*even))));
  EXPECT_EQ(*numbers(**bins, 0), *even);
  EXPECT_EQ(numbers(**bins, 1)->front(), 1U);  // the other one is as it was
}

TEST(Spill, DamageIsFoundAndSaidWithoutTheBytes) {
  TemporaryFolder folder;
  const auto bins = SpillBins::make(folder.path(), 1, block_bytes);
  ASSERT_TRUE(bins);
  ASSERT_TRUE(append(**bins, 0, 100));
  ASSERT_TRUE(numbers(**bins, 0));
  damage(folder.path());
  const auto found = numbers(**bins, 0);
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code, ErrorCode::resource);
  EXPECT_NE(found.error().message.find("damaged"), std::string::npos);
}

TEST(Spill, LeavesNoNameBehind) {
  TemporaryFolder folder;
  const auto bins = SpillBins::make(folder.path(), 3, block_bytes);
  ASSERT_TRUE(bins);
  ASSERT_TRUE(append(**bins, 0, 100));
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

TEST(Spill, AFolderThatIsNotThereIsAResourceError) {
  const auto bins = SpillBins::make("/nowhere/at/all", 1, block_bytes);
  ASSERT_FALSE(bins);
  EXPECT_EQ(bins.error().code, ErrorCode::resource);
}

}  // namespace
}  // namespace tessera
