// Domains of values: what goes in comes out, and what is forgotten leaves no trace.
#include "record/values.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>

using namespace tessera;

TEST(ValueDomain, BeginsWithNull) {
  const ValueDomain domain;
  EXPECT_EQ(domain.type(), ValueType::text);
  EXPECT_EQ(domain.size(), 1u);
  EXPECT_EQ(domain.text(0), "");
  EXPECT_TRUE(std::isnan(domain.number(0)));
  EXPECT_EQ(domain.word(0), 0u);
  EXPECT_FALSE(domain.is_short(0));
  EXPECT_TRUE(domain.items(0).empty());
}

TEST(ValueDomain, KeepsTexts) {
  ValueDomain domain;
  EXPECT_EQ(domain.add_text("ANNA", std::nan(""), 17), 1u);
  EXPECT_EQ(domain.add_text("1950-03-01", -7246, 18), 2u);
  EXPECT_EQ(domain.text(1), "ANNA");
  EXPECT_EQ(domain.word(1), 17u);
  EXPECT_TRUE(std::isnan(domain.number(1)));
  EXPECT_EQ(domain.number(2), -7246);
  EXPECT_EQ(std::string_view(domain.short_text(1).bytes, 5), std::string_view("ANNA\0", 5));
}

TEST(ValueDomain, KnowsWhichTextsAreShort) {
  ValueDomain domain;
  using namespace std::string_view_literals;
  const std::tuple<std::string_view, bool, bool> texts[] = {{"ANNA"sv, true, true},
                                                            {"SIXTEEN LETTERS!"sv, true, true},
                                                            {"SEVENTEEN LETTERS"sv, false, true},
                                                            {"ZO\u00cb"sv, false, false},
                                                            {"A\0B"sv, false, true},
                                                            {""sv, false, true}};
  for (const auto& [text, is_short, ascii] : texts) {
    const Code code = domain.add_text(text, 0);
    EXPECT_EQ(domain.is_short(code), is_short) << text;
    EXPECT_EQ(domain.ascii(code), ascii) << text;
    EXPECT_EQ(domain.text(code), text);
  }
}

TEST(ValueDomain, KeepsNumbersAndLists) {
  ValueDomain numbers(ValueType::number), lists(ValueType::list);
  EXPECT_EQ(numbers.number(numbers.add_number(2.5)), 2.5);
  const std::vector<Code> items = {1, 5, 9};
  const Code list = lists.add_list(items), none = lists.add_list({}), again = lists.add_list(items);
  EXPECT_EQ(std::vector<Code>(lists.items(list).begin(), lists.items(list).end()), items);
  EXPECT_TRUE(lists.items(none).empty());
  EXPECT_EQ(lists.items(again).size(), 3u);
  EXPECT_EQ(lists.type(), ValueType::list);
}

TEST(ValueDomain, ReservesWithoutChangingAnything) {
  ValueDomain domain;
  domain.add_text("A", 1);
  const size_t before = domain.bytes();
  domain.reserve(1000, 10'000);
  EXPECT_GT(domain.bytes(), before + 10'000);
  EXPECT_EQ(domain.size(), 2u);
  EXPECT_EQ(domain.text(1), "A");
}

RC_GTEST_PROP(ValueDomain, ForgetsWhatCameAfter,
              (const std::vector<std::string>& kept, const std::vector<std::string>& more)) {
  ValueDomain domain;
  for (const std::string& text : kept) domain.add_text(text, 1, 2);
  const size_t size = domain.size();
  for (int round = 0; round < 2; ++round) {
    for (size_t i = 0; i < more.size(); ++i) RC_ASSERT(domain.add_text(more[i], 3) == size + i);
    for (size_t i = 0; i < more.size(); ++i) RC_ASSERT(domain.text(static_cast<Code>(size + i)) == more[i]);
    domain.truncate(size);
  }
  RC_ASSERT(domain.size() == kept.size() + 1);
  for (size_t i = 0; i < kept.size(); ++i) RC_ASSERT(domain.text(static_cast<Code>(i + 1)) == kept[i]);
}
