// sequential_resolve.h: the slow twin of resolve/: passes one after another over one
// list of pairs, with a pool of records on each side, exactly as docs/passes.md says it.
#pragma once

#include <algorithm>
#include <map>
#include <set>
#include <vector>

#include "resolve/resolve.h"

namespace tessera::reference {

struct Link {
  uint64_t from = 0;
  uint32_t to = 0;
  size_t pass = 0;
  uint32_t ties = 0;
  friend auto operator<=>(const Link&, const Link&) = default;
};

// `pairs`: from, to, passes, payload (the id of to, unique). Order does not matter.
inline std::vector<Link> sequential_resolve(std::vector<Match> pairs, const Resolve& how, size_t pass_count) {
  const bool one_from = how.each_from == Cardinality::one;
  const bool one_to = how.each_to == Cardinality::one;
  std::ranges::sort(pairs, [](const Match& a, const Match& b) {
    return std::pair(a.from, a.payload) < std::pair(b.from, b.payload);
  });
  std::set<uint64_t> from_out;
  std::set<uint32_t> to_out;
  std::set<std::pair<uint64_t, uint32_t>> done;  // a pair is linked at its first pass only
  std::vector<Link> links;
  for (size_t pass = 0; pass < pass_count; ++pass) {
    std::vector<Match> open;
    for (const Match& p : pairs)
      if ((p.passes >> pass & 1) && !from_out.contains(p.from) && !to_out.contains(p.to) &&
          !done.contains({p.from, p.to}))
        open.push_back(p);
    std::map<uint64_t, uint32_t> of_from;
    std::map<uint32_t, uint32_t> of_to;
    for (const Match& p : open) {
      ++of_from[p.from];
      ++of_to[p.to];
    }
    std::set<uint64_t> from_leaves;
    std::set<uint32_t> to_leaves;
    for (const Match& p : open) {
      const uint32_t ties = std::max(one_from ? of_from[p.from] : 1, one_to ? of_to[p.to] : 1);
      bool link = ties == 1;
      if (ties > 1) {
        if (how.ties == Ties::all) link = true;
        if (how.ties == Ties::first)
          link = !(one_from && from_leaves.contains(p.from)) && !(one_to && to_leaves.contains(p.to));
      }
      if (link) {
        links.push_back({p.from, p.to, pass, ties});
        done.insert({p.from, p.to});
      }
      if (link || (ties > 1 && how.ties == Ties::drop)) {
        from_leaves.insert(p.from);
        to_leaves.insert(p.to);
      }
    }
    if (one_from) from_out.insert(from_leaves.begin(), from_leaves.end());
    if (one_to) to_out.insert(to_leaves.begin(), to_leaves.end());
  }
  std::ranges::sort(links);
  return links;
}

}  // namespace tessera::reference
