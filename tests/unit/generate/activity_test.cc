// How often people are seen: as many rows as asked for, most of them of few people, none after death.
#include "generate/activity.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <vector>

#include "kernels/date.h"
#include "record/words.h"

using namespace tessera;
using namespace tessera::generate_detail;

namespace {

constexpr uint64_t people = 30000;
constexpr int first_year = 1997, years = 25;

struct Seen {
  std::vector<uint64_t> of_person;
  std::array<uint64_t, 3> of_dataset{};
};

Seen count(const Country& country, const Activity& activity) {
  Seen seen;
  for (uint64_t i = 0; i < country.people(); ++i) {
    const Person p = country.person(PersonId{i});
    uint64_t rows = 0;
    for (int year = first_year; year < first_year + years; ++year) {
      const auto counts = activity.rows(p, year);
      for (size_t d = 0; d < counts.size(); ++d) {
        rows += counts[d];
        seen.of_dataset[d] += counts[d];
      }
    }
    seen.of_person.push_back(rows);
  }
  std::sort(seen.of_person.begin(), seen.of_person.end());
  return seen;
}

}  // namespace

TEST(Activity, MakesAboutAsManyRowsAsAskedForSkewedAndShared) {
  const Country country(1, people, first_year, years);
  const Seen seen = count(country, Activity(country, first_year, years, 16 * people));
  const auto total = static_cast<double>(std::accumulate(seen.of_person.begin(), seen.of_person.end(), uint64_t{0}));
  EXPECT_NEAR(total / static_cast<double>(people), 16, 0.5);
  EXPECT_NEAR(static_cast<double>(seen.of_dataset[0]) / total, 0.16, 0.02);
  EXPECT_NEAR(static_cast<double>(seen.of_dataset[1]) / total, 0.66, 0.02);
  EXPECT_NEAR(static_cast<double>(seen.of_dataset[2]) / total, 0.18, 0.02);
  EXPECT_LT(seen.of_person[people / 2], 9U) << "most people are seen less often than the mean";
  EXPECT_GT(seen.of_person.back(), 800U) << "a few are seen all the time";
  const auto tenth =
      static_cast<double>(std::accumulate(seen.of_person.end() - people / 10, seen.of_person.end(), uint64_t{0}));
  EXPECT_GT(tenth / total, 0.45);
}

TEST(Activity, ScalesWithTheRowsWanted) {
  const Country country(1, people, first_year, years);
  for (const uint64_t wanted : {people / 2, 4 * people, 60 * people}) {
    const Seen seen = count(country, Activity(country, first_year, years, wanted));
    const auto total = static_cast<double>(std::accumulate(seen.of_person.begin(), seen.of_person.end(), uint64_t{0}));
    EXPECT_NEAR(total / static_cast<double>(wanted), 1, 0.05) << wanted;
  }
}

TEST(Activity, HappensWithinTheYearAndTheLife) {
  const Country country(3, people, first_year, years);
  const Activity activity(country, first_year, years, 16 * people);
  for (uint64_t i = 0; i < people; i += 7) {
    const Person p = country.person(PersonId{i});
    for (int year = first_year; year < first_year + years; ++year) {
      const auto counts = activity.rows(p, year);
      const int32_t from = day_number(date_word(static_cast<unsigned>(year), 4, 1)),
                    to = day_number(date_word(static_cast<unsigned>(year + 1), 4, 1));
      if (p.birth >= to || p.death < from) {
        ASSERT_EQ(counts[0] + counts[1] + counts[2], 0U);
        continue;
      }
      for (uint32_t k = 0; k < std::min(counts[0] + counts[1] + counts[2], 50U); ++k) {
        const int32_t day = activity.day(p, year, hash(i, static_cast<uint64_t>(year), k));
        ASSERT_GE(day, std::max(from, p.birth));
        ASSERT_LE(day, std::min(to - 1, p.death));
      }
    }
  }
}

TEST(Activity, GrowsWithAge) {
  const Country country(1, people, first_year, years);
  const Activity activity(country, first_year, years, 16 * people);
  double young = 0, old = 0, young_people = 0, old_people = 0;
  for (uint64_t i = 0; i < people; ++i) {
    const Person p = country.person(PersonId{i});
    const float age = p.age(day_number(date_word(2005, 4, 1)));
    if (p.death < day_number(date_word(2007, 4, 1)) || age < 5) continue;
    const auto counts = activity.rows(p, 2005);
    const double rows = counts[0] + counts[1] + counts[2];
    if (age < 40) young += rows, ++young_people;
    if (age >= 70) old += rows, ++old_people;
  }
  EXPECT_GT(old / old_people, 2 * young / young_people);
}
