// pair_comparer.cc: which level of each comparison does a pair reach? (see pair_comparer.h)
#include "compare/pair_comparer.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>

#include "compare/pair_block.h"

namespace tessera {

void PairComparer::ScratchDeleter::operator()(Scratch* scratch) const { delete scratch; }

PairComparer::ScratchPtr PairComparer::scratch() const {
  auto made = ScratchPtr(new Scratch);
  made->values.resize(plan_.measures.size());
  made->measured.resize(plan_.measures.size());
  for (size_t i = 0; i < plan_.measures.size(); ++i) {
    made->values[i].resize(block_pairs_model);
    made->measured[i].resize(block_pairs_model);
  }
  made->gathered.resize(layout_.words().size());
  made->grid_words.resize(layout_.words().size());
  made->grid_marks.resize(plan_.measures.size());
  return made;
}

PairComparer::PairComparer(const ModelPlan& plan, std::span<const ValueDomain> domains, const Nicknames& nicknames,
                           Code more)
    : plan_(plan), domains_(domains), nicknames_(nicknames), item_weights_(domains.size()) {
  uses_.assign(plan_.measures.size(), 0);
  least_.assign(plan_.measures.size(), std::numeric_limits<double>::infinity());
  most_.assign(plan_.measures.size(), -std::numeric_limits<double>::infinity());
  const auto look_at = [this](const PlanCondition& condition) {
    for (const PlanCondition::Node& node : condition.nodes) {
      if (node.what == ModelCondition::What::left || node.what == ModelCondition::What::right)
        columns_.push_back(node.side);
      if (node.what != ModelCondition::What::measure) continue;
      const PlanMeasure& m = plan_.measures[node.measure];
      ++uses_[node.measure];
      const bool at_least = node.compare == Comparator::greater_equal || node.compare == Comparator::greater;
      const bool at_most = node.compare == Comparator::less_equal || node.compare == Comparator::less;
      least_[node.measure] = at_least ? std::min(least_[node.measure], node.bound) : 0;
      most_[node.measure] =
          at_most ? std::max(most_[node.measure], node.bound) : std::numeric_limits<double>::infinity();
      columns_.insert(columns_.end(), {m.left, m.right});
      if (m.what == Measure::What::distance_km) columns_.insert(columns_.end(), {m.left2, m.right2});
    }
  };
  for (const PlanComparison& comparison : plan.comparisons) {
    for (const PlanLevel& level : comparison.levels) look_at(level.condition);
    for (const PlanFrequency& frequency : comparison.frequencies) columns_.push_back(frequency.column);
  }
  for (const auto* rules : {&plan.rules, &plan.training_rules, &plan.certain_rules, &plan.pass_rules})
    for (const PlanRule& rule : *rules) look_at(rule.also);
  std::ranges::sort(columns_);
  columns_.erase(std::ranges::unique(columns_).begin(), columns_.end());
  std::vector<Code> largest(plan.columns.size(), 0);
  for (const ColumnId column : columns_)
    largest[column] = static_cast<Code>(
        std::min<uint64_t>(domains_[plan.columns[column].domain].size() - 1 + more, std::numeric_limits<Code>::max()));
  layout_ = CodeLayout(columns_, largest);
  for (size_t m = 0; m < plan.measures.size(); ++m) filters_.push_back(filter_of(m));
  for (const PlanComparison& comparison : plan.comparisons) {
    openings_.push_back(opening_of(comparison));
    ladders_.push_back(ladder_of(comparison, openings_.back()));
    symmetric_ = symmetric_ && is_symmetric(comparison, openings_.back());
  }
}

// Null and equality of one column, then measures of one column that do not ask which text is the left one.
bool PairComparer::is_symmetric(const PlanComparison& comparison, const Opening& opening) const {
  if (opening.levels > 0 && opening.left != opening.right) return false;
  for (const PlanLevel& level : std::span(comparison.levels).subspan(opening.levels))
    for (const PlanCondition::Node& node : level.condition.nodes) {
      if (node.what == ModelCondition::What::left || node.what == ModelCondition::What::right) return false;
      if (node.what != ModelCondition::What::measure) continue;
      const PlanMeasure& m = plan_.measures[node.measure];
      if (m.left != m.right || m.left2 != m.right2 || m.what == Measure::What::difference) return false;
    }
  return true;
}

MeasureFilter PairComparer::filter_of(size_t measure) const {
  const PlanMeasure& m = plan_.measures[measure];
  if (uses_[measure] == 0 || m.best_of_items || plan_.columns[m.left].type != ValueType::text) return {};
  return {domains_[plan_.columns[m.left].domain], m.what, least_[measure], most_[measure]};
}

PairComparer::Ladder PairComparer::ladder_of(const PlanComparison& comparison, const Opening& opening) const {
  Ladder out;
  if (!opening.null) return out;
  for (const PlanLevel& level : std::span(comparison.levels).subspan(opening.levels)) {
    const PlanCondition::Node& node = level.condition.nodes[0];
    const Pattern digit = Pattern{level.digit} << comparison.shift;
    if (node.what == ModelCondition::What::always && out.levels > 0) {
      out.digits.push_back(digit);
      out.closes = true;
      ++out.levels;
      break;
    }
    const bool at_most = node.compare == Comparator::less_equal;
    if (node.what != ModelCondition::What::measure || (!at_most && node.compare != Comparator::greater_equal)) break;
    const PlanMeasure& measure = plan_.measures[node.measure];
    if (measure.what == Measure::What::equal || measure.what == Measure::What::distance_km ||
        measure.left != opening.left || measure.right != opening.right)
      break;
    if (out.levels > 0 && (out.measure != node.measure || out.at_most != at_most)) break;
    out.measure = node.measure;
    out.at_most = at_most;
    out.bounds.push_back(node.bound);
    out.digits.push_back(digit);
    ++out.levels;
  }
  if (out.levels == 0 || uses_[out.measure] != out.bounds.size()) return {};
  if (!out.closes) out.digits.push_back(0);
  return out;
}

PairComparer::Opening PairComparer::opening_of(const PlanComparison& comparison) const {
  Opening out;
  const auto tests_null = [](const PlanCondition::Node& node, ModelCondition::What side) {
    return node.what == side && node.null_test;
  };
  const auto& levels = comparison.levels;
  if (!levels.empty() && levels[0].null_level) {
    const auto& nodes = levels[0].condition.nodes;
    if (nodes[0].what == ModelCondition::What::any_of && nodes[0].parts.size() == 2) {
      const PlanCondition::Node &a = nodes[nodes[0].parts[0]], &b = nodes[nodes[0].parts[1]];
      if (tests_null(a, ModelCondition::What::left) && tests_null(b, ModelCondition::What::right))
        out = {.levels = 1, .null = true, .left = a.side, .right = b.side};
    }
    if (!out.null) return out;
  }
  for (; out.levels < levels.size() && !out.closes; ++out.levels) {
    const PlanCondition::Node& node = levels[out.levels].condition.nodes[0];
    const Pattern digit = Pattern{levels[out.levels].digit} << comparison.shift;
    if (node.what == ModelCondition::What::always && !out.equalities.empty()) {
      out.closes = true;
      out.otherwise = digit;
      continue;
    }
    if (node.what != ModelCondition::What::measure) break;
    const PlanMeasure& m = plan_.measures[node.measure];
    if (m.what != Measure::What::equal || node.compare != Comparator::greater_equal || node.bound != 1) break;
    const bool first = out.equalities.empty();
    if (first && out.null && (m.left != out.left || m.right != out.right)) break;
    if (!first && (m.left != m.right || out.left != out.right)) break;
    if (first) out.left = m.left, out.right = m.right;
    out.equalities.push_back({.left = m.left, .right = m.right, .digit = digit});
  }
  return out;
}

void PairComparer::weigh_items(std::span<const ValueTable* const> tables) {
  for (const PlanMeasure& m : plan_.measures) {
    if (m.what != Measure::What::token_likeness) continue;
    const PlanColumn& column = plan_.columns[m.left];
    std::vector<double>& weights = item_weights_[column.item_domain];
    if (!weights.empty()) continue;
    const ValueDomain& lists = domains_[column.domain];
    std::vector<uint64_t> of_list(lists.size(), 0), of_item(domains_[column.item_domain].size(), 0);
    uint64_t rows = 0;
    for (ColumnId c = 0; c < plan_.columns.size(); ++c) {
      if (plan_.columns[c].domain != column.domain) continue;
      for (const ValueTable* table : tables)
        for (const Code code : table->columns[c]) ++of_list[code], rows += code != 0;
    }
    for (Code list = 1; list < lists.size(); ++list)
      for (const Code item : lists.items(list)) of_item[item] += of_list[list];
    weights.resize(of_item.size());
    for (size_t i = 0; i < weights.size(); ++i)
      weights[i] = std::log2(1.0 + static_cast<double>(rows) / static_cast<double>(std::max<uint64_t>(1, of_item[i])));
  }
}

void PairComparer::compare(const CodeRows& left, const CodeRows& right, std::span<const RecordPair> pairs,
                           Pattern* patterns, Scratch& scratch) const {
  std::fill_n(patterns, pairs.size(), Pattern{0});
  PairBlock block(*this, scratch);
  for (size_t at = 0; at < pairs.size(); at += block_pairs_model) {
    block.gather(left, right, pairs.subspan(at));
    for (size_t c = 0; c < openings_.size(); ++c) block.add_digits(c, patterns + at);
  }
}

void PairComparer::compare(const CodeRows& left, const CodeRows& right, const RecordGrid& grid, Pattern* patterns,
                           Scratch& scratch) const {
  const size_t records = grid.left.size();
  assert(records == grid.right.size() && records <= grid_records_max && grid.turns <= records);
  std::fill_n(patterns, records * grid.turns, Pattern{0});
  PairBlock block(*this, scratch);
  block.load(left, right, grid);
  for (size_t turn = 0; turn < grid.turns; ++turn) {
    block.take_turn(turn);
    for (size_t c = 0; c < openings_.size(); ++c) block.add_digits(c, patterns + turn * records);
  }
}

void PairComparer::holds(const PlanCondition& condition, const CodeRows& left, const CodeRows& right,
                         std::span<const RecordPair> pairs, uint8_t* out, Scratch& scratch) const {
  PairBlock block(*this, scratch);
  for (size_t at = 0; at < pairs.size(); at += block_pairs_model) {
    block.gather(left, right, pairs.subspan(at));
    block.test(condition, out + at);
  }
}

}  // namespace tessera
