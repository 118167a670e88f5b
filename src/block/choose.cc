// choose.cc: which rules, in which order, for how many pairs?
#include "block/choose.h"

#include <algorithm>
#include <bit>
#include <cassert>
#include <cmath>
#include <numeric>

namespace tessera {

namespace {

// Weight of pairs not met yet that a candidate meets.
double gain_of(const MetSample& sample, size_t candidate, const std::vector<char>& met) {
  double gain = 0;
  for (size_t pair = 0; pair < sample.size(); ++pair)
    if (!met[pair] && sample.meets(pair, candidate)) gain += sample.weight(pair);
  return gain;
}

void mark(const MetSample& sample, size_t candidate, std::vector<char>& met) {
  for (size_t pair = 0; pair < sample.size(); ++pair)
    if (sample.meets(pair, candidate)) met[pair] = 1;
}

double weight_met(const MetSample& sample, std::span<const size_t> chosen) {
  double sum = 0;
  for (size_t pair = 0; pair < sample.size(); ++pair)
    if (std::ranges::any_of(chosen, [&](size_t candidate) { return sample.meets(pair, candidate); }))
      sum += sample.weight(pair);
  return sum;
}

// Takes the rule of the largest gain for its pairs, as long as one fits.
void add_greedily(std::span<const uint64_t> pairs, const MetSample& sample, uint64_t budget, double least,
                  std::vector<size_t>& chosen) {
  std::vector<char> met(sample.size(), 0), done(pairs.size(), 0);
  for (const size_t candidate : chosen) {
    mark(sample, candidate, met);
    done[candidate] = 1;
    budget -= pairs[candidate];
  }
  // Gains only fall: one computed earlier is a bound.
  std::vector<double> bound(pairs.size(), INFINITY);
  const auto cost = [&](size_t candidate) { return static_cast<double>(std::max<uint64_t>(pairs[candidate], 1)); };
  for (;;) {
    size_t best = pairs.size();
    double best_rate = 0;
    for (size_t i = 0; i < pairs.size(); ++i) {
      if (done[i] || pairs[i] > budget || bound[i] / cost(i) < best_rate) continue;
      bound[i] = gain_of(sample, i, met);
      if (bound[i] < least || bound[i] <= 0) {
        done[i] = 1;
        continue;
      }
      const double rate = bound[i] / cost(i);
      if (rate > best_rate || (rate == best_rate && pairs[i] < pairs[best])) {
        best = i;
        best_rate = rate;
      }
    }
    if (best == pairs.size()) return;
    chosen.push_back(best);
    mark(sample, best, met);
    done[best] = 1;
    budget -= pairs[best];
  }
}

// Removes rules whose pairs others meet too, the most costly first; says whether there was one.
bool drop_needless(std::span<const uint64_t> pairs, const MetSample& sample, double least,
                   std::vector<size_t>& chosen) {
  std::vector<uint32_t> times(sample.size(), 0);
  for (size_t pair = 0; pair < sample.size(); ++pair)
    for (const size_t candidate : chosen) times[pair] += sample.meets(pair, candidate);
  std::vector<size_t> by_cost = chosen;
  std::ranges::stable_sort(by_cost, [&](size_t a, size_t b) { return pairs[a] > pairs[b]; });
  bool dropped = false;
  for (const size_t candidate : by_cost) {
    double alone = 0;
    for (size_t pair = 0; pair < sample.size(); ++pair)
      if (times[pair] == 1 && sample.meets(pair, candidate)) alone += sample.weight(pair);
    if (alone > 0 && alone >= least) continue;
    for (size_t pair = 0; pair < sample.size(); ++pair) times[pair] -= sample.meets(pair, candidate);
    std::erase(chosen, candidate);
    dropped = true;
  }
  return dropped;
}

// Largest number of the rules, by their fields, of which no two share one; no more than `enough`.
unsigned apart(std::span<const uint64_t> fields, uint64_t used, unsigned enough) {
  if (fields.empty() || enough == 0) return 0;
  enough = std::min<unsigned>(enough, static_cast<unsigned>(fields.size()));
  unsigned with = 0;
  if ((fields[0] & used) == 0) with = 1 + apart(fields.subspan(1), used | fields[0], enough - 1);
  return with == enough ? with : std::max(with, apart(fields.subspan(1), used, enough));
}

// The generator SplitMix64 at place `i` of its stream.
double uniform(uint64_t seed, uint64_t i) {
  uint64_t x = seed * 0xd1342543de82ef95 + (i + 1) * 0x9e3779b97f4a7c15;
  x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9;
  x = (x ^ x >> 27) * 0x94d049bb133111eb;
  return static_cast<double>((x ^ x >> 31) >> 11) * 0x1p-53;
}

}  // namespace

std::vector<size_t> choose_repeatedly(std::span<const uint64_t> pairs, const MetSample& sample,
                                      const RepeatedChoice& options) {
  std::vector<double> worth(sample.size());
  for (size_t pair = 0; pair < sample.size(); ++pair) worth[pair] = sample.weight(pair);
  const auto gain = [&](size_t candidate) {
    double sum = 0;
    for (size_t pair = 0; pair < sample.size(); ++pair)
      if (sample.meets(pair, candidate)) sum += worth[pair];
    return sum;
  };
  const auto cost = [&](size_t i) {
    return static_cast<double>(pairs[i]) + 0.01 * static_cast<double>(options.budget);
  };
  std::vector<size_t> chosen;
  std::vector<char> done(pairs.size(), 0);
  std::vector<double> bound(pairs.size(), INFINITY);  // gains only fall
  uint64_t left = options.budget;
  while (chosen.size() < options.rules_max) {
    size_t best = pairs.size();
    double best_rate = 0;
    for (size_t i = 0; i < pairs.size(); ++i) {
      if (done[i] || pairs[i] > left || bound[i] / cost(i) < best_rate) continue;
      bound[i] = gain(i);
      if (bound[i] <= options.least_gain || bound[i] < options.least_yield * static_cast<double>(pairs[i])) {
        done[i] = 1;
        continue;
      }
      const double rate = bound[i] / cost(i);
      if (rate > best_rate || (rate == best_rate && pairs[i] < pairs[best])) {
        best = i;
        best_rate = rate;
      }
    }
    if (best == pairs.size()) break;
    chosen.push_back(best);
    done[best] = 1;
    left -= pairs[best];
    for (size_t pair = 0; pair < sample.size(); ++pair)
      if (sample.meets(pair, best)) worth[pair] *= options.again;
  }
  return chosen;
}

void MetSample::add(std::span<const uint32_t> met, double weight) {
  const size_t first = masks_.size();
  masks_.resize(first + words_, 0);
  for (const uint32_t candidate : met) {
    assert(candidate < candidates_);
    masks_[first + candidate / 64] |= uint64_t{1} << candidate % 64;
  }
  weights_.push_back(weight);
}

std::vector<size_t> choose_rules(std::span<const uint64_t> pairs, const MetSample& sample, uint64_t budget,
                                 double least_gain) {
  assert(pairs.size() == sample.candidates());
  double all = 0;
  for (size_t pair = 0; pair < sample.size(); ++pair) all += sample.weight(pair);
  const double least = least_gain * all;
  std::vector<size_t> chosen;
  add_greedily(pairs, sample, budget, least, chosen);
  // A rule that later ones made needless frees budget for others.
  for (int round = 0; round < 4 && drop_needless(pairs, sample, least, chosen); ++round)
    add_greedily(pairs, sample, budget, least, chosen);
  // One dear rule may be worth more than many cheap ones.
  const std::vector<char> none(sample.size(), 0);
  double best = weight_met(sample, chosen);
  size_t alone = pairs.size();
  for (size_t i = 0; i < pairs.size(); ++i) {
    if (pairs[i] > budget) continue;
    if (const double gain = gain_of(sample, i, none); gain > best) {
      best = gain;
      alone = i;
    }
  }
  if (alone < pairs.size()) {
    chosen = {alone};
    add_greedily(pairs, sample, budget, least, chosen);
  }
  return chosen;
}

MetEstimate estimate_met(const MetSample& sample, std::span<const size_t> chosen, std::span<const uint64_t> fields) {
  MetEstimate out;
  std::vector<uint64_t> met;
  // How often the rules for which `meets` holds count.
  const auto count = [&](const auto& meets, unsigned enough) {
    met.clear();
    for (const size_t candidate : chosen)
      if (meets(candidate)) met.push_back(fields.empty() ? 0 : fields[candidate]);
    if (fields.empty()) return static_cast<unsigned>(met.size());
    // Few fields first: what is found first is mostly the most.
    std::ranges::sort(
        met, [](uint64_t a, uint64_t b) { return std::pair(std::popcount(a), a) < std::pair(std::popcount(b), b); });
    met.erase(std::ranges::unique(met).begin(), met.end());
    return apart(met, 0, enough);
  };
  out.occasions = count([](size_t) { return true; }, 64);
  for (size_t pair = 0; pair < sample.size(); ++pair) {
    const unsigned times = count([&](size_t candidate) { return sample.meets(pair, candidate); }, 3);
    if (times > 0) out.met += sample.weight(pair);
    if (times == 1) out.once += sample.weight(pair);
    if (times == 2) out.twice += sample.weight(pair);
  }
  if (out.occasions < 2) return out;
  out.unseen = out.twice > 0 ? out.once * out.once / (2 * out.twice) : std::max(0.0, out.once * (out.once - 1) / 2);
  out.unseen *= (out.occasions - 1.0) / out.occasions;
  return out;
}

MetSample prior_sample(std::span<const AgreementRate> rates, std::span<const std::vector<uint32_t>> rules,
                       uint64_t seed, size_t draws) {
  MetSample sample(rules.size());
  std::vector<char> agrees(rates.size());
  std::vector<uint32_t> met;
  for (size_t draw = 0; draw < draws; ++draw) {
    for (size_t i = 0; i < rates.size(); ++i) {
      assert(rates[i].from < static_cast<int>(i));
      agrees[i] = (rates[i].from >= 0 && agrees[static_cast<size_t>(rates[i].from)]) ||
                  uniform(seed, draw * rates.size() + i) < rates[i].rate;
    }
    met.clear();
    for (uint32_t rule = 0; rule < rules.size(); ++rule)
      if (std::ranges::all_of(rules[rule], [&](uint32_t i) { return agrees[i] != 0; })) met.push_back(rule);
    sample.add(met, 1);
  }
  return sample;
}

}  // namespace tessera
