// A mistake makes another value, and never more than a mistake.
#include "generate/mistakes.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <string>

#include "generate/chance.h"
#include "kernels/date.h"
#include "kernels/nhs_number.h"
#include "record/words.h"

using namespace tessera;
using namespace tessera::generate_detail;

namespace {

Name name_of(std::string_view text) {
  Name name;
  std::copy(text.begin(), text.end(), name.text);
  name.size = static_cast<uint8_t>(text.size());
  return name;
}

}  // namespace

TEST(PutDate, IsReadBackByTheKernel) {
  const auto ddmmyyyy = DateFormat::compile("%d%m%Y"), iso = DateFormat::compile("%Y-%m-%d"),
             packed = DateFormat::compile("%Y%m%d");
  ASSERT_TRUE(ddmmyyyy && iso && packed);
  for (int32_t day = day_number(date_word(1890, 1, 1)); day < day_number(date_word(2040, 1, 1)); ++day) {
    char text[10];
    put_ddmmyyyy(text, day);
    ASSERT_EQ(day_number(ddmmyyyy->read({text, 8}).word), day);
    put_iso(text, day);
    ASSERT_EQ(day_number(iso->read({text, 10}).word), day);
    put_yyyymmdd(text, day);
    ASSERT_EQ(day_number(packed->read({text, 8}).word), day);
  }
}

TEST(WrongBirth, IsAnotherDayNotTooLate) {
  const bool holds = rc::check([] {
    const auto latest = *rc::gen::inRange<int32_t>(-25000, 20000);
    const auto day = *rc::gen::inRange<int32_t>(latest - 36000, latest + 1);
    const int32_t wrong = wrong_birth(day, latest, *rc::gen::arbitrary<uint64_t>());
    RC_ASSERT(wrong != day);
    RC_ASSERT(wrong <= latest);
  });
  EXPECT_TRUE(holds);
}

// Rank 3 and 4 of the eight live on dates of which two parts are right.
TEST(WrongBirth, MostlyLeavesTwoPartsRightOrSwapsThem) {
  int partial = 0;
  constexpr int tries = 20000;
  for (uint64_t i = 0; i < tries; ++i) {
    const auto day = static_cast<int32_t>(i) - 5000;
    const uint64_t a = word_of_day(day), b = word_of_day(wrong_birth(day, 20000, hash(1, i)));
    const int same = (year_of(a) == year_of(b)) + (month_of(a) == month_of(b)) + (day_of(a) == day_of(b));
    partial += same == 2 || (year_of(a) == year_of(b) && month_of(a) == day_of(b) && day_of(a) == month_of(b));
  }
  EXPECT_GT(partial, tries * 3 / 4);
  EXPECT_LT(partial, tries);
}

TEST(WrongNhsNumber, NeverPassesTheCheck) {
  for (uint64_t i = 0; i < 200000; ++i) {
    ASSERT_NE(wrong_nhs_number(9434765919, hash(2, i)), 9434765919U);
    ASSERT_EQ(nhs_number(static_cast<int64_t>(wrong_nhs_number(9434765919, hash(2, i))), true).word, 0U);
  }
}

TEST(MistypePostcode, ChangesIt) {
  int same = 0;
  for (uint64_t i = 0; i < 10000; ++i) {
    Postcode text{'S', 'W', '1', 'A', ' ', '2', 'A', 'A'};
    const Postcode before = text;
    mistype_postcode(text, hash(3, i));
    same += text == before;
  }
  EXPECT_LT(same, 100);
}

TEST(MistypeName, ChangesItWithinItsRoom) {
  for (const std::string_view text :
       {"Li", "Smith", "Anne-Marie", "O'Brien", "abcdefghijklmnopqrstuvwxyzabcdefghijklmn"}) {
    for (uint64_t i = 0; i < 5000; ++i) {
      Name name = name_of(text);
      mistype_name(name, hash(4, i));
      ASSERT_LE(name.size, sizeof name.text);
      ASSERT_GE(name.size, 2U);
      ASSERT_NE(name.view(), text);
    }
  }
}

TEST(MistypeName, TakesMarksAwayAllAtOnce) {
  Name name = name_of("Zoë");
  mistype_name(name, 1);
  EXPECT_TRUE(std::all_of(name.view().begin(), name.view().end(), [](char c) { return (c & 0x80) == 0; }));
}
