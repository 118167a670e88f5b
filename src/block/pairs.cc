// pairs.cc: which pairs of a unit has no earlier rule brought?
//
// A unit's candidates are written out first; then each is tested, while the block numbers of the records some places
// ahead are fetched. The test compares four numbers at once.
#include <algorithm>
#include <cassert>
#include <cstring>

#include "block/blocks.h"

namespace tessera {

namespace {

constexpr size_t fetch_ahead = 48;

// Four numbers of a row: one register on every processor.
using Four = uint32_t __attribute__((vector_size(16)));

inline Four load(const uint32_t* numbers) {
  Four four;
  std::memcpy(&four, numbers, sizeof four);
  return four;
}

// What two rows are asked: whether they have a block in common in a slot that decides. 0 is no block.
struct EarlierSlots {
  const uint32_t* left;
  const uint32_t* right;
  size_t stride;
  std::vector<uint32_t> decides;  // all ones: the slot does

  void fetch(RecordPair pair) const {
    __builtin_prefetch(left + pair.left * stride);
    __builtin_prefetch(right + pair.right * stride);
  }
  template <size_t fours>
  [[nodiscard]] bool common(RecordPair pair) const {
    const uint32_t* l = left + pair.left * stride;
    const uint32_t* r = right + pair.right * stride;
    Four common{};
    for (size_t lane = 0; lane < (fours ? fours * 4 : decides.size()); lane += 4) {
      const Four number = load(l + lane);
      common |= static_cast<Four>(number == load(r + lane)) & static_cast<Four>(number != Four{}) &
                load(decides.data() + lane);
    }
    uint64_t halves[2];
    std::memcpy(halves, &common, sizeof common);
    return (halves[0] | halves[1]) != 0;
  }
};

// Keeps the pairs that have nothing in common, without a branch to guess wrong; returns how many.
template <size_t fours>
size_t keep_apart(const EarlierSlots& slots, std::span<RecordPair> pairs) {
  size_t kept = 0;
  for (size_t at = 0; at < pairs.size(); ++at) {
    slots.fetch(pairs[std::min(at + fetch_ahead, pairs.size() - 1)]);
    const RecordPair pair = pairs[at];
    pairs[kept] = pair;
    kept += !slots.common<fours>(pair);
  }
  return kept;
}

}  // namespace

void Blocks::all_pairs(size_t unit, std::vector<RecordPair>& out) const {
  const size_t r = rule(unit);
  const JoinedKeys& joined = *joined_[r];
  const BlockIndex::Rule& rule = index_->rules_[r];
  assert(joined.before.back() != ~uint64_t{0});
  const uint64_t unit_pairs = index_->options_.unit_pairs;
  uint64_t begin = (unit - first_unit_[r]) * unit_pairs;
  const uint64_t end = std::min(begin + unit_pairs, joined.before.back());
  if (const size_t wanted = out.size() + (end - begin); out.capacity() < wanted)
    out.reserve(std::max(wanted, out.capacity() * 2));
  size_t block = static_cast<size_t>(std::ranges::upper_bound(joined.before, begin) - joined.before.begin()) - 1;
  for (; begin < end; ++block) {
    const uint64_t upto = std::min(end, joined.before[block + 1]);
    const size_t first = out.size();
    joined.append(block, begin - joined.before[block], upto - joined.before[block], out);
    begin = upto;
    if (!rule.exploded) continue;
    // Two records that share several items meet by the first.
    const BlockNumbers::Lists& left = left_numbers().lists[rule.slot];
    const BlockNumbers::Lists& right = index_->numbers_.lists[rule.slot];
    const uint32_t number = joined.number(block);
    out.erase(std::remove_if(
                  out.begin() + static_cast<ptrdiff_t>(first), out.end(),
                  [&](RecordPair pair) { return first_common(left.of(pair.left), right.of(pair.right)) != number; }),
              out.end());
  }
}

void Blocks::pairs(size_t unit, std::vector<RecordPair>& out, std::vector<uint64_t>* open) const {
  assert(!index_->options_.apart);
  const size_t first = out.size();
  all_pairs(unit, out);
  drop_met(rule(unit), first, out, open);
}

bool Blocks::agree(size_t r, RecordPair pair) const {
  const BlockIndex::Rule& rule = index_->rules_[r];
  const BlockNumbers& left = left_numbers();
  const BlockNumbers& right = index_->numbers_;
  if (rule.exploded)
    return first_common(left.lists[rule.slot].of(pair.left), right.lists[rule.slot].of(pair.right)) != 0;
  const uint32_t number = left.rows[pair.left * left.stride + rule.slot];
  return number != 0 && number == right.rows[pair.right * right.stride + rule.slot];
}

void Blocks::drop_met(size_t r, size_t first, std::vector<RecordPair>& out, std::vector<uint64_t>* open) const {
  const BlockNumbers& left = left_numbers();
  const BlockNumbers& right = index_->numbers_;
  const size_t stride = right.stride;
  // The earlier rules: which decide, and how.
  EarlierSlots slots{left.rows.data(), right.rows.data(), stride, {}};
  std::vector<size_t> lists;
  for (size_t earlier = 0; earlier < r; ++earlier) {
    const BlockIndex::Rule& rule = index_->rules_[earlier];
    if (rule.conditional) continue;
    if (rule.exploded) {
      lists.push_back(earlier);
    } else {
      slots.decides.resize(rule.slot / 4 * 4 + 4, 0);
      slots.decides[rule.slot] = ~uint32_t{0};
    }
  }
  const size_t conditions = static_cast<size_t>(std::ranges::lower_bound(conditional_, r) - conditional_.begin());
  if (slots.decides.empty() && lists.empty() && (conditions == 0 || !open)) {
    if (open) open->resize(open->size() + (out.size() - first), 0);
    return;
  }

  size_t kept = first;
  if (lists.empty() && !open) {  // most jobs
    const auto pairs = std::span(out).subspan(first);
    kept += slots.decides.size() == 4 ? keep_apart<1>(slots, pairs) : keep_apart<0>(slots, pairs);
    out.resize(kept);
    return;
  }
  for (size_t at = first; at < out.size(); ++at) {
    slots.fetch(out[std::min(at + fetch_ahead, out.size() - 1)]);
    const RecordPair pair = out[at];
    if (slots.common<0>(pair) || std::ranges::any_of(lists, [&](size_t earlier) { return agree(earlier, pair); }))
      continue;
    out[kept++] = pair;
    if (!open) continue;
    uint64_t mask = 0;
    for (size_t i = 0; i < conditions; ++i) mask |= uint64_t{agree(conditional_[i], pair)} << i;
    open->push_back(mask);
  }
  out.resize(kept);
}

}  // namespace tessera
