// components.h: which records hang together?
//
//   pairs  (0,4) (4,2) (1,3)       component of each record  0 1 0 1 0 5     (5 is alone)
//
// A forest of parents, joined by all threads at once without a lock: a root points to a smaller one by compare and
// swap, so the root of a tree is the smallest record of its component, whatever the order of the pairs. While two
// records climb, each takes over the other's smaller parent (Rem's algorithm, as in Dijkstra, A Discipline of
// Programming, 1976, chapter 23; its parallel form is in Dhulipala, Hong and Shun, ConnectIt, 2020): one walk joins
// and shortens. A step is a cache miss, so parents are fetched some pairs ahead.
//
// Not here: components that may not hold certain records together (cluster.h).
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/memory.h"
#include "record/model_plan.h"

namespace tessera {

// Takes pairs as they come, from any number of threads: no pair is kept. 4 bytes a record.
class Components {
 public:
  explicit Components(size_t records);
  // Requires: records of the pair < records. A record paired with itself changes nothing. Thread-safe.
  void join(uint32_t a, uint32_t b);
  // Those with weight >= at_least; NaN is below everything. In parallel if there are many. Thread-safe.
  void join(std::span<const ScoredPair> pairs, float at_least);
  void join(std::span<const uint32_t> left, std::span<const uint32_t> right);  // Requires: same size
  // For each record the smallest of its component. Not while anyone joins.
  [[nodiscard]] std::vector<uint32_t> labels() const;

 private:
  template <class Ends>
  void join_many(size_t count, Ends&& ends);
  void flatten(size_t begin, size_t end, uint32_t* out) const;

  size_t records_;
  Arena memory_;  // on large pages where there are any: parents are read at random
  uint32_t* parent_;
};

// All at once. The same for any number of threads and any order of pairs.
[[nodiscard]] std::vector<uint32_t> connected_components(size_t records, std::span<const ScoredPair> pairs);
[[nodiscard]] std::vector<uint32_t> connected_components(size_t records, std::span<const uint32_t> left,
                                                         std::span<const uint32_t> right);

}  // namespace tessera
