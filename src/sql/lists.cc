// lists.cc: which conditions on two lists are understood?
//
//   list_has_any(a_l, a_r), a_l && a_r             some item in common
//   list_contains(a_l, b_r)                        the text of one record is an item of the other's list
//   len(list_intersect(a_l, a_r)) = least(len(a_l), len(a_r))      the shorter list is part of the longer
#include "sql/measure.h"

namespace tessera {
namespace {

using Read = SqlResult<ModelCondition>;
using Items = SqlResult<SideExpression>;
using SideWhat = SideExpression::What;

// A character that no text has: it parts what stays in one piece.
constexpr std::string_view no_separator = "\x1f";

Read of_lists(Measure::What what, Items left, Items right) {
  if (!left) return std::unexpected(left.error());
  if (!right) return std::unexpected(right.error());
  return measure_condition({.what = what, .left = std::move(*left), .right = std::move(*right)});
}

// The shorter list, its repeats counted, is part of the longer. As sets, the smaller must be part of the other, and
// the shorter list be without repeats: then it is the smaller set too.
Read part_of_longer(const SqlNode& node, Items left, Items right) {
  if (!left) return std::unexpected(left.error());
  if (!right) return std::unexpected(right.error());
  if (left->what != SideWhat::tokens || right->what != SideWhat::tokens)
    return sql_wrong(node, "a text that is split may repeat an item, which has no counterpart here",
                     "make the list a field, whose words are its items");
  const auto size = [](const SideExpression& words) { return side_of(SideWhat::count_of, {words}); };
  const auto no_repeats = [&](SqlSide side, const SideExpression& words) {
    SideExpression all = side_of(SideWhat::count_of, {side_of(SideWhat::split, {words.parts[0], side_text(" ")})});
    return side_condition(side, side_of(SideWhat::equal, {std::move(all), size(words)}));
  };
  const Measure more{.what = Measure::What::difference, .left = size(*left), .right = size(*right)};
  ModelCondition shorter = any_condition(
      {all_conditions({no_repeats(SqlSide::left, *left), measure_condition(more, Comparator::less_equal, 0)}),
       all_conditions({no_repeats(SqlSide::right, *right), measure_condition(more, Comparator::greater_equal, 0)})});
  ModelCondition within =
      measure_condition({.what = Measure::What::items_subset, .left = std::move(*left), .right = std::move(*right)});
  return all_conditions({std::move(within), std::move(shorter)});
}

// least(len(a_l), len(a_r)) -> a_l, a_r
std::optional<LeftRight> shorter_length(const SqlNode& e) {
  if (!e.is_call("least", 2) || e.parts[0].what != SqlNode::What::call || e.parts[1].what != SqlNode::What::call)
    return std::nullopt;
  for (const SqlNode& part : e.parts)
    if (!is_counting(part) && !part.is_call("array_size", 1)) return std::nullopt;
  return left_and_right(e.parts[0].parts[0], e.parts[1].parts[0]);
}

}  // namespace

std::optional<Read> list_truth(const SideReader& reader, const SqlNode& node) {
  bool any = node.is_binary("&&");
  for (const std::string_view name : {"list_has_any", "array_has_any", "arrays_overlap", "array_overlap"})
    any |= node.is_call(name, 2);
  bool item = false;
  for (const std::string_view name : {"list_contains", "array_contains", "list_has", "array_has"})
    item |= node.is_call(name, 2);
  if (!any && !item) return std::nullopt;
  const auto both = left_and_right(node.parts[0], node.parts[1]);
  if (!both) return Read(sql_wrong(node, "one value must be of the left record and one of the right"));
  const auto items = [&](const SqlNode& part) -> Items {
    if (any || &part == &node.parts[0]) return reader.list(part);
    auto text = reader.text(part);
    if (!text) return text;
    return side_of(SideWhat::split, {std::move(*text), side_text(no_separator)});
  };
  return of_lists(Measure::What::items_in_common, items(*both->left), items(*both->right));
}

std::optional<Read> list_subset(const SideReader& reader, const SqlNode& node) {
  const SqlNode &count = node.parts[0], &least = node.parts[1];
  if (!node.is_binary("=") || count.what != SqlNode::What::call || count.parts.empty() ||
      !is_intersection(count.parts[0]))
    return std::nullopt;
  const auto of = shorter_length(least);
  const auto shared = left_and_right(count.parts[0].parts[0], count.parts[0].parts[1]);
  if (!of || !shared || !shared->left->same_as(*of->left) || !shared->right->same_as(*of->right)) return std::nullopt;
  return part_of_longer(node, reader.list(*of->left), reader.list(*of->right));
}

}  // namespace tessera
