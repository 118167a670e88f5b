// schedule.h: who has rows in a year, so that nobody else is looked at?
//
//   person     0 1 2 3 4 5 6 7 ...
//   1997       1 0 0 0 0 1 0 0      a bit for each
//   1998       1 0 0 1 0 0 0 0
//
// Most people have none in most years. To find that out takes their births and deaths, so it is done for many years at
// once: for as many as fit into 64 MiB, which has room for one year of 2^28 people.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "generate/activity.h"
#include "generate/country.h"

namespace tessera::generate_detail {

// The people of a year: all who have rows, and a few who have none after all.
class PeopleOfYear {
 public:
  explicit PeopleOfYear(uint64_t people) : bits_((people + 63) / 64) {}
  [[nodiscard]] bool holds(uint64_t person) const { return (bits_[person / 64] >> (person % 64) & 1) != 0; }

 private:
  friend class Schedule;
  std::vector<uint64_t> bits_;
};

class Schedule {
 public:
  // Both must outlive it.
  Schedule(const Country&, const Activity&, int first_year, int years);
  // Quickest if years are asked for in their order. From one thread at a time; uses all.
  [[nodiscard]] std::shared_ptr<const PeopleOfYear> in(int year);

 private:
  void look(int year);

  const Country& country_;
  const Activity& activity_;
  int end_year_;
  int from_ = 0;  // the year of the first of known_
  std::vector<std::shared_ptr<PeopleOfYear>> known_;
};

}  // namespace tessera::generate_detail
