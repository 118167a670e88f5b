// people_test.cc: do people marry, move and share homes, birthdays and names as people do?
#include <gtest/gtest.h>

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

#include "generate/country.h"
#include "kernels/date.h"
#include "kernels/nhs_number.h"
#include "record/words.h"

namespace tessera::generate_detail {
namespace {

constexpr uint64_t people = 40000;

const Country& country() {
  static const Country made(1, people, 1997, 25);
  return made;
}
double share(uint64_t count, uint64_t of) { return static_cast<double>(count) / static_cast<double>(of); }

// The bijection does not run over at its end.
TEST(People, HaveNumbersOfTheirOwnUpToAQuarterOfABillion) {
  const Country full(1, uint64_t{1} << 28, 1997, 25);
  std::unordered_set<uint64_t> numbers;
  for (uint64_t i = 0; i < 20000; ++i) {
    for (const uint64_t p : {i, (uint64_t{1} << 28) - 1 - i}) {
      const uint64_t number = full.nhs_number(PersonId{p});
      ASSERT_EQ(nhs_number(static_cast<int64_t>(number), false).word, number);
      ASSERT_TRUE(numbers.insert(number).second);
    }
  }
}

TEST(People, MostlyDieOld) {
  uint64_t women = 0, dead = 0, dead_old = 0;
  for (uint64_t i = 0; i < people; ++i) {
    const Person p = country().person(PersonId{i});
    women += p.female;
    ASSERT_GT(p.birth, day_number(date_word(1880, 1, 1)));
    ASSERT_LT(p.age(p.death), 125);
    if (p.death >= country().end_day()) continue;
    ++dead;
    dead_old += p.age(p.death) >= 65;
  }
  EXPECT_NEAR(share(women, people), 0.5, 0.03);
  EXPECT_GT(share(dead_old, dead), 0.7);
}

TEST(People, NameTwinsApartWhoseSexIsTheSame) {
  uint64_t twins = 0, same_sex = 0;
  for (uint64_t i = 2; i < people; i += 4) {
    const Person p = country().person(PersonId{i}), q = country().person(PersonId{i + 1});
    if (!p.twin) continue;
    ++twins;
    if (p.female != q.female) continue;
    ++same_sex;
    ASSERT_NE(country().given_name(p, 0).view(), country().given_name(q, 0).view());
  }
  EXPECT_GT(twins, people / 1000);
  EXPECT_GT(share(same_sex, twins), 0.3);
}

TEST(People, HaveTheFirstOfJanuaryForABirthdayThatNobodyKnows) {
  struct {
    uint64_t all = 0, first = 0;
  } elsewhere, here;
  for (uint64_t i = 0; i < people; ++i) {
    const Person p = country().person(PersonId{i});
    const uint64_t word = word_of_day(p.birth);
    if (p.origin != south_asian && p.origin != african && p.origin != british) continue;
    auto& of = p.origin == british ? here : elsewhere;
    ++of.all;
    of.first += month_of(word) == 1 && day_of(word) == 1;
  }
  EXPECT_GT(share(elsewhere.first, elsewhere.all), 10 * share(here.first, here.all));
}

TEST(People, ShareAHomeWithPartnerAndChildren) {
  const int32_t day = day_number(date_word(2005, 6, 1));
  uint64_t couples = 0, together = 0, children = 0, at_home = 0;
  for (uint64_t i = 0; i < people; i += 4) {
    const Person head = country().person(PersonId{i}), partner = country().person(PersonId{i + 1}),
                 child = country().person(PersonId{i + 2});
    if (head.age(day) > 35 && std::min(head.death, partner.death) > day) {
      ++couples;
      together += country().home(head, day) == country().home(partner, day);
    }
    if (child.child && child.birth < day && child.age(day) < 16) {
      ++children;
      at_home += country().home(head, day) == country().home(child, day);
    }
  }
  EXPECT_GT(share(together, couples), 0.9);
  EXPECT_GT(share(at_home, children), 0.9);
}

TEST(People, StayAtAnAddressBetweenMoves) {
  for (uint64_t i = 0; i < 300; ++i) {
    const Person p = country().person(PersonId{i});
    int changes = 0;
    uint32_t before = country().home(p, p.birth);
    for (int32_t day = p.birth; day <= p.death; day += 10) {
      const uint32_t now = country().home(p, day);
      changes += now != before;
      before = now;
    }
    ASSERT_LE(changes, 24);
  }
}

TEST(People, LiveInInstitutionsTogetherAndSomeNowhere) {
  std::unordered_set<uint32_t> communal;
  for (uint64_t i = 0; i < country().communal_count(); ++i) communal.insert(country().communal(i));
  std::unordered_map<uint32_t, int> crowd;
  uint64_t homeless = 0;
  for (uint64_t i = 0; i < people; ++i) {
    const Person p = country().person(PersonId{i});
    for (int32_t day = std::max(p.birth, country().first_day()); day < std::min(p.death, country().end_day());
         day += 1500) {
      const uint32_t home = country().home(p, day);
      homeless += home == no_fixed_abode;
      if (communal.contains(home)) ++crowd[home];
    }
  }
  EXPECT_GT(homeless, 0U);
  int most = 0;
  for (const auto& [home, count] : crowd) most = std::max(most, count);
  EXPECT_GT(most, 30);
}

TEST(People, TakeAnotherNameWhenTheyMarryMostWomenAndNoMan) {
  uint64_t women = 0, changed = 0;
  for (uint64_t i = 0; i < people; ++i) {
    const Person p = country().person(PersonId{i});
    const bool other =
        country().family_name(p, p.birth + 20 * 365).view() != country().family_name(p, p.birth + 65 * 365).view();
    ASSERT_FALSE(other && !p.female);
    women += p.female;
    changed += other;
  }
  EXPECT_GT(share(changed, women), 0.33);
  EXPECT_LT(share(changed, women), 0.9);
}

TEST(People, AreOthersForAnotherSeed) {
  const Country same(1, people, 1997, 25), other(2, people, 1997, 25);
  uint64_t equal = 0;
  for (uint64_t i = 0; i < 2000; ++i) {
    const PersonId id{i};
    ASSERT_EQ(same.person(id).birth, country().person(id).birth);
    ASSERT_EQ(same.nhs_number(id), country().nhs_number(id));
    equal += other.person(id).birth == country().person(id).birth || other.nhs_number(id) == country().nhs_number(id);
  }
  EXPECT_LT(equal, 20U);
}

}  // namespace
}  // namespace tessera::generate_detail
