// groups.h: how are many items put together by key, in parallel and in order?
//
//   keys   2 0 2 - 1 0        (-: no key)        group 0 {1, 5}   group 1 {4}   group 2 {0, 2}
//
// Bins, then shards: chunks of items are dealt into 256 ranges of keys; then one thread owns each range and counts,
// sums and fills it within its cache. Items keep their order within a group, for any number of threads.
#pragma once

#include <oneapi/tbb/parallel_for.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cassert>
#include <cstdint>
#include <limits>
#include <memory>
#include <span>
#include <vector>

namespace tessera {

constexpr uint32_t no_group = std::numeric_limits<uint32_t>::max();

struct Groups {
  std::vector<uint32_t> start;  // by group, and one more
  std::vector<uint32_t> items;  // group by group, ascending in each
  [[nodiscard]] size_t size() const { return start.size() - 1; }
  [[nodiscard]] std::span<const uint32_t> of(size_t group) const {
    return std::span(items).subspan(start[group], start[group + 1] - start[group]);
  }
};

// key(item) < groups, or no_group: left out. It is called twice for each item, from any thread.
template <class Key>
Groups group_items(size_t groups, size_t items, Key&& key) {
  assert(items < no_group && groups < no_group);
  constexpr size_t shards = 256;
  const auto shift = static_cast<unsigned>(std::max(0, static_cast<int>(std::bit_width(groups)) - 8));
  const size_t chunk = std::max<size_t>(1 << 14, items / 512 + 1);
  const size_t chunks = (items + chunk - 1) / chunk;
  std::vector<std::array<uint32_t, shards>> counts(chunks);
  const auto for_items = [&](size_t c, auto&& body) {
    for (size_t i = c * chunk, end = std::min(items, i + chunk); i < end; ++i)
      if (const uint32_t k = key(i); k != no_group) body(static_cast<uint32_t>(i), k);
  };
  tbb::parallel_for(size_t{0}, chunks, [&](size_t c) {
    counts[c] = {};
    for_items(c, [&](uint32_t, uint32_t k) { ++counts[c][k >> shift]; });
  });
  std::array<uint32_t, shards + 1> shard_start{};
  uint32_t total = 0;
  for (size_t s = 0; s < shards; ++s) {
    shard_start[s] = total;
    for (auto& of_chunk : counts) total += std::exchange(of_chunk[s], total);
  }
  shard_start[shards] = total;

  struct Dealt {
    uint32_t item, key;
  };
  const auto dealt = std::make_unique_for_overwrite<Dealt[]>(total);
  tbb::parallel_for(size_t{0}, chunks, [&](size_t c) {
    for_items(c, [&](uint32_t i, uint32_t k) { dealt[counts[c][k >> shift]++] = {i, k}; });
  });

  Groups out;
  out.start.resize(groups + 1);
  out.items.resize(total);
  out.start[groups] = total;
  tbb::parallel_for(size_t{0}, shards, [&](size_t s) {
    const size_t first = std::min(s << shift, groups), last = std::min((s + 1) << shift, groups);
    const std::span<const Dealt> mine(dealt.get() + shard_start[s], shard_start[s + 1] - shard_start[s]);
    for (const Dealt& d : mine) ++out.start[d.key];
    uint32_t at = shard_start[s];
    for (size_t g = first; g < last; ++g) at += std::exchange(out.start[g], at);
    for (const Dealt& d : mine) out.items[out.start[d.key]++] = d.item;
    // Each start has run to the end of its group, where the next one begins.
    for (size_t g = last; g > first; --g) out.start[g - 1] = g - 1 == first ? shard_start[s] : out.start[g - 2];
  });
  return out;
}

// The records and the pairs of each connected piece. Records that no pair names are in none.
struct Pieces {
  Groups members;  // records
  Groups pairs;    // indices of pairs
};

// `label`: for each record the smallest of its piece; `use(pair)`: whether its two ends have one label and it counts;
// `wanted(label)`: whether the piece is.
template <class Left, class Use, class Wanted = decltype([](uint32_t) { return true; })>
Pieces pieces_of(std::span<const uint32_t> label, size_t pair_count, Left&& left, Use&& use,
                 const Wanted& wanted = Wanted{}) {
  std::vector<uint32_t> number(label.size(), no_group);  // by the smallest record
  uint32_t count = 0;
  for (size_t r = 0; r < label.size(); ++r)
    if (label[r] != r && number[label[r]] == no_group && wanted(label[r])) number[label[r]] = count++;
  Pieces out;
  out.members = group_items(count, label.size(), [&](size_t r) { return number[label[r]]; });
  out.pairs = group_items(count, pair_count, [&](size_t p) { return use(p) ? number[label[left(p)]] : no_group; });
  return out;
}

}  // namespace tessera
