// measure.h: which comparison of a number of two records with a bound does an SQL expression make? Private to the room.
#pragma once

#include "sql/side.h"

namespace tessera {

// `e` OP bound, where `e` looks at both records, as levenshtein(a_l, a_r) <= 2.
[[nodiscard]] SqlResult<ModelCondition> compare_with_bound(const SideReader& reader, const SqlNode& e, Comparator op,
                                                           double bound);

// `e` as a truth of both records, as list_has_any(a_l, a_r); fails where it is none.
[[nodiscard]] SqlResult<ModelCondition> pair_truth(const SideReader& reader, const SqlNode& e);

[[nodiscard]] ModelCondition measure_condition(Measure measure, Comparator op = Comparator::greater_equal,
                                               double bound = 1);
// The same of a measure that is rounded to a float of four bytes before it is compared.
[[nodiscard]] ModelCondition rounded_condition(const Measure& measure, Comparator op, double bound);
[[nodiscard]] ModelCondition all_conditions(std::vector<ModelCondition> parts);
[[nodiscard]] ModelCondition any_condition(std::vector<ModelCondition> parts);
[[nodiscard]] ModelCondition not_condition(ModelCondition part);
[[nodiscard]] ModelCondition side_condition(SqlSide side, SideExpression truth);

inline bool is_least(Comparator op) { return op == Comparator::less || op == Comparator::less_equal; }
// a OP b  ->  b OP a
[[nodiscard]] Comparator turned(Comparator op);

// lists.cc: a truth of two lists, as list_has_any(a_l, b_r), and a list that holds another; none: `node` is not that.
[[nodiscard]] std::optional<SqlResult<ModelCondition>> list_truth(const SideReader& reader, const SqlNode& node);
[[nodiscard]] std::optional<SqlResult<ModelCondition>> list_subset(const SideReader& reader, const SqlNode& node);

// pairs.cc: the great-circle distance in km as Splink writes it; none: it is not that.
struct SphereNodes {
  const SqlNode* latitude_left = nullptr;
  const SqlNode* latitude_right = nullptr;
  const SqlNode* longitude_left = nullptr;
  const SqlNode* longitude_right = nullptr;
  bool rounded = false;  // to a float of four bytes
};
[[nodiscard]] std::optional<SphereNodes> great_circle(const SqlNode& node);

// pairs.cc: the best of a likeness over all pairs of items of two lists, as Splink writes it; none: it is not that.
struct ItemPairs {
  const SqlNode* left = nullptr;
  const SqlNode* right = nullptr;
  std::string function;
  bool highest = false;
};
[[nodiscard]] std::optional<ItemPairs> best_of_items(const SqlNode& node);

// pairs.cc: the number of items of a list; the items that two lists share; the longer of the lengths of a and b; the
// greater of a and b.
[[nodiscard]] bool is_counting(const SqlNode& node);
[[nodiscard]] bool is_intersection(const SqlNode& node);
[[nodiscard]] bool is_longer_length(const SqlNode& node, const SqlNode& a, const SqlNode& b);
[[nodiscard]] bool is_greater_of(const SqlNode& node, const SqlNode& a, const SqlNode& b);

// a and b of an expression of the left and one of the right record, left first; none: they are not.
struct LeftRight {
  const SqlNode* left = nullptr;
  const SqlNode* right = nullptr;
  bool turned = false;
};
[[nodiscard]] std::optional<LeftRight> left_and_right(const SqlNode& a, const SqlNode& b);

}  // namespace tessera
