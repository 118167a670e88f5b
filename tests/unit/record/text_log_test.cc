// Texts behind long words, in the order in which they were written down.
#include "record/text_log.h"

#include <gtest/gtest.h>

#include <vector>

namespace tessera {
namespace {

std::vector<std::pair<uint64_t, std::string>> all_of(const TextLog& log) {
  std::vector<std::pair<uint64_t, std::string>> out;
  for (size_t s = 0; s < log.stretches(); ++s)
    for (size_t i = 0; i < log.words(s).size(); ++i) out.emplace_back(log.words(s)[i], log.text(s, i));
  return out;
}

TEST(TextLog, KeepsEachTextBesideItsWord) {
  TextLog log;
  EXPECT_TRUE(all_of(log).empty());
  std::vector<std::pair<uint64_t, std::string>> wanted;
  for (uint64_t i = 0; i < 50'000; ++i) {
    wanted.emplace_back(uint64_t{1} << 63 | i, std::string(i % 40, 'x') + std::to_string(i));
    log.add(wanted.back().first, wanted.back().second);
  }
  EXPECT_GT(log.stretches(), 3u);
  EXPECT_EQ(all_of(log), wanted);
}

TEST(TextLog, PassesOverAWordThatWasJustThere) {
  TextLog log;
  const uint64_t one = uint64_t{1} << 63 | 5, other = uint64_t{1} << 63 | 6;
  for (int i = 0; i < 3; ++i) {
    log.add(one, "CONSTANCE");
    log.add(other, "ANNE-MARIE");
  }
  EXPECT_EQ(all_of(log), (std::vector<std::pair<uint64_t, std::string>>{{one, "CONSTANCE"}, {other, "ANNE-MARIE"}}));
}

TEST(TextLog, HoldsAVeryLongText) {
  TextLog log;
  const std::string text(5'000'000, 'a');
  log.add(uint64_t{1} << 63 | 1, text);
  log.add(uint64_t{1} << 63 | 2, "b");
  EXPECT_EQ(log.text(0, 0), text);
  EXPECT_EQ(all_of(log).back().second, "b");
}

}  // namespace
}  // namespace tessera
