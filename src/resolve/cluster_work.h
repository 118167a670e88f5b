// cluster_work.h: what does one thread hold while it works on a connected piece?
//
// Records of a piece are numbered from 0 in their own order. All buffers are kept from piece to piece.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <span>
#include <vector>

#include "resolve/cluster.h"

namespace tessera {

// A weight in steps of 2^-24.
inline int32_t steps_of(float weight) {
  constexpr float bound = 120, one = 1 << 24;
  return static_cast<int32_t>(std::lround(static_cast<double>(std::clamp(weight, -bound, bound)) * double{one}));
}

// A pair within a piece: a < b.
struct LocalPair {
  uint32_t a = 0, b = 0;
  int32_t steps = 0;
};

// By best weight, then by the smaller record, then by the other.
inline bool better_pair(const LocalPair& x, const LocalPair& y) {
  if (x.steps != y.steps) return x.steps > y.steps;
  return x.a != y.a ? x.a < y.a : x.b < y.b;
}

// The clusters of a piece while they grow, and what must stay apart.
class GrowingClusters {
 public:
  // `members`: the piece's records, ascending.
  void start(std::span<const uint32_t> members, const ClusterOptions& options);
  // The smallest record of the cluster that holds `a`.
  uint32_t find(uint32_t a) {
    while (parent_[a] != a) a = parent_[a] = parent_[parent_[a]];
    return a;
  }
  // Whether a constraint keeps two different clusters apart. Requires: a and b are their smallest records.
  [[nodiscard]] bool apart(uint32_t a, uint32_t b);
  // Requires: as apart(), and not apart. The smaller of a and b, whose name the union has.
  uint32_t merge(uint32_t a, uint32_t b);
  [[nodiscard]] uint32_t size(uint32_t root) const { return size_[root]; }

 private:
  const ClusterOptions* options_ = nullptr;
  std::span<const uint32_t> members_;
  bool many_sources_ = false;  // sources share bits of the mask
  std::vector<uint32_t> parent_, size_;
  std::vector<uint32_t> next_;     // the records of a cluster in a ring
  std::vector<uint64_t> sources_;  // by root: bit source % 64
  std::vector<Code> codes_;        // by root and column
  std::vector<uint32_t> seen_;     // by source: the last question in which a cluster had it
  uint32_t question_ = 0;
};

// Merges the most alike of average or complete linkage. `pairs`: all that are known, each once.
class Agglomeration {
 public:
  void run(GrowingClusters& clusters, size_t records, std::span<const LocalPair> pairs, const ClusterOptions& options);

 private:
  // What is known of the pairs between two clusters, under the numbers that hold their lists.
  struct Between {
    uint64_t key = 0;   // 0: free
    int64_t steps = 0;  // average: sum over the known pairs of what they have more than `absent`; complete: the least
    uint64_t known = 0;
    uint32_t queued = 0;  // the step at which it was last queued
  };
  struct Item {
    double likeness = 0;
    uint32_t a = 0, b = 0;
    uint32_t step = 0;
    // Of a heap: the largest is the next to be merged.
    friend bool operator<(const Item& x, const Item& y) {
      if (x.likeness != y.likeness) return x.likeness < y.likeness;
      return x.a != y.a ? x.a > y.a : x.b > y.b;
    }
  };
  struct Neighbour {
    uint32_t holder = 0, next = 0;
  };

  Between& between(uint32_t holder_a, uint32_t holder_b);
  void grow();
  void meet(uint32_t holder_a, uint32_t holder_b);
  void queue(Between& known, double likeness, uint32_t a, uint32_t b);
  [[nodiscard]] double likeness(const Between& known, uint64_t cross_pairs) const;
  void combine(uint32_t into, uint32_t from);

  bool average_ = true;
  int64_t absent_ = 0;
  uint32_t step_ = 1;           // merges done, and one
  std::vector<Between> table_;  // open addressing; a power of two
  size_t used_ = 0;
  std::vector<Item> heap_;
  std::vector<uint32_t> holder_;          // by root: the number under which its neighbours are listed
  std::vector<uint8_t> gone_;             // by holder: taken over by another
  std::vector<uint32_t> changed_;         // by root: the step at which it last grew
  std::vector<uint32_t> first_, degree_;  // by holder
  std::vector<Neighbour> list_;           // from 1
};

}  // namespace tessera
