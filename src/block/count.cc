// count.cc: how many pairs would a rule make, without sorting its keys?
//
// Most pairs of skewed data come from few keys. Those are found in a small sample of rows and counted exactly; of the
// others every key has the same chance to be counted, by its hash, and stands for several.
#include <oneapi/tbb/parallel_for.h>

#include <algorithm>
#include <bit>
#include <cassert>
#include <numeric>

#include "block/choose.h"
#include "block/joined_keys.h"

namespace tessera {

namespace {

constexpr size_t pilot_rows = 1 << 14;
constexpr size_t pilot_often = 4;  // in the sample: frequent

std::vector<uint64_t> frequent_keys(const RuleKeys& keys) {
  std::vector<uint64_t> seen, out;
  const size_t rows = std::min(keys.rows(), pilot_rows);
  for (size_t i = 0; i < rows; ++i) {
    const auto of = keys.of(i * keys.rows() / rows);
    seen.insert(seen.end(), of.begin(), of.end());
  }
  std::ranges::sort(seen);
  for (size_t begin = 0, end = 0; begin < seen.size(); begin = end) {
    for (end = begin + 1; end < seen.size() && seen[end] == seen[begin];) ++end;
    if (end - begin >= pilot_often) out.push_back(seen[begin]);
  }
  return out;
}

// Rows of each frequent key, and those rows' keys taken away; of the others what is not in the sample of keys.
std::vector<uint64_t> take_frequent(RuleKeys& keys, const std::vector<uint64_t>& frequent, unsigned one_in) {
  // A small table by the lower bits says at once that most keys are not frequent.
  const size_t slots = std::bit_ceil(std::max<size_t>(frequent.size() * 8, 64));
  std::vector<char> maybe(slots, 0);
  for (const uint64_t key : frequent) maybe[key & (slots - 1)] = 1;
  constexpr size_t parts = 64;
  std::vector<std::vector<uint64_t>> counts(parts);
  oneapi::tbb::parallel_for(size_t{0}, parts, [&](size_t part) {
    counts[part].assign(frequent.size(), 0);
    keys.keep(keys.rows() * part / parts, keys.rows() * (part + 1) / parts, [&](uint64_t key) {
      if (maybe[key & (slots - 1)]) {
        const auto at = std::ranges::lower_bound(frequent, key);
        if (at != frequent.end() && *at == key) {
          ++counts[part][static_cast<size_t>(at - frequent.begin())];
          return false;
        }
      }
      return (key >> 7 & (one_in - 1)) == 0;
    });
  });
  for (size_t part = 1; part < parts; ++part)
    for (size_t i = 0; i < frequent.size(); ++i) counts[0][i] += counts[part][i];
  return counts[0];
}

}  // namespace

uint64_t count_rule_pairs(const PlanRule& rule, const ValueTable* left, const ValueTable& right, const ItemsOf& items,
                          unsigned one_in) {
  assert(std::has_single_bit(one_in));
  const bool triangle = !left && std::ranges::all_of(rule.equal, [](const auto& e) { return e.left == e.right; });
  RuleKeys right_keys = rule_keys(rule, right, false, items);
  RuleKeys left_keys;
  if (!triangle) left_keys = rule_keys(rule, left ? *left : right, true, items);
  uint64_t pairs = 0;
  if (one_in > 1) {
    std::vector<uint64_t> frequent = frequent_keys(right_keys);
    if (!triangle) {
      const std::vector<uint64_t> of_left = frequent_keys(left_keys);
      frequent.insert(frequent.end(), of_left.begin(), of_left.end());
      std::ranges::sort(frequent);
      frequent.erase(std::ranges::unique(frequent).begin(), frequent.end());
    }
    const std::vector<uint64_t> rows = take_frequent(right_keys, frequent, one_in);
    std::vector<uint64_t> left_rows;
    if (!triangle) left_rows = take_frequent(left_keys, frequent, one_in);
    for (size_t i = 0; i < frequent.size(); ++i) {
      const uint64_t made = triangle ? rows[i] * (rows[i] - 1) / 2 : rows[i] * left_rows[i];
      // Within one input about half of the ordered pairs ascend.
      pairs = add_saturated(pairs, left || triangle ? made : made / 2);
    }
  }
  SortedKeys sorted;
  Arena scratch;
  sorted.assign(right_keys, !triangle, !triangle, scratch);
  JoinedKeys joined{.triangle = triangle, .ascending = !left && !triangle, .right = &sorted};
  if (!triangle) joined.left.assign(left_keys, true, false, scratch);
  joined.join();
  for (unsigned i = 0; i < one_in; ++i) pairs = add_saturated(pairs, joined.pairs());
  return pairs;
}

}  // namespace tessera
