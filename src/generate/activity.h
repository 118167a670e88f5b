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

  // True for most people in most years, who then have no rows: told from a person's key, or from what born() says.
  [[nodiscard]] bool surely_none(uint64_t key, int year) const {
    return unit(count_draw(key, year)) < none_below_[static_cast<size_t>(year - first_year_)][key >> 56];
  }
  [[nodiscard]] bool surely_none(const Person&, int year) const;
  // Says that somebody's frailty will soon be asked for: it lies far away.
  void soon(uint64_t key) const { __builtin_prefetch(&frailty_[key >> 48]); }
  // Rows of each dataset in the financial year that starts in `year`.
  [[nodiscard]] std::array<uint32_t, 3> rows(const Person&, int year) const;
  // The day of one of them. Requires: rows() is not all zero.
  [[nodiscard]] int32_t day(const Person&, int year, uint64_t draw) const;

 private:
  static uint64_t count_draw(uint64_t key, int year) { return hash(key, 0x726f7773, static_cast<uint64_t>(year)); }
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
  std::vector<int32_t> year_starts_;                // one more than years
  std::vector<float> growth_;                       // of need, by year
  std::vector<float> normal_;                       // 2^16 quantiles of the normal distribution
  std::vector<float> frailty_;                      // the same of frailty
  std::vector<std::array<float, 256>> none_below_;  // by year and the highest bits of a key
};

}  // namespace tessera::generate_detail
