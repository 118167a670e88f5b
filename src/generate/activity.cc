// activity.cc: tables of quantiles, need by age, and counts from them.
#include "generate/activity.h"

#include <oneapi/tbb/parallel_for.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "kernels/date.h"
#include "record/words.h"

namespace tessera::generate_detail {
namespace {

constexpr size_t quantiles = size_t{1} << 16;
constexpr float sigma = 1.4F;

// The normal distribution function, inverted by bisection: only for tables.
double normal_quantile(double p) {
  double low = -6, high = 6;
  for (int i = 0; i < 40; ++i) {
    const double middle = (low + high) / 2;
    (std::erfc(-middle / std::sqrt(2.0)) / 2 < p ? low : high) = middle;
  }
  return low;
}

// Relative need of care by age: newborns are all admitted, the old are seen most.
struct Need {
  float until, need;
};
constexpr Need needs[] = {{1, 2.2F},  {5, 0.8F},  {16, 0.5F}, {25, 0.7F}, {45, 0.9F},
                          {65, 1.2F}, {75, 1.9F}, {85, 2.5F}, {999, 2.3F}};

// What a list says of an age: by whole years, so that no branch depends on it.
template <class Entry, size_t n>
constexpr std::array<Entry, 128> by_year(const Entry (&list)[n]) {
  std::array<Entry, 128> at{};
  for (size_t age = 0, entry = 0; age < at.size(); ++age) {
    while (static_cast<float>(age) >= list[entry].until) ++entry;
    at[age] = list[entry];
  }
  return at;
}
// Requires: age >= 0.
template <class Entry>
const Entry& of_age(const std::array<Entry, 128>& at, float age) {
  return at[std::min(static_cast<size_t>(age), at.size() - 1)];
}

// More than the first or the last year of life can need, and than any other, of 365 days without a birth or a death.
constexpr float part_year_most = 1.75F, whole_year_most = 1.003F;

// Parts of 1: admitted care and emergencies, the rest are outpatients.
struct Shares {
  float until, apc, ae;
};
constexpr Shares shares[] = {
    {1, 0.40F, 0.25F}, {16, 0.12F, 0.36F}, {30, 0.13F, 0.30F}, {65, 0.15F, 0.16F}, {999, 0.185F, 0.115F}};

constexpr auto needs_by_year = by_year(needs);
constexpr auto shares_by_year = by_year(shares);

}  // namespace

Activity::Activity(const Country& country, int first_year, int years, uint64_t rows) : first_year_(first_year) {
  for (int y = 0; y <= years; ++y)
    year_starts_.push_back(day_number(date_word(static_cast<unsigned>(first_year + y), 4, 1)));
  // Hospitals see more people each year than the year before.
  for (int y = 0; y < years; ++y) growth_.push_back(0.7F + 0.6F * static_cast<float>(y) / static_cast<float>(years));
  normal_.resize(quantiles);
  frailty_.resize(quantiles);
  oneapi::tbb::parallel_for(size_t{0}, quantiles, [&](size_t i) {
    normal_[i] = static_cast<float>(normal_quantile((static_cast<double>(i) + 0.5) / static_cast<double>(quantiles)));
    frailty_[i] = std::exp(sigma * normal_[i]);
  });
  double sum = 0;
  for (const float f : frailty_) sum += f;
  for (float& f : frailty_) f = static_cast<float>(f * static_cast<double>(quantiles) / sum);

  // Everybody if they are few; else a sample, and frailty (whose mean is 1) left out, which would be its largest error.
  const uint64_t sample = std::min<uint64_t>(country.people(), quantiles);
  std::vector<double> of_person(sample);
  oneapi::tbb::parallel_for(uint64_t{0}, sample, [&](uint64_t i) {
    const Person p = country.person(PersonId{i * country.people() / sample});
    for (int y = 0; y < years; ++y) of_person[i] += need(p, first_year + y);
    if (sample == country.people()) of_person[i] *= frailty(p);
  });
  double expected = std::accumulate(of_person.begin(), of_person.end(), 0.0);
  expected *= static_cast<double>(country.people()) / static_cast<double>(sample);
  scale_ = expected > 0 ? static_cast<float>(static_cast<double>(rows) / expected) : 0;
}

Activity::Span Activity::alive(const Person& p, int year) const {
  const auto y = static_cast<size_t>(year - first_year_);
  return {std::max(year_starts_[y], p.birth), std::min(year_starts_[y + 1] - 1, p.death)};
}

float Activity::need(const Person& p, int year) const {
  const Span span = alive(p, year);
  if (span.from > span.to) return 0;
  const float age = p.age(span.from);
  const float mother = p.female && age >= 18 && age < 42 ? 1.4F : 1.0F;
  const bool last_year = span.to == p.death;
  const float part = static_cast<float>(span.to - span.from + 1) / 365.0F;
  // The first and the last days of life take more care than their number.
  return of_age(needs_by_year, age).need * growth(year) * mother *
         (last_year     ? 1.5F * part + 0.2F
          : age < 0.01F ? part + 0.3F
                        : part);
}

// No branch depends on a year: nobody could predict it.
uint64_t Activity::years_with_rows(const Person& p, int first, size_t count) const {
  const uint64_t draw = counts_draw(p.key);
  const float often = scale_ * frailty(p);
  const auto y = static_cast<size_t>(first - first_year_);
  uint64_t years = 0;
  for (size_t i = 0; i < count; ++i) {
    const int32_t from = std::max(year_starts_[y + i], p.birth), to = year_starts_[y + i + 1] - 1;
    const float age = p.age(from);
    const float most = often * of_age(needs_by_year, age).need * growth_[y + i] *
                       (age >= 18 && age < 42 ? 1.4F : 1.0F) *
                       (((age < 0.01F) | (to >= p.death)) ? part_year_most : whole_year_most);
    // No rows come of a draw below exp(-mean), which is more than (1 - mean / 8)^8.
    const float root = std::max(0.0F, 1 - most / 8), square = root * root, fourth = square * square;
    const bool none = unit(count_draw(draw, first + static_cast<int>(i))) < fourth * fourth * 0.99999F;
    const bool busy = (from <= to) & (from <= p.death) & !none;
    years |= uint64_t{busy} << i;
  }
  return years;
}

uint32_t Activity::poisson(float mean, uint64_t draw) const {
  if (mean <= 0) return 0;
  if (mean > 12) {
    const float count = mean + std::sqrt(mean) * normal_[draw >> 48];
    return count > 0 ? static_cast<uint32_t>(std::lround(count)) : 0;
  }
  float left = unit(draw), p = std::exp(-mean);
  uint32_t count = 0;
  while (left >= p && count < 60) {
    left -= p;
    p *= mean / static_cast<float>(++count);
  }
  return count;
}

std::array<uint32_t, 3> Activity::rows(const Person& p, int year) const {
  const float mean = scale_ * frailty(p) * need(p, year);
  if (mean <= 0) return {0, 0, 0};
  const auto y = static_cast<size_t>(year - first_year_);
  const float age = p.age(std::max(year_starts_[y], p.birth));
  const Shares& at = of_age(shares_by_year, age);
  const uint64_t draw = count_draw(counts_draw(p.key), year);
  // Parts of a Poisson count are Poisson counts: one draw for all, as most years have no rows.
  const uint32_t count = poisson(mean, draw);
  std::array<uint32_t, 3> rows{};
  for (uint32_t i = 0; i < count; ++i) {
    const float which = unit(hash(draw, i));
    ++rows[which < at.apc ? 0 : which < at.apc + at.ae ? 2 : 1];
  }
  return rows;
}

int32_t Activity::day(const Person& p, int year, uint64_t draw) const {
  const Span span = alive(p, year);
  const uint64_t days = static_cast<uint64_t>(span.to) - static_cast<uint64_t>(span.from) + 1;
  // A third of the events of the last year fall into the last six weeks.
  if (span.to == p.death && days > 42 && (draw & 3) == 0) return span.to - static_cast<int32_t>(below(draw, 42));
  return span.from + static_cast<int32_t>(below(draw, days));
}

}  // namespace tessera::generate_detail
