// slow_cluster.h: the slow twin of resolve/cluster.h: every two clusters are weighed anew before each merge.
#pragma once

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "resolve/cluster.h"
#include "resolve/cluster_work.h"

namespace tessera::reference {

using Cluster = std::set<uint32_t>;
using PairSteps = std::map<std::pair<uint32_t, uint32_t>, int64_t>;

// Spreads the smallest record until nothing changes.
inline std::vector<uint32_t> slow_components(size_t records, std::span<const ScoredPair> pairs, float at_least) {
  std::vector<uint32_t> label(records);
  for (uint32_t r = 0; r < records; ++r) label[r] = r;
  for (bool changed = true; changed;) {
    changed = false;
    for (const ScoredPair& pair : pairs) {
      if (!(pair.weight >= at_least)) continue;
      const uint32_t least = std::min(label[pair.left], label[pair.right]);
      changed |= label[pair.left] != least || label[pair.right] != least;
      label[pair.left] = label[pair.right] = least;
    }
  }
  return label;
}

inline bool must_stay_apart(const Cluster& a, const Cluster& b, const ClusterOptions& options) {
  for (const uint32_t x : a) {
    for (const uint32_t y : b) {
      if (!options.source.empty() && options.source[x] == options.source[y]) return true;
      for (const auto& column : options.differ)
        if (column[x] != 0 && column[y] != 0 && column[x] != column[y]) return true;
    }
  }
  return false;
}

inline double likeness(const Cluster& a, const Cluster& b, const PairSteps& known, const ClusterOptions& options) {
  const int64_t absent = steps_of(std::min(options.absent, options.threshold - 1));
  int64_t sum = 0, least = std::numeric_limits<int64_t>::max();
  for (const uint32_t x : a) {
    for (const uint32_t y : b) {
      const auto found = known.find(std::minmax(x, y));
      const int64_t steps = found == known.end() ? absent : found->second;
      sum += steps;
      least = std::min(least, steps);
    }
  }
  if (options.method == Clusters::Method::complete) return static_cast<double>(least);
  return static_cast<double>(sum) / static_cast<double>(a.size() * b.size());
}

// Ordered by their smallest records.
inline std::vector<uint32_t> slow_cluster(size_t records, std::span<const ScoredPair> pairs,
                                          const ClusterOptions& options) {
  PairSteps known;
  for (const ScoredPair& pair : pairs) {
    if (pair.left == pair.right) continue;
    const auto [at, added] = known.emplace(std::minmax(pair.left, pair.right), steps_of(pair.weight));
    if (!added) at->second = std::max<int64_t>(at->second, steps_of(pair.weight));
  }
  const double threshold = steps_of(options.threshold);
  const std::vector<uint32_t> piece = slow_components(records, pairs, options.threshold);
  std::map<uint32_t, uint64_t> piece_records;
  for (const uint32_t p : piece) ++piece_records[p];
  const auto beyond = [&](uint32_t record) { return piece_records[piece[record]] > options.size_max; };

  std::map<uint32_t, Cluster> clusters;  // by smallest record
  std::vector<uint32_t> of(records);
  for (uint32_t r = 0; r < records; ++r) clusters[of[r] = r] = {r};
  const auto merge = [&](uint32_t a, uint32_t b) {
    if (b < a) std::swap(a, b);
    for (const uint32_t r : clusters[b]) of[r] = a;
    clusters[a].insert(clusters[b].begin(), clusters[b].end());
    clusters.erase(b);
  };

  // Links from the best down.
  std::vector<LocalPair> links;
  for (const auto& [ends, steps] : known)
    if (static_cast<double>(steps) >= threshold)
      links.push_back({ends.first, ends.second, static_cast<int32_t>(steps)});
  std::ranges::sort(links, better_pair);
  std::set<uint32_t> followed;
  for (const LocalPair& link : links) {
    const bool best_of_a = followed.insert(link.a).second, best_of_b = followed.insert(link.b).second;
    const bool best = best_of_a || best_of_b;
    const bool follow = options.method == Clusters::Method::connected || beyond(link.a) ||
                        (options.method == Clusters::Method::best_link && best);
    if (follow && of[link.a] != of[link.b] && !must_stay_apart(clusters[of[link.a]], clusters[of[link.b]], options))
      merge(of[link.a], of[link.b]);
  }
  if (options.method == Clusters::Method::connected || options.method == Clusters::Method::best_link) return of;

  while (true) {
    std::optional<std::pair<uint32_t, uint32_t>> best;
    double best_likeness = 0;
    for (const auto& [a, members_a] : clusters) {
      for (const auto& [b, members_b] : clusters) {
        if (b <= a || beyond(a) || beyond(b) || must_stay_apart(members_a, members_b, options)) continue;
        const double now = likeness(members_a, members_b, known, options);
        if (now < threshold || (best && now <= best_likeness)) continue;
        best = {a, b};
        best_likeness = now;
      }
    }
    if (!best) return of;
    merge(best->first, best->second);
  }
}

}  // namespace tessera::reference
