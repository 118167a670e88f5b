// condition.cc: what does an SQL condition say of a pair of records, and a blocking rule?
//
// Truths of one record stay expressions; what compares the two becomes a measure and a bound.
#include <algorithm>

#include <fmt/format.h>

#include "sql/measure.h"
#include "sql/sql.h"

namespace tessera {
namespace {

using N = SqlNode::What;
using Read = SqlResult<ModelCondition>;

std::optional<Comparator> comparator_of(const SqlNode& node) {
  static constexpr std::pair<std::string_view, Comparator> signs[] = {
      {"=", Comparator::equal},       {"<>", Comparator::not_equal}, {"<", Comparator::less},
      {"<=", Comparator::less_equal}, {">", Comparator::greater},    {">=", Comparator::greater_equal}};
  if (node.what != N::binary) return std::nullopt;
  for (const auto& [sign, op] : signs)
    if (node.text == sign) return op;
  return std::nullopt;
}

class ConditionReader {
 public:
  explicit ConditionReader(const SqlContext& context) : sides_(context) {}

  Read read(const SqlNode& node) const {
    // Junctions are taken apart even of one record, so that tests for null stay tests for null.
    if (node.is_binary("and") || node.is_binary("or")) return junction(node);
    if (node.what == N::negation) {
      auto part = read(node.parts[0]);
      return part ? Read(not_condition(std::move(*part))) : part;
    }
    if (node.sides == 1 || node.sides == 2) {
      auto truth = sides_.truth(node);
      if (!truth) return std::unexpected(truth.error());
      return side_condition(node.sides == 1 ? SqlSide::left : SqlSide::right, std::move(*truth));
    }
    if (node.sides == 0) return constant(node);
    if (const auto op = comparator_of(node)) return comparison(node, *op);
    if (node.what == N::in) return among(node);
    if (node.what == N::is_null)
      return sql_wrong(node, "a test for null is understood of one record", "write: a_l is null or a_r is null");
    return pair_truth(sides_, node);
  }

  const SideReader& sides() const { return sides_; }

  // Parts of a chain of one operator.
  static void flatten(const SqlNode& node, std::string_view op, std::vector<const SqlNode*>& out) {
    if (!node.is_binary(op)) return out.push_back(&node);
    for (const SqlNode& part : node.parts) flatten(part, op, out);
  }

 private:
  Read junction(const SqlNode& node) const {
    std::vector<const SqlNode*> nodes;
    flatten(node, node.text, nodes);
    std::vector<ModelCondition> parts;
    for (const SqlNode* each : nodes) {
      auto part = read(*each);
      if (!part) return part;
      parts.push_back(std::move(*part));
    }
    return node.text == "and" ? all_conditions(std::move(parts)) : any_condition(std::move(parts));
  }

  static Read constant(const SqlNode& node) {
    std::optional<bool> holds;
    if (node.what == N::truth) holds = node.number != 0;
    if (const auto op = comparator_of(node); op == Comparator::equal) {
      const auto a = sql_constant(node.parts[0]), b = sql_constant(node.parts[1]);
      if (a && b) holds = *a == *b;
    }
    if (!holds)
      return sql_wrong(node, "this looks at neither record", "columns are written x_l and x_r, or l.x and r.x");
    return *holds ? ModelCondition{} : not_condition({});
  }

  Read comparison(const SqlNode& node, Comparator op) const {
    const SqlNode &a = node.parts[0], &b = node.parts[1];
    if (const auto bound = sql_constant(b); bound && a.sides == 3) return compare_with_bound(sides_, a, op, *bound);
    if (const auto bound = sql_constant(a); bound && b.sides == 3)
      return compare_with_bound(sides_, b, turned(op), *bound);
    if (auto subset = list_subset(sides_, node)) return std::move(*subset);
    const auto both = left_and_right(a, b);
    if (!both)
      return sql_wrong(node, "this compares the records in a way that has no counterpart here",
                       "compare a value of the left record with one of the right, or a measure with a number");
    if (op == Comparator::equal || op == Comparator::not_equal) return equality(node, op);
    // An order of values is their difference beside 0; texts have none.
    const auto left = sides_.value(*both->left), right = sides_.value(*both->right);
    if (!left) return std::unexpected(left.error());
    if (!right) return std::unexpected(right.error());
    if (left->type == SqlType::text && right->type == SqlType::text)
      return sql_wrong(node, "the order of two texts has no counterpart here");
    const bool dates = left->type == SqlType::date || right->type == SqlType::date;
    auto l = dates ? sides_.date(*both->left, true) : sides_.number(*both->left, true);
    auto r = dates ? sides_.date(*both->right, true) : sides_.number(*both->right, true);
    if (!l) return std::unexpected(l.error());
    if (!r) return std::unexpected(r.error());
    return measure_condition({.what = Measure::What::difference, .left = std::move(*l), .right = std::move(*r)},
                             both->turned ? turned(op) : op, 0);
  }

  Read equality(const SqlNode& node, Comparator op) const {
    auto equal = sides_.alike(node.parts[0], node.parts[1]);
    if (!equal) return std::unexpected(equal.error());
    if (node.parts[0].sides == 2) std::swap(equal->first, equal->second);
    ModelCondition out = measure_condition(
        {.what = Measure::What::equal, .left = std::move(equal->first), .right = std::move(equal->second)});
    return op == Comparator::equal ? std::move(out) : not_condition(std::move(out));
  }

  Read among(const SqlNode& node) const {
    std::vector<ModelCondition> parts;
    for (size_t i = 1; i < node.parts.size(); ++i) {
      SqlNode equal;
      equal.what = N::binary;
      equal.text = "=";
      equal.parts = {node.parts[0], node.parts[i]};
      equal.sides = node.parts[0].sides | node.parts[i].sides;
      equal.begin = node.begin;
      equal.end = node.end;
      auto part = read(equal);
      if (!part) return part;
      parts.push_back(std::move(*part));
    }
    return any_condition(std::move(parts));
  }

  const SideReader sides_;
};

bool is_else(std::string_view text) {
  const size_t begin = text.find_first_not_of(" \t\r\n");
  const size_t end = text.find_last_not_of(" \t\r\n");
  if (begin == std::string_view::npos || end - begin != 3) return false;
  const std::string_view word = text.substr(begin, 4);
  return std::equal(word.begin(), word.end(), "else", [](char a, char b) { return (a | 0x20) == b; });
}

SqlResult<BlockingRule> rule_of(const SqlNode& whole, const ConditionReader& reader,
                                const std::vector<std::string>& exploded) {
  std::vector<const SqlNode*> nodes;
  ConditionReader::flatten(whole, "and", nodes);
  BlockingRule rule;
  std::vector<ModelCondition> rest;
  for (const SqlNode* node : nodes) {
    const auto both = node->is_binary("=") ? left_and_right(node->parts[0], node->parts[1]) : std::nullopt;
    if (!both) {
      auto condition = reader.read(*node);
      if (!condition) return std::unexpected(condition.error());
      rest.push_back(std::move(*condition));
      continue;
    }
    const auto taken_apart = [&](const SqlNode& side) {
      return side.what == N::column && std::find(exploded.begin(), exploded.end(), side.text) != exploded.end();
    };
    BlockingRule::Equality equality;
    equality.explode = taken_apart(*both->left) || taken_apart(*both->right);
    if (equality.explode) {
      auto left = reader.sides().list(*both->left), right = reader.sides().list(*both->right);
      if (!left) return std::unexpected(left.error());
      if (!right) return std::unexpected(right.error());
      equality.left = std::move(*left);
      equality.right = std::move(*right);
    } else {
      auto sides = reader.sides().alike(*both->left, *both->right);
      if (!sides) return std::unexpected(sides.error());
      equality.left = std::move(sides->first);
      equality.right = std::move(sides->second);
    }
    rule.equal.push_back(std::move(equality));
  }
  if (rule.equal.empty())
    return sql_wrong(whole, "nothing in this rule must be equal, so every record would meet every other",
                     "a rule needs an equality of the two records, as l.dob = r.dob");
  if (rest.size() == 1) rule.also = std::move(rest[0]);
  if (rest.size() > 1) rule.also = all_conditions(std::move(rest));
  return rule;
}

}  // namespace

SqlResult<ModelCondition> read_sql_condition(std::string_view text, const SqlContext& context) {
  if (is_else(text)) return ModelCondition{};
  auto tree = parse_sql(text, context.dialect);
  if (!tree) return std::unexpected(tree.error());
  return ConditionReader(context).read(tree->front());
}

SqlResult<std::vector<BlockingRule>> read_sql_rule(std::string_view text, const std::vector<std::string>& exploded,
                                                   const SqlContext& context) {
  auto tree = parse_sql(text, context.dialect);
  if (!tree) return std::unexpected(tree.error());
  const ConditionReader reader(context);
  std::vector<const SqlNode*> choices;
  ConditionReader::flatten(tree->front(), "or", choices);
  std::vector<BlockingRule> out;
  for (const SqlNode* choice : choices) {
    auto rule = rule_of(*choice, reader, exploded);
    if (!rule) return std::unexpected(rule.error());
    rule->text =
        choices.size() == 1 ? std::string(text) : std::string(text.substr(choice->begin, choice->end - choice->begin));
    out.push_back(std::move(*rule));
  }
  return out;
}

}  // namespace tessera
