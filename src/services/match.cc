// match.cc: which reference records does each record of a batch satisfy a pass with?
#include "services/match.h"

#include <algorithm>
#include <bit>

namespace tessera {

namespace {

// The passes ahead of all those that a pair can satisfy which has this anchor and none before it.
PassMask passes_before(const PassPlan& plan, size_t anchor) {
  const std::span<const PassBits> passes = plan.table.passes();
  for (size_t pass = 0; pass < passes.size(); ++pass)
    for (const PassBits::Alternative& way : passes[pass].alternatives) {
      bool has_one_before = false;
      for (size_t k = 0; k < anchor; ++k)
        has_one_before = has_one_before || (way.need & plan.anchors[k].bits) == plan.anchors[k].bits;
      if (!has_one_before) return (PassMask{1} << pass) - 1;
    }
  return ~PassMask{0};
}

bool before(const Match& a, const Match& b) { return a.from != b.from ? a.from < b.from : a.to < b.to; }

}  // namespace

void MatchCounts::add(const MatchCounts& other) {
  probes += other.probes;
  candidates += other.candidates;
  looked_up += other.looked_up;
  refused.resize(std::max(refused.size(), other.refused.size()));
  for (size_t i = 0; i < other.refused.size(); ++i) refused[i] += other.refused[i];
}

Matcher::Matcher(const PassPlan& plan, const PackedRecords& records, std::vector<const KeyIndex*> indexes,
                 Wanted wanted)
    : plan_(plan), records_(records), indexes_(std::move(indexes)) {
  decided_.resize(plan.anchors.size());
  if (wanted == Wanted::best)
    for (size_t k = 0; k < plan.anchors.size(); ++k) decided_[k] = passes_before(plan, k);
  for (const PairCondition& condition : plan.conditions)
    if (!condition.from.absent) compared_.push_back(condition.from.slot);
  std::ranges::sort(compared_);
  compared_.erase(std::ranges::unique(compared_).begin(), compared_.end());
}

void Matcher::match(const std::vector<std::vector<uint64_t>>& words, size_t rows, MatchScratch& scratch,
                    std::vector<Match>& out, std::vector<Match>* refused) const {
  match_records(words, rows, scratch, scratch.merged);
  if (scratch.merged.empty()) return;
  if (scratch.any_repeats || !plan_.limits.empty()) return spread(rows, words, scratch, out, refused);
  out.insert(out.end(), scratch.merged.begin(), scratch.merged.end());
}

void Matcher::match_records(const std::vector<std::vector<uint64_t>>& words, size_t rows, MatchScratch& scratch,
                            std::vector<Match>& out) const {
  scratch.found.resize(plan_.anchors.size());
  scratch.counts.refused.resize(plan_.table.passes().size());
  look_for_repeats(words, rows, scratch);
  const auto& records = scratch.any_repeats ? scratch.repeats.words : words;
  const size_t count = scratch.any_repeats ? scratch.repeats.records() : rows;
  out.clear();
  for (size_t k = 0; k < plan_.anchors.size(); ++k) {
    if (!indexes_[k]) continue;
    scratch.counts.probes += rows;
    anchor_hashes(plan_.anchors[k].from, records, count, scratch.hashes);
    if (decided_[k] != 0)
      for (const Match& m : out)
        if ((m.passes & decided_[k]) != 0) scratch.hashes[m.from] = 0;
    auto& found = scratch.found[k];
    found.clear();
    if (!probe(k, records, scratch)) std::ranges::sort(found, before);
    if (out.empty()) {
      out.swap(found);
      continue;
    }
    const auto middle = static_cast<ptrdiff_t>(out.size());
    out.insert(out.end(), found.begin(), found.end());
    std::inplace_merge(out.begin(), out.begin() + middle, out.end(), before);
  }
}

// Files sorted by person or by day repeat a lot, shuffled ones little: where the last look found few repeats, the
// next batches are not looked at. A look costs a row about a tenth of what a probe that finds somebody does.
void Matcher::look_for_repeats(const std::vector<std::vector<uint64_t>>& words, size_t rows,
                               MatchScratch& scratch) const {
  constexpr unsigned pause_batches = 15;
  scratch.any_repeats = false;
  scratch.counts.looked_up += rows;
  if (scratch.skip_batches > 0) {
    --scratch.skip_batches;
    return;
  }
  Repeats& repeats = scratch.repeats;
  find_repeats(words, compared_, rows, repeats);
  const size_t count = repeats.records();
  if ((rows - count) * 8 < rows) scratch.skip_batches = pause_batches;
  if (count == rows) return;
  scratch.any_repeats = true;
  scratch.counts.looked_up -= rows - count;
}

// Some records at a time, so that what is known of them stays in the cache from step to step. Records ascend, and to
// records within one of them, but for accidents of tags: whether they do.
bool Matcher::probe(size_t anchor, const std::vector<std::vector<uint64_t>>& records, MatchScratch& scratch) const {
  constexpr size_t block_records = 2048;
  const std::span<const uint64_t> hashes(scratch.hashes);
  auto& candidates = scratch.candidates;
  auto& pairs = scratch.pairs;
  auto& found = scratch.found[anchor];
  const Pattern bits = plan_.anchors[anchor].bits;
  bool sorted = true;
  uint64_t last = 0;
  const auto keep = [&](size_t at, std::span<const Pattern> patterns) {
    for (size_t i = 0; i < patterns.size(); ++i) {
      const Pattern pattern = patterns[i];
      const PassMask passes = plan_.table.passes_of(pattern);
      if (!passes) continue;
      // A pair belongs to the first anchor it has, so it is found once.
      bool ours = (pattern & bits) == bits;
      for (size_t k = 0; k < anchor && ours; ++k) ours = (pattern & plan_.anchors[k].bits) != plan_.anchors[k].bits;
      if (!ours) continue;
      const Pair& pair = pairs[at + i];
      const uint64_t place = uint64_t{pair.from} << 32 | pair.to;
      sorted &= last <= place;
      last = place;
      found.push_back({.from = pair.from,
                       .to = pair.to,
                       .passes = passes,
                       .payload = records_.payload(pair.to),
                       .pattern = pattern});
    }
  };
  for (size_t first = 0; first < hashes.size(); first += block_records) {
    candidates.clear();
    indexes_[anchor]->probe(hashes.subspan(first, std::min(block_records, hashes.size() - first)), candidates);
    scratch.counts.candidates += candidates.size();
    pairs.resize(candidates.size());
    for (size_t i = 0; i < pairs.size(); ++i)
      pairs[i] = {static_cast<uint32_t>(first) + candidates[i].probe, candidates[i].row};
    compare_pairs(plan_.conditions, records, records_, pairs, scratch.compare, keep);
  }
  return sorted;
}

// From records to their rows.
void Matcher::spread(size_t rows, const std::vector<std::vector<uint64_t>>& words, MatchScratch& scratch,
                     std::vector<Match>& out, std::vector<Match>* refused) const {
  const auto& merged = scratch.merged;
  auto& begin = scratch.begin;
  begin.assign(rows + 1, 0);
  for (const Match& m : merged) ++begin[m.from + 1];
  for (size_t i = 0; i < rows; ++i) begin[i + 1] += begin[i];
  for (size_t i = 0; i < rows; ++i) {
    const size_t like = scratch.any_repeats ? scratch.repeats.like[i] : i;
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
