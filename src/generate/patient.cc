// patient.cc: episodes, with what is wrong in them.
#include "generate/patient.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "generate/mistakes.h"

namespace tessera::generate_detail {
namespace {

constexpr double wrong_birth_rate = 0.0049, wrong_sex_rate = 0.0033, unknown_sex_rate = 0.0015;
constexpr double mistyped_postcode_rate = 0.007, late_move_rate = 0.30, other_hospital_rate = 0.15;
constexpr double not_a_person_number_rate = 0.08;  // of NHS numbers that are not right: written all the same

// NHS numbers missing or wrong, of 1 (published: 0.3 % of inpatients, 2 to 7 % of emergencies): more often in
// the first years, for the newborn, for young adults, and without a home.
double number_trouble(Dataset dataset, int year, float age, bool homeless) {
  static constexpr double base[] = {0.0018, 0.004, 0.030};
  double rate = base[static_cast<size_t>(dataset)];
  if (year < 2008) rate *= 1 + 0.2 * (2008 - year);
  if (age < 0.1F) rate *= 6;
  if (age >= 18 && age < 35) rate *= 1.5;
  return std::min(homeless ? rate + 0.35 : rate, 0.9);
}

// Eight digits at a time: one nibble to a byte, then '0' or 'A' - 10 added to each.
void put_hex(char* out, uint32_t value) {
  uint64_t x = value;
  x = (x | x << 16) & 0x0000ffff0000ffff;
  x = (x | x << 8) & 0x00ff00ff00ff00ff;
  x = (x | x << 4) & 0x0f0f0f0f0f0f0f0f;
  const uint64_t letters = (x + 0x0606060606060606) >> 4 & 0x0101010101010101;
  x += 0x3030303030303030 + letters * ('A' - '0' - 10);
  for (int i = 0; i < 8; ++i) out[i] = static_cast<char>(x >> (56 - 8 * i));
}
void put_hex(char* out, uint64_t value) {
  put_hex(out, static_cast<uint32_t>(value >> 32));
  put_hex(out + 8, static_cast<uint32_t>(value));
}

// The text of a trust as a number, for draws.
constexpr auto trust_keys = [] {
  std::array<uint32_t, trust_count> keys{};
  for (uint32_t trust = 0; trust < trust_count; ++trust) {
    char text[3];
    put_trust(text, trust);
    for (unsigned i = 0; i < 3; ++i) keys[trust] |= uint32_t{static_cast<unsigned char>(text[i])} << 8 * i;
  }
  return keys;
}();

}  // namespace

Patient::Patient(const Country& country, const Activity& activity, const Person& p, int year)
    : country_(country),
      activity_(activity),
      p_(p),
      homes_(country, p),
      year_(year),
      key_(hash(p.key, 0x657069, static_cast<uint64_t>(year))),
      number_(country.nhs_number(p.id)),
      area_(country.places().area(homes_.at(std::max(p.birth, country.first_day())))) {
  usual_.person = generate_detail::number(p.id);
  usual_.birth = p.birth;
  usual_.death = p.death;
  put_digits(usual_.number, number_, 10);
  put_pseudo(usual_, 0);
  const bool second = (mix(p.key + 20) & 255) < 40;
  usual_.ethnos = "AABCNNTRSHJKMPLL"[p.origin * 2 + (second ? 1 : 0)];
}

void Patient::write(Dataset dataset, uint64_t which, Episode& e) {
  e = usual_;
  e.draw = hash(key_, which);
  e.dataset = dataset;
  e.day = activity_.day(p_, year_, e.draw);
  // An appointment that nobody could keep.
  if (dataset == Dataset::op && e.day == p_.death && chance(mix(e.draw + 1), 0.05))
    e.day += 1 + static_cast<int32_t>(e.draw & 31);
  const float age = p_.age(e.day);

  fill_hospital(e);
  const uint32_t home = lived(e);
  fill_number(e, age, home == no_fixed_abode);
  fill_birth(e);
  fill_sex(e);
  fill_postcode(e, home);
  if ((mix(e.draw + 2) & 15) == 0) e.ethnos = 'Z';
}

// Three hospitals an area. One person in seven goes to another than the usual one.
void Patient::fill_hospital(Episode& e) const {
  const bool usual = !chance(mix(e.draw + 3), other_hospital_rate);
  e.trust = static_cast<uint16_t>(area_ * 3 + below(usual ? p_.key : mix(e.draw + 4), 3));
  e.at_hospital = hash(p_.key, trust_keys[e.trust]);
}

// Where the hospital believes the patient lives: for some, where they lived up to four years ago.
uint32_t Patient::lived(const Episode& e) {
  const uint64_t draw = mix(e.draw + 5);
  if (!chance(draw, late_move_rate)) return homes_.at(e.day);
  const auto late = static_cast<int32_t>(1500 * unit(mix(draw)) * unit(mix(draw + 1)));
  return homes_.at(std::max(p_.birth, e.day - late));
}

void Patient::fill_number(Episode& e, float age, bool homeless) const {
  const uint64_t draw = mix(e.draw + 6), kind = mix(draw + 1);
  uint64_t written = number_;
  e.has_number = true;
  if (chance(draw, number_trouble(e.dataset, year_, age, homeless))) {
    e.has_number = chance(kind, not_a_person_number_rate);
    written = (kind & 7) == 0 ? 9999999999 : (kind & 7) == 1 ? 0 : wrong_nhs_number(number_, kind);
    // The HES identifier holds a person together as far as the number does.
    put_pseudo(e, (kind >> 8) % 3);
  } else if (chance(kind, p_.twin ? 0.004 : 0.00004) && (generate_detail::number(p_.id) ^ 1) < country_.people()) {
    // Somebody else's: a twin's, or that of one they live with.
    const PersonId other{generate_detail::number(p_.id) ^ 1};
    if (lives(other, e.day)) written = country_.nhs_number(other);
  }
  if (written != number_) put_digits(e.number, written, 10);
}

bool Patient::lives(PersonId id, int32_t day) const {
  const Person other = country_.person(id);
  return other.birth <= day && day <= other.death;
}

void Patient::fill_birth(Episode& e) const {
  const uint64_t draw = mix(e.draw + 7);
  e.has_birth = !chance(mix(draw), e.dataset == Dataset::ae ? 0.002 : 0.0002);
  // Two in three mistakes are the hospital's own and stay.
  if (chance(mix(e.at_hospital), wrong_birth_rate * 2 / 3))
    e.birth = wrong_birth(p_.birth, country_.end_day(), e.at_hospital);
  else if (chance(draw, wrong_birth_rate / 3))
    e.birth = wrong_birth(p_.birth, country_.end_day(), draw);
}

void Patient::fill_sex(Episode& e) const {
  const uint64_t draw = mix(e.draw + 8);
  const bool wrong = chance(mix(e.at_hospital + 1), wrong_sex_rate / 2) != chance(draw, wrong_sex_rate / 2);
  e.sex = p_.female != wrong ? '2' : '1';
  if (chance(mix(draw + 1), unknown_sex_rate)) e.sex = (draw & 1) != 0 ? '9' : '0';
}

void Patient::fill_postcode(Episode& e, uint32_t home) const {
  const uint64_t draw = mix(e.draw + 9);
  e.has_postcode = home == no_fixed_abode || !chance(draw, e.dataset == Dataset::ae ? 0.02 : 0.005);
  e.postcode = country_.places().text(home);
  if (home != no_fixed_abode && chance(mix(draw), mistyped_postcode_rate)) mistype_postcode(e.postcode, draw);
}

void Patient::put_pseudo(Episode& e, uint64_t fragment) const {
  const uint64_t pseudo = hash(p_.key, 0x70736575, fragment);
  put_hex(e.pseudo, pseudo);
  put_hex(e.pseudo + 16, mix(pseudo + 1));
}

}  // namespace tessera::generate_detail
