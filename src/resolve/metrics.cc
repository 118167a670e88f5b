// metrics.cc: how well does a cluster hang together? (see metrics.h)
#include "resolve/metrics.h"

#include <oneapi/tbb/blocked_range.h>
#include <oneapi/tbb/enumerable_thread_specific.h>
#include <oneapi/tbb/parallel_for.h>

#include <algorithm>

#include "resolve/groups.h"

namespace tessera {

namespace {

struct MetricsLink {
  uint32_t a = 0, b = 0;
  float weight = 0;
};

// Bridges by Tarjan's low points (A note on finding the bridges of a graph, 1974), without recursion.
class BridgeFinder {
 public:
  // `links`: no link twice, no link of a record with itself.
  uint64_t count(uint32_t records, std::span<const MetricsLink> links) {
    start_.assign(records + 2, 0);
    for (const MetricsLink& link : links) {
      ++start_[link.a + 2];
      ++start_[link.b + 2];
    }
    for (size_t i = 2; i < start_.size(); ++i) start_[i] += start_[i - 1];
    ends_.resize(links.size() * 2);
    for (const MetricsLink& link : links) {
      ends_[start_[link.a + 1]++] = link.b;
      ends_[start_[link.b + 1]++] = link.a;
    }
    seen_.assign(records, 0);
    low_.resize(records);
    at_.assign(start_.begin(), start_.begin() + records);
    uint64_t bridges = 0;
    uint32_t time = 0;
    for (uint32_t root = 0; root < records; ++root)
      if (seen_[root] == 0) bridges += from(root, time);
    return bridges;
  }

 private:
  uint64_t from(uint32_t root, uint32_t& time) {
    uint64_t bridges = 0;
    path_.assign(1, root);
    seen_[root] = low_[root] = ++time;
    while (!path_.empty()) {
      const uint32_t here = path_.back();
      const uint32_t above = path_.size() > 1 ? path_[path_.size() - 2] : here;
      if (at_[here] < start_[here + 1]) {
        const uint32_t there = ends_[at_[here]++];
        if (there == above) continue;  // the link that we came by; there is no other to it
        if (seen_[there] == 0) {
          seen_[there] = low_[there] = ++time;
          path_.push_back(there);
        } else {
          low_[here] = std::min(low_[here], seen_[there]);
        }
        continue;
      }
      path_.pop_back();
      if (here == root) break;
      low_[above] = std::min(low_[above], low_[here]);
      bridges += low_[here] > seen_[above];
    }
    return bridges;
  }

  std::vector<uint32_t> start_, ends_;  // neighbours of each record
  std::vector<uint32_t> seen_, low_, at_, path_;
};

struct MetricsWork {
  std::vector<MetricsLink> links;
  BridgeFinder bridges;
};

}  // namespace

std::vector<ClusterMetrics> cluster_metrics(std::span<const uint32_t> cluster, std::span<const ScoredPair> pairs,
                                            float threshold) {
  const Pieces pieces = pieces_of(
      cluster, pairs.size(), [&](size_t p) { return pairs[p].left; },
      [&](size_t p) {
        const ScoredPair& pair = pairs[p];
        return pair.left != pair.right && pair.weight >= threshold && cluster[pair.left] == cluster[pair.right];
      });
  std::vector<uint32_t> local(cluster.size());
  std::vector<ClusterMetrics> out(pieces.members.size());
  tbb::enumerable_thread_specific<MetricsWork> works;
  tbb::parallel_for(tbb::blocked_range<size_t>(0, out.size(), 64), [&](const auto& range) {
    MetricsWork& work = works.local();
    for (size_t i = range.begin(); i < range.end(); ++i) {
      const std::span<const uint32_t> members = pieces.members.of(i);
      for (uint32_t m = 0; m < members.size(); ++m) local[members[m]] = m;
      work.links.clear();
      for (const uint32_t p : pieces.pairs.of(i)) {
        const auto [a, b] = std::minmax(local[pairs[p].left], local[pairs[p].right]);
        work.links.push_back({a, b, pairs[p].weight});
      }
      std::ranges::sort(work.links, [](const MetricsLink& x, const MetricsLink& y) {
        if (x.a != y.a) return x.a < y.a;
        return x.b != y.b ? x.b < y.b : x.weight > y.weight;
      });
      const auto [first, last] = std::ranges::unique(
          work.links, [](const MetricsLink& x, const MetricsLink& y) { return x.a == y.a && x.b == y.b; });
      work.links.erase(first, last);
      ClusterMetrics& metrics = out[i];
      metrics.cluster = members[0];
      metrics.records = static_cast<uint32_t>(members.size());
      metrics.links = work.links.size();
      metrics.bridges = work.bridges.count(metrics.records, work.links);
      if (!work.links.empty()) metrics.least_weight = std::ranges::min(work.links, {}, &MetricsLink::weight).weight;
    }
  });
  std::ranges::sort(out, {}, &ClusterMetrics::cluster);
  return out;
}

}  // namespace tessera
