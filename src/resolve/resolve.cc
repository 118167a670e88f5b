// resolve.cc: which of the pairs that satisfy a pass become links?
#include "resolve/resolve.h"

#include <algorithm>
#include <bit>
#include <cassert>

namespace tessera {

namespace {

// Calls f with each run of matches of one from record.
template <class Range, class F>
void for_each_group(Range& matches, F&& f) {
  for (size_t begin = 0, end = 0; begin < matches.size(); begin = end) {
    while (end < matches.size() && matches[end].from == matches[begin].from) ++end;
    f(std::span(matches).subspan(begin, end - begin));
  }
}

void make_link(Match& match, PassMask bit, uint32_t ties) {
  match.passes = bit;
  match.ties = ties;
}

// Marks the links of one from record that takes at most one to record.
void resolve_one(std::span<Match> group, Ties how, const IdLess& less, TieCounts& ties,
                 std::span<const uint32_t> copies) {
  PassMask any = 0;
  for (const Match& m : group) any |= m.passes;
  for (; any; any &= any - 1) {
    const PassMask bit = any & ~(any - 1);
    const auto has = [bit](const Match& m) { return (m.passes & bit) != 0; };
    const auto tied = static_cast<uint32_t>(std::ranges::count_if(group, has));
    if (tied > 1) {
      ties.by_pass[static_cast<size_t>(std::countr_zero(bit))] += copies.empty() ? 1 : copies[group[0].from];
      if (how == Ties::next) continue;
      if (how == Ties::drop) return;
    }
    if (tied == 1 || how == Ties::all) {
      for (Match& m : group)
        if (has(m)) make_link(m, bit, tied);
      return;
    }
    Match* lowest = nullptr;
    for (Match& m : group)
      if (has(m) && (!lowest || less(m.payload, lowest->payload))) lowest = &m;
    make_link(*lowest, bit, tied);
    return;
  }
}

}  // namespace

void resolve_each(std::vector<Match>& matches, const Resolve& how, const IdLess& less, TieCounts& ties,
                  std::span<const uint32_t> copies) {
  assert(how.each_to == Cardinality::many);
  if (how.each_from == Cardinality::many) {
    for (Match& m : matches) make_link(m, m.passes & ~(m.passes - 1), 1);
    return;
  }
  bool all_links = true;
  for_each_group(matches, [&](std::span<Match> group) {
    if (group.size() == 1) return make_link(group[0], group[0].passes & ~(group[0].passes - 1), 1);
    all_links = false;
    resolve_one(group, how.ties, less, ties, copies);
    if (how.ties == Ties::all)
      std::ranges::stable_sort(group, [&](const Match& a, const Match& b) { return less(a.payload, b.payload); });
  });
  if (!all_links) std::erase_if(matches, [](const Match& m) { return m.ties == 0; });
}

PoolResolver::PoolResolver(const Resolve& how, size_t to_rows, size_t pass_count, IdLess less)
    : how_(how), pass_count_(pass_count), less_(std::move(less)), claims_(to_rows), pool_(to_rows, here) {}

Status PoolResolver::run(const ForEachChunk& for_each_chunk, TieCounts& ties) {
  PassMask any = 0;
  TESSERA_TRY(for_each_chunk([&](std::vector<Match>& matches) {
    for (Match& m : matches) any |= m.passes;
    // Tied records of a group are taken by lowest id.
    for_each_group(matches, [&](std::span<Match> group) {
      std::ranges::stable_sort(group, [&](const Match& a, const Match& b) { return less_(a.payload, b.payload); });
    });
  }));
  for (size_t pass = 0; pass < pass_count_; ++pass) {
    const PassMask bit = PassMask{1} << pass;
    if (!(any & bit)) continue;
    std::ranges::fill(claims_, 0);
    TESSERA_TRY(for_each_chunk([&](std::vector<Match>& matches) {
      for_each_group(matches, [&](std::span<Match> group) { claim(group, bit); });
    }));
    TESSERA_TRY(for_each_chunk([&](std::vector<Match>& matches) {
      for_each_group(matches, [&](std::span<Match> group) { decide(group, pass, ties); });
    }));
    for (uint8_t& place : pool_)
      if (place == leaving) place = left;
  }
  return for_each_chunk([&](std::vector<Match>& matches) {
    for (Match& m : matches)
      if (m.ties == 0) m.passes = 0;
  });
}

// A pair of this pass whose records were both in the pool when the pass began.
bool PoolResolver::open(const Match& match, PassMask bit) const {
  return match.ties == 0 && (match.passes & bit) != 0 && pool_[match.to] != left;
}

void PoolResolver::claim(std::span<const Match> group, PassMask bit) {
  for (const Match& m : group)
    if (open(m, bit)) ++claims_[m.to];
}

void PoolResolver::decide(std::span<Match> group, size_t pass, TieCounts& ties) {
  const PassMask bit = PassMask{1} << pass;
  const bool one_from = how_.each_from == Cardinality::one;
  const bool one_to = how_.each_to == Cardinality::one;
  const auto own = static_cast<uint32_t>(std::ranges::count_if(group, [&](const Match& m) { return open(m, bit); }));
  if (own == 0) return;
  bool shared_any = false;
  bool from_leaves = false;
  for (Match& m : group) {
    if (!open(m, bit)) continue;
    const uint32_t tied = std::max(one_from ? own : 1, one_to ? claims_[m.to] : 1);
    shared_any |= tied > 1;
    bool link = tied == 1 || how_.ties == Ties::all;
    if (tied > 1 && how_.ties == Ties::first) link = !(one_from && from_leaves) && !(one_to && pool_[m.to] == leaving);
    const bool leaves = link || (tied > 1 && how_.ties == Ties::drop);
    if (link) make_link(m, bit, tied);
    if (leaves && one_to) pool_[m.to] = leaving;
    if (leaves && one_from) from_leaves = true;
  }
  if (shared_any) ++ties.by_pass[pass];
  if (from_leaves)
    for (Match& m : group)
      if (m.ties == 0) m.passes = 0;
}

}  // namespace tessera
