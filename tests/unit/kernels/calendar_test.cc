// Days, what lies between them, and texts that mean them as databases have it.
#include "kernels/calendar.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>

#include "kernels/time_format.h"
#include "kernels/unicode.h"

using namespace tessera;

namespace {

double day(unsigned year, unsigned month, unsigned of_month) { return days_since_1970({year, month, of_month}); }

// Of DuckDB 2.0: try_strptime, as days.
std::optional<double> read_as(const char* format, std::string_view text) {
  const auto compiled = TimeFormat::compile(format);
  EXPECT_TRUE(compiled) << format;
  return compiled->read(text);
}
std::string written(const char* format, double days) {
  std::string out = "left over";
  return TimeFormat::compile(format)->write(days, out) ? out : "none";
}

}  // namespace

TEST(Calendar, CountsDays) {
  EXPECT_EQ(day(1970, 1, 1), 0);
  EXPECT_EQ(day(1969, 12, 31), -1);
  EXPECT_EQ(day(2000, 2, 29), 11016);
  EXPECT_EQ(calendar_day(11016.75), (CalendarDay{2000, 2, 29}));
  EXPECT_EQ(calendar_day(-0.25), (CalendarDay{1969, 12, 31}));
  for (const CalendarDay& none : {CalendarDay{1900, 2, 29}, {2000, 13, 1}, {2000, 0, 1}, {2000, 1, 0}, {0, 1, 1}})
    EXPECT_TRUE(std::isnan(days_since_1970(none)));
  for (const double none : std::initializer_list<double>{std::nan(""), INFINITY, -INFINITY, 1e7, -1e7})
    EXPECT_FALSE(calendar_day(none));
}

RC_GTEST_PROP(Calendar, GoesThereAndBack, ()) {
  const int days = *rc::gen::inRange(-719162, 2932897);
  const auto there = calendar_day(days);
  RC_ASSERT(there.has_value());
  RC_ASSERT(days_since_1970(*there) == days);
}

TEST(Calendar, CountsBoundaries) {
  EXPECT_EQ(month_boundaries(day(2020, 1, 31), day(2020, 2, 1)), 1);
  EXPECT_EQ(month_boundaries(day(2020, 1, 1), day(2020, 1, 31)), 0);
  EXPECT_EQ(month_boundaries(day(2020, 3, 1), day(2019, 12, 31)), -3);
  EXPECT_EQ(year_boundaries(day(2019, 12, 31), day(2020, 1, 1)), 1);
  EXPECT_TRUE(std::isnan(month_boundaries(std::nan(""), 0)));
  EXPECT_TRUE(std::isnan(year_boundaries(0, std::nan(""))));
}

TEST(Calendar, ComparesElements) {
  EXPECT_EQ(date_elements(day(1950, 3, 4), day(1950, 3, 4)), 3);
  EXPECT_EQ(date_elements(day(1950, 3, 4), day(1951, 3, 4)), 2);
  EXPECT_EQ(date_elements(day(1950, 3, 4), day(1951, 4, 3)), 0);
  EXPECT_TRUE(std::isnan(date_elements(std::nan(""), 0)));
  EXPECT_TRUE(swapped_day_and_month(day(1950, 3, 4), day(1950, 4, 3)));
  EXPECT_FALSE(swapped_day_and_month(day(1950, 3, 3), day(1950, 3, 3)));
  EXPECT_FALSE(swapped_day_and_month(day(1950, 3, 4), day(1951, 4, 3)));
  EXPECT_FALSE(swapped_day_and_month(std::nan(""), 0));
}

TEST(Distance, IsTheGreatCircle) {
  // London to Edinburgh and to Sydney, by the same formula in DuckDB.
  EXPECT_NEAR(distance_km(51.5074, -0.1278, 55.9533, -3.1883), 534.05, 0.5);
  EXPECT_NEAR(distance_km(0, 0, 0, 180), 6371 * M_PI, 1e-9);
  EXPECT_EQ(distance_km(29.7517, -95.4054, 29.7517, -95.4054), 0) << "rounding leads above 1";
  EXPECT_EQ(distance_km(90, 0, -90, 77), 6371 * M_PI);
}

TEST(TimeFormat, ReadsAsDuckDbDoes) {
  const double march = day(1950, 3, 1);
  EXPECT_EQ(read_as("%Y-%m-%d", "1950-03-01"), march);
  EXPECT_EQ(read_as("%Y-%m-%d", " 1950-3-1 "), march);
  EXPECT_EQ(read_as("%Y%m%d", "19500301"), march);
  EXPECT_EQ(read_as("%Y%m%d", "1950031"), march);
  EXPECT_EQ(read_as("%Y", "1950"), day(1950, 1, 1));
  EXPECT_EQ(read_as("%m-%d", "03-01"), day(1900, 3, 1));
  EXPECT_EQ(read_as("%d/%m/%y", "01/03/68"), day(2068, 3, 1));
  EXPECT_EQ(read_as("%d/%m/%y", "01/03/69"), day(1969, 3, 1));
  EXPECT_EQ(read_as("%Y-%m-%d", "50-03-01"), day(50, 3, 1));
  EXPECT_EQ(read_as("%d %b %Y", "1  mar   1950"), march);
  EXPECT_EQ(read_as("%d %B %Y", "1 March 1950"), march);
  EXPECT_EQ(read_as("%Y-%j", "1950-060"), march);
  EXPECT_EQ(read_as("%Y-%j", "1950-366"), day(1951, 1, 1));
  EXPECT_EQ(read_as("%a %Y-%m-%d", "Fri 1950-03-01"), march) << "days of the week are not checked";
  EXPECT_EQ(read_as("%-d/%-m/%Y%%", "1/3/1950%"), march);
  for (const auto& [format, text] :
       std::initializer_list<std::pair<const char*, const char*>>{{"%Y-%m-%d", "1950-03-01T09:30"},
                                                                  {"%Y-%m-%d", "19500-03-01"},
                                                                  {"%Y-%m-%d", "-1950-03-01"},
                                                                  {"%Y-%m-%d", "1950-13-01"},
                                                                  {"%Y-%m-%d", "1950-02-29"},
                                                                  {"%Y-%m-%d", "1950-00-01"},
                                                                  {"%Y-%m-%d", "1950 -03-01"},
                                                                  {"%Y-%m-%d", ""},
                                                                  {"%d %b %Y", "1 March 1950"},
                                                                  {"%d %B %Y", "1 mar 1950"},
                                                                  {"%d %b %Y", "1Mar1950"},
                                                                  {" %Y", "1950"},
                                                                  {"%Y-%m-%d %H", "1950-03-01"},
                                                                  {"%Y-%m-%d", "0000-03-01"},
                                                                  {"%Y-%j", "1950-000"}})
    EXPECT_EQ(read_as(format, text), std::nullopt) << format << " " << text;
}

TEST(TimeFormat, ReadsTimesOfDay) {
  const double march = day(1950, 3, 1);
  EXPECT_EQ(read_as("%Y-%m-%d %H:%M:%S", "1950-03-01 12:00:00"), march + 0.5);
  EXPECT_EQ(read_as("%Y-%m-%d %H:%M:%S", "1950-03-01 6:0:0"), march + 0.25);
  EXPECT_EQ(read_as("%Y-%m-%d %H:%M:%S.%f", "1950-03-01 00:00:00.5"), march + 0.5 / 86400);
  EXPECT_EQ(read_as("%Y-%m-%dT%H:%M:%SZ", "1950-03-01T18:00:00Z"), march + 0.75);
  EXPECT_EQ(read_as("%Y-%m-%d %I:%M %p", "1950-03-01 12:00 am"), march);
  EXPECT_EQ(read_as("%Y-%m-%d %I:%M %p", "1950-03-01 06:00 PM"), march + 0.75);
  EXPECT_EQ(read_as("%Y-%m-%d %H:%M %z", "1950-03-01 12:00 +06:00"), march + 0.25);
  EXPECT_EQ(read_as("%Y-%m-%d %H:%M %z", "1950-03-01 12:00 -0600"), march + 0.75);
  for (const char* text : {"1950-03-01 24:00:00", "1950-03-01 09:60:00", "1950-03-01 09:30:60", "1950-03-01 09:30"})
    EXPECT_EQ(read_as("%Y-%m-%d %H:%M:%S", text), std::nullopt) << text;
  EXPECT_EQ(read_as("%Y-%m-%d %I:%M %p", "1950-03-01 13:30 am"), std::nullopt);
  EXPECT_EQ(read_as("%Y-%m-%d %H:%M:%S.%f", "1950-03-01 00:00:00.1234567"), std::nullopt);
  EXPECT_EQ(read_as("%Y-%m-%d %H:%M %z", "1950-03-01 12:00 Z"), std::nullopt);
  EXPECT_EQ(read_as("%Y-%m-%dT%H:%M%:z", "1950-03-01T12:00Z"), march + 0.5);
  EXPECT_EQ(read_as("%Y-%m-%dT%H:%M%:z", "1950-03-01T12:00+06:00"), march + 0.25);
}

TEST(TimeFormat, WritesAsDuckDbDoes) {
  const double moment = day(1985, 3, 1) + (13 * 3600 + 5 * 60 + 9.25) / 86400;
  EXPECT_EQ(written("%d/%m/%y %j %b %B %a %A %-d %-m %%", moment), "01/03/85 060 Mar March Fri Friday 1 3 %");
  EXPECT_EQ(written("%Y-%m-%d %H:%M:%S.%f %I %p %-I %-j", moment), "1985-03-01 13:05:09.250000 01 PM 1 60");
  EXPECT_EQ(written("%Y-%m-%d", day(985, 3, 1)), "0985-03-01");
  EXPECT_EQ(written("%I %p", day(1985, 3, 1)), "12 AM");
  EXPECT_EQ(written("%a", -4), "Sun");
  EXPECT_EQ(written("%Y", std::nan("")), "none");
  EXPECT_EQ(written("%Y-%m-%d %H", day(1985, 3, 1) - 1e-12), "1985-03-01 00") << "to the microsecond";
}

RC_GTEST_PROP(TimeFormat, ReadsWhatItWrote, ()) {
  const double days = *rc::gen::inRange(-30'000, 30'000) + *rc::gen::inRange(0, 86'400) / 86'400.0;
  for (const char* format : {"%Y-%m-%d %H:%M:%S.%f", "%d %B %Y %I:%M:%S %p", "%A %Y %j %H.%M.%S"}) {
    const auto again = read_as(format, written(format, days));
    RC_ASSERT(again.has_value());
    RC_ASSERT(std::abs(*again - days) < 1e-10);
  }
}

RC_GTEST_PROP(TimeFormat, TakesAnyText, (const std::string& text)) {
  static const auto format = *TimeFormat::compile("%Y-%m-%d %H:%M:%S.%f %b %z %p");
  (void)format.read(text);
  (void)day_of_text(text);
  (void)TimeFormat::compile(text);
}

TEST(TimeFormat, RefusesWhatItDoesNotKnow) {
  for (const char* format : {"%Q", "%", "%-", "%Y-%q", "%-%"}) {
    const auto made = TimeFormat::compile(format);
    ASSERT_FALSE(made) << format;
    EXPECT_EQ(made.error().code, ErrorCode::usage);
  }
}

TEST(DayOfText, IsACastToDate) {
  for (const char* text : {"1950-01-02", "1950-1-2", " 1950-01-02 ", "1950/01/02", "1950-01-02 10:00:00"})
    EXPECT_EQ(day_of_text(text), day(1950, 1, 2)) << text;
  for (const char* text : {"", "19500102", "1950-02-30", "1950-01-02x", "1950-01/02", "x", "1950-01"})
    EXPECT_EQ(day_of_text(text), std::nullopt) << text;
}

TEST(Case, IsChangedLetterByLetter) {
  std::string out = "left over";
  to_small("ÀÉ ΑΣ Я İ ABZ[", out);
  EXPECT_EQ(out, "àé ασ я i abz[");
  to_capitals("àé ασ я abz{ ß\xff", out);
  EXPECT_EQ(out, "ÀÉ ΑΣ Я ABZ{ ß\xff");
  EXPECT_EQ(count_characters("héé\xff"), 4u);
}
