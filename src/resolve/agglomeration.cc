// agglomeration.cc: which two clusters are most alike, and then which?
//
// A mean or a least weight never rises by a merge: what {a b} has in common with c is at most the better of what a and
// b had. So a queue may hold old values: whoever comes up with one is weighed again and queued anew. Only the queue's
// best is ever looked at, and nothing is done for the many pairs whose turn never comes.
//
// The shorter list of neighbours is added to the longer one, so a piece of n records and e pairs takes about
// e log n steps.
#include <algorithm>
#include <bit>
#include <limits>
#include <utility>

#include "resolve/cluster_work.h"

namespace tessera {

void Agglomeration::run(GrowingClusters& clusters, size_t records, std::span<const LocalPair> pairs,
                        const ClusterOptions& options) {
  average_ = options.method != Clusters::Method::complete;
  const int64_t threshold = steps_of(options.threshold);
  absent_ = steps_of(std::min(options.absent, options.threshold - 1));
  step_ = 1;
  used_ = 0;
  table_.assign(std::bit_ceil(pairs.size() * 2 + 2), {});
  heap_.clear();
  list_.assign(1, {});
  gone_.assign(records, 0);
  changed_.assign(records, 0);
  first_.assign(records, 0);
  degree_.assign(records, 0);
  holder_.resize(records);
  for (uint32_t i = 0; i < records; ++i) holder_[i] = i;
  for (const LocalPair& pair : pairs) {
    Between& known = between(pair.a, pair.b);
    known.known = 1;
    known.steps = average_ ? pair.steps - absent_ : pair.steps;
    meet(pair.a, pair.b);
    if (pair.steps >= threshold) {
      known.queued = step_;
      heap_.push_back({static_cast<double>(pair.steps), pair.a, pair.b, step_});
    }
  }
  std::make_heap(heap_.begin(), heap_.end());
  while (!heap_.empty()) {
    std::pop_heap(heap_.begin(), heap_.end());
    const Item item = heap_.back();
    heap_.pop_back();
    uint32_t a = clusters.find(item.a), b = clusters.find(item.b);
    if (a == b || clusters.apart(a, b)) continue;
    if (b < a) std::swap(a, b);
    const uint32_t changed = std::max(changed_[a], changed_[b]);
    if (item.step > changed) {
      const uint32_t holder_a = holder_[a], holder_b = holder_[b];
      const bool a_is_longer = degree_[holder_a] >= degree_[holder_b];
      const uint32_t into = a_is_longer ? holder_a : holder_b, from = a_is_longer ? holder_b : holder_a;
      const uint32_t root = clusters.merge(a, b);
      combine(into, from);
      holder_[root] = into;
      changed_[root] = step_++;
      continue;
    }
    Between& known = between(holder_[a], holder_[b]);
    if (known.queued > changed) continue;  // another of its pairs has been here
    const double now = likeness(known, uint64_t{clusters.size(a)} * clusters.size(b));
    if (now >= static_cast<double>(threshold)) queue(known, now, a, b);
  }
}

double Agglomeration::likeness(const Between& known, uint64_t cross_pairs) const {
  if (average_) {
    const int64_t total = known.steps + absent_ * static_cast<int64_t>(cross_pairs);
    return static_cast<double>(total) / static_cast<double>(cross_pairs);
  }
  return known.known == cross_pairs ? static_cast<double>(known.steps) : -std::numeric_limits<double>::infinity();
}

void Agglomeration::queue(Between& known, double likeness, uint32_t a, uint32_t b) {
  known.queued = step_;
  heap_.push_back({likeness, a, b, step_});
  std::push_heap(heap_.begin(), heap_.end());
}

void Agglomeration::combine(uint32_t into, uint32_t from) {
  for (uint32_t at = first_[from]; at != 0; at = list_[at].next) {
    const uint32_t other = list_[at].holder;
    if (other == into || gone_[other]) continue;
    const Between moved = between(from, other);
    Between& kept = between(into, other);
    const bool met = kept.known != 0;
    kept.steps = !met ? moved.steps : average_ ? kept.steps + moved.steps : std::min(kept.steps, moved.steps);
    kept.known += moved.known;
    if (!met) meet(into, other);
  }
  gone_[from] = 1;
}

void Agglomeration::meet(uint32_t holder_a, uint32_t holder_b) {
  for (const auto& [here, there] : {std::pair(holder_a, holder_b), std::pair(holder_b, holder_a)}) {
    list_.push_back({there, first_[here]});
    first_[here] = static_cast<uint32_t>(list_.size() - 1);
    ++degree_[here];
  }
}

Agglomeration::Between& Agglomeration::between(uint32_t holder_a, uint32_t holder_b) {
  const auto [low, high] = std::minmax(holder_a, holder_b);
  const uint64_t key = uint64_t{high} << 32 | low;  // never 0: high > low
  const auto place = [&] {
    size_t at = (key * 0x9e3779b97f4a7c15 >> 20) & (table_.size() - 1);
    while (table_[at].key != 0 && table_[at].key != key) at = (at + 1) & (table_.size() - 1);
    return at;
  };
  size_t at = place();
  if (table_[at].key == 0) {
    if ((used_ + 1) * 4 > table_.size() * 3) {
      grow();
      at = place();
    }
    ++used_;
    table_[at].key = key;
  }
  return table_[at];
}

void Agglomeration::grow() {
  std::vector<Between> larger(table_.size() * 2);
  used_ = 0;
  for (const Between& entry : table_) {
    // What those that are gone had in common with others is with their heirs.
    if (entry.key == 0 || gone_[entry.key >> 32] || gone_[static_cast<uint32_t>(entry.key)]) continue;
    size_t at = (entry.key * 0x9e3779b97f4a7c15 >> 20) & (larger.size() - 1);
    while (larger[at].key != 0) at = (at + 1) & (larger.size() - 1);
    larger[at] = entry;
    ++used_;
  }
  table_.swap(larger);
}

}  // namespace tessera
