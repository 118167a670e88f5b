// rule_keys.h: by which numbers do the records of a blocking rule meet?
//
// A rule is a conjunction of columns. A record's key is a hash of its codes in them; no key where one is null.
// With a list that is exploded a record has a key for each item.
//
//   rule        surname, dob                     rule        any of tokens(address), dob
//   r0          OKAFOR 1950-02-01 -> {k1}        r0          {MILL, ROAD} 1950-02-01 -> {k2, k3}
//   r1          (null) 1950-02-01 -> {}          r1          {MILL}       1950-02-01 -> {k2}
//
// Keys of one or two columns are a bijection of their codes: equal keys are equal values. Of more columns they are
// hashes of 64 bits: two different records meet by accident with a chance of 2^-64.
//
// Not here: which pairs that makes (blocks.h).
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <unordered_map>
#include <vector>

#include "record/model_plan.h"
#include "record/values.h"

namespace tessera {

// The items of a list: of the value `code` in column `column`. Called from several threads.
using ItemsOf = std::function<std::span<const Code>(ColumnId column, Code code)>;

// The items as they lie in the domains of a plan; both outlive what is returned. A column that holds no lists is a
// list of one.
inline ItemsOf items_of(std::span<const PlanColumn> columns, std::span<const ValueDomain> domains) {
  return [columns, domains](ColumnId column, Code code) { return domains[columns[column].domain].items(code); };
}

// Which keys have too many pairs, and the column that is added to them.
class Narrowing {
 public:
  static constexpr ColumnId leave_out = ~ColumnId{0};
  // `rows`: of the right side that had the key.
  void add(uint64_t key, ColumnId column, uint64_t rows) { steps_.emplace(key, Step{column, rows}); }
  [[nodiscard]] bool empty() const { return steps_.empty(); }
  [[nodiscard]] bool holds(uint64_t key) const { return steps_.contains(key); }
  [[nodiscard]] uint64_t rows(uint64_t key) const { return steps_.at(key).rows; }
  // The key of a record that had `key`: itself if it is not narrowed, 0 if it is left out or null in a column added.
  [[nodiscard]] uint64_t follow(uint64_t key, const ValueTable& table, size_t row) const;

 private:
  struct Step {
    ColumnId column;
    uint64_t rows;
  };
  std::unordered_map<uint64_t, Step> steps_;  // looked up only, never listed
};

// Keys of one rule, for every record of a side.
class RuleKeys {
 public:
  [[nodiscard]] bool single() const { return starts_.empty(); }  // at most one key a record
  [[nodiscard]] size_t rows() const { return single() ? keys_.size() : starts_.size() - 1; }
  [[nodiscard]] size_t entries() const { return keys_.size(); }
  // Ascending, without repeats; empty where the record takes no part.
  [[nodiscard]] std::span<const uint64_t> of(size_t row) const {
    const size_t end = single() ? row + 1 : starts_[row + 1];
    size_t begin = single() ? row : starts_[row];
    while (begin < end && keys_[begin] == 0) ++begin;
    return {keys_.data() + begin, end - begin};
  }
  void narrow(const Narrowing& narrowing, const ValueTable& table);
  // Drops the keys of rows [begin, end) for which keep(key) is false. Requires: called from one thread for a row.
  template <typename Keep>
  void keep(size_t begin, size_t end, const Keep& keep) {
    for (size_t row = begin; row < end; ++row) {
      const size_t last = single() ? row + 1 : starts_[row + 1];
      size_t kept = last;
      // Backwards: what is kept moves to the end, so that nulls are in front.
      for (size_t at = last, first = single() ? row : starts_[row]; at-- > first;) {
        const uint64_t key = keys_[at];
        keys_[at] = 0;
        if (key != 0 && keep(key)) keys_[--kept] = key;
      }
    }
  }

 private:
  friend void make_rule_keys(const PlanRule&, const ValueTable&, bool, const ItemsOf&, RuleKeys&);
  std::vector<uint64_t> keys_;    // 0: none
  std::vector<uint64_t> starts_;  // of a row's keys; empty if single
};

// Requires: rule.equal is not empty; its columns are in the table; `items` if one of them is exploded. Memory of `keys`
// is used again. Parallel; the same for any number of threads.
void make_rule_keys(const PlanRule& rule, const ValueTable& table, bool left_side, const ItemsOf& items,
                    RuleKeys& keys);
[[nodiscard]] RuleKeys rule_keys(const PlanRule& rule, const ValueTable& table, bool left_side, const ItemsOf& items);

}  // namespace tessera
