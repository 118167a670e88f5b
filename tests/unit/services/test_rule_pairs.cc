// Pairs of rules, of estimation and of scoring, beside all pairs of records, asked one by one.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <random>
#include <set>

#include "services/met_pairs.h"
#include "services/rule_pairs.h"

namespace tessera {
namespace {

constexpr ColumnId columns = 4;
using Pairs = std::set<std::pair<uint32_t, uint32_t>>;

PlanRule rule_on(std::initializer_list<PlanRule::Equality> equal) {
  PlanRule rule{.equal = equal, .also = {}, .text = {}, .fields = {}};
  rule.also.nodes.emplace_back();
  return rule;
}

// Codes of 0, a null, to values - 1; a third of the rows are much like the one before.
ValueTable random_table(size_t rows, Code values, std::mt19937_64& random) {
  ValueTable table{.rows = rows, .columns = {}, .source = {}};
  table.columns.resize(columns);
  for (size_t row = 0; row < rows; ++row) {
    const bool as_before = row > 0 && random() % 3 == 0;
    for (auto& column : table.columns)
      column.push_back(as_before && random() % 4 != 0 ? column.back() : static_cast<Code>(random() % values));
    table.source.push_back(static_cast<uint16_t>(random() % 2));
  }
  return table;
}

void set_table(ModelSide& side, size_t rows, Code values, std::mt19937_64& random) {
  side.table = random_table(rows, values, random);
  side.starts = {0, rows};
}

struct RandomRun {
  Job job;
  LinkStep link;
  ModelStepPlan step;
  ModelRun run{.job = job, .step = step, .walk = {}, .spill_directory = {}};

  RandomRun(bool within, bool between, uint64_t seed, size_t rows, Code values) {
    std::mt19937_64 random(seed);
    link.between_only = within && between;
    step.step = &link;
    if (!within) step.right_names.emplace_back("right");
    step.plan.columns.resize(columns);
    step.plan.rules = {rule_on({{0, 0}}), rule_on({{1, 1}, {2, 2}}), rule_on({{0, 1}})};
    set_table(run.left, rows, values, random);
    if (!within) set_table(run.right, rows / 2 + 1, values, random);
    run.shared_blocks.want(step.plan.rules);
  }
  [[nodiscard]] bool satisfies(const PlanRule& rule, uint32_t left, uint32_t right) const {
    return std::ranges::all_of(rule.equal, [&](const PlanRule::Equality& e) {
      const Code a = run.left.table.columns[e.left][left], b = run.right_side().table.columns[e.right][right];
      return a != 0 && a == b;
    });
  }
  [[nodiscard]] Pairs all_pairs(const PlanRule& rule) const {
    Pairs out;
    for (uint32_t l = 0; l < run.left.rows(); ++l)
      for (uint32_t r = run.within() ? l + 1 : 0; r < run.right_side().rows(); ++r) {
        if (link.between_only && run.left.table.source[l] == run.left.table.source[r]) continue;
        if (satisfies(rule, l, r)) out.emplace(l, r);
      }
    return out;
  }
};

// The second, fourth and fifth ask for more than a blocking rule does; in the last column 1 comes twice.
const std::vector<PlanRule> asked = {rule_on({{2, 2}}),         rule_on({{3, 3}, {0, 0}}),
                                     rule_on({{1, 1}, {2, 2}}), rule_on({{2, 2}, {0, 0}, {1, 1}}),
                                     rule_on({{3, 2}, {0, 1}}), rule_on({{1, 1}, {1, 1}, {3, 3}})};

// What is wrong with the pairs of some rule; nothing.
std::string mistake_in(const RandomRun& random, const RulePairs& made) {
  Pairs before;
  for (size_t rule = 0; rule < asked.size(); ++rule) {
    Pairs all, first;
    std::vector<RecordPair> pairs;  // with those of the units before
    bool once = true;
    const auto add_last = [&](size_t from, Pairs& to) {
      for (const RecordPair& pair : std::span(pairs).subspan(from))
        once = to.emplace(pair.left, pair.right).second && once;
      return pairs.size();
    };
    size_t at = 0;
    for (const size_t unit : made.units(rule)) {
      made.all_pairs(unit, pairs);
      at = add_last(at, all);
      made.first_pairs(unit, pairs);
      at = add_last(at, first);
    }
    const Pairs wanted = random.all_pairs(asked[rule]);
    Pairs fresh;
    std::ranges::set_difference(wanted, before, std::inserter(fresh, fresh.end()));
    before.insert(wanted.begin(), wanted.end());
    const std::string of = " of rule " + std::to_string(rule);
    if (!once) return "a pair twice" + of;
    if (all != wanted) return "not all pairs" + of;
    if (first != fresh) return "not the first pairs" + of;
    if (made.own_blocks(rule) && made.forecast(rule).pairs != wanted.size()) return "another count" + of;
  }
  return {};
}

RC_GTEST_PROP(RulePairs, AreThoseThatSatisfyTheRule, (bool within, bool between, uint64_t seed)) {
  RandomRun random(within, between, seed, 20 + seed % 150, 2 + static_cast<Code>(seed / 256 % 40));
  // So few that they decide here and there whether another rule's blocks are taken.
  const uint64_t most = *rc::gen::element(uint64_t{0}, uint64_t{60}, uint64_t{1'000'000});
  const auto made = RulePairs::make(random.run, asked, {}, most);
  RC_ASSERT(made.has_value());
  RC_ASSERT(made->own_blocks(0) && made->own_blocks(2) && made->own_blocks(5));
  RC_ASSERT(!made->narrowed());
  RC_ASSERT(mistake_in(random, *made) == "");
}

// Also that the values of a column are equal, or that they are not.
PlanRule with_condition(PlanRule rule, uint32_t column, bool equal) {
  const PlanCondition::Node are_equal{
      .what = ModelCondition::What::measure, .measure = column, .compare = Comparator::greater_equal, .bound = 1};
  rule.also.nodes = {are_equal};
  if (!equal) rule.also.nodes = {{.what = ModelCondition::What::negation, .parts = {1}}, are_equal};
  return rule;
}

RC_GTEST_PROP(MetPairs, AreThoseOfTheRuleAndOfNoEarlierOne, (bool within, uint64_t seed)) {
  RandomRun random(within, false, seed, 20 + seed % 100, 2 + static_cast<Code>(seed / 256 % 9));
  ModelRun& run = random.run;
  std::vector<ValueDomain> domains(columns);
  for (ColumnId c = 0; c < columns; ++c) {
    random.step.plan.columns[c].domain = c;
    random.step.plan.measures.push_back({.what = Measure::What::equal, .left = c, .right = c});
    for (Code code = 1; code < 12; ++code) domains[c].add_text(std::string(code, 'A'), 0);
  }
  // A comparison, so that there is something to compare: no more is asked of it.
  PlanComparison& comparison = random.step.plan.comparisons.emplace_back();
  comparison.digits = comparison.width = 2;
  for (ColumnId c = 0; c < columns; ++c)
    comparison.levels.push_back({.condition = with_condition({}, c, true).also, .digit = 1});
  run.comparer = std::make_unique<PairComparer>(random.step.plan, domains, Nicknames::ours());
  run.left_rows = run.comparer->rows_of(run.left.table);
  if (!within) run.right_rows = run.comparer->rows_of(run.right.table);

  const bool conditions = *rc::gen::arbitrary<bool>();
  std::vector<PlanRule> rules = {rule_on({{0, 0}}), rule_on({{1, 1}}), rule_on({{2, 2}}), rule_on({{3, 3}})};
  if (conditions) {
    rules[0] = with_condition(rules[0], 1, true);
    rules[2] = with_condition(rules[2], 3, false);
  }
  const auto blocks = blocks_of(run, rules);
  RC_ASSERT(blocks.has_value());
  const auto scratch = run.comparer->scratch();
  MetPairs met;
  std::vector<Pairs> found(rules.size());
  for (size_t unit = 0; unit < blocks->units(); ++unit) {
    met.find(run, rules, *blocks, unit, *scratch);
    for (const RecordPair& pair : met.pairs) RC_ASSERT(found[blocks->rule(unit)].emplace(pair.left, pair.right).second);
  }
  const auto codes = [&](uint32_t column, const std::pair<uint32_t, uint32_t>& pair) {
    return std::pair(run.left.table.columns[column][pair.first], run.right_side().table.columns[column][pair.second]);
  };
  Pairs before;
  for (size_t rule = 0; rule < rules.size(); ++rule) {
    Pairs wanted = random.all_pairs(rules[rule]);
    if (conditions && rule % 2 == 0)
      std::erase_if(wanted, [&](const auto& pair) {
        const auto [a, b] = codes(rule == 0 ? 1 : 3, pair);
        return a == 0 || b == 0 || (a == b) != (rule == 0);
      });
    Pairs fresh;
    std::ranges::set_difference(wanted, before, std::inserter(fresh, fresh.end()));
    RC_ASSERT(found[rule] == fresh);
    before.insert(wanted.begin(), wanted.end());
  }
}

TEST(RulePairs, OfSeveralUnits) {
  RandomRun random(true, false, 5, 1000, 3);
  const auto made = RulePairs::make(random.run, asked, {}, 1'000'000);
  ASSERT_TRUE(made.has_value());
  EXPECT_GT(made->units(0).size(), 1u);
  EXPECT_EQ(mistake_in(random, *made), "");
}

TEST(RulePairs, OfRulesWithinAnotherAreTakenFromIt) {
  RandomRun random(true, false, 5, 200, 60);
  const auto made = RulePairs::make(random.run, asked, {}, 1'000'000);
  ASSERT_TRUE(made.has_value());
  for (const size_t rule : {1u, 3u, 4u}) EXPECT_FALSE(made->own_blocks(rule)) << rule;
  // As many as may be looked at are not too many.
  const auto just = RulePairs::make(random.run, asked, {}, made->forecast(1).candidates);
  ASSERT_TRUE(just.has_value());
  EXPECT_FALSE(just->own_blocks(1));
  const auto too_few = RulePairs::make(random.run, asked, {}, made->forecast(1).candidates - 1);
  ASSERT_TRUE(too_few.has_value());
  EXPECT_TRUE(too_few->own_blocks(1));
}

// A rule's own blocks would be narrowed: those of the blocking rule, which are not, are not taken for them.
TEST(RulePairs, AreNotTakenFromBlocksAboveTheLimit) {
  RandomRun random(true, false, 5, 200, 60);
  random.step.model.block_size_max = 3;
  const auto made = RulePairs::make(random.run, asked, {}, 1'000'000);
  ASSERT_TRUE(made.has_value());
  EXPECT_TRUE(made->own_blocks(1));
  EXPECT_TRUE(made->narrowed());
}

TEST(RulePairs, RulesWithListsOrAConditionAreNotDecidedByCodes) {
  EXPECT_TRUE(decided_by_codes(asked[0]));
  EXPECT_FALSE(decided_by_codes(rule_on({{0, 0, true}})));
  PlanRule conditional = asked[0];
  conditional.also.nodes[0].what = ModelCondition::What::left;
  EXPECT_FALSE(decided_by_codes(conditional));
}

}  // namespace
}  // namespace tessera
