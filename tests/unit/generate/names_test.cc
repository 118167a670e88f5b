// Names: common ones often, rare ones many, and who bears which.
#include "generate/names.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "generate/chance.h"

using namespace tessera::generate_detail;

namespace {

// No stray, missing or overlong byte; letters of names need no more than two or three bytes.
bool is_utf8(std::string_view text) {
  for (size_t i = 0; i < text.size();) {
    const auto c = static_cast<unsigned char>(text[i]);
    const size_t size = c < 0x80 ? 1 : c >= 0xc2 && c < 0xe0 ? 2 : c >= 0xe0 && c < 0xf0 ? 3 : 0;
    if (size == 0 || i + size > text.size()) return false;
    for (size_t k = 1; k < size; ++k) {
      if ((static_cast<unsigned char>(text[i + k]) & 0xc0) != 0x80) return false;
    }
    i += size;
  }
  return true;
}

}  // namespace

TEST(Names, AreUtf8OfSensibleLengthForEveryOriginSexAndTime) {
  const Names names;
  for (int origin = british; origin <= arabic; ++origin) {
    for (uint64_t i = 0; i < 3000; ++i) {
      const Name family = names.family(static_cast<Origin>(origin), hash(1, i));
      const Name given =
          names.given(static_cast<Origin>(origin), i % 2 == 0, 1900 + static_cast<int>(i % 130), hash(2, i));
      for (const Name& name : {family, given}) {
        ASSERT_GE(name.size, 2U);
        ASSERT_LE(name.size, sizeof name.text);
        ASSERT_TRUE(is_utf8(name.view()));
        ASSERT_EQ(name.view().find('_'), std::string_view::npos);
      }
    }
  }
}

TEST(Names, AreMoreThanAHundredThousandWithFewInMostMouths) {
  const Names names;
  std::unordered_map<std::string, int> bearers;
  constexpr int people = 2'000'000;
  for (uint64_t i = 0; i < people; ++i) ++bearers[std::string(names.family(british, hash(3, i)).view())];
  EXPECT_GT(bearers.size(), 100'000U);
  EXPECT_GT(bearers["Smith"], people / 100);
  std::vector<int> counts;
  for (const auto& [name, count] : bearers) counts.push_back(count);
  std::sort(counts.rbegin(), counts.rend());
  int commonest = 0;
  for (size_t i = 0; i < 100; ++i) commonest += counts[i];
  EXPECT_GT(commonest, people / 3);
}

TEST(Names, TellSexesAndGenerationsApart) {
  const Names names;
  const auto drawn = [&](bool female, int year) {
    std::unordered_set<std::string> out;
    for (uint64_t i = 0; i < 2000; ++i) out.insert(std::string(names.given(british, female, year, hash(4, i)).view()));
    return out;
  };
  const auto old_women = drawn(true, 1915), young_women = drawn(true, 2015), young_men = drawn(false, 2015);
  EXPECT_TRUE(old_women.contains("Doris"));
  EXPECT_FALSE(young_women.contains("Doris"));
  for (const std::string& name : young_women) EXPECT_FALSE(young_men.contains(name)) << name;
}

TEST(Names, HaveMarksApostrophesHyphensAndSpaces) {
  const Names names;
  bool marked = false, apostrophe = false, hyphen = false, space = false;
  for (uint64_t i = 0; i < 20000; ++i) {
    const Name name = names.family(Names::origin(hash(5, i)), hash(6, i));
    marked |= std::any_of(name.view().begin(), name.view().end(), [](char c) { return (c & 0x80) != 0; });
    apostrophe |= name.view().find('\'') != std::string_view::npos;
    hyphen |= name.view().find('-') != std::string_view::npos;
    space |= name.view().find(' ') != std::string_view::npos;
  }
  EXPECT_TRUE(marked && apostrophe && hyphen && space);
}
