// metrics.h: how well does a cluster hang together?
//
//   a-b a-c b-c c-d      4 records, 4 of 6 possible links: density .67; c-d is a bridge: without it d is out
//
// A large cluster of low density with bridges is where to look first for two people in one.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "record/model_plan.h"

namespace tessera {

struct ClusterMetrics {
  uint32_t cluster = 0;  // its smallest record
  uint32_t records = 0;
  uint64_t links = 0;      // pairs at or above the threshold within it, each counted once
  uint64_t bridges = 0;    // links without which it would fall apart
  float least_weight = 0;  // of its links
  [[nodiscard]] double density() const {
    return static_cast<double>(links) / (static_cast<double>(records) * (records - 1) / 2);
  }
  friend bool operator==(const ClusterMetrics&, const ClusterMetrics&) = default;
};

// Of the clusters of two records or more, by their smallest record. Requires: cluster[r] is the smallest record of
// r's cluster; records of pairs < cluster.size().
[[nodiscard]] std::vector<ClusterMetrics> cluster_metrics(std::span<const uint32_t> cluster,
                                                          std::span<const ScoredPair> pairs, float threshold);

}  // namespace tessera
