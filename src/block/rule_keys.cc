// rule_keys.cc: how are codes folded to a key?
//
// Two codes at a time fill 64 bits, which a bijection spreads: the sort bins by the upper bits.
#include "block/rule_keys.h"

#include <oneapi/tbb/parallel_for.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cassert>

#include "base/touch.h"

namespace tessera {

namespace {

constexpr uint64_t key_multiplier = 0x9e3779b97f4a7c15;

// The finaliser of MurmurHash3 (Appleby, 2011): a bijection with 0 -> 0.
inline uint64_t spread(uint64_t x) {
  x ^= x >> 33;
  x *= 0xff51afd7ed558ccd;
  x ^= x >> 33;
  x *= 0xc4ceb9fe1a85ec53;
  return x ^ x >> 33;
}

// Key of some codes, none of them null.
inline uint64_t key_of(const Code* codes, size_t count) {
  uint64_t key = 0;
  for (size_t i = 0; i < count; i += 2) {
    const uint64_t two = uint64_t{codes[i]} | (i + 1 < count ? uint64_t{codes[i + 1]} << 32 : 0);
    key = spread(i == 0 ? two : std::rotl(key, 23) * key_multiplier ^ two);
  }
  return key ? key : 1;
}

// The keys of rows [begin, end): one each, 0 where a code is null. `known_count`: of the columns, or 0.
template <size_t known_count>
void fold_rows(std::span<const Code* const> columns, size_t begin, size_t end, uint64_t* keys) {
  const size_t count = known_count ? known_count : columns.size();
  std::array<Code, known_count> few;
  std::vector<Code> many(known_count ? 0 : count);
  Code* const codes = known_count ? few.data() : many.data();
  for (size_t row = begin; row < end; ++row) {
    bool null = false;
    for (size_t i = 0; i < count; ++i) {
      codes[i] = columns[i][row];
      null |= codes[i] == 0;
    }
    const uint64_t key = key_of(codes, count);
    keys[row] = null ? 0 : key;
  }
}

constexpr size_t chunk_rows = 1 << 15;

template <typename Body>
void for_row_chunks(size_t rows, const Body& body) {
  const size_t chunks = (rows + chunk_rows - 1) / chunk_rows;
  oneapi::tbb::parallel_for(size_t{0}, chunks, [&](size_t chunk) {
    body(chunk, chunk * chunk_rows, std::min(rows, (chunk + 1) * chunk_rows));
  });
}

// All ways to take one item of each list; null items are none.
void explode(const std::vector<std::span<const Code>>& lists, std::vector<Code>& codes, std::vector<size_t>& at,
             std::vector<uint64_t>& keys) {
  for (const auto& list : lists)
    if (list.empty()) return;
  at.assign(lists.size(), 0);
  for (size_t digit = 0; digit < lists.size();) {
    bool null = false;
    for (size_t i = 0; i < lists.size(); ++i) {
      codes[i] = lists[i][at[i]];
      null = null || codes[i] == 0;
    }
    if (!null) keys.push_back(key_of(codes.data(), codes.size()));
    for (digit = 0; digit < lists.size() && ++at[digit] == lists[digit].size(); ++digit) at[digit] = 0;
  }
}

}  // namespace

uint64_t Narrowing::follow(uint64_t key, const ValueTable& table, size_t row) const {
  for (auto step = steps_.find(key); step != steps_.end(); step = steps_.find(key)) {
    if (step->second.column == leave_out) return 0;
    const Code code = table.columns[step->second.column][row];
    if (code == 0) return 0;
    key = spread(std::rotl(key, 31) * key_multiplier + code);
    if (key == 0) key = 1;
  }
  return key;
}

void RuleKeys::narrow(const Narrowing& narrowing, const ValueTable& table) {
  for_row_chunks(rows(), [&](size_t, size_t begin, size_t end) {
    for (size_t row = begin; row < end; ++row) {
      if (single()) {
        if (keys_[row]) keys_[row] = narrowing.follow(keys_[row], table, row);
        continue;
      }
      const auto first = keys_.begin() + static_cast<ptrdiff_t>(starts_[row]);
      const auto last = keys_.begin() + static_cast<ptrdiff_t>(starts_[row + 1]);
      bool changed = false;
      for (auto key = first; key != last; ++key) {
        const uint64_t before = *key;
        if (before) *key = narrowing.follow(before, table, row);
        changed = changed || *key != before;
      }
      if (!changed) continue;
      // Nulls to the front, where of() leaves them out; a row never has one key twice.
      std::sort(first, last);
      const auto kept = std::unique(first, last);
      std::fill(kept, last, 0);
      std::sort(first, last);
    }
  });
}

void make_rule_keys(const PlanRule& rule, const ValueTable& table, bool left_side, const ItemsOf& items,
                    RuleKeys& keys) {
  assert(!rule.equal.empty());
  std::vector<const Code*> columns;
  bool exploded = false;
  for (const PlanRule::Equality& equality : rule.equal) {
    columns.push_back(table.columns[left_side ? equality.left : equality.right].data());
    exploded = exploded || equality.explode;
  }
  const size_t count = columns.size();
  keys.starts_.clear();
  if (!exploded) {
    grow_touched(keys.keys_, table.rows);
    for_row_chunks(table.rows, [&](size_t, size_t begin, size_t end) {
      const auto fold = count == 1   ? fold_rows<1>
                        : count == 2 ? fold_rows<2>
                        : count == 3 ? fold_rows<3>
                                     : fold_rows<0>;
      fold(columns, begin, end, keys.keys_.data());
    });
    return;
  }
  // A chunk gathers its keys; a prefix sum gives it its place.
  std::vector<std::vector<uint64_t>> gathered((table.rows + chunk_rows - 1) / chunk_rows);
  keys.starts_.assign(table.rows + 1, 0);
  for_row_chunks(table.rows, [&](size_t chunk, size_t begin, size_t end) {
    std::vector<std::span<const Code>> lists(count);
    std::vector<Code> codes(count);
    std::vector<size_t> at;
    std::vector<uint64_t>& out = gathered[chunk];
    for (size_t row = begin; row < end; ++row) {
      for (size_t i = 0; i < count; ++i) {
        const ColumnId column = left_side ? rule.equal[i].left : rule.equal[i].right;
        const Code& code = columns[i][row];
        lists[i] = code == 0                ? std::span<const Code>()
                   : !rule.equal[i].explode ? std::span<const Code>(&code, 1)
                                            : items(column, code);
      }
      const auto first = static_cast<ptrdiff_t>(out.size());
      explode(lists, codes, at, out);
      std::sort(out.begin() + first, out.end());
      out.erase(std::unique(out.begin() + first, out.end()), out.end());
      keys.starts_[row + 1] = out.size() - static_cast<size_t>(first);
    }
  });
  for (size_t row = 0; row < table.rows; ++row) keys.starts_[row + 1] += keys.starts_[row];
  keys.keys_.resize(keys.starts_.back());
  for_row_chunks(table.rows, [&](size_t chunk, size_t begin, size_t) {
    std::copy(gathered[chunk].begin(), gathered[chunk].end(),
              keys.keys_.begin() + static_cast<ptrdiff_t>(keys.starts_[begin]));
  });
}

RuleKeys rule_keys(const PlanRule& rule, const ValueTable& table, bool left_side, const ItemsOf& items) {
  RuleKeys keys;
  make_rule_keys(rule, table, left_side, items, keys);
  return keys;
}

}  // namespace tessera
