// telling_bits.cc: which bits of filters tell strangers apart soonest? (see telling_bits.h)
#include "block/telling_bits.h"

#include <algorithm>
#include <array>
#include <bit>
#include <numeric>

namespace tessera {
namespace {

// What it costs to count a pair, in rounds of a group: measured with filters of 1024 bits, AVX2.
constexpr double count_cost = 1.5, count_cost_of_bit = 0.0015;
constexpr size_t groups_drawn = 32;

// The share of filters that have each bit.
std::vector<double> shares(const FilterGroups& groups) {
  std::vector<uint64_t> counts(groups.bits);
  for (size_t group = 0; group < groups.count(); ++group)
    for (size_t bit = 0; bit < groups.bits; ++bit)
      counts[bit] += static_cast<uint64_t>(std::popcount(groups.group(group)[bit]));
  const auto filters = static_cast<double>(std::max<size_t>(1, groups.count() * table_filters));
  std::vector<double> out(groups.bits);
  for (size_t bit = 0; bit < groups.bits; ++bit) out[bit] = static_cast<double>(counts[bit]) / filters;
  return out;
}

}  // namespace

BitOrder telling_bits(const FilterGroups& from, const FilterGroups& to, size_t furthest) {
  const std::vector<double> a = shares(from), b = shares(to);
  std::vector<double> differ(from.bits);
  for (size_t bit = 0; bit < differ.size(); ++bit) differ[bit] = a[bit] * (1 - b[bit]) + b[bit] * (1 - a[bit]);
  BitOrder out(from.bits);
  std::iota(out.begin(), out.end(), 0u);
  std::ranges::sort(out, {}, [&](uint32_t bit) { return std::pair(-differ[bit], bit); });

  // How many pairs are within the distance after each round: of some, evenly spread over both sides.
  const double cost_of_count = count_cost + count_cost_of_bit * static_cast<double>(from.bits);
  const size_t rounds = (out.size() + round_bits - 1) / round_bits;
  std::vector<size_t> within(rounds);
  const size_t drawn = std::min({groups_drawn, from.count(), to.count()});
  for (size_t i = 0; i < drawn; ++i) {
    const uint64_t* const one = from.group(i * from.count() / drawn);
    const uint64_t* const others = to.group(i * 7 % drawn * to.count() / drawn);
    std::array<uint32_t, table_filters> distance{};
    for (size_t bit = 0; bit < out.size(); ++bit) {
      const uint64_t differing = others[out[bit]] ^ (0 - (one[out[bit]] >> i & 1));
      for (size_t lane = 0; lane < table_filters; ++lane) distance[lane] += differing >> lane & 1;
      if ((bit + 1) % round_bits == 0 || bit + 1 == out.size())
        within[bit / round_bits] +=
            static_cast<size_t>(std::ranges::count_if(distance, [&](uint32_t d) { return d <= furthest; }));
    }
  }
  const auto cost = [&](size_t round) {
    return static_cast<double>(round + 1) +
           static_cast<double>(within[round]) / static_cast<double>(std::max<size_t>(1, drawn)) * cost_of_count;
  };
  size_t best = 0;
  for (size_t round = 1; round < rounds; ++round)
    if (cost(round) < cost(best)) best = round;
  out.resize((best + 1) * round_bits, static_cast<uint32_t>(from.bits));
  return out;
}

}  // namespace tessera
