// The made-up country: postcodes that look right, homes and institutions apart.
#include "generate/place.h"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <unordered_map>
#include <unordered_set>

#include "generate/chance.h"
#include "kernels/postcode.h"

using namespace tessera::generate_detail;

namespace {

std::string text_of(const Places& places, uint32_t place) {
  const Postcode text = places.text(place);
  return {text.data(), text.size()};
}

}  // namespace

TEST(Places, HasAboutAsManyPostcodesAsBritain) {
  const Places places;
  EXPECT_NEAR(static_cast<double>(places.postcodes()), 1.7e6, 0.25e6);
  EXPECT_NEAR(static_cast<double>(places.sectors()), 11500, 1500);
}

TEST(Places, SpellsEachPlaceAsAPostcodeInFixedForm) {
  const Places places;
  std::unordered_set<std::string> outward;
  for (uint64_t i = 0; i < 100000; ++i) {
    const std::string text = text_of(places, places.home(hash(1, i)));
    const uint64_t word = tessera::postcode(text).word;
    ASSERT_NE(word, 0U);
    for (size_t c = 0; c < 8; ++c) ASSERT_EQ(static_cast<char>(word >> (56 - 8 * c)), text[c]);
    outward.insert(text.substr(0, 5));
  }
  EXPECT_GT(outward.size(), 2500U);
}

TEST(Places, WritesDifferentPlacesDifferently) {
  const Places places;
  std::unordered_map<std::string, uint32_t> place_of;
  const auto meet = [&](uint32_t place) {
    const auto [at, fresh] = place_of.emplace(text_of(places, place), place);
    ASSERT_TRUE(fresh || at->second == place);
  };
  for (uint64_t i = 0; i < 200000; ++i) meet(places.home(hash(2, i)));
  for (uint64_t i = 0; i < 5000; ++i) meet(places.communal(i));
}

TEST(Places, KeepsInstitutionsApartFromHomes) {
  const Places places;
  std::set<uint32_t> communal;
  for (uint64_t i = 0; i < 5000; ++i) communal.insert(places.communal(i));
  EXPECT_GT(communal.size(), 4000U);
  for (uint64_t i = 0; i < 100000; ++i) ASSERT_FALSE(communal.contains(places.home(hash(3, i))));
}

TEST(Places, NearIsTheSameArea) {
  const Places places;
  for (uint64_t i = 0; i < 10000; ++i) {
    const uint32_t home = places.home(hash(4, i));
    ASSERT_EQ(places.area(places.near(home, hash(5, i))), places.area(home));
  }
}

TEST(Places, PutsMorePeopleInSomeSectorsThanInOthers) {
  const Places places;
  std::unordered_map<std::string, int> people;
  for (uint64_t i = 0; i < 200000; ++i) ++people[text_of(places, places.home(hash(6, i))).substr(0, 6)];
  int most = 0;
  for (const auto& [sector, count] : people) most = std::max(most, count);
  EXPECT_GT(most, 3 * 200000 / static_cast<int>(places.sectors()));
}

TEST(Places, SpellsNoFixedAbode) {
  const Places places;
  EXPECT_EQ(text_of(places, no_fixed_abode), "ZZ99 3VZ");
  EXPECT_TRUE(tessera::is_zz99(tessera::postcode(text_of(places, no_fixed_abode)).word));
}

TEST(SingleSpaced, LeavesOneSpace) {
  char out[8];
  EXPECT_EQ(std::string(out, single_spaced({'M', '1', ' ', ' ', ' ', '1', 'A', 'E'}, out)), "M1 1AE");
  EXPECT_EQ(std::string(out, single_spaced({'L', 'S', '1', '2', ' ', '4', 'A', 'P'}, out)), "LS12 4AP");
}
