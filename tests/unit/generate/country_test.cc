// country_test.cc: do the people of a made-up country look like people?
#include "generate/country.h"

#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>

#include "kernels/nhs_number.h"
#include "kernels/postcode.h"

namespace tessera::generate_detail {
namespace {

constexpr uint64_t few = 20000;
const Country& country() {
  static const Country one(7, few, 1997, 25);
  return one;
}
std::vector<Person> everybody() {
  std::vector<Person> out;
  for (uint64_t i = 0; i < few; ++i) out.push_back(country().person(PersonId{i}));
  return out;
}
// All the time there is, a month at a time.
template <class F>
void each_month(const Person& p, F f) {
  for (int32_t day = std::max(p.birth, country().first_day()); day < std::min(p.death, country().end_day()); day += 30)
    f(day);
}

TEST(Country, NhsNumbersAreValidAndDistinct) {
  std::set<uint64_t> seen;
  for (uint64_t i = 0; i < few; ++i) {
    const uint64_t number = country().nhs_number(PersonId{i});
    EXPECT_EQ(nhs_number(static_cast<int64_t>(number), false).word, number);
    EXPECT_TRUE((number >= 4000000000 && number < 5000000000) || (number >= 6000000000 && number < 8000000000));
    EXPECT_TRUE(seen.insert(number).second);
  }
}

TEST(Country, EveryHomeIsAPostcodeAndTextsAreDistinct) {
  std::map<Postcode, uint32_t> places;
  for (const Person& p : everybody()) {
    const uint32_t home = country().home(p, std::max(p.birth, country().first_day()));
    const Postcode text = country().places().text(home);
    EXPECT_NE(postcode({text.data(), text.size()}).word, 0U);
    EXPECT_EQ(places.emplace(text, home).first->second, home);
  }
  EXPECT_GT(country().places().postcodes(), 1'400'000U);
  EXPECT_LT(country().places().postcodes(), 2'000'000U);
  EXPECT_GT(country().places().sectors(), 10'000U);
}

TEST(Country, PeopleAreBornAndDieAndMoveAsPeopleDo) {
  double deaths = 0, births = 0, moves = 0, years = 0;
  for (const Person& p : everybody()) {
    EXPECT_LE(p.birth, p.death);
    EXPECT_LT(p.birth, country().end_day());
    EXPECT_GE(p.death, country().first_day());
    deaths += p.death < country().end_day();
    births += p.birth >= country().first_day();
    uint32_t before = no_fixed_abode;
    each_month(p, [&](int32_t day) {
      const uint32_t home = country().home(p, day);
      moves += before != no_fixed_abode && home != before;
      before = home;
      years += 30 / 365.25;
    });
  }
  EXPECT_GT(deaths / few, 0.20);
  EXPECT_LT(deaths / few, 0.30);
  EXPECT_GT(births / few, 0.10);
  EXPECT_GT(moves / years, 0.03);
  EXPECT_LT(moves / years, 0.12);
}

TEST(Country, TwinsShareBirthNameAndHomeButNotTheNumber) {
  uint64_t twins = 0;
  for (const Person& p : everybody()) {
    if (!p.twin) continue;
    ++twins;
    const Person other = country().person(PersonId{number(p.id) ^ 1});
    EXPECT_TRUE(other.twin);
    EXPECT_EQ(other.birth, p.birth);
    EXPECT_EQ(country().family_name(other, p.birth).view(), country().family_name(p, p.birth).view());
    EXPECT_EQ(country().home(other, p.birth + 100), country().home(p, p.birth + 100));
    EXPECT_NE(country().nhs_number(other.id), country().nhs_number(p.id));
  }
  EXPECT_GT(twins, few / 400);
}

}  // namespace
}  // namespace tessera::generate_detail
