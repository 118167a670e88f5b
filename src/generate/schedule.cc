// schedule.cc: see schedule.h.
#include "generate/schedule.h"

#include <oneapi/tbb/parallel_for.h>

#include <algorithm>
#include <array>
#include <cassert>

namespace tessera::generate_detail {
namespace {

constexpr uint64_t bytes_max = uint64_t{64} << 20;
constexpr uint64_t word_people = 64;
constexpr size_t years_max = 64;  // a bit each

}  // namespace

Schedule::Schedule(const Country& country, const Activity& activity, int first_year, int years)
    : country_(country), activity_(activity), end_year_(first_year + years) {}

std::shared_ptr<const PeopleOfYear> Schedule::in(int year) {
  assert(year < end_year_);
  if (year < from_ || year >= from_ + static_cast<int>(known_.size())) look(year);
  return known_[static_cast<size_t>(year - from_)];
}

void Schedule::look(int year) {
  const uint64_t year_bytes = (country_.people() + 7) / 8;
  const size_t count =
      std::min({static_cast<size_t>(end_year_ - year), years_max, std::max<size_t>(bytes_max / year_bytes, 1)});
  known_.clear();
  for (size_t y = 0; y < count; ++y) known_.push_back(std::make_shared<PeopleOfYear>(country_.people()));
  from_ = year;
  const uint64_t words = (country_.people() + word_people - 1) / word_people;
  oneapi::tbb::parallel_for(uint64_t{0}, words, [&](uint64_t word) {
    std::array<uint64_t, years_max> bits{};
    const uint64_t first = word * word_people, end = std::min(first + word_people, country_.people());
    for (uint64_t p = first; p < end; ++p) {
      const uint64_t seen = activity_.years_with_rows(country_.person(PersonId{p}), year, count);
      for (size_t y = 0; y < count; ++y) bits[y] |= (seen >> y & 1) << (p - first);
    }
    for (size_t y = 0; y < count; ++y) known_[y]->bits_[word] = bits[y];
  });
}

}  // namespace tessera::generate_detail
