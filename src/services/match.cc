// match.cc: which reference records does each record of a batch satisfy a pass with?
#include "services/match.h"

#include <algorithm>
#include <bit>
#include <cassert>
#include <numeric>

namespace tessera {

void MatchCounts::add(const MatchCounts& other) {
  probes += other.probes;
  candidates += other.candidates;
  looked_up += other.looked_up;
  refused.resize(std::max(refused.size(), other.refused.size()));
  for (size_t i = 0; i < other.refused.size(); ++i) refused[i] += other.refused[i];
}

Matcher::Matcher(const PassPlan& plan, const PackedRecords& records, std::vector<const KeyIndex*> indexes)
    : plan_(plan), records_(records), indexes_(std::move(indexes)) {
  for (const PairCondition& condition : plan.conditions) compared_.push_back(condition.from.slot);
  std::ranges::sort(compared_);
  compared_.erase(std::ranges::unique(compared_).begin(), compared_.end());
}

void Matcher::match(const std::vector<std::vector<uint64_t>>& words, size_t rows, MatchScratch& scratch,
                    std::vector<Match>& out, std::vector<Match>* refused) const {
  const size_t anchors = plan_.anchors.size();
  scratch.hashes.resize(anchors);
  scratch.found.resize(anchors);
  scratch.counts.refused.resize(plan_.table.passes().size());
  for (size_t k = 0; k < anchors; ++k)
    if (indexes_[k]) anchor_hashes(plan_.anchors[k].from, words, rows, scratch.hashes[k]);
  find_repeats(words, rows, scratch);
  for (size_t k = 0; k < anchors; ++k) {
    scratch.found[k].clear();
    if (indexes_[k]) probe(k, words, scratch);
  }
  spread(rows, words, scratch, out, refused);
}

// Files sorted by person or by day repeat a lot, shuffled ones little: where the last look found few repeats, the
// next batches are not looked at. A look costs a row about a tenth of what a probe that finds somebody does.
void Matcher::find_repeats(const std::vector<std::vector<uint64_t>>& words, size_t rows, MatchScratch& scratch) const {
  constexpr unsigned pause_batches = 15;
  auto& same_as = scratch.same_as;
  same_as.resize(rows);
  std::iota(same_as.begin(), same_as.end(), uint32_t{0});
  if (scratch.skip_batches > 0) {
    --scratch.skip_batches;
    scratch.any_repeats = false;
    scratch.counts.looked_up += rows;
    return;
  }
  const size_t size = std::bit_ceil(rows + 1);
  scratch.seen.assign(size, UINT32_MAX);
  size_t repeats = 0;
  for (size_t i = 0; i < rows; ++i) {
    uint64_t key = 0;
    for (size_t k = 0; k < indexes_.size(); ++k)
      if (indexes_[k]) key = std::rotl(key, 21) ^ scratch.hashes[k][i];
    uint32_t& place = scratch.seen[key & (size - 1)];
    if (place != UINT32_MAX &&
        std::ranges::all_of(compared_, [&](uint32_t slot) { return words[slot][i] == words[slot][place]; })) {
      same_as[i] = place;
      ++repeats;
    } else {
      place = static_cast<uint32_t>(i);
    }
  }
  scratch.counts.looked_up += rows - repeats;
  scratch.any_repeats = repeats > 0;
  if (repeats * 8 < rows) scratch.skip_batches = pause_batches;
  if (repeats == 0) return;
  for (size_t k = 0; k < indexes_.size(); ++k) {
    if (!indexes_[k]) continue;
    for (size_t i = 0; i < rows; ++i)
      if (same_as[i] != i) scratch.hashes[k][i] = 0;
  }
}

void Matcher::probe(size_t anchor, const std::vector<std::vector<uint64_t>>& words, MatchScratch& scratch) const {
  auto& candidates = scratch.candidates;
  candidates.clear();
  indexes_[anchor]->probe(scratch.hashes[anchor], candidates);
  scratch.counts.probes += scratch.hashes[anchor].size();
  scratch.counts.candidates += candidates.size();
  // In blocks whose records stay in the cache from the prefetch to the payload.
  constexpr size_t block = 256;
  const auto ask = [&](size_t at) {
    for (size_t i = at; i < std::min(at + block, candidates.size()); ++i) records_.prefetch(candidates[i].row);
  };
  ask(0);
  for (size_t at = 0; at < candidates.size(); at += block) {
    const size_t count = std::min(block, candidates.size() - at);
    ask(at + block);
    scratch.pairs.resize(count);
    for (size_t i = 0; i < count; ++i) scratch.pairs[i] = {candidates[at + i].probe, candidates[at + i].row};
    compare_pairs(plan_.conditions, words, records_, scratch.pairs, scratch.patterns, scratch.compare);
    for (size_t i = 0; i < count; ++i) {
      const Pattern pattern = scratch.patterns[i];
      const PassMask passes = plan_.table.passes_of(pattern);
      if (!passes) continue;
      // A pair belongs to the first anchor it has, so it is found once.
      bool ours = (pattern & plan_.anchors[anchor].bits) == plan_.anchors[anchor].bits;
      for (size_t k = 0; k < anchor && ours; ++k) ours = (pattern & plan_.anchors[k].bits) != plan_.anchors[k].bits;
      if (!ours) continue;
      const Pair& pair = scratch.pairs[i];
      scratch.found[anchor].push_back({.from = pair.from,
                                       .to = pair.to,
                                       .passes = passes,
                                       .payload = records_.payload(pair.to),
                                       .pattern = pattern});
    }
  }
}

void Matcher::spread(size_t rows, const std::vector<std::vector<uint64_t>>& words, MatchScratch& scratch,
                     std::vector<Match>& out, std::vector<Match>* refused) const {
  // Rows ascend within an anchor, and to records within a row of it (but for accidents of tags).
  const auto before = [](const Match& a, const Match& b) { return a.from != b.from ? a.from < b.from : a.to < b.to; };
  const bool as_found = !scratch.any_repeats && plan_.limits.empty();
  if (std::ranges::all_of(scratch.found, [](const auto& found) { return found.empty(); })) return;
  auto& merged = as_found && out.empty() ? out : scratch.merged;
  merged.clear();
  for (const auto& found : scratch.found) {
    const auto middle = static_cast<ptrdiff_t>(merged.size());
    merged.insert(merged.end(), found.begin(), found.end());
    if (!std::is_sorted(merged.begin() + middle, merged.end(), before))
      std::sort(merged.begin() + middle, merged.end(), before);
    if (middle > 0) std::inplace_merge(merged.begin(), merged.begin() + middle, merged.end(), before);
  }
  if (as_found) {
    if (&merged != &out) out.insert(out.end(), merged.begin(), merged.end());
    return;
  }
  auto& begin = scratch.begin;
  begin.assign(rows + 1, 0);
  for (const Match& m : merged) ++begin[m.from + 1];
  for (size_t i = 0; i < rows; ++i) begin[i + 1] += begin[i];
  for (size_t i = 0; i < rows; ++i) {
    const uint32_t like = scratch.same_as[i];
    for (uint32_t k = begin[like]; k < begin[like + 1]; ++k) {
      Match match = merged[k];
      match.from = i;
      const bool is_refused = std::ranges::any_of(plan_.limits, [&](const DateLimit& limit) {
        return beyond(limit, words[limit.from.slot][i], records_.word(match.to, limit.to.slot));
      });
      if (!is_refused) {
        out.push_back(match);
        continue;
      }
      ++scratch.counts.refused[static_cast<size_t>(std::countr_zero(match.passes))];
      if (refused) refused->push_back(match);
    }
  }
}

}  // namespace tessera
