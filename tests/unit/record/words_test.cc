// Words: the layouts that words.h promises, and the parts that follow from them.
#include "record/words.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <set>

#include "record/raw.h"

using namespace tessera;

namespace {

uint64_t form(std::string_view text) {
  uint64_t word = 0;
  for (size_t i = 0; i < 8; ++i) word = word << 8 | (i < text.size() ? static_cast<unsigned char>(text[i]) : 0);
  return word;
}

uint64_t of_date(Part part, uint64_t word) { return derive_word(Kind::date, part, word); }
uint64_t of_postcode(Part part, std::string_view text) { return derive_word(Kind::postcode, part, form(text)); }

}  // namespace

TEST(DateParts, AreThereWhenAllTheirHalvesAre) {
  const uint64_t full = date_word(1950, 3, 1), no_day = date_word(1950, 3, 0), no_year = date_word(0, 3, 1);
  EXPECT_EQ(of_date(Part::whole, full), full);
  EXPECT_EQ(of_date(Part::whole, no_day), 0u);
  EXPECT_EQ(of_date(Part::year, full), date_word(1950, 0, 0));
  EXPECT_EQ(of_date(Part::month, full), date_word(0, 3, 0));
  EXPECT_EQ(of_date(Part::day, full), date_word(0, 0, 1));
  EXPECT_EQ(of_date(Part::year_month, no_day), no_day);
  EXPECT_EQ(of_date(Part::year_month, no_year), 0u);
  EXPECT_EQ(of_date(Part::year_day, full), date_word(1950, 0, 1));
  EXPECT_EQ(of_date(Part::year_day, no_day), 0u);
  EXPECT_EQ(of_date(Part::month_day, no_year), no_year);
  EXPECT_EQ(of_date(Part::month_day, no_day), 0u);
  for (const Part part :
       {Part::whole, Part::year, Part::month, Part::day, Part::year_month, Part::year_day, Part::month_day})
    EXPECT_EQ(of_date(part, 0), 0u);
}

TEST(PostcodeParts, AreItsFirstCharacters) {
  EXPECT_EQ(of_postcode(Part::whole, "SW1A 2AA"), form("SW1A 2AA"));
  EXPECT_EQ(of_postcode(Part::sector, "SW1A 2AA"), form("SW1A 2"));
  EXPECT_EQ(of_postcode(Part::district, "SW1A 2AA"), form("SW1A"));
  EXPECT_EQ(of_postcode(Part::area, "SW1A 2AA"), form("SW"));
  EXPECT_EQ(of_postcode(Part::but_last, "SW1A 2AA"), form("SW1A 2A"));
  EXPECT_EQ(of_postcode(Part::area, "M1   1AE"), form("M"));
  EXPECT_EQ(of_postcode(Part::district, "M1   1AE"), form("M1  "));
  EXPECT_EQ(of_postcode(Part::area, ""), 0u);
}

TEST(Derivable, IsWhatAWordHolds) {
  EXPECT_TRUE(derivable(Kind::date, Part::month_day));
  EXPECT_TRUE(derivable(Kind::postcode, Part::sector));
  EXPECT_TRUE(derivable(Kind::name, Part::whole));
  EXPECT_FALSE(derivable(Kind::name, Part::soundex));
  EXPECT_FALSE(derivable(Kind::date, Part::sector));
  EXPECT_FALSE(derivable(Kind::text, Part::year));
}

TEST(TextWord, HoldsUpToSevenBytes) {
  EXPECT_EQ(text_word(""), 0u);
  EXPECT_EQ(text_word("A"), uint64_t{1} << 56 | uint64_t{'A'} << 48);
  EXPECT_EQ(text_word("ABCDEFG"), form("\7"
                                       "ABCDEFG"));
  EXPECT_NE(text_word(std::string_view("A\0", 2)), text_word("A"));
  EXPECT_EQ(text_word("ABCDEFGH") >> 63, 1u);
  EXPECT_EQ(text_word("ABCDEFGH"), text_word(std::string("ABCDEFGH")));
  EXPECT_NE(text_word("ABCDEFGH"), text_word("ABCDEFGI"));
}

RC_GTEST_PROP(TextWord, IsEqualForEqualTextsOnly, (const std::string& a, const std::string& b)) {
  RC_ASSERT((text_word(a) == text_word(b)) == (a == b));
}

TEST(RawColumn, GivesTextsThroughIndices) {
  const std::vector<std::string_view> texts = {"M", "F"};
  const std::vector<int32_t> indices = {1, -1, 0};
  RawColumn column;
  column.texts = texts;
  column.indices = indices;
  EXPECT_EQ(column.text(0), "F");
  EXPECT_TRUE(column.null(1));
  EXPECT_EQ(column.text(2), "M");
}

TEST(RejectReason, HasATextForEach) {
  std::set<std::string> texts;
  for (int i = 0; i <= static_cast<int>(RejectReason::several_partners); ++i)
    texts.insert(reason_text(static_cast<RejectReason>(i)));
  EXPECT_EQ(texts.size(), static_cast<size_t>(RejectReason::several_partners) + 1);
  EXPECT_FALSE(texts.contains(""));
}
