// activity.h: how often is a person seen in hospital?
//
//   rows of (person, year, dataset) ~ Poisson(scale x frailty x need at that age x part of the year alive)
//
// Frailty is log-normal with sigma 1.4 and mean 1: half of all people have less than 0.4 of the
// mean, one in 10,000 more than 60 times the mean.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "generate/country.h"

namespace tessera::generate_detail {

enum class Dataset : uint8_t { apc, op, ae };  // admitted care, outpatients, accident and emergency

class Activity {
 public:
  // Finds the scale that makes about `rows` in the whole period, from a sample of people. Not random.
  Activity(const Country&, int first_year, int years, uint64_t rows);

  // Says that somebody's rows will soon be asked for: their frailty lies far away.
  void soon(const Person& p) const { __builtin_prefetch(&frailty_[p.key >> 48]); }
  // Rows of each dataset in the financial year that starts in `year`.
  [[nodiscard]] std::array<uint32_t, 3> rows(const Person&, int year) const;
  // The years in which they may not be zero, and few others: of `count` from `first` on, a bit each from the lowest.
  // Requires: count <= 64.
  [[nodiscard]] uint64_t years_with_rows(const Person&, int first, size_t count) const;
  // The day of one of them. Requires: rows() is not all zero.
  [[nodiscard]] int32_t day(const Person&, int year, uint64_t draw) const;

 private:
  // Of all years, and of one.
  static uint64_t counts_draw(uint64_t key) { return hash(key, 0x726f7773); }
  static uint64_t count_draw(uint64_t counts_draw, int year) { return hash(counts_draw, static_cast<uint64_t>(year)); }
  struct Span {
    int32_t from, to;  // days alive in the year: [from, to]
  };
  [[nodiscard]] Span alive(const Person&, int year) const;
  [[nodiscard]] float need(const Person&, int year) const;  // rows to expect at scale 1 and frailty 1
  [[nodiscard]] float growth(int year) const { return growth_[static_cast<size_t>(year - first_year_)]; }
  [[nodiscard]] float frailty(const Person& p) const { return frailty_[p.key >> 48]; }
  [[nodiscard]] uint32_t poisson(float mean, uint64_t draw) const;

  int first_year_;
  float scale_ = 1;
  std::vector<int32_t> year_starts_;  // one more than years
  std::vector<float> growth_;         // of need, by year
  std::vector<float> normal_;         // 2^16 quantiles of the normal distribution
  std::vector<float> frailty_;        // the same of frailty
};

}  // namespace tessera::generate_detail
