// assignment.h: which one-to-one choice of pairs gains most?
//
//   gains   a-x 9   a-y 8   b-x 8         a-x alone: 9        a-y and b-x: 16
//
// The assignment problem on a sparse graph, by shortest augmenting paths (Jonker and Volgenant, A Shortest Augmenting
// Path Algorithm for Dense and Sparse Linear Assignment Problems, 1987). Left records join one after another; each finds
// the cheapest way to be served, which may pass others on to their next best. Prices on the right keep all costs
// positive, so the way is found by Dijkstra's algorithm and ends early. A left record may stay alone at no gain.
//
// Gains are whole numbers, so the answer is exact.
#pragma once

#include <cstdint>
#include <span>
#include <utility>
#include <vector>

namespace tessera {

class Assignment {
 public:
  struct Edge {
    uint32_t left = 0, right = 0;
    int64_t gain = 0;  // above 0
  };
  static constexpr uint32_t alone = 0xffffffff;

  // For each left record the index of its edge, or alone. Requires: edges by left, then right, no pair twice. The
  // answer is good until the next call; buffers are kept.
  std::span<const uint32_t> solve(uint32_t left_count, uint32_t right_count, std::span<const Edge> edges);

 private:
  void serve(uint32_t left);
  void reach(uint32_t left, int64_t length, uint32_t node, int64_t cost, uint32_t edge);

  // Nodes are the right records and, after them, one place to be alone for each left record.
  uint32_t right_count_ = 0;
  std::span<const Edge> edges_;
  std::vector<uint32_t> first_;         // edges of each left record, and one more
  std::vector<int64_t> left_price_;     // by left
  std::vector<int64_t> price_;          // by node; at most 0
  std::vector<uint32_t> edge_of_left_;  // the answer
  std::vector<uint32_t> left_of_;       // by node: who is served there
  std::vector<int64_t> length_;         // by node: of the shortest way found from the record to be served
  std::vector<uint32_t> from_, by_;     // by node: the left record before it, and the edge; alone: none
  std::vector<uint8_t> settled_;        // by node
  std::vector<uint32_t> touched_;       // nodes to be forgotten afterwards
  std::vector<std::pair<int64_t, uint32_t>> heap_;
};

}  // namespace tessera
