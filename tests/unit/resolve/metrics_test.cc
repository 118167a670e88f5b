// How well clusters hang together: an example, and bridges found by taking each link away.
#include "resolve/metrics.h"

#include "../../reference/resolve/slow_cluster.h"
#include "scored.h"

namespace tessera {
namespace {

using test::scored;

TEST(ClusterMetrics, TheExampleOfTheHeader) {
  const std::vector<ScoredPair> pairs{scored(0, 1, 5), scored(2, 0, 6), scored(1, 2, 7),  scored(2, 3, 4),
                                      scored(3, 2, 3), scored(1, 1, 9), scored(0, 3, -1), scored(3, 5, 8)};
  const std::vector<uint32_t> cluster{0, 0, 0, 0, 4, 5};
  const auto metrics = cluster_metrics(cluster, pairs, 0);
  ASSERT_EQ(metrics.size(), 1u);
  EXPECT_EQ(metrics[0], (ClusterMetrics{0, 4, 4, 1, 4}));
  EXPECT_DOUBLE_EQ(metrics[0].density(), 4.0 / 6);
}

TEST(ClusterMetrics, NoClusters) {
  EXPECT_TRUE(cluster_metrics({}, {}, 0).empty());
  const std::vector<uint32_t> alone{0, 1};
  EXPECT_TRUE(cluster_metrics(alone, {}, 0).empty());
}

RC_GTEST_PROP(ClusterMetricsProperty, BridgesAreLinksWhoseLossSplits, ()) {
  const auto records = *rc::gen::inRange<uint32_t>(1, 12);
  const auto pairs = test::arbitrary_scored(records, records, 30);
  const std::vector<uint32_t> cluster = reference::slow_components(records, pairs, 1);
  std::map<std::pair<uint32_t, uint32_t>, float> links;
  for (const ScoredPair& pair : pairs) {
    if (pair.left == pair.right || pair.weight < 1) continue;
    float& weight = links[std::minmax(pair.left, pair.right)];
    weight = std::max(weight, pair.weight);
  }
  std::map<uint32_t, ClusterMetrics> expected;
  for (uint32_t r = 0; r < records; ++r) {
    expected[cluster[r]].cluster = cluster[r];
    ++expected[cluster[r]].records;
  }
  for (const auto& [ends, weight] : links) {
    ClusterMetrics& metrics = expected[cluster[ends.first]];
    metrics.least_weight = metrics.links == 0 ? weight : std::min(metrics.least_weight, weight);
    ++metrics.links;
    std::vector<ScoredPair> others;
    for (const auto& [other, w] : links)
      if (other != ends) others.push_back(scored(other.first, other.second, w));
    metrics.bridges += reference::slow_components(records, others, 1) != cluster;
  }
  std::vector<ClusterMetrics> list;
  for (const auto& [id, metrics] : expected)
    if (metrics.records > 1) list.push_back(metrics);
  RC_ASSERT(cluster_metrics(cluster, pairs, 1) == list);
}

}  // namespace
}  // namespace tessera
