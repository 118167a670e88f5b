// Does a year's schedule hold everybody who has rows in it, and hardly anybody else?
#include "generate/schedule.h"

#include <gtest/gtest.h>

using namespace tessera;
using namespace tessera::generate_detail;

namespace {

constexpr int first_year = 1997, years = 25;

uint64_t total(const std::array<uint32_t, 3>& counts) { return uint64_t{counts[0]} + counts[1] + counts[2]; }

}  // namespace

TEST(Schedule, HoldsAllWhoHaveRowsAndFewOthers) {
  constexpr uint64_t people = 20011;  // the last word is not full
  const Country country(5, people, first_year, years);
  for (const uint64_t rows : {people / 4, 16 * people, 300 * people}) {
    const Activity activity(country, first_year, years, rows);
    Schedule schedule(country, activity, first_year, years);
    uint64_t seen = 0, held = 0;
    for (int year = first_year; year < first_year + years; ++year) {
      const auto of_year = schedule.in(year);
      for (uint64_t i = 0; i < people; ++i) {
        const bool has_rows = total(activity.rows(country.person(PersonId{i}), year)) > 0;
        ASSERT_TRUE(of_year->holds(i) || !has_rows) << i << ' ' << year;
        seen += has_rows ? 1 : 0;
        held += of_year->holds(i) ? 1 : 0;
      }
    }
    EXPECT_LT(held, seen + seen / 10) << rows;
  }
}

TEST(Schedule, AYearIsTheSameWhereverOneBegins) {
  constexpr uint64_t people = 1000;
  constexpr int many_years = 100;  // more than are looked at at once
  const Country country(5, people, first_year, many_years);
  const Activity activity(country, first_year, many_years, 16 * people);
  Schedule in_order(country, activity, first_year, many_years), other(country, activity, first_year, many_years);
  for (int year = first_year; year < first_year + many_years; ++year) {
    const int from_the_end = 2 * first_year + many_years - 1 - year;
    const auto there = in_order.in(year);
    const auto back = other.in(from_the_end);
    Schedule fresh(country, activity, first_year, many_years);
    const auto both = fresh.in(year), both_back = fresh.in(from_the_end);
    for (uint64_t i = 0; i < people; ++i) {
      ASSERT_EQ(there->holds(i), both->holds(i)) << year;
      ASSERT_EQ(back->holds(i), both_back->holds(i)) << from_the_end;
    }
  }
}
