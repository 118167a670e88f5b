// Levels of pairs in blocks beside one pair at a time: what is null, what is equal, what is alike enough.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <string>

#include "compare/compare.h"
#include "compare/measure_filter.h"
#include "kernels/similarity.h"

namespace tessera {
namespace {

using What = ModelCondition::What;
using Node = PlanCondition::Node;

// The value of a pair of texts as the kernels for one pair give it.
double value_of(Measure::What what, std::string_view a, std::string_view b) {
  switch (what) {
    case Measure::What::jaro: return jaro(a, b, false);
    case Measure::What::jaro_winkler: return jaro_winkler(a, b, false);
    case Measure::What::levenshtein: return static_cast<double>(levenshtein(a, b, false));
    case Measure::What::levenshtein_ratio: return levenshtein_ratio(a, b, false);
    case Measure::What::optimal_alignment: return static_cast<double>(optimal_alignment(a, b, false));
    default: return a == b ? 1 : 0;
  }
}

bool within(Measure::What what, double value, double bound) {
  return what == Measure::What::levenshtein || what == Measure::What::optimal_alignment ? value <= bound
                                                                                        : value >= bound;
}

struct TestLevel {
  Measure::What what;
  ColumnId column;
  double bound;
};

// A comparison of column `of`: null, then levels, then "else" if it closes.
struct TestComparison {
  ColumnId of;
  std::vector<TestLevel> levels;
  bool closes;
};

ModelPlan plan_of(const std::vector<TestComparison>& comparisons, size_t columns) {
  ModelPlan plan;
  for (uint32_t c = 0; c < columns; ++c) plan.columns.push_back({.type = ValueType::text, .domain = c});
  for (const TestComparison& from : comparisons) {
    PlanComparison& to = plan.comparisons.emplace_back();
    to.shift = static_cast<unsigned>(plan.comparisons.size() - 1) * 8;
    to.width = 8;
    const Node null{.what = What::any_of, .parts = {1, 2}};
    const Node left{.what = What::left, .side = from.of, .null_test = true};
    const Node right{.what = What::right, .side = from.of, .null_test = true};
    to.levels.push_back({.condition = {.nodes = {null, left, right}}, .null_level = true});
    unsigned digit = static_cast<unsigned>(from.levels.size()) + 1;
    for (const auto& [what, column, bound] : from.levels) {
      const PlanMeasure measure{.what = what, .left = column, .right = column};
      const auto known = std::ranges::find(plan.measures, measure);
      const auto index = static_cast<uint32_t>(known - plan.measures.begin());
      if (known == plan.measures.end()) plan.measures.push_back(measure);
      const bool at_most = !within(what, 2, 1);
      const Node node{.what = What::measure,
                      .measure = index,
                      .compare = at_most ? Comparator::less_equal : Comparator::greater_equal,
                      .bound = bound};
      to.levels.push_back({.condition = {.nodes = {node}}, .digit = digit--});
    }
    if (from.closes) to.levels.push_back({.condition = {.nodes = {Node{}}}, .digit = 1});
  }
  return plan;
}

std::string drawn_text() {
  // Few letters in the middle: near pairs are common; some beyond ASCII, some long.
  std::string text =
      *rc::gen::container<std::string>(*rc::gen::inRange<size_t>(1, 9), rc::gen::element('A', 'B', 'C', 'N', '1'));
  if (*rc::gen::inRange(0, 12) == 0) text += "\xc3\xa9";
  if (*rc::gen::inRange(0, 6) == 0) text += "ABCABCABC@X.ORG";
  if (*rc::gen::inRange(0, 20) == 0) text += std::string(20, 'Z');
  if (*rc::gen::inRange(0, 20) == 0) text += std::string("\0A", 2);
  return text;
}

struct DrawnPairs {
  std::vector<ValueDomain> domains;
  ValueTable table;
  explicit DrawnPairs(size_t columns) : domains(columns) {
    table.rows = *rc::gen::inRange<size_t>(1, 60);
    for (ValueDomain& domain : domains) {
      const size_t values = *rc::gen::inRange<size_t>(1, 20);
      std::vector<std::string> texts;
      while (texts.size() < values) {
        const std::string text = drawn_text();
        if (std::ranges::find(texts, text) == texts.end()) texts.push_back(text);
      }
      for (const std::string& text : texts) domain.add_text(text, 0);
      auto& codes = table.columns.emplace_back();
      for (size_t row = 0; row < table.rows; ++row)
        codes.push_back(*rc::gen::inRange<Code>(0, static_cast<Code>(values + 1)));
    }
  }
};

RC_GTEST_PROP(PairComparer, BlocksSayWhatOnePairSays, ()) {
  using enum Measure::What;
  const std::vector<TestComparison> comparisons = {
      {0, {{equal, 0, 1}, {jaro_winkler, 0, 0.92}, {jaro_winkler, 0, 0.8}}, true},
      {1, {{equal, 1, 1}, {levenshtein, 1, 1}}, true},
      {2, {{equal, 2, 1}, {equal, 3, 1}, {equal, 0, 1}}, true},
      {3, {{equal, 3, 1}, {equal, 2, 1}}, false},
      {2, {{optimal_alignment, 2, 1}, {levenshtein_ratio, 2, 0.7}}, true},
      {3, {{equal, 3, 1}, {levenshtein, 3, 1}, {levenshtein, 3, 2}, {jaro, 3, 0.7}}, false},
  };
  const DrawnPairs of(4);
  const ModelPlan plan = plan_of(comparisons, of.domains.size());
  const PairComparer comparer(plan, of.domains, Nicknames::ours());
  const CodeRows rows = comparer.rows_of(of.table);
  std::vector<RecordPair> pairs;
  for (uint32_t a = 0; a < of.table.rows; ++a)
    for (uint32_t b = 0; b < of.table.rows; ++b) pairs.push_back({a, b});
  std::vector<Pattern> patterns(pairs.size());
  comparer.compare(rows, rows, pairs, patterns.data(), *comparer.scratch());
  for (size_t i = 0; i < pairs.size(); ++i)
    for (size_t c = 0; c < comparisons.size(); ++c) {
      const TestComparison& comparison = comparisons[c];
      const auto code = [&](ColumnId column, uint32_t row) { return of.table.columns[column][row]; };
      unsigned expected = 0, digit = static_cast<unsigned>(comparison.levels.size()) + 1;
      const bool known = code(comparison.of, pairs[i].left) != 0 && code(comparison.of, pairs[i].right) != 0;
      for (const auto& [what, column, bound] : comparison.levels) {
        const Code a = code(column, pairs[i].left), b = code(column, pairs[i].right);
        const ValueDomain& domain = of.domains[column];
        if (known && expected == 0 && a != 0 && b != 0 &&
            within(what, value_of(what, domain.text(a), domain.text(b)), bound))
          expected = digit;
        --digit;
      }
      if (known && expected == 0 && comparison.closes) expected = 1;
      RC_ASSERT((patterns[i] >> (c * 8) & 0xff) == expected);
    }
}

// A grid's turns beside its pairs one by one; all levels that there are.
RC_GTEST_PROP(PairComparer, GridsSayWhatPairsSay, ()) {
  using enum Measure::What;
  const std::vector<TestComparison> comparisons = {
      {0, {{equal, 0, 1}, {jaro_winkler, 0, 0.92}, {jaro_winkler, 0, 0.8}}, true},
      {1, {{equal, 1, 1}, {levenshtein, 1, 1}}, true},
      {2, {{equal, 2, 1}, {equal, 0, 1}}, true},
      {2, {{optimal_alignment, 2, 1}, {levenshtein_ratio, 2, 0.7}}, true},
      {1, {{equal, 1, 1}, {jaro, 1, 0.9}, {levenshtein, 1, 2}}, false},
  };
  const DrawnPairs of(3);
  const ModelPlan plan = plan_of(comparisons, of.domains.size());
  const PairComparer comparer(plan, of.domains, Nicknames::ours());
  RC_ASSERT(comparer.symmetric());
  ValueTable other{.rows = *rc::gen::inRange<size_t>(1, 60), .columns = {}, .source = {}};
  for (const ValueDomain& domain : of.domains)
    other.columns.push_back(*rc::gen::container<std::vector<Code>>(
        other.rows, rc::gen::inRange<Code>(0, static_cast<Code>(domain.size()))));
  const CodeRows left_rows = comparer.rows_of(of.table), right_rows = comparer.rows_of(other);
  const auto records = *rc::gen::element<size_t>(1, 3, 7, 64, 100, grid_records_max);
  const auto drawn = [&](size_t rows) {
    std::vector<uint32_t> out(records);
    for (uint32_t& row : out) row = *rc::gen::inRange<uint32_t>(0, static_cast<uint32_t>(rows));
    return out;
  };
  const auto left = drawn(of.table.rows), right = drawn(other.rows);
  const size_t turns = *rc::gen::inRange<size_t>(0, std::min<size_t>(records, 8) + 1);
  const auto scratch = comparer.scratch();
  std::vector<Pattern> patterns(records * turns), expected(records);
  comparer.compare(left_rows, right_rows, {left, right, turns}, patterns.data(), *scratch);
  for (size_t turn = 0; turn < turns; ++turn) {
    std::vector<RecordPair> pairs;
    for (size_t i = 0; i < records; ++i) pairs.push_back({left[i], right[(i + turn) % records]});
    comparer.compare(left_rows, right_rows, pairs, expected.data(), *scratch);
    for (size_t i = 0; i < records; ++i) RC_ASSERT(patterns[turn * records + i] == expected[i]);
  }
}

TEST(PairComparer, KnowsWhetherItMattersWhoIsLeft) {
  const auto is_symmetric = [](const ModelPlan& plan) {
    const std::vector<ValueDomain> domains(2);
    return PairComparer(plan, domains, Nicknames::ours()).symmetric();
  };
  ModelPlan plan = plan_of({{0, {{Measure::What::equal, 0, 1}, {Measure::What::jaro, 0, 0.8}}, true}}, 2);
  EXPECT_TRUE(is_symmetric(plan));
  plan.measures[1].right = 1;
  EXPECT_FALSE(is_symmetric(plan));
  plan = plan_of({{0, {{Measure::What::difference, 0, 1}}, true}}, 2);
  EXPECT_FALSE(is_symmetric(plan));
}

TEST(MeasureFilter, LeavesOutWhatSharesTooFewLetters) {
  ValueDomain names;
  for (const char* name : {"ANNA", "OKAFOR", "HANNAH", "ANNE"}) names.add_text(name, 0);
  const MeasureFilter filter(names, Measure::What::jaro_winkler, 0.8, std::numeric_limits<double>::infinity());
  const std::vector<CodePair> pairs = {{1, 2}, {1, 3}, {1, 4}, {2, 3}};
  std::vector<uint32_t> places(pairs.size());
  places.resize(filter.keep(pairs, places.data()));
  EXPECT_EQ(places, (std::vector<uint32_t>{1, 2}));
}

RC_GTEST_PROP(MeasureFilter, KeepsWhatIsWithinTheLimit, ()) {
  using enum Measure::What;
  const DrawnPairs of(1);
  const ValueDomain& domain = of.domains[0];
  std::vector<CodePair> pairs;
  for (Code a = 1; a < domain.size(); ++a)
    for (Code b = 1; b < domain.size(); ++b) pairs.push_back({a, b});
  for (const auto& [what, bound] : std::vector<std::pair<Measure::What, double>>{{jaro, 0.7},
                                                                                 {jaro_winkler, 0.8},
                                                                                 {jaro_winkler, 0.92},
                                                                                 {levenshtein, 2},
                                                                                 {levenshtein, 1},
                                                                                 {optimal_alignment, 1},
                                                                                 {levenshtein_ratio, 0.75}}) {
    const bool distance = !within(what, 2, 1);
    const MeasureFilter filter(domain, what, distance ? 0 : bound,
                               distance ? bound : std::numeric_limits<double>::infinity());
    std::vector<uint32_t> places(pairs.size());
    places.resize(filter.keep(pairs, places.data()));
    for (uint32_t i = 0; i < pairs.size(); ++i)
      if (within(what, value_of(what, domain.text(pairs[i].left), domain.text(pairs[i].right)), bound))
        RC_ASSERT(std::ranges::binary_search(places, i));
  }
}

}  // namespace
}  // namespace tessera
