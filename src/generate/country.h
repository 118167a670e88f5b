// country.h: who is person number p?
//
//   family = p / 4      slot 0 and 1: a couple     slot 2 and 3: their children, or grown relatives of
//                       the same age (older families)
//
// Everything about a person is computed from (seed, p) when it is asked for. Days are numbers
// since 1970-01-01.
//
// Not here: what they suffer from (activity.h), what becomes of it in the files (hes.h, registers.h).
#pragma once

#include <cstdint>
#include <optional>

#include "generate/chance.h"
#include "generate/names.h"
#include "generate/place.h"

namespace tessera::generate_detail {

enum class PersonId : uint64_t {};
inline uint64_t number(PersonId p) { return static_cast<uint64_t>(p); }

struct Person {
  PersonId id{};
  uint64_t key = 0;     // of this person's draws
  uint64_t family = 0;  // key of the family's draws
  int32_t birth = 0;
  int32_t death = 0;  // the day, be it after the period or not
  bool female = false;
  bool twin = false;   // with id ^ 1
  bool child = false;  // of the couple: at home until they leave it
  Origin origin = british;
  [[nodiscard]] uint64_t slot() const { return number(id) & 3; }
  [[nodiscard]] float age(int32_t day) const { return static_cast<float>(day - birth) * (1 / 365.25F); }
};

class Country {
 public:
  // Requires: people in [1, 2^28], years >= 1. The period is from `first_day` to before `end_day`.
  Country(uint64_t seed, uint64_t people, int first_year, int years);

  [[nodiscard]] uint64_t people() const { return people_; }
  [[nodiscard]] int32_t first_day() const { return first_day_; }
  [[nodiscard]] int32_t end_day() const { return end_day_; }
  [[nodiscard]] uint64_t key(uint64_t topic) const { return hash(seed_, topic); }
  [[nodiscard]] const Places& places() const { return places_; }

  // The key of a person's draws, before anything else is known of them.
  [[nodiscard]] uint64_t person_key(PersonId p) const { return hash(people_key_, number(p)); }
  [[nodiscard]] Person person(PersonId) const;
  // Ten digits with a right check digit, no other person's.
  [[nodiscard]] uint64_t nhs_number(PersonId) const;
  [[nodiscard]] uint32_t home(const Person&, int32_t day) const;
  [[nodiscard]] Name given_name(const Person&, unsigned which) const;  // 0 or 1
  [[nodiscard]] static bool has_second_name(const Person& p) { return p.key % 5 < 3; }
  [[nodiscard]] Name family_name(const Person&, int32_t day) const;

  // Homes for many people, by index.
  [[nodiscard]] uint64_t communal_count() const { return 8 + people_ / 2000; }
  [[nodiscard]] uint32_t communal(uint64_t index) const { return places_.communal(index); }

 private:
  friend class Homes;
  [[nodiscard]] Person born(PersonId) const;  // all but `death`
  void bury(Person&) const;
  [[nodiscard]] uint32_t moved_to(uint64_t key, unsigned band) const;
  [[nodiscard]] int32_t couple_since(const Person& head) const;

  uint64_t seed_, people_, people_key_, families_key_;
  int first_year_, years_;
  int32_t first_day_, end_day_;
  uint64_t number_keys_[6];
  Places places_;
  Names names_;
};

// Where one person lives, for who asks about many days.
class Homes {
 public:
  // Both must outlive it.
  Homes(const Country&, const Person&);
  [[nodiscard]] uint32_t at(int32_t day);

 private:
  // What decides when somebody moves.
  struct Course {
    Course() = default;
    explicit Course(const Person&);
    uint64_t key = 0;
    uint64_t times = 0;  // four bits for each band of age: when in it
    uint32_t moves = 0;  // a bit for each band with a move
    int32_t birth = 0;
  };
  [[nodiscard]] const Course& head();

  const Country& country_;
  const Person& p_;
  Course own_;
  std::optional<Course> head_;                 // of the family, once needed
  int32_t with_head_from_, with_head_before_;  // days in the home of the head
  uint64_t key_ = 0;                           // the last answer: whose stay, begun in which band
  unsigned band_ = 0;
  uint32_t place_ = no_fixed_abode;
};

}  // namespace tessera::generate_detail
