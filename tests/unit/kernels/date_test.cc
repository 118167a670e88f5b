// Dates: formats, parts, windows and day numbers by example.
#include "kernels/date.h"

#include <gtest/gtest.h>

using namespace tessera;

namespace {

constexpr uint64_t word(unsigned year, unsigned month, unsigned day) { return uint64_t{year} << 9 | month << 5 | day; }

Value read(const char* format, const char* text, std::optional<int> pivot = {}) {
  const auto compiled = DateFormat::compile(format);
  EXPECT_TRUE(compiled) << format;
  return compiled->read(text, pivot);
}

constexpr Value not_a_date{0, Invalid::not_a_date}, two_digit{0, Invalid::two_digit_year};

}  // namespace

TEST(DateFormat, ReadsTheUsualLayouts) {
  EXPECT_EQ(read("%Y-%m-%d", "1950-03-01").word, word(1950, 3, 1));
  EXPECT_EQ(read("%d%m%Y", "01031950").word, word(1950, 3, 1));
  EXPECT_EQ(read("%Y%m%d", "19500301").word, word(1950, 3, 1));
  EXPECT_EQ(read("%d/%m/%Y", "01/03/1950").word, word(1950, 3, 1));
  EXPECT_EQ(read("%m/%d/%Y", "03/01/1950").word, word(1950, 3, 1));
  EXPECT_EQ(read("%d.%m.%Y", "01.03.1950").word, word(1950, 3, 1));
  EXPECT_EQ(read("%d/%m/%Y", "1/3/1950").word, word(1950, 3, 1));
}

TEST(DateFormat, PassesOverATimeAfterAnIsoDate) {
  for (const char* text : {"1950-03-01T09:30", "1950-03-01 09:30:00", "1950-03-01T09:30:00.123Z",
                           "1950-03-01T09:30+01:00", "1950-03-01t00:00:00-0500"})
    EXPECT_EQ(read("%Y-%m-%d", text).word, word(1950, 3, 1)) << text;
  for (const char* text : {"1950-03-01T", "1950-03-01T9:30", "1950-03-01  09:30", "1950-03-01T09:30x", "1950-03-010"})
    EXPECT_EQ(read("%Y-%m-%d", text), not_a_date) << text;
}

TEST(DateFormat, ReadsNamesAndTimesAndDaysOfTheYear) {
  EXPECT_EQ(read("%d %B %Y", "1 March 1950").word, word(1950, 3, 1));
  EXPECT_EQ(read("%d-%b-%Y", "01-MAR-1950").word, word(1950, 3, 1));
  EXPECT_EQ(read("%d%b%Y", "01Sept1950").word, word(1950, 9, 1));
  EXPECT_EQ(read("%d%b%Y:%H:%M:%S", "01MAR1950:00:00:00").word, word(1950, 3, 1));
  EXPECT_EQ(read("%Y-%m-%dT%H:%M:%S.%f%z", "1950-03-01T00:00:00.000+0000").word, word(1950, 3, 1));
  EXPECT_EQ(read("%Y%j", "2000366").word, word(2000, 12, 31));
  EXPECT_EQ(read("%Y%j", "1999366"), not_a_date);
  EXPECT_EQ(read("%d %m %Y", "1   3  1950").word, word(1950, 3, 1));
  EXPECT_EQ(read("%Y%%%m%%%d", "1950%03%01").word, word(1950, 3, 1));
  EXPECT_EQ(read("%d %B %Y", "1 Mars 1950"), not_a_date);
}

TEST(DateFormat, WithoutADayGivesADateWithoutOne) {
  EXPECT_EQ(read("%m%Y", "031950").word, word(1950, 3, 0));
  EXPECT_EQ(read("%Y", "1950").word, word(1950, 0, 0));
}

TEST(DateFormat, RefusesWhatIsNoDay) {
  for (const char* text : {"1900-02-29", "2001-04-31", "2001-00-10", "2001-13-10", "2001-01-00", "2001-01-32",
                           "0000-01-01", "", "2001-01", "2001/01/01", "20010101", "x001-01-01"})
    EXPECT_EQ(read("%Y-%m-%d", text), not_a_date) << text;
  EXPECT_EQ(read("%Y-%m-%d", "2000-02-29").word, word(2000, 2, 29));
}

TEST(DateFormat, RefusesTwoDigitYearsWithoutAPivot) {
  EXPECT_EQ(read("%d/%m/%y", "01/03/50"), two_digit);
  EXPECT_EQ(read("%d/%m/%y", "01/03/50", 30).word, word(1950, 3, 1));
  EXPECT_EQ(read("%d/%m/%y", "01/03/30", 30).word, word(2030, 3, 1));
  EXPECT_EQ(read("%d/%m/%Y", "01/03/50"), two_digit);
  EXPECT_EQ(read("%d/%m/%Y", "01/03/50", 30), two_digit) << "%Y wants four digits, with a pivot too";
  EXPECT_EQ(read("%d/%m/%y", "01/13/50"), not_a_date);
}

TEST(DateFormat, IsRefusedWhenItCannotBeMeant) {
  for (const char* format : {"%d%m", "%Y-%q-%d", "%Y-%m-%", "%Y %y", ""}) {
    const auto compiled = DateFormat::compile(format);
    ASSERT_FALSE(compiled) << format;
    EXPECT_EQ(compiled.error().code, ErrorCode::usage);
  }
  EXPECT_EQ(DateFormat::compile("%d%m%Y")->digits(), 8u);
  EXPECT_EQ(DateFormat::compile("%d/%m/%Y")->digits(), 0u);
}

TEST(DateParts, MayBeMissing) {
  EXPECT_EQ(date_of_parts(1950, 3, 1), word(1950, 3, 1));
  EXPECT_EQ(date_of_parts(1950, 0, 1), word(1950, 0, 1));
  EXPECT_EQ(date_of_parts(0, 2, 29), word(0, 2, 29)) << "29 February of an unknown year";
  EXPECT_EQ(date_of_parts(1900, 2, 29), 0u);
  EXPECT_EQ(date_of_parts(0, 4, 31), 0u);
  EXPECT_EQ(date_of_parts(0, 0, 0), 0u);
  EXPECT_EQ(date_of_parts(1950, 13, 1), 0u);
}

TEST(DateWindow, LeavesOutPlaceholdersAndFarDays) {
  const DateWindow window{word(1880, 1, 1), word(2025, 6, 30), {word(1800, 1, 1), word(1900, 1, 1)}};
  EXPECT_EQ(window.check(word(1950, 3, 1)), Invalid::none);
  EXPECT_EQ(window.check(word(1880, 1, 1)), Invalid::none);
  EXPECT_EQ(window.check(word(2025, 6, 30)), Invalid::none);
  EXPECT_EQ(window.check(word(2025, 7, 1)), Invalid::outside_window);
  EXPECT_EQ(window.check(word(1879, 12, 31)), Invalid::outside_window);
  EXPECT_EQ(window.check(word(1900, 1, 1)), Invalid::placeholder);
  EXPECT_EQ(window.check(word(1800, 1, 1)), Invalid::placeholder);
  EXPECT_EQ(window.check(word(1900, 1, 2)), Invalid::none);
  EXPECT_EQ(window.check(word(2026, 0, 0)), Invalid::outside_window);
  EXPECT_EQ(window.check(word(2025, 12, 0)), Invalid::none) << "a date with a part missing is judged by its year";
  EXPECT_EQ(window.check(word(0, 12, 5)), Invalid::none);
}

TEST(DayNumber, CountsFrom1970) {
  EXPECT_EQ(day_number(word(1970, 1, 1)), 0);
  EXPECT_EQ(day_number(word(1969, 12, 31)), -1);
  EXPECT_EQ(day_number(word(2000, 3, 1)), 11017);
  EXPECT_EQ(word_of_day(-719162), word(1, 1, 1));
  EXPECT_EQ(word_of_day(-719163), 0u);
  EXPECT_EQ(word_of_day(2932896), word(9999, 12, 31));
  EXPECT_EQ(word_of_day(2932897), 0u);
}

TEST(MonthName, IsLongOrShort) {
  EXPECT_EQ(month_of_name("january"), 1u);
  EXPECT_EQ(month_of_name("DEC"), 12u);
  EXPECT_EQ(month_of_name("Sept"), 9u);
  for (const char* text : {"", "Ja", "Janu", "Marx", "Decembers", "M@R"}) EXPECT_EQ(month_of_name(text), 0u) << text;
}
