// patient.h: what does a hospital write down about one visit?
//
// A mistake in a date of birth or a sex mostly belongs to a person at one hospital, and so comes
// back; one in a postcode or a missing NHS number belongs to a visit.
//
// Not here: which columns hold it (hes.h), how often there is a visit (activity.h).
#pragma once

#include <cstdint>

#include "generate/activity.h"
#include "generate/country.h"

namespace tessera::generate_detail {

// What every layout is made of.
struct Episode {
  uint64_t draw;         // for columns of the real layouts
  uint64_t at_hospital;  // what this person and this hospital have between them
  uint64_t person;
  int32_t day, birth, death;
  uint16_t trust;
  Dataset dataset;
  bool has_number, has_birth, has_postcode;
  char sex, ethnos;
  Postcode postcode;
  char number[10], pseudo[32];
};

// Trusts, "RAB": three an area.
inline constexpr uint32_t trust_count = 3 * 128;
constexpr void put_trust(char* out, uint32_t trust) {
  out[0] = 'R';
  out[1] = "ABCDEFGHJKLMNPQRTVWXY"[trust / 20 % 21];
  out[2] = "0123456789ABCDEFGHJK"[trust % 20];
}

// One person in one year. What most episodes say is computed once.
class Patient {
 public:
  // All must outlive it.
  Patient(const Country&, const Activity&, const Person&, int year);

  // `which`: counts the episodes of the year, of all datasets.
  void write(Dataset, uint64_t which, Episode&);

 private:
  void fill_hospital(Episode&) const;
  [[nodiscard]] uint32_t lived(const Episode&);
  void fill_number(Episode&, float age, bool homeless) const;
  void fill_birth(Episode&) const;
  void fill_sex(Episode&) const;
  void fill_postcode(Episode&, uint32_t home) const;
  void put_pseudo(Episode&, uint64_t fragment) const;
  [[nodiscard]] bool lives(PersonId, int32_t day) const;

  const Country& country_;
  const Activity& activity_;
  const Person& p_;
  Homes homes_;
  int year_;
  uint64_t key_, number_;
  uint32_t area_;
  Episode usual_{};
};

}  // namespace tessera::generate_detail
