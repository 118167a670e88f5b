// Blocks bring each pair once, by the first rule that holds, as the slow twin says; forecasts say how many before.
#include <gtest/gtest.h>
#include <oneapi/tbb/global_control.h>
#include <oneapi/tbb/parallel_for.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <array>
#include <map>
#include <random>
#include <set>

#include "../../reference/block/all_pairs.h"
#include "block/block.h"

namespace tessera {
namespace {

using reference::Lists;

constexpr ColumnId list_column = 3;

PlanRule rule_on(std::vector<PlanRule::Equality> equal) {
  return {.equal = std::move(equal), .also = {}, .text = {}, .fields = {}};
}
PlanRule same(std::vector<ColumnId> columns) {
  std::vector<PlanRule::Equality> equal;
  for (const ColumnId column : columns) equal.push_back({column, column, false});
  return rule_on(equal);
}
PlanRule with_condition(PlanRule rule) {
  rule.also.nodes.push_back({.what = ModelCondition::What::measure, .parts = {}});
  return rule;
}

// Three columns of codes, one of lists, two inputs. Skewed: half of the values are one of two.
struct World {
  Lists lists;
  ValueTable left, right;
  [[nodiscard]] ItemsOf items() const {
    return [this](ColumnId, Code code) { return std::span<const Code>(lists[code]); };
  }
};

ValueTable random_table(std::mt19937_64& random, size_t rows, Code values, size_t lists) {
  ValueTable table;
  table.rows = rows;
  table.columns.resize(4);
  const auto value = [&](Code below) {
    const auto dice = random() % 10;
    return dice == 0 ? Code{0} : dice < 5 ? static_cast<Code>(1 + random() % 2) : static_cast<Code>(random() % below);
  };
  for (size_t row = 0; row < rows; ++row) {
    for (ColumnId column = 0; column < list_column; ++column) table.columns[column].push_back(value(values));
    table.columns[list_column].push_back(value(static_cast<Code>(lists)));
    table.source.push_back(static_cast<uint16_t>(random() % 3));
  }
  return table;
}

World random_world(uint64_t seed, size_t rows, Code values = 8) {
  std::mt19937_64 random(seed);
  World world;
  world.lists.resize(12);
  for (size_t code = 1; code < world.lists.size(); ++code)
    for (size_t i = random() % 4; i > 0; --i) world.lists[code].push_back(static_cast<Code>(random() % 6));
  world.left = random_table(random, rows, values, world.lists.size());
  world.right = random_table(random, rows / 2 + random() % (rows + 1), values, world.lists.size());
  return world;
}

std::vector<PlanRule> random_rules(uint64_t seed) {
  std::mt19937_64 random(seed ^ 0x5eed);
  std::vector<PlanRule> rules;
  for (size_t count = 1 + random() % 7; count > 0; --count) {
    std::vector<PlanRule::Equality> equal;
    for (size_t terms = 1 + random() % 3; terms > 0; --terms) {
      if (random() % 4 == 0) {
        equal.push_back({list_column, list_column, true});
      } else {
        const auto column = static_cast<ColumnId>(random() % 3);
        equal.push_back({column, random() % 3 ? column : static_cast<ColumnId>(random() % 3), false});
      }
    }
    rules.push_back(rule_on(equal));
  }
  return rules;
}

enum class Which { first, all };

std::vector<std::vector<RecordPair>> by_rule(const Blocks& blocks, Which which) {
  std::vector<std::vector<RecordPair>> out(blocks.forecast().size());
  for (size_t unit = 0; unit < blocks.units(); ++unit) {
    auto& pairs = out[blocks.rule(unit)];
    which == Which::first ? blocks.pairs(unit, pairs) : blocks.all_pairs(unit, pairs);
  }
  for (auto& pairs : out) std::ranges::sort(pairs);
  return out;
}

void check_against_twin(uint64_t seed, bool within, bool between_only) {
  const World world = random_world(seed, 1 + seed % 40);
  const auto rules = random_rules(seed);
  const ValueTable& right = within ? world.left : world.right;
  const BlockOptions options{.narrow = {}, .between_only = between_only, .unit_pairs = 1 + seed % 13};
  const Blocks blocks = within ? Blocks(rules, world.left, world.items(), options)
                               : Blocks(rules, world.left, right, world.items(), options);
  const auto all = reference::all_pairs(rules, world.left, right, world.lists, within, between_only, false);
  RC_ASSERT(by_rule(blocks, Which::all) == all);
  RC_ASSERT(by_rule(blocks, Which::first) ==
            reference::all_pairs(rules, world.left, right, world.lists, within, between_only, true));
  for (size_t rule = 0; rule < rules.size(); ++rule) {
    const RuleForecast& forecast = blocks.forecast()[rule];
    if (forecast.exact) RC_ASSERT(forecast.pairs == all[rule].size());
    RC_ASSERT(forecast.pairs >= all[rule].size());
    RC_ASSERT(forecast.candidates >= forecast.pairs);
    RC_ASSERT(forecast.left_out == 0u);
    RC_ASSERT(std::ranges::is_sorted(forecast.largest, std::greater()));
    RC_ASSERT(forecast.largest.size() == std::min<size_t>(forecast.keys, 5));
    if (!between_only && forecast.exact)
      RC_ASSERT(count_rule_pairs(rules[rule], within ? nullptr : &world.left, right, world.items()) == forecast.pairs);
  }
}

RC_GTEST_PROP(BlocksProperty, LinkAsTheTwin, (uint32_t seed)) { check_against_twin(seed, false, false); }
RC_GTEST_PROP(BlocksProperty, WithinAsTheTwin, (uint32_t seed)) { check_against_twin(seed, true, false); }
RC_GTEST_PROP(BlocksProperty, BetweenSourcesAsTheTwin, (uint32_t seed)) { check_against_twin(seed, true, true); }

// Two sets of rules that have some in common make the same blocks whether they share them or not, narrowed or whole.
RC_GTEST_PROP(BlocksProperty, SharedBlocksAreTheSame, (uint32_t seed, bool within, bool between_only)) {
  const World world = random_world(seed, 2 + seed % 40, 5);
  const auto first = random_rules(seed);
  auto second = random_rules(seed + 1);
  second.insert(second.begin() + static_cast<ptrdiff_t>(seed % second.size()), first.front());
  SharedBlocks shared;
  shared.want(first);
  BlockOptions options{.narrow = {0, 1, 2}, .between_only = within && between_only, .unit_pairs = 9};
  const auto make = [&](const auto& rules) {
    return within ? Blocks(rules, world.left, world.items(), options)
                  : Blocks(rules, world.left, world.right, world.items(), options);
  };
  const std::vector<std::pair<const std::vector<PlanRule>*, uint64_t>> turns = {
      {&first, 0}, {&second, 3}, {&second, 0}, {&second, 2}, {&first, 2}};
  for (const auto& [rules, limit] : turns) {
    options.block_pairs_max = limit;
    options.shared = nullptr;
    options.apart = false;
    const Blocks alone = make(*rules);
    options.shared = &shared;
    const Blocks sharing = make(*rules);
    RC_ASSERT(by_rule(sharing, Which::first) == by_rule(alone, Which::first));
    RC_ASSERT(sharing.bytes() == alone.bytes());
    uint64_t keys = 0;
    for (const RuleForecast& forecast : alone.forecast()) keys += forecast.keys;
    RC_ASSERT(alone.bytes() >= keys * sizeof(uint64_t) * 2);  // a key, and how many pairs come before its block
    options.apart = true;
    const Blocks apart = make(*rules);
    RC_ASSERT(by_rule(apart, Which::all) == by_rule(alone, Which::all));
    for (size_t rule = 0; rule < rules->size(); ++rule) {
      RC_ASSERT(sharing.forecast()[rule].left_out == alone.forecast()[rule].left_out);
      RC_ASSERT(apart.forecast()[rule].largest == alone.forecast()[rule].largest);
    }
    if (rules == &first) shared.want(second);
    if (limit == 0 && rules == &second) shared.clear();
  }
}

// A left side in parts meets the same pairs, whatever the parts, narrowed or not.
RC_GTEST_PROP(BlocksProperty, PartsOfTheLeftMeetTheSame, (uint32_t seed)) {
  const World world = random_world(seed, 1 + seed % 50);
  const auto rules = random_rules(seed);
  const BlockOptions options{.block_rows_max = seed % 3 ? 4u : 0u, .narrow = {0, 1, 2}, .unit_pairs = 7};
  const auto index = std::make_shared<const BlockIndex>(rules, world.right, world.items(), options);
  std::vector<std::vector<std::vector<RecordPair>>> answers;
  std::vector<std::vector<std::array<uint64_t, 2>>> counts;
  for (const size_t part : {size_t{1000}, size_t{7}, size_t{1}}) {
    Blocks blocks(index);
    auto& pairs = answers.emplace_back(rules.size());
    auto& sums = counts.emplace_back(rules.size());
    for (size_t begin = 0; begin < world.left.rows; begin += part) {
      const size_t end = std::min(world.left.rows, begin + part);
      ValueTable some;
      some.rows = end - begin;
      for (const auto& column : world.left.columns)
        some.columns.emplace_back(column.begin() + static_cast<ptrdiff_t>(begin),
                                  column.begin() + static_cast<ptrdiff_t>(end));
      blocks.meet(some);
      const auto found = by_rule(blocks, Which::first);
      for (size_t rule = 0; rule < rules.size(); ++rule) {
        for (const RecordPair pair : found[rule])
          pairs[rule].push_back({static_cast<uint32_t>(pair.left + begin), pair.right});
        sums[rule][0] += blocks.forecast()[rule].pairs;
        sums[rule][1] += blocks.forecast()[rule].left_out;
      }
    }
    for (auto& list : pairs) std::ranges::sort(list);
  }
  RC_ASSERT(answers[0] == answers[1]);
  RC_ASSERT(answers[0] == answers[2]);
  RC_ASSERT(counts[0] == counts[1]);
  RC_ASSERT(counts[0] == counts[2]);
  const Blocks whole(rules, world.left, world.right, world.items(), BlockOptions{});
  if (options.block_rows_max == 0) RC_ASSERT(answers[0] == by_rule(whole, Which::first));
  for (size_t rule = 0; rule < rules.size(); ++rule)
    RC_ASSERT(counts[0][rule][0] + counts[0][rule][1] == whole.forecast()[rule].pairs);
}

// Narrowed: no block beyond the limit; what is left out is counted; what remains satisfies its rule, each pair once;
// and a pair that a narrowed block lost is brought by a later rule if one holds whole.
void check_narrowed(uint64_t seed, bool within, bool between_only) {
  const World world = random_world(seed, 2 + seed % 60, 5);
  auto rules = random_rules(seed);
  const ValueTable& right = within ? world.left : world.right;
  const uint64_t limit = 1 + seed % 9;
  const BlockOptions narrow{.block_pairs_max = limit, .narrow = {0, 1, 2}, .between_only = between_only};
  BlockOptions whole = narrow;
  whole.block_pairs_max = 0;
  const auto make = [&](const BlockOptions& options) {
    return within ? Blocks(rules, world.left, world.items(), options)
                  : Blocks(rules, world.left, right, world.items(), options);
  };
  const Blocks narrowed = make(narrow), full = make(whole);
  const auto all = by_rule(narrowed, Which::all), first = by_rule(narrowed, Which::first);
  const auto expected = by_rule(full, Which::all);
  std::set<RecordPair> brought;
  for (size_t rule = 0; rule < rules.size(); ++rule) {
    const RuleForecast& forecast = narrowed.forecast()[rule];
    RC_ASSERT(forecast.pairs + forecast.left_out == full.forecast()[rule].pairs);
    if (!forecast.largest.empty()) RC_ASSERT(forecast.largest[0] <= limit);
    RC_ASSERT((forecast.narrowed_keys > 0) == (forecast.left_out > 0 || forecast.largest_narrowed > limit));
    RC_ASSERT(std::ranges::includes(expected[rule], all[rule]));
    if (forecast.exact) RC_ASSERT(forecast.pairs == all[rule].size());
    if (forecast.narrowed_keys == 0) RC_ASSERT(all[rule] == expected[rule]);
    std::vector<RecordPair> fresh;
    for (const RecordPair pair : all[rule])
      if (brought.insert(pair).second) fresh.push_back(pair);
    RC_ASSERT(first[rule] == fresh);
  }
}

RC_GTEST_PROP(BlocksProperty, NarrowedLinks, (uint32_t seed)) { check_narrowed(seed, false, false); }
RC_GTEST_PROP(BlocksProperty, NarrowedWithin, (uint32_t seed)) { check_narrowed(seed, true, false); }
RC_GTEST_PROP(BlocksProperty, NarrowedBetweenSources, (uint32_t seed)) { check_narrowed(seed, true, true); }

// Rules with a further condition do not decide; the mask says which of them agree.
RC_GTEST_PROP(BlocksProperty, ConditionsStayOpen, (uint32_t seed)) {
  const World world = random_world(seed, 1 + seed % 30);
  auto rules = random_rules(seed);
  for (size_t rule = 0; rule < rules.size(); ++rule)
    if (seed >> rule & 1) rules[rule] = with_condition(rules[rule]);
  const bool within = seed % 2 == 0;
  const ValueTable& right = within ? world.left : world.right;
  const Blocks blocks = within ? Blocks(rules, world.left, world.items(), BlockOptions{.unit_pairs = 10})
                               : Blocks(rules, world.left, right, world.items(), BlockOptions{.unit_pairs = 10});
  // The condition holds for pairs of an even sum. Each pair goes to the first rule that holds with its condition.
  const auto also = [&](size_t rule, RecordPair pair) {
    return !(seed >> rule & 1) || (pair.left + pair.right) % 2 == 0;
  };
  std::vector<std::vector<RecordPair>> found(rules.size()), expected(rules.size());
  for (size_t unit = 0; unit < blocks.units(); ++unit) {
    std::vector<RecordPair> pairs;
    std::vector<uint64_t> open;
    blocks.pairs(unit, pairs, &open);
    RC_ASSERT(pairs.size() == open.size());
    for (size_t i = 0; i < pairs.size(); ++i) {
      bool met = false;
      for (size_t bit = 0; bit < blocks.conditional().size(); ++bit) {
        RC_ASSERT(!(open[i] >> bit & 1) || blocks.conditional()[bit] < blocks.rule(unit));
        met = met || ((open[i] >> bit & 1) && also(blocks.conditional()[bit], pairs[i]));
      }
      if (!met && also(blocks.rule(unit), pairs[i])) found[blocks.rule(unit)].push_back(pairs[i]);
    }
  }
  for (uint32_t l = 0; l < world.left.rows; ++l)
    for (uint32_t r = within ? l + 1 : 0; r < right.rows; ++r)
      for (size_t rule = 0; rule < rules.size(); ++rule)
        if (reference::holds(rules[rule], world.left, l, right, r, world.lists) && also(rule, {l, r})) {
          expected[rule].push_back({l, r});
          break;
        }
  for (auto& pairs : found) std::ranges::sort(pairs);
  RC_ASSERT(found == expected);
}

// Large enough for several bins, chunks and runs: the sort against std::map.
TEST(SortedKeys, GroupsAsAMapDoes) {
  std::mt19937_64 random(3);
  ValueTable table{.rows = 300'000, .columns = {{}}, .source = {}};
  for (size_t row = 0; row < table.rows; ++row) {
    const auto dice = random() % 16;
    table.columns[0].push_back(static_cast<Code>(dice < 3 ? dice : random() % 100'000));
  }
  std::map<uint64_t, std::vector<uint32_t>> expected;
  const RuleKeys keys = rule_keys(same({0}), table, false, {});
  for (uint32_t row = 0; row < table.rows; ++row)
    for (const uint64_t key : keys.of(row)) expected[key].push_back(row);
  for (const bool singles : {true, false}) {
    SortedKeys sorted;
    Arena scratch;
    sorted.assign(keys, singles, true, scratch);
    if (!singles) std::erase_if(expected, [](const auto& group) { return group.second.size() < 2; });
    ASSERT_EQ(sorted.size(), expected.size());
    size_t group = 0;
    for (const auto& [key, rows] : expected) {
      ASSERT_EQ(sorted.key(group), key);
      ASSERT_TRUE(std::ranges::equal(sorted.rows(group), rows));
      ASSERT_EQ(sorted.find(key), group++);
      ASSERT_EQ(sorted.find(key + 1), SortedKeys::none);
    }
  }
}

// The units of 1 and 8 threads, and what they hold, are the same to the last pair and its place.
TEST(Blocks, SameForAnyNumberOfThreads) {
  World world = random_world(11, 60'000, 30'000);
  for (auto* table : {&world.left, &world.right})
    for (auto& column : table->columns)
      for (size_t row = 0; row < table->rows; ++row)
        if (&column != &table->columns[list_column] && column[row] < 3)
          column[row] += static_cast<Code>(row % 8000 * 3);
  const std::vector<PlanRule> rules{same({0}), same({1, 2}), rule_on({{1, 2, false}}),
                                    rule_on({{list_column, list_column, true}, {0, 0, false}})};
  for (const bool within : {true, false}) {
    std::vector<std::vector<std::vector<RecordPair>>> answers;
    for (const size_t threads : {size_t{1}, size_t{8}}) {
      const oneapi::tbb::global_control limit(oneapi::tbb::global_control::max_allowed_parallelism, threads);
      const BlockOptions options{.block_pairs_max = 5000, .narrow = {0, 1, 2}, .unit_pairs = 5000};
      const Blocks blocks = within ? Blocks(rules, world.left, world.items(), options)
                                   : Blocks(rules, world.left, world.right, world.items(), options);
      auto& units = answers.emplace_back(blocks.units());
      ASSERT_GT(blocks.units(), 20u);
      oneapi::tbb::parallel_for(size_t{0}, units.size(), [&](size_t unit) { blocks.pairs(unit, units[unit]); });
    }
    EXPECT_TRUE(answers[0] == answers[1]);
  }
}

// A pair is the same whatever the size of units, and no unit holds more than it should.
TEST(Blocks, UnitsAreBalancedAndCutLargeBlocks) {
  ValueTable table{.rows = 3000, .columns = {{}}, .source = {}};
  for (size_t row = 0; row < table.rows; ++row) table.columns[0].push_back(row % 3 == 0 ? 1 : static_cast<Code>(row));
  const std::vector<PlanRule> rules{same({0})};
  std::vector<RecordPair> whole;
  for (const size_t unit_pairs : {size_t{1} << 30, size_t{1000}, size_t{77}}) {
    const Blocks blocks(rules, table, {}, BlockOptions{.unit_pairs = unit_pairs});
    EXPECT_EQ(blocks.forecast()[0].pairs, 1001u * 1000 / 2);  // row 1 has code 1, too
    EXPECT_EQ(blocks.units(), (1001u * 1000 / 2 + unit_pairs - 1) / unit_pairs);
    std::vector<RecordPair> pairs;
    for (size_t unit = 0; unit < blocks.units(); ++unit) {
      const size_t before = pairs.size();
      blocks.pairs(unit, pairs);
      EXPECT_LE(pairs.size() - before, unit_pairs);
    }
    if (whole.empty()) whole = pairs;
    EXPECT_EQ(pairs, whole);
  }
}

// One value in a million rows: 5e11 pairs are forecast and can be begun anywhere; with a limit they are narrowed.
TEST(Blocks, AValueThatAMillionRowsShare) {
  ValueTable table{.rows = 1'000'000, .columns = {{}, {}, {}}, .source = {}};
  table.columns[0].assign(table.rows, 7);
  for (size_t row = 0; row < table.rows; ++row) {
    table.columns[1].push_back(static_cast<Code>(1 + row % 1000));
    table.columns[2].push_back(static_cast<Code>(row % 10 ? 0 : 1 + row / 20));
  }
  const std::vector<PlanRule> rules{same({0})};
  const Blocks blocks(rules, table, {}, BlockOptions{});
  EXPECT_EQ(blocks.forecast()[0].pairs, 499'999'500'000u);
  EXPECT_EQ(blocks.forecast()[0].largest, std::vector<uint64_t>{499'999'500'000u});
  std::vector<RecordPair> last;
  blocks.pairs(blocks.units() - 1, last);
  EXPECT_EQ(last.back(), (RecordPair{999'998, 999'999}));
  EXPECT_EQ(last.size(), 499'999'500'000u % (1 << 16));
  // Column 2 has more values, but nine of ten records have none.
  const Blocks narrowed(rules, table, {}, BlockOptions{.block_pairs_max = 1'000'000, .narrow = {1, 2}});
  EXPECT_EQ(narrowed.forecast()[0].narrowed_keys, 1u);
  EXPECT_EQ(narrowed.forecast()[0].largest_narrowed, 499'999'500'000u);
  EXPECT_EQ(narrowed.forecast()[0].pairs + narrowed.forecast()[0].left_out, 499'999'500'000u);
  EXPECT_LE(narrowed.forecast()[0].largest.at(0), 1'000'000u);
}

TEST(Blocks, RecordsThatNoColumnTellsApartAreLeftOut) {
  ValueTable table{.rows = 100, .columns = {{}, {}}, .source = {}};
  table.columns[0].assign(100, 1);
  table.columns[1].assign(100, 1);
  const Blocks blocks(std::vector<PlanRule>{same({0})}, table, {},
                      BlockOptions{.block_pairs_max = 50, .narrow = {0, 1}});
  EXPECT_EQ(blocks.units(), 0u);
  EXPECT_EQ(blocks.forecast()[0].left_out, 4950u);
  EXPECT_EQ(blocks.forecast()[0].narrowed_keys, 1u);
}

TEST(Blocks, NothingToMeet) {
  const std::vector<PlanRule> rules{same({0}), same({1, 2})};
  ValueTable none{.rows = 0, .columns = {{}, {}, {}}, .source = {}};
  ValueTable one{.rows = 1, .columns = {{1}, {2}, {0}}, .source = {}};
  ValueTable nulls{.rows = 3, .columns = {{0, 0, 0}, {0, 1, 1}, {0, 0, 0}}, .source = {}};
  const std::vector<PlanRule> no_rules;
  for (const ValueTable* table : {&none, &one, &nulls}) {
    EXPECT_EQ(Blocks(rules, *table, {}, {}).units(), 0u);
    EXPECT_EQ(Blocks(rules, nulls, *table, {}, {}).units(), 0u);
    EXPECT_EQ(Blocks(no_rules, *table, {}, {}).units(), 0u);
  }
}

TEST(RuleKeys, NullTakesNoPartAndListsHaveSeveral) {
  const Lists lists{{}, {5, 5, 0, 6}, {}};
  const ItemsOf items = [&](ColumnId, Code code) { return std::span<const Code>(lists[code]); };
  const ValueTable table{.rows = 3, .columns = {{1, 2, 0}, {9, 9, 9}}, .source = {}};
  const RuleKeys exploded = rule_keys(rule_on({{0, 0, true}, {1, 1, false}}), table, false, items);
  EXPECT_FALSE(exploded.single());
  EXPECT_EQ(exploded.of(0).size(), 2u);
  EXPECT_EQ(exploded.of(1).size(), 0u);
  EXPECT_EQ(exploded.of(2).size(), 0u);
  const RuleKeys single = rule_keys(rule_on({{0, 1, false}}), table, true, items);
  EXPECT_TRUE(single.single());
  EXPECT_EQ(single.of(0).size(), 1u);
  EXPECT_EQ(single.of(2).size(), 0u);
}

}  // namespace
}  // namespace tessera
