// growing_clusters.cc: may two clusters become one? (see cluster_work.h)
#include <cassert>
#include <utility>

#include "resolve/cluster_work.h"

namespace tessera {

void GrowingClusters::start(std::span<const uint32_t> members, const ClusterOptions& options) {
  options_ = &options;
  members_ = members;
  const size_t n = members.size(), columns = options.differ.size();
  parent_.resize(n);
  next_.resize(n);
  size_.assign(n, 1);
  for (uint32_t i = 0; i < n; ++i) parent_[i] = next_[i] = i;
  if (!options.source.empty()) {
    sources_.resize(n);
    many_sources_ = false;
    for (size_t i = 0; i < n; ++i) {
      const unsigned source = options.source[members[i]];
      many_sources_ |= source >= 64;
      sources_[i] = uint64_t{1} << source % 64;
    }
    if (many_sources_ && seen_.empty()) seen_.resize(1 << 16);
  }
  codes_.resize(n * columns);
  for (size_t c = 0; c < columns; ++c)
    for (size_t i = 0; i < n; ++i) codes_[i * columns + c] = options.differ[c][members[i]];
}

bool GrowingClusters::apart(uint32_t a, uint32_t b) {
  const size_t columns = options_->differ.size();
  for (size_t c = 0; c < columns; ++c) {
    const Code x = codes_[a * columns + c], y = codes_[b * columns + c];
    if (x != 0 && y != 0 && x != y) return true;
  }
  if (options_->source.empty() || (sources_[a] & sources_[b]) == 0) return false;
  if (!many_sources_) return true;
  // The bits may be of different sources: walk both.
  if (++question_ == 0) {
    std::ranges::fill(seen_, 0);
    question_ = 1;
  }
  uint32_t at = a;
  do {
    seen_[options_->source[members_[at]]] = question_;
    at = next_[at];
  } while (at != a);
  at = b;
  do {
    if (seen_[options_->source[members_[at]]] == question_) return true;
    at = next_[at];
  } while (at != b);
  return false;
}

uint32_t GrowingClusters::merge(uint32_t a, uint32_t b) {
  assert(a != b && parent_[a] == a && parent_[b] == b);
  if (b < a) std::swap(a, b);
  parent_[b] = a;
  size_[a] += size_[b];
  std::swap(next_[a], next_[b]);  // two rings become one
  if (!options_->source.empty()) sources_[a] |= sources_[b];
  const size_t columns = options_->differ.size();
  for (size_t c = 0; c < columns; ++c)
    if (codes_[a * columns + c] == 0) codes_[a * columns + c] = codes_[b * columns + c];
  return a;
}

}  // namespace tessera
