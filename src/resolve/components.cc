// components.cc: which records hang together? (see components.h)
#include "resolve/components.h"

#include <oneapi/tbb/blocked_range.h>
#include <oneapi/tbb/parallel_for.h>

#include <algorithm>
#include <atomic>
#include <cassert>
#include <limits>
#include <utility>

namespace tessera {

namespace {

constexpr size_t ahead = 24;       // pairs whose parents are under way
constexpr size_t grain = 1 << 16;  // pairs, or records, that one thread takes at a time

using Parent = std::atomic_ref<uint32_t>;

uint32_t parent_of(uint32_t* parents, uint32_t record) {
  return Parent(parents[record]).load(std::memory_order_relaxed);
}

void unite(uint32_t* parents, uint32_t a, uint32_t b) {
  uint32_t parent_a = parent_of(parents, a);
  uint32_t parent_b = parent_of(parents, b);
  while (parent_a != parent_b) {
    if (parent_a < parent_b) {
      std::swap(a, b);
      std::swap(parent_a, parent_b);
    }
    // The larger parent gives way. At a root that joins the trees; below one it is a shortcut, and the old parent
    // still has to be joined.
    const uint32_t before = parent_a;
    const bool swapped = Parent(parents[a]).compare_exchange_strong(parent_a, parent_b, std::memory_order_relaxed);
    if (swapped && before == a) return;
    if (before != a) a = before;
    parent_a = parent_of(parents, a);
    parent_b = parent_of(parents, b);
  }
}

template <class Body>
void in_chunks(size_t count, Body&& body) {
  if (count <= grain) return body(size_t{0}, count);
  tbb::parallel_for(tbb::blocked_range<size_t>(0, count, grain),
                    [&](const tbb::blocked_range<size_t>& range) { body(range.begin(), range.end()); });
}

}  // namespace

Components::Components(size_t records)
    : records_(records),
      memory_(records * sizeof(uint32_t)),
      parent_(reinterpret_cast<uint32_t*>(memory_.data())) {  // NOLINT: zeroed bytes, large enough
  assert(records <= std::numeric_limits<uint32_t>::max());
  in_chunks(records, [this](size_t begin, size_t end) {
    for (size_t i = begin; i < end; ++i) parent_[i] = static_cast<uint32_t>(i);
  });
}

void Components::join(uint32_t a, uint32_t b) {
  assert(a < records_ && b < records_);
  unite(parent_, a, b);
}

// Many pairs at once. When about as many pairs as there are records have been joined, most records hang together
// and trees are deep: once all is flat, a pair of the rest costs a look at two parents that are equal.
template <class Ends>
void Components::join_many(size_t count, Ends&& ends) {
  for (size_t begin = 0, next = std::max(records_ / 2, grain); begin < count; next *= 2) {
    const size_t end = std::min(count, begin + next);
    in_chunks(end - begin, [&](size_t from, size_t to) {
      to += begin;
      for (size_t i = from + begin; i < to; ++i) {
        if (i + ahead < to) {
          const auto [a, b] = ends(i + ahead);
          __builtin_prefetch(parent_ + a);
          __builtin_prefetch(parent_ + b);
        }
        if (i + ahead / 3 < to) {
          const auto [a, b] = ends(i + ahead / 3);
          __builtin_prefetch(parent_ + parent_of(parent_, a));
          __builtin_prefetch(parent_ + parent_of(parent_, b));
        }
        const auto [a, b] = ends(i);
        join(a, b);
      }
    });
    begin = end;
    if (begin < count) in_chunks(records_, [this](size_t from, size_t to) { flatten(from, to, nullptr); });
  }
}

void Components::join(std::span<const ScoredPair> pairs, float at_least) {
  join_many(pairs.size(), [&](size_t i) {
    const ScoredPair& pair = pairs[i];
    return std::pair(pair.left, pair.weight >= at_least ? pair.right : pair.left);
  });
}

void Components::join(std::span<const uint32_t> left, std::span<const uint32_t> right) {
  assert(left.size() == right.size());
  join_many(left.size(), [&](size_t i) { return std::pair(left[i], right[i]); });
}

// Points records of [begin, end) to their roots as they are now, and writes them to `out` if it is there. May go on
// while others join: a root is left as it is, and below one any ancestor will do.
void Components::flatten(size_t begin, size_t end, uint32_t* out) const {
  for (size_t i = begin; i < end; ++i) {
    if (i + ahead < end) __builtin_prefetch(parent_ + parent_of(parent_, static_cast<uint32_t>(i + ahead)));
    uint32_t root = parent_of(parent_, static_cast<uint32_t>(i));
    for (uint32_t up = parent_of(parent_, root); up != root; up = parent_of(parent_, root)) root = up;
    if (root != i) Parent(parent_[i]).store(root, std::memory_order_relaxed);
    if (out != nullptr) out[i] = root;
  }
}

std::vector<uint32_t> Components::labels() const {
  std::vector<uint32_t> out(records_);
  in_chunks(records_, [&](size_t begin, size_t end) { flatten(begin, end, out.data()); });
  return out;
}

std::vector<uint32_t> connected_components(size_t records, std::span<const ScoredPair> pairs) {
  Components components(records);
  components.join(pairs, -std::numeric_limits<float>::infinity());
  return components.labels();
}

std::vector<uint32_t> connected_components(size_t records, std::span<const uint32_t> left,
                                           std::span<const uint32_t> right) {
  Components components(records);
  components.join(left, right);
  return components.labels();
}

}  // namespace tessera
