// country.cc: births, deaths, moves and marriages as functions of a number.
#include "generate/country.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cassert>
#include <cmath>
#include <cstring>
#include <limits>

#include "kernels/date.h"
#include "record/words.h"

namespace tessera::generate_detail {
namespace {

enum Topic : uint64_t { family_topic = 1, person_topic, number_topic };

constexpr float days_a_year = 365.25F;

// Death by age: an accident at any age, or old age after Gompertz, who found that the risk of dying
// grows by the same factor each year. `alive_at`: the age at which the person is known to live.
float death_age(bool female, float alive_at, uint64_t draw) {
  constexpr float growth = 0.095F, accidents_a_year = 0.0007F;
  const float mode = female ? 87.0F : 83.5F;
  const float waited = -std::log(unit(draw));
  const float old = mode + std::log(std::exp(growth * (alive_at - mode)) + waited) / growth;
  if (alive_at < 1 && (draw & 0xff) == 0) return unit(mix(draw + 2)) * 0.2F;  // one newborn in 256
  const float spared = unit(mix(draw + 1));
  if (spared < 0.9F) return old;  // no accident for 150 years
  return std::min(old, alive_at - std::log(spared) / accidents_a_year);
}

// People move at most once in each of these bands of age: from this age, in so many sixteenths of people.
struct Band {
  float from;
  uint8_t movers;
};
constexpr Band bands[16] = {{0, 8},   {5, 5},   {11, 3}, {16, 2}, {18, 9}, {19.5F, 8}, {21, 10}, {23, 10},
                            {25, 11}, {28, 10}, {32, 9}, {37, 8}, {45, 7}, {58, 6},    {73, 6},  {84, 7}};
constexpr float last_band_ends = 95;
// The band of an age in half years.
constexpr auto band_at = [] {
  std::array<uint8_t, 169> at{};
  for (size_t i = 0, band = 0; i < at.size(); ++i) {
    if (band + 1 < std::size(bands) && static_cast<float>(i) >= 2 * bands[band + 1].from) ++band;
    at[i] = static_cast<uint8_t>(band);
  }
  return at;
}();
// One or the other, without a branch.
constexpr int32_t take(bool first, int32_t a, int32_t b) { return b ^ ((a ^ b) & -static_cast<int32_t>(first)); }

constexpr unsigned first_stay = 31;  // the home that one is born into

Name joined(const Name& a, const Name& b) {
  Name out = a;
  if (a.size + b.size + 1U > sizeof out.text) return a;
  out.text[out.size++] = '-';
  std::memcpy(out.text + out.size, b.text, b.size);
  out.size = static_cast<uint8_t>(out.size + b.size);
  return out;
}

}  // namespace

Country::Country(uint64_t seed, uint64_t people, int first_year, int years)
    : seed_(mix(seed ^ 0x7465737365726131)),
      people_(people),
      people_key_(hash(seed_, person_topic)),
      families_key_(hash(seed_, family_topic)),
      first_year_(first_year),
      years_(years),
      first_day_(day_number(date_word(static_cast<unsigned>(first_year), 4, 1))),
      end_day_(day_number(date_word(static_cast<unsigned>(first_year + years), 4, 1))) {
  assert(people >= 1 && people <= uint64_t{1} << 28 && years >= 1);
  for (uint64_t i = 0; i < std::size(number_keys_); ++i) number_keys_[i] = hash(seed_, number_topic, i);
}

Person Country::person(PersonId id) const {
  Person p = born(id);
  bury(p);
  return p;
}

// Each case is computed and one is taken: nobody could predict a branch about a person.
Person Country::born(PersonId id) const {
  Person p{.id = id, .key = person_key(id), .family = hash(families_key_, number(id) >> 2)};
  Bits family(p.family), own(mix(p.key));
  const auto period = static_cast<uint32_t>(end_day_ - first_day_);
  constexpr auto year = [](double years) { return static_cast<int32_t>(years * days_a_year); };
  const bool with_children = family.take(8) < 184;
  p.origin = Names::origin(mix(p.family));

  // The elder child and the head of the family, from which the others follow.
  Bits older = family;
  const bool in_period = family.take(1) != 0;
  const uint32_t when = family.take(16);
  const int32_t child = first_day_ + take(in_period, static_cast<int32_t>(when * uint64_t{period} >> 16),
                                          -static_cast<int32_t>(when * uint64_t{42 * 365} >> 16));
  const int32_t parent = child - year(19) - static_cast<int32_t>(family.take(14) * uint64_t{22 * 365} >> 14);
  const int32_t old = first_day_ - year(42) - static_cast<int32_t>(older.take(16) * uint64_t{45 * 365} >> 16);
  const int32_t head = take(with_children, parent, old);
  const bool twins = with_children && family.take(6) == 0;
  const int32_t spread = static_cast<int32_t>(own.take(12));
  const int32_t relative = head - year(8) + spread;
  const int32_t later = child + 300 + spread / 3, earlier = child - 300 - spread / 3;
  const int32_t births[] = {
      head, head - year(2) + spread * 2 / 3, take(with_children, child, relative),
      take(!with_children, relative, take(twins, child, take(later >= end_day_, earlier, later)))};
  p.birth = births[p.slot()];
  p.child = with_children && p.slot() >= 2;
  p.twin = twins && p.child;
  // Of 1,024; of the second of a couple those are men.
  static constexpr uint32_t women[] = {20, 30, 500, 500};
  p.female = (own.take(10) < women[p.slot()]) != (p.slot() == 1);

  // Where births were not registered, papers say 1 January.
  if (p.origin >= south_asian && p.origin <= african && !p.twin && own.take(5) < 4) {
    const uint64_t word = word_of_day(p.birth);
    if (year_of(word) < 1990) p.birth = day_number(date_word(year_of(word), 1, 1));
  }
  return p;
}

void Country::bury(Person& p) const {
  const float alive_at = std::max(0.0F, p.age(first_day_));
  p.death = p.birth + static_cast<int32_t>(death_age(p.female, alive_at, mix(p.key + 1)) * days_a_year);
  p.death = std::max({p.death, p.birth, first_day_});
}

// Four digits, the last four of eight and the first four, times their weights in the check digit, modulo 11.
static const auto weighed = [] {  // more steps than compilers grant a constant
  std::array<std::array<uint8_t, 10000>, 2> sums{};
  for (unsigned half = 0; half < 2; ++half) {
    for (unsigned i = 0; i < 10000; ++i) {
      for (unsigned rest = i, weight = 3 + 4 * half; rest > 0; rest /= 10, ++weight)
        sums[half][i] = static_cast<uint8_t>((sums[half][i] + rest % 10 * weight) % 11);
    }
  }
  return sums;
}();

// The ten digits of index i in [0, 2.7e8): for eight leading digits there are at least nine ninth
// digits that do not ask for the check digit 10.
static uint64_t number_at(uint64_t index) {
  const uint64_t place = index / 9;
  const uint64_t eight = place < 10'000'000 ? 40'000'000 + place : 50'000'000 + place;  // 400-499, 600-799 million
  const uint64_t sum = weighed[0][eight % 10000] + weighed[1][eight / 10000];
  // The check digit is (11 - (sum + 2 x ninth) % 11) % 11, and 10 when that remainder is 1.
  uint64_t ninth = index % 9;
  const uint64_t bad = (12 - sum % 11) * 6 % 11;  // 2 x bad = 1 - sum (mod 11): 6 is the inverse of 2
  if (ninth >= bad) ++ninth;
  const uint64_t check = (11 - (sum + 2 * ninth) % 11) % 11;
  assert(check != 10);
  return (eight * 10 + ninth) * 10 + check;
}

uint64_t Country::nhs_number(PersonId p) const {
  constexpr uint64_t half = 14, mask = (1 << half) - 1;
  uint64_t low = number(p) & mask, high = number(p) >> half;
  for (size_t i = 0; i < std::size(number_keys_); i += 2) {
    high ^= (((low + number_keys_[i]) * 0x9e3779b97f4a7c15) >> 37) & mask;
    low ^= (((high + number_keys_[i + 1]) * 0xd6e8feb86659fd93) >> 37) & mask;
  }
  const uint64_t found = number_at(high << half | low);
  // 4444444444 and its like are nobody's: 2^28 is below 2.7e8, so there are numbers left.
  if (found % 1111111111 == 0) return number_at((uint64_t{1} << 28) + found / 1111111111);
  return found;
}

int32_t Country::couple_since(const Person& head) const {
  return head.birth + static_cast<int32_t>((23 + 10 * unit(mix(head.family + 2))) * days_a_year);
}

uint32_t Country::home(const Person& p, int32_t day) const { return Homes(*this, p).at(day); }

uint32_t Country::moved_to(uint64_t key, unsigned band) const {
  const uint64_t draw = hash(key, band);
  // To a home for the old, a hall of residence, a barracks or a prison.
  const uint32_t communal_of_256 = band == 15 ? 90 : band == 14 ? 30 : band == 4 ? 20 : band == first_stay ? 0 : 1;
  if ((draw & 255) < communal_of_256) return communal(below(draw, communal_count()));
  if (band == first_stay) return places_.home(draw);
  if ((draw >> 8 & 255) >= 180) return places_.home(mix(draw));
  return places_.in_area(places_.home_area(hash(key, first_stay)), mix(draw));
}

Homes::Course::Course(const Person& who) : key(mix(who.key + 6)), times(mix(key + 1)), birth(who.birth) {
  // Four bits for each band are below its movers: for even and for odd bands, a byte each, the top bit says so.
  constexpr uint64_t nibbles = 0x0f0f0f0f0f0f0f0f, tops = 0x8080808080808080, to_top_byte = 0x0102040810204080;
  static constexpr auto movers = [] {
    std::array<uint64_t, 2> least{};
    for (size_t band = 0; band < std::size(bands); ++band)
      least[band % 2] |= uint64_t{0x7fU + bands[band].movers} << (band / 2 * 8);
    return least;
  }();
  const uint64_t chances = mix(key);
  for (unsigned odd = 0; odd < 2; ++odd) {
    const uint64_t below = ((movers[odd] - (chances >> (4 * odd) & nibbles)) & tops) >> 7;
    uint64_t bits = below * to_top_byte >> 56;
    bits = (bits | bits << 4) & 0x0f0f;
    bits = (bits | bits << 2) & 0x3333;
    bits = (bits | bits << 1) & 0x5555;
    moves |= static_cast<uint32_t>(bits << odd);
  }
}

Homes::Homes(const Country& country, const Person& p)
    : country_(country), p_(p), own_(p), with_head_from_(p.birth), with_head_before_(p.birth) {
  if (p.child) {
    with_head_before_ += static_cast<int32_t>((18 + 8 * unit(mix(p.key + 5))) * days_a_year);
  } else if (p.slot() == 1) {
    const Person head = country.born(PersonId{number(p.id) - 1});
    head_ = Course(head);
    with_head_from_ = country.couple_since(head);
    with_head_before_ = std::numeric_limits<int32_t>::max();
  }
}

const Homes::Course& Homes::head() {
  if (!head_) head_ = Course(country_.born(PersonId{number(p_.id) & ~uint64_t{3}}));
  return *head_;
}

uint32_t Homes::at(int32_t day) {
  // One woman in 256 and one man in 64 are without a home for a time, from the age of 18 on.
  if ((p_.key >> 20 & (p_.female ? 255 : 95)) == 0) {
    const float since = 18 + 40 * unit(mix(p_.key + 3)), age = p_.age(day);
    if (age >= since && age < since + 0.3F + 2.5F * unit(mix(p_.key + 4))) return no_fixed_abode;
  }
  const Course& course = day >= with_head_from_ && day < with_head_before_ ? head() : own_;
  const float age = std::max(0.0F, static_cast<float>(day - course.birth) / days_a_year);
  unsigned band = band_at[std::min(static_cast<size_t>(age * 2), band_at.size() - 1)];
  const float until = band + 1 == std::size(bands) ? last_band_ends : bands[band + 1].from;
  const float into = (age - bands[band].from) / (until - bands[band].from) * 16;
  // The last move up to now: in this band, if its time has come, or in an earlier one.
  const bool come = into >= static_cast<float>(course.times >> (4 * band) & 15);
  const uint32_t moves = course.moves & ((uint32_t{1} << (band + (come ? 1 : 0))) - 1);
  band = moves == 0 ? first_stay : static_cast<unsigned>(std::bit_width(moves)) - 1;
  if (course.key != key_ || band != band_) {
    key_ = course.key;
    band_ = band;
    place_ = country_.moved_to(course.key, band);
  }
  return place_;
}

Name Country::given_name(const Person& p, unsigned which) const {
  const auto year = static_cast<int>(year_of(word_of_day(p.birth)));
  Name name = names_.given(p.origin, p.female, year, hash(p.key, 0x67, which));
  if (which == 0 && p.twin && p.slot() == 3) {  // never the name of the other twin
    const Person other = person(PersonId{number(p.id) ^ 1});
    for (uint64_t i = 2; other.female == p.female && i < 40; ++i) {
      if (name.view() != names_.given(p.origin, p.female, year, hash(other.key, 0x67, 0)).view()) break;
      name = names_.given(p.origin, p.female, year, hash(p.key, 0x67, i));
    }
  }
  return name;
}

Name Country::family_name(const Person& p, int32_t day) const {
  const Name of_family = names_.family(p.origin, mix(p.family + 3));
  if (p.slot() == 0) return of_family;
  const uint32_t custom = static_cast<uint32_t>(mix(p.key + 7) & 255);
  const Name own = p.child ? of_family : names_.family(p.origin, mix(p.key + 8));
  if (!p.female || custom >= 190) return own;  // keeps her name
  Name married = of_family;
  int32_t since;
  if (p.slot() == 1) {
    since = couple_since(person(PersonId{number(p.id) & ~uint64_t{3}})) + 365;
  } else {
    since = p.birth + static_cast<int32_t>((22 + 40 * unit(mix(p.key + 9))) * days_a_year);
    married = names_.family(p.origin, mix(p.key + 10));
  }
  if (day < since) return own;
  return custom < 12 ? joined(own, married) : married;
}

}  // namespace tessera::generate_detail
