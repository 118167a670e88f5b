// assignment.cc: which one-to-one choice of pairs gains most? (see assignment.h)
#include "resolve/assignment.h"

#include <algorithm>
#include <cassert>
#include <functional>
#include <limits>

namespace tessera {

namespace {

constexpr int64_t far_away = std::numeric_limits<int64_t>::max();

}  // namespace

std::span<const uint32_t> Assignment::solve(uint32_t left_count, uint32_t right_count, std::span<const Edge> edges) {
  edges_ = edges;
  right_count_ = right_count;
  const size_t nodes = size_t{left_count} + right_count;
  first_.assign(left_count + 1, 0);
  for (const Edge& edge : edges) ++first_[edge.left + 1];
  for (size_t i = 0; i < left_count; ++i) first_[i + 1] += first_[i];
  edge_of_left_.assign(left_count, alone);
  left_price_.assign(left_count, 0);
  price_.assign(nodes, 0);
  left_of_.assign(nodes, alone);
  length_.assign(nodes, far_away);
  from_.resize(nodes);
  by_.resize(nodes);
  settled_.assign(nodes, 0);
  for (uint32_t left = 0; left < left_count; ++left) serve(left);
  return edge_of_left_;
}

// A way to `node` that is `length` long up to the left record before it.
void Assignment::reach(uint32_t left, int64_t length, uint32_t node, int64_t cost, uint32_t edge) {
  if (settled_[node]) return;
  const int64_t reduced = cost - left_price_[left] - price_[node];
  assert(reduced >= 0);
  if (length + reduced >= length_[node]) return;
  if (length_[node] == far_away) touched_.push_back(node);
  length_[node] = length + reduced;
  from_[node] = left;
  by_[node] = edge;
  heap_.emplace_back(length_[node], node);
  std::ranges::push_heap(heap_, std::greater{});
}

void Assignment::serve(uint32_t left) {
  // The highest price at which no way costs less than nothing.
  int64_t& own = left_price_[left];
  own = -price_[right_count_ + left];
  for (uint32_t e = first_[left]; e < first_[left + 1]; ++e)
    own = std::min(own, -edges_[e].gain - price_[edges_[e].right]);

  heap_.clear();
  touched_.clear();
  uint32_t at = left, end = alone;
  int64_t length = 0;
  while (end == alone) {
    for (uint32_t e = first_[at]; e < first_[at + 1]; ++e) reach(at, length, edges_[e].right, -edges_[e].gain, e);
    reach(at, length, right_count_ + at, 0, alone);
    uint32_t node = alone;
    do {
      assert(!heap_.empty());  // there is always a place to be alone
      std::ranges::pop_heap(heap_, std::greater{});
      node = heap_.back().second;
      heap_.pop_back();
    } while (settled_[node]);
    settled_[node] = 1;
    length = length_[node];
    if (left_of_[node] == alone)
      end = node;
    else
      at = left_of_[node];
  }
  // Prices move so that the way costs nothing and none costs less.
  own += length;
  for (const uint32_t node : touched_) {
    if (settled_[node] && node != end) {
      price_[node] -= length - length_[node];
      left_price_[left_of_[node]] += length - length_[node];
    }
    length_[node] = far_away;
    settled_[node] = 0;
  }
  // Along the way everyone moves on by one.
  for (uint32_t node = end; node != alone;) {
    const uint32_t mover = from_[node];
    const uint32_t before = edge_of_left_[mover];
    left_of_[node] = mover;
    edge_of_left_[mover] = by_[node];
    node = mover == left ? alone : edges_[before].right;
  }
}

}  // namespace tessera
