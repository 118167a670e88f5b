// Random pairs counted as a grid beside the pairs themselves; scores that may stop early beside those that may not.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <map>
#include <random>

#include "services/model_counts.h"
#include "services/model_scorer.h"

namespace tessera {
namespace {

using What = ModelCondition::What;
using Node = PlanCondition::Node;
constexpr size_t named_columns = 2;

// For each column: null, equal, else. The first has a term frequency where values are equal.
ModelPlan named_plan() {
  ModelPlan plan;
  for (uint32_t c = 0; c < named_columns; ++c) {
    plan.columns.push_back({.type = ValueType::text, .domain = c});
    plan.measures.push_back({.what = Measure::What::equal, .left = c, .right = c});
    const Node null{.what = What::any_of, .parts = {1, 2}};
    const Node left{.what = What::left, .side = c, .null_test = true};
    const Node right{.what = What::right, .side = c, .null_test = true};
    const Node equal{.what = What::measure, .measure = c, .compare = Comparator::greater_equal, .bound = 1};
    PlanComparison& comparison = plan.comparisons.emplace_back();
    comparison.digits = 3;
    comparison.shift = 2 * c;
    comparison.width = 2;
    comparison.levels = {{.condition = {.nodes = {null, left, right}}, .null_level = true},
                         {.condition = {.nodes = {equal}}, .digit = 2, .frequency = c == 0 ? 0 : -1},
                         {.condition = {.nodes = {Node{}}}, .digit = 1}};
    if (c == 0) comparison.frequencies.push_back({.column = 0, .exact_level = 2});
  }
  return plan;
}

Model named_model(bool related) {
  Model model;
  model.lambda = 0.01;
  for (size_t c = 0; c < named_columns; ++c) {
    Comparison& comparison = model.comparisons.emplace_back();
    comparison.levels.resize(3);
    comparison.levels[0].null_level = true;
    comparison.levels[1].m = 0.9;
    comparison.levels[1].u = 0.2;
    comparison.levels[2].m = 0.1;
    comparison.levels[2].u = 0.8;
  }
  if (related) model.related = Related{.share = 0.02, .levels = {{0, 0.7, 0.3}, {}}};
  return model;
}

// Skewed: half of the values are one.
ValueTable named_table(size_t rows, Code values, std::mt19937_64& random) {
  ValueTable table{.rows = rows, .columns = {}, .source = {}};
  table.columns.resize(named_columns);
  for (size_t row = 0; row < rows; ++row) {
    for (auto& column : table.columns) column.push_back(random() % 2 ? 1 : static_cast<Code>(random() % values));
    table.source.push_back(static_cast<uint16_t>(random() % 2));
  }
  return table;
}

struct NamedSides {
  static constexpr Code values = 9;
  ModelPlan plan = named_plan();
  std::vector<ValueDomain> domains = std::vector<ValueDomain>(named_columns);
  ValueTable left, right;
  std::unique_ptr<PairComparer> comparer;
  CodeRows left_rows, right_rows;
  NamedSides(uint64_t seed, size_t rows, size_t right_count) {
    for (ValueDomain& domain : domains)
      for (Code code = 1; code < values; ++code) domain.add_text(std::string(code, 'A'), 0);
    std::mt19937_64 random(seed);
    left = named_table(rows, values, random);
    right = named_table(right_count, values, random);
    comparer = std::make_unique<PairComparer>(plan, domains, Nicknames::ours());
    left_rows = comparer->rows_of(left);
    right_rows = comparer->rows_of(right);
  }
};

RC_GTEST_PROP(RandomPairs, CountsOfAGridAreThoseOfItsPairs, (uint32_t seed, bool within, bool between_only)) {
  const NamedSides of(seed, 2 + seed % 900, 3 + seed % 70);
  const ComparedSides sides{*of.comparer, of.left_rows, within ? of.left_rows : of.right_rows};
  RandomPairs random{.seed = seed,
                     .count = *rc::gen::element<uint64_t>(1, 100, RandomPairs::piece, 2 * RandomPairs::piece + 77),
                     .left_rows = of.left.rows,
                     .right_rows = within ? of.left.rows : of.right.rows,
                     .within = within};
  if (within && between_only) random.different_source = of.left.source;
  const auto counted = count_patterns(sides, random);
  const auto expected =
      count_patterns(sides, random.pieces(), [&](size_t piece, auto& pairs) { random.pairs(piece, pairs); });
  RC_ASSERT(of.comparer->symmetric());
  RC_ASSERT(counted && expected);
  RC_ASSERT(*counted == *expected);
  uint64_t pairs = 0;
  for (const PatternCount& each : *counted) pairs += each.count;
  RC_ASSERT(pairs <= random.count);
  if (!within) RC_ASSERT(pairs == random.count);
}

RC_GTEST_PROP(Scorer, AWeightBelowTheLeastMayBeAnyOtherBelowIt, (uint32_t seed, bool related)) {
  const NamedSides of(seed, 1 + seed % 50, 1 + seed % 40);
  const ComparedSides sides{*of.comparer, of.left_rows, of.right_rows};
  const ValueTable* tables[] = {&of.left, &of.right};
  const ValueShares shares(of.plan, tables, of.domains);
  const auto scorer = Scorer::make(named_model(related), of.plan, shares);
  RC_ASSERT(scorer.has_value());
  std::vector<RecordPair> pairs;
  for (uint32_t a = 0; a < of.left.rows; ++a)
    for (uint32_t b = 0; b < of.right.rows; ++b) pairs.push_back({a, b});
  std::vector<Pattern> patterns(pairs.size());
  of.comparer->compare(sides.left, sides.right, pairs, patterns.data(), *of.comparer->scratch());
  std::vector<double> all(pairs.size()), some(pairs.size());
  Scorer::Scratch scratch;
  scorer->score(sides, pairs, patterns, every_weight, all.data(), scratch);
  const double least = all[seed % all.size()];
  scorer->score(sides, pairs, patterns, least, some.data(), scratch);
  for (size_t i = 0; i < pairs.size(); ++i) RC_ASSERT((all[i] >= least ? some[i] == all[i] : some[i] < least));
  // The term frequency counts: equal values that are rare weigh more.
  std::map<Code, double> of_value;
  for (size_t i = 0; i < pairs.size(); ++i)
    if (patterns[i] == (2 | 2 << 2)) of_value[of.left.columns[0][pairs[i].left]] = all[i];
  for (const auto& [value, weight] : of_value)
    if (!related && value != 1 && of_value.contains(1)) RC_ASSERT(weight >= of_value[1]);
}

}  // namespace
}  // namespace tessera
