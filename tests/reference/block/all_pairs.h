// all_pairs.h: which pairs meet by blocking rules, told by looking at every pair?
//
// The slow twin of Blocks: every pair of records, every rule, item by item. A page to check by eye.
#pragma once

#include <algorithm>
#include <span>
#include <vector>

#include "record/model_plan.h"
#include "record/values.h"

namespace tessera::reference {

using Lists = std::vector<std::vector<Code>>;  // items by code of the list

inline bool share_value(const PlanRule::Equality& equality, const ValueTable& left, size_t l, const ValueTable& right,
                        size_t r, const Lists& lists) {
  const Code a = left.columns[equality.left][l], b = right.columns[equality.right][r];
  if (a == 0 || b == 0) return false;
  if (!equality.explode) return a == b;
  for (const Code item : lists[a])
    for (const Code other : lists[b])
      if (item != 0 && item == other) return true;
  return false;
}

inline bool holds(const PlanRule& rule, const ValueTable& left, size_t l, const ValueTable& right, size_t r,
                  const Lists& lists) {
  for (const PlanRule::Equality& equality : rule.equal)
    if (!share_value(equality, left, l, right, r, lists)) return false;
  return true;
}

// Pairs by rule: of the first that holds if `first_only`, else of every one. Ascending.
inline std::vector<std::vector<RecordPair>> all_pairs(std::span<const PlanRule> rules, const ValueTable& left,
                                                      const ValueTable& right, const Lists& lists, bool within,
                                                      bool between_only, bool first_only) {
  std::vector<std::vector<RecordPair>> out(rules.size());
  for (uint32_t l = 0; l < left.rows; ++l)
    for (uint32_t r = within ? l + 1 : 0; r < right.rows; ++r) {
      if (between_only && left.source[l] == right.source[r]) continue;
      for (size_t rule = 0; rule < rules.size(); ++rule) {
        if (!holds(rules[rule], left, l, right, r, lists)) continue;
        out[rule].push_back({l, r});
        if (first_only) break;
      }
    }
  return out;
}

}  // namespace tessera::reference
