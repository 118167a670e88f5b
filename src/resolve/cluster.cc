// cluster.cc: which records are one person, once their pairs have weights? (see cluster.h)
#include "resolve/cluster.h"

#include <oneapi/tbb/blocked_range.h>
#include <oneapi/tbb/enumerable_thread_specific.h>
#include <oneapi/tbb/parallel_for.h>
#include <oneapi/tbb/parallel_reduce.h>

#include <algorithm>
#include <cassert>
#include <functional>
#include <utility>

#include "resolve/cluster_work.h"
#include "resolve/components.h"
#include "resolve/groups.h"

namespace tessera {

namespace {

struct ClusterWork {
  std::vector<LocalPair> pairs;
  std::vector<LocalPair> links;  // best_link: all of them
  std::vector<uint32_t> best;    // by record: its best link
  GrowingClusters clusters;
  Agglomeration agglomeration;
  ClusterCounts counts;
};

constexpr uint32_t none = 0xffffffff;

// The pairs of a piece, each once, at its best weight; by their records.
void gather(ClusterWork& work, std::span<const uint32_t> indices, std::span<const ScoredPair> pairs,
            std::span<const uint32_t> local) {
  work.pairs.clear();
  for (const uint32_t p : indices) {
    const auto [a, b] = std::minmax(local[pairs[p].left], local[pairs[p].right]);
    work.pairs.push_back({a, b, steps_of(pairs[p].weight)});
  }
  if (work.pairs.size() == 1) return;
  std::ranges::sort(work.pairs, [](const LocalPair& x, const LocalPair& y) {
    if (x.a != y.a) return x.a < y.a;
    return x.b != y.b ? x.b < y.b : x.steps > y.steps;
  });
  const auto same = [](const LocalPair& x, const LocalPair& y) { return x.a == y.a && x.b == y.b; };
  const auto [first, last] = std::ranges::unique(work.pairs, same);
  work.pairs.erase(first, last);
}

// Links from the best down; a link that would join what must stay apart is refused.
void take_links(ClusterWork& work) {
  std::ranges::sort(work.pairs, better_pair);
  for (const LocalPair& pair : work.pairs) {
    const uint32_t a = work.clusters.find(pair.a), b = work.clusters.find(pair.b);
    if (a != b && !work.clusters.apart(a, b)) work.clusters.merge(a, b);
  }
}

// Leaves the pairs that are the best link of one of their records.
void keep_best_links(ClusterWork& work, size_t records) {
  work.best.assign(records, none);
  for (uint32_t i = 0; i < work.pairs.size(); ++i) {
    for (const uint32_t record : {work.pairs[i].a, work.pairs[i].b}) {
      uint32_t& best = work.best[record];
      if (best == none || better_pair(work.pairs[i], work.pairs[best])) best = i;
    }
  }
  std::ranges::sort(work.best);
  const auto [first, last] = std::ranges::unique(work.best);
  work.best.erase(first, last);
  size_t kept = 0;
  for (const uint32_t i : work.best) work.pairs[kept++] = work.pairs[i];  // ascending: none is overwritten too early
  work.pairs.resize(kept);
}

// The least weights among the pairs.
struct LeastSteps {
  int32_t of_links = steps_of(1000), of_all = steps_of(1000);
};

LeastSteps least_steps(std::span<const ScoredPair> pairs, float threshold) {
  // Weights are compared as they are: their steps ascend with them.
  using Least = std::pair<float, float>;
  const Least least = tbb::parallel_reduce(
      tbb::blocked_range<size_t>(0, pairs.size(), 1 << 15), Least{1000, 1000},
      [&](const auto& range, Least sum) {
        for (size_t i = range.begin(); i < range.end(); ++i) {
          const float weight = pairs[i].weight;  // NaN is less than nothing
          if (weight < sum.second) sum.second = weight;
          if (weight >= threshold && weight < sum.first) sum.first = weight;
        }
        return sum;
      },
      [](const Least& x, const Least& y) { return Least{std::min(x.first, y.first), std::min(x.second, y.second)}; });
  return {steps_of(least.first), steps_of(least.second)};
}

// Pieces of so many records at most are one cluster, whatever their links. Two clusters with a link between them are
// merged if one least link and nothing else between them is enough. Requires: nothing must stay apart.
uint32_t surely_whole(std::span<const ScoredPair> pairs, const ClusterOptions& options) {
  if (options.method == Clusters::Method::connected) return none;
  uint64_t records = 2;
  if (options.method == Clusters::Method::average) {
    const LeastSteps least = least_steps(pairs, options.threshold);
    const int64_t absent = std::min(steps_of(std::min(options.absent, options.threshold - 1)), least.of_all);
    const auto threshold = static_cast<double>(steps_of(options.threshold));
    for (; records < 1000; ++records) {
      const auto cross = static_cast<int64_t>((records + 1) / 2 * ((records + 2) / 2));
      const int64_t total = least.of_links + absent * (cross - 1);
      if (static_cast<double>(total) / static_cast<double>(cross) < threshold) break;
    }
  }
  return static_cast<uint32_t>(std::min(records, options.size_max));
}

// The links of a piece that its clusters cut.
void count_cut(ClusterWork& work, std::span<const LocalPair> pairs, int32_t threshold) {
  for (const LocalPair& pair : pairs) {
    if (pair.steps < threshold) continue;
    const uint32_t a = work.clusters.find(pair.a), b = work.clusters.find(pair.b);
    if (a == b) continue;
    ++work.counts.cut;
    if (work.clusters.apart(a, b)) ++work.counts.refused;
  }
}

class Clustering {
 public:
  Clustering(std::span<const ScoredPair> pairs, const ClusterOptions& options, std::vector<uint32_t> label)
      : pairs_(pairs), options_(options), label_(std::move(label)) {}

  // Leaves the cluster of each record in the labels. `wanted`: of a piece, by its smallest record; others are clusters.
  ClusterCounts run(const std::function<bool(uint32_t)>& wanted) {
    const bool linkage = options_.method == Clusters::Method::average || options_.method == Clusters::Method::complete;
    const auto use = [&](size_t p) {
      const ScoredPair& pair = pairs_[p];
      return pair.left != pair.right &&
             (pair.weight >= options_.threshold || (linkage && pair.weight == pair.weight)) &&
             label_[pair.left] == label_[pair.right];
    };
    const Pieces pieces = pieces_of(label_, pairs_.size(), [&](size_t p) { return pairs_[p].left; }, use, wanted);
    local_.resize(label_.size());
    tbb::enumerable_thread_specific<ClusterWork> works;
    tbb::parallel_for(tbb::blocked_range<size_t>(0, pieces.members.size(), 64), [&](const auto& range) {
      ClusterWork& work = works.local();
      for (size_t i = range.begin(); i < range.end(); ++i) one_piece(work, pieces.members.of(i), pieces.pairs.of(i));
    });
    ClusterCounts counts;
    for (const ClusterWork& work : works) {
      counts.cut += work.counts.cut;
      counts.refused += work.counts.refused;
      counts.pieces_beyond += work.counts.pieces_beyond;
      counts.records_beyond += work.counts.records_beyond;
    }
    return counts;
  }
  [[nodiscard]] std::vector<uint32_t> take_labels() { return std::move(label_); }

 private:
  // Only this piece's records are read and written.
  void one_piece(ClusterWork& work, std::span<const uint32_t> members, std::span<const uint32_t> indices) {
    for (uint32_t i = 0; i < members.size(); ++i) local_[members[i]] = i;
    gather(work, indices, pairs_, local_);
    work.clusters.start(members, options_);
    const int32_t threshold = steps_of(options_.threshold);
    const bool beyond = members.size() > options_.size_max;
    work.counts.pieces_beyond += beyond;
    work.counts.records_beyond += beyond ? members.size() : 0;
    if (!beyond && options_.method != Clusters::Method::connected && options_.method != Clusters::Method::best_link) {
      work.agglomeration.run(work.clusters, members.size(), work.pairs, options_);
      count_cut(work, work.pairs, threshold);
    } else {
      std::erase_if(work.pairs, [&](const LocalPair& pair) { return pair.steps < threshold; });
      if (!beyond && options_.method == Clusters::Method::best_link) {
        work.links = work.pairs;
        keep_best_links(work, members.size());
        take_links(work);
        count_cut(work, work.links, threshold);
      } else {
        take_links(work);
        count_cut(work, work.pairs, threshold);
      }
    }
    for (uint32_t i = 0; i < members.size(); ++i) label_[members[i]] = members[work.clusters.find(i)];
  }

  std::span<const ScoredPair> pairs_;
  ClusterOptions options_;
  std::vector<uint32_t> label_;
  std::vector<uint32_t> local_;  // by record: its number within its piece
};

void count_pairs(std::span<const ScoredPair> pairs, float threshold, ClusterCounts& counts) {
  using Sums = std::pair<uint64_t, uint64_t>;
  const Sums sums = tbb::parallel_reduce(
      tbb::blocked_range<size_t>(0, pairs.size(), 1 << 15), Sums{},
      [&](const auto& range, Sums sum) {
        for (size_t i = range.begin(); i < range.end(); ++i) {
          const bool self = pairs[i].left == pairs[i].right;
          sum.first += !self && pairs[i].weight >= threshold;
          sum.second += self;
        }
        return sum;
      },
      [](const Sums& x, const Sums& y) { return Sums{x.first + y.first, x.second + y.second}; });
  counts.links = sums.first;
  counts.self_pairs = sums.second;
}

// By the smallest record of each cluster.
std::vector<uint32_t> sizes_of(std::span<const uint32_t> cluster) {
  std::vector<uint32_t> sizes(cluster.size());
  for (const uint32_t c : cluster) ++sizes[c];
  return sizes;
}

void count_clusters(std::span<const uint32_t> sizes, ClusterCounts& counts) {
  for (const uint32_t size : sizes) {
    counts.clusters += size > 1;
    counts.clustered += size > 1 ? size : 0;
    counts.largest = std::max<uint64_t>(counts.largest, size);
  }
}

}  // namespace

ClusterResult cluster_records(size_t records, std::span<const ScoredPair> pairs, const ClusterOptions& asked) {
  assert(asked.source.empty() || asked.source.size() == records);
  for (const auto& column : asked.differ) assert(column.size() == records);
  ClusterOptions options = asked;
  if (options.method == Clusters::Method::automatic) options.method = Clusters::Method::average;
  ClusterResult out;
  Components components(records);
  components.join(pairs, options.threshold);
  std::vector<uint32_t> label = components.labels();
  const bool free = options.source.empty() && options.differ.empty();
  const std::vector<uint32_t> sizes = sizes_of(label);
  const uint32_t whole = free ? surely_whole(pairs, options) : 1;
  if (std::ranges::all_of(sizes, [whole](uint32_t size) { return size <= whole; })) {
    out.cluster = std::move(label);
    count_clusters(sizes, out.counts);
  } else {
    Clustering clustering(pairs, options, std::move(label));
    out.counts = clustering.run([&](uint32_t smallest) { return sizes[smallest] > whole; });
    out.cluster = clustering.take_labels();
    count_clusters(sizes_of(out.cluster), out.counts);
  }
  out.counts.pieces = static_cast<uint64_t>(std::ranges::count_if(sizes, [](uint32_t size) { return size > 1; }));
  count_pairs(pairs, options.threshold, out.counts);
  return out;
}

}  // namespace tessera
