// slow_choose.h: the slow twin of resolve/choose.h: every candidate is held against every other, and one-to-one is
// found by trying all choices.
#pragma once

#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <vector>

#include "resolve/choose.h"
#include "resolve/cluster_work.h"

namespace tessera::reference {

struct SlowLink {
  uint32_t left = 0, right = 0, ties = 0;
  bool close = false;
  friend auto operator<=>(const SlowLink&, const SlowLink&) = default;
};

using Candidates = std::map<std::pair<uint32_t, uint32_t>, float>;

inline Candidates candidates_of(std::span<const ScoredPair> pairs, float threshold) {
  Candidates out;
  for (const ScoredPair& pair : pairs) {
    if (!(pair.weight >= threshold)) continue;
    const auto [at, added] = out.emplace(std::pair(pair.left, pair.right), pair.weight);
    if (!added) at->second = std::max(at->second, pair.weight);
  }
  return out;
}

// The most that one-to-one choices of the candidates from `at` on can gain.
inline int64_t most_gain(const Candidates& all, Candidates::const_iterator at, float threshold,
                         std::set<uint32_t>& lefts, std::set<uint32_t>& rights) {
  if (at == all.end()) return 0;
  const auto& [ends, weight] = *at;
  int64_t most = most_gain(all, std::next(at), threshold, lefts, rights);
  if (lefts.contains(ends.first) || rights.contains(ends.second)) return most;
  lefts.insert(ends.first);
  rights.insert(ends.second);
  const int64_t own = int64_t{steps_of(weight)} - steps_of(threshold) + 1;
  most = std::max(most, own + most_gain(all, std::next(at), threshold, lefts, rights));
  lefts.erase(ends.first);
  rights.erase(ends.second);
  return most;
}

// each_from one or each_to one, not both; or many to many.
inline std::vector<SlowLink> slow_choose(std::span<const ScoredPair> pairs, const ChooseOptions& options) {
  const Candidates all = candidates_of(pairs, options.threshold);
  const bool one_from = options.how.each_from == Cardinality::one, one_to = options.how.each_to == Cardinality::one;
  std::vector<SlowLink> out;
  if (!one_from && !one_to) {
    for (const auto& [ends, weight] : all) out.push_back({ends.first, ends.second, 1, false});
    return out;
  }
  // By the record that takes one: (weight, the other), the best first.
  std::map<uint32_t, std::vector<std::pair<float, uint32_t>>> groups;
  for (const auto& [ends, weight] : all)
    groups[one_from ? ends.first : ends.second].emplace_back(-weight, one_from ? ends.second : ends.first);
  for (auto& [record, group] : groups) {
    std::ranges::sort(group);
    const auto tied = [&](float weight) {
      return static_cast<uint32_t>(std::ranges::count(group, weight, [](const auto& c) { return c.first; }));
    };
    auto chosen = group.begin();
    if (options.how.ties == Ties::next)
      while (chosen != group.end() && tied(chosen->first) > 1) ++chosen;
    if (chosen == group.end() || (options.how.ties == Ties::drop && tied(chosen->first) > 1)) continue;
    for (auto at = chosen; at != group.end() && at->first == chosen->first; ++at) {
      const bool close = options.close && std::ranges::any_of(group, [&](const auto& other) {
                           return other.second != at->second && -other.first >= -at->first - *options.close;
                         });
      out.push_back({one_from ? record : at->second, one_from ? at->second : record, tied(at->first), close});
      if (options.how.ties != Ties::all) break;
    }
  }
  std::ranges::sort(out);
  return out;
}

}  // namespace tessera::reference
