#include "pseudonymise/keys.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>

#include <filesystem>
#include <functional>
#include <set>

#include "../base/temporary_folder.h"
#include "vectors.h"

namespace tessera {
namespace {

// RFC 5869, appendix A.1 and A.3 (no salt, no info).
TEST(Hkdf, Rfc5869) {
  std::vector<std::byte> out(42);
  const auto secret = from_hex("0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b");
  ASSERT_TRUE(hkdf(secret, from_hex("000102030405060708090a0b0c"), from_hex("f0f1f2f3f4f5f6f7f8f9"), false, out));
  EXPECT_EQ(to_hex(out), "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865");
  ASSERT_TRUE(hkdf(secret, {}, {}, false, out));
  EXPECT_EQ(to_hex(out), "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8");
}

TEST(Hkdf, Wycheproof) {
  const auto groups = wycheproof("hkdf_sha256_test.json");
  if (groups.empty()) GTEST_SKIP() << "wants hkdf_sha256_test.json of Project Wycheproof in ../shared/data/vectors";
  size_t tested = 0;
  for (const auto& group : groups)
    for (const auto& test : group.at("tests")) {
      std::vector<std::byte> out(test.at("size").get<size_t>());
      const auto secret = from_hex(test.at("ikm"));
      const bool made = hkdf(secret, from_hex(test.at("salt")), from_hex(test.at("info")), false, out).has_value();
      EXPECT_EQ(made && to_hex(out) == test.at("okm").get<std::string>(),
                test.at("result").get<std::string>() != "invalid")
          << "tcId " << test.at("tcId");
      ++tested;
    }
  EXPECT_GT(tested, 80U);
}

std::string new_key(const TemporaryFolder& folder, const std::string& name = "a.key") {
  const auto key = SecretKey::draw("");
  EXPECT_TRUE(key);
  EXPECT_TRUE(key->write(folder.path(name)));
  return folder.path(name);
}

void put_private(const std::string& path, const std::string& text) {
  put(path, text);
  ASSERT_EQ(chmod(path.c_str(), 0600), 0);
}

TEST(KeyFile, IsPrivateAndReadsBack) {
  const TemporaryFolder folder;
  const mode_t old = umask(0);
  const auto drawn = SecretKey::draw("0123456789abcdef");
  ASSERT_TRUE(drawn && drawn->write(folder.path("a.key")));
  umask(old);
  struct stat status{};
  ASSERT_EQ(stat(folder.path("a.key").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777, 0600U);
  const auto read = SecretKey::read(folder.path("a.key"));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->key_id(), drawn->key_id());
  EXPECT_EQ(read->follows(), "0123456789abcdef");
  EXPECT_EQ(read->check(), drawn->check());
  DerivedKey a, b;
  ASSERT_TRUE(drawn->derive("d", "n", a) && read->derive("d", "n", b));
  EXPECT_EQ(a, b);
  ASSERT_TRUE(read->derive("d", "m", b));
  EXPECT_NE(a, b);
  EXPECT_EQ(folder.names(), std::set<std::string>{"a.key"});
}

TEST(KeyFile, IsNeverReplaced) {
  const TemporaryFolder folder;
  const std::string path = new_key(folder), before = text_of(path);
  const auto second = SecretKey::draw("")->write(path);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ErrorCode::usage);
  EXPECT_EQ(text_of(path), before);
}

TEST(KeyFile, TwoAreNeverTheSame) {
  const auto a = SecretKey::draw(""), b = SecretKey::draw("");
  ASSERT_TRUE(a && b);
  EXPECT_NE(a->key_id(), b->key_id());
  DerivedKey x, y;
  ASSERT_TRUE(a->derive("d", "n", x) && b->derive("d", "n", y));
  EXPECT_NE(x, y);
}

// The message names the file and the reason, never the secret.
void expect_refused(const std::string& path, ErrorCode code, const std::string& why, const std::string& secret = {}) {
  const auto key = SecretKey::read(path);
  ASSERT_FALSE(key) << why;
  EXPECT_EQ(key.error().code, code) << key.error().message;
  EXPECT_NE(key.error().message.find(why), std::string::npos) << key.error().message;
  EXPECT_NE(key.error().message.find(path), std::string::npos) << key.error().message;
  if (!secret.empty()) {
    EXPECT_EQ(key.error().message.find(secret.substr(0, 8)), std::string::npos) << key.error().message;
  }
}

TEST(KeyFile, WhatIsNoPrivateFileIsRefused) {
  const TemporaryFolder folder;
  const std::string path = new_key(folder);
  std::filesystem::create_symlink(path, folder.path("link.key"));
  expect_refused(folder.path("link.key"), ErrorCode::usage, "is a link");
  std::filesystem::create_directory(folder.path("folder"));
  expect_refused(folder.path("folder"), ErrorCode::usage, "is a directory");
  expect_refused(folder.path("none"), ErrorCode::usage, "is not there");
  ASSERT_EQ(mkfifo(folder.path("pipe").c_str(), 0600), 0);
  expect_refused(folder.path("pipe"), ErrorCode::usage, "no regular file");
  for (const mode_t mode : {0640U, 0604U, 0620U, 0602U, 0610U, 0666U}) {
    ASSERT_EQ(chmod(path.c_str(), mode), 0);
    expect_refused(path, ErrorCode::usage, "open to others");
  }
  ASSERT_EQ(chmod(path.c_str(), 0400), 0);
  EXPECT_TRUE(SecretKey::read(path)) << "its owner may make it read-only";
}

TEST(KeyFile, AnotherOwnersFileIsRefusedUnlessRootReads) {
  if (geteuid() != 0) GTEST_SKIP() << "wants root, to give a file away";
  const TemporaryFolder folder;
  const std::string path = new_key(folder);
  ASSERT_EQ(chown(path.c_str(), 65534, 65534), 0);
  EXPECT_TRUE(SecretKey::read(path)) << "root reads";
  ASSERT_EQ(chown(path.c_str(), 0, 0), 0);
  ASSERT_EQ(chmod(folder.path("").c_str(), 0711), 0);
  ASSERT_EQ(seteuid(65534), 0);
  const auto key = SecretKey::read(path);
  ASSERT_EQ(seteuid(0), 0);
  ASSERT_FALSE(key);
  EXPECT_EQ(key.error().code, ErrorCode::usage) << key.error().message;
}

TEST(KeyFile, EveryChangedCharacterShows) {
  const TemporaryFolder folder;
  const std::string path = new_key(folder), text = text_of(path);
  const size_t at = text.find("\"secret\": \"") + 11;
  const std::string secret = text.substr(at, 64);
  for (const std::string field : {"secret", "check", "key_id", "created"}) {
    const size_t value = text.find("\"" + field + "\": \"") + field.size() + 5;
    std::string changed = text;
    changed[value] = changed[value] == '1' ? '2' : '1';
    put_private(path, changed);
    expect_refused(path, ErrorCode::data, "is damaged", secret);
  }
  for (size_t cut = 0; cut < text.size() - 2; cut += 5) {
    put_private(path, text.substr(0, cut));
    expect_refused(path, ErrorCode::data, "", secret);
  }
  put_private(path, text);
  EXPECT_TRUE(SecretKey::read(path));
}

TEST(KeyFile, EachMistakeIsNamed) {
  const TemporaryFolder folder;
  const std::string path = new_key(folder), text = text_of(path);
  const std::string secret = text.substr(text.find("\"secret\": \"") + 11, 64);
  const auto with = [&](const std::string& from, const std::string& to) {
    std::string out = text;
    out.replace(out.find(from), from.size(), to);
    put_private(path, out);
  };
  put_private(path, "");
  expect_refused(path, ErrorCode::data, "is empty");
  put_private(path, std::string(5000, ' '));
  expect_refused(path, ErrorCode::data, "more than 4096 bytes");
  put_private(path, "[" + text + "]");
  expect_refused(path, ErrorCode::data, "not one JSON object", secret);
  put_private(path, text + text);
  expect_refused(path, ErrorCode::data, "not one JSON object", secret);
  with("tessera-key", "another");
  expect_refused(path, ErrorCode::data, "\"format\" is not", secret);
  with("\"version\": 1", "\"version\": 2");
  expect_refused(path, ErrorCode::data, "version that this Tessera does not know", secret);
  with("\"check\"", "\"chek\"");
  expect_refused(path, ErrorCode::data, "a key that no key file has", secret);
  with(" \"version\": 1,\n", "");
  expect_refused(path, ErrorCode::data, "has no \"version\"", secret);
  with(" \"version\": 1,\n", " \"version\": 1,\n \"version\": 1,\n");
  expect_refused(path, ErrorCode::data, "\"version\" twice", secret);
  with(secret, "");
  expect_refused(path, ErrorCode::data, "\"secret\" is empty");
  with(secret, secret.substr(0, 62));
  expect_refused(path, ErrorCode::data, "shorter than 64", secret);
  with(secret, secret + "00");
  expect_refused(path, ErrorCode::data, "not 64 hex digits", secret);
  with(secret, "A" + secret.substr(1));
  expect_refused(path, ErrorCode::data, "not 64 hex digits", secret);
  with("\"created\": \"2", "\"created\": \"x");
  expect_refused(path, ErrorCode::data, "\"created\" is no time", secret);
  with("\"version\": 1", "\"version\": 1, \"follows\": \"12\"");
  expect_refused(path, ErrorCode::data, "a key id is not", secret);
}

// Under clang's sanitizers mlock() does nothing.
#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
constexpr bool sanitizers_lock_nothing = true;
#else
constexpr bool sanitizers_lock_nothing = false;
#endif
#else
constexpr bool sanitizers_lock_nothing = false;
#endif

TEST(Secrets, LieInPagesThatAreLockedAndNotDumped) {
  auto bytes = SecretBytes::make(100);
  ASSERT_TRUE(bytes);
  // /proc/self/smaps says of each range what was asked of the kernel: "lo" locked, "dd" not dumped, "wf" wiped on fork.
  std::ifstream maps("/proc/self/smaps");
  const std::string begin = fmt::format("{:x}-", reinterpret_cast<uintptr_t>(bytes->data()));
  bool here = false, seen = false;
  for (std::string line; std::getline(maps, line);) {
    if (line.find('-') < 17 && line.find(':') != line.find_first_of(": ")) here = line.starts_with(begin);
    if (!here || !line.starts_with("VmFlags:")) continue;
    seen = true;
    EXPECT_NE(line.find(" dd"), std::string::npos) << line;
    EXPECT_NE(line.find(" wf"), std::string::npos) << line;
    if (secrets_are_locked() && !sanitizers_lock_nothing) {
      EXPECT_NE(line.find(" lo"), std::string::npos) << line;
    }
    break;
  }
  if (!seen) GTEST_SKIP() << "this system does not tell (/proc/self/smaps)";
}

}  // namespace
}  // namespace tessera
