// Pairs of equal words come once, by the first rule that holds, in order, as the slow twin says.
#include <gtest/gtest.h>
#include <oneapi/tbb/global_control.h>

#include <numeric>
#include <random>
#include <tuple>

#include "../../reference/block/equal_pairs.h"
#include "block/equal_pairs.h"

namespace tessera {
namespace {

using Columns = std::vector<std::vector<uint64_t>>;
using Triple = std::tuple<uint32_t, uint32_t, uint16_t>;

// Cuts the columns into stretches; a column that is null throughout a stretch is not there at all.
std::vector<WordStretch> stretches_of(const Columns& columns, size_t rows_each) {
  std::vector<WordStretch> out;
  const size_t rows = columns[0].size();
  for (size_t at = 0; at < rows; at += rows_each) {
    WordStretch& stretch = out.emplace_back();
    stretch.rows = std::min(rows_each, rows - at);
    for (const auto& column : columns) {
      const auto from = column.begin() + static_cast<std::ptrdiff_t>(at);
      const bool null =
          std::all_of(from, from + static_cast<std::ptrdiff_t>(stretch.rows), [](uint64_t word) { return word == 0; });
      stretch.columns.push_back(null ? nullptr : column.data() + at);
    }
  }
  return out;
}

std::vector<Triple> triples(const EqualPairs& found) {
  std::vector<Triple> out;
  for (size_t i = 0; i < found.pairs.size(); ++i)
    out.emplace_back(found.pairs[i].left, found.pairs[i].right, found.rules[i]);
  return out;
}

// Words of which some are null and some are frequent.
Columns random_columns(std::mt19937_64& random, size_t columns, size_t rows, uint64_t values) {
  Columns out(columns, std::vector<uint64_t>(rows));
  for (auto& column : out)
    for (uint64_t& word : column) {
      const auto dice = random() % 10;
      word = dice == 0 ? 0 : dice < 2 ? 1 : 1 + random() % values;
    }
  return out;
}

std::vector<EqualRule> random_rules(std::mt19937_64& random, uint32_t columns) {
  std::vector<EqualRule> out(1 + random() % 5);
  for (EqualRule& rule : out) {
    std::vector<uint32_t> all(columns);
    std::iota(all.begin(), all.end(), 0u);
    std::ranges::shuffle(all, random);
    rule.assign(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(1 + random() % 3));
  }
  return out;
}

TEST(EqualPairs, AreThoseOfTheSlowTwin) {
  for (uint64_t seed = 0; seed < 60; ++seed) {
    std::mt19937_64 random(seed);
    const size_t rows = random() % 300;
    const Columns columns = random_columns(random, 4, rows, 2 + random() % 60);
    const std::vector<EqualRule> rules = random_rules(random, 4);
    std::vector<uint16_t> source;
    if (seed % 2)
      for (size_t row = 0; row < rows; ++row) source.push_back(static_cast<uint16_t>(random() % 3));
    const auto stretches = stretches_of(columns, 1 + random() % 100);
    EXPECT_EQ(triples(equal_pairs(stretches, rules, {.source = source})),
              reference::equal_pairs(columns, rules, source))
        << "seed " << seed;
  }
}

// Enough rows for many bins, and a common column with so few values that each rule is done by itself.
TEST(EqualPairs, OfManyRecordsAreTheSameForAnyNumberOfThreads) {
  constexpr size_t rows = 60'000;
  std::mt19937_64 random(7);
  Columns columns = random_columns(random, 3, rows, 100'000);
  for (auto& column : columns)
    for (uint64_t& word : column) word = word == 1 ? 0 : word;
  for (uint64_t& word : columns[2]) word = 1 + random() % 2;
  for (const std::vector<EqualRule>& rules : {std::vector<EqualRule>{{0, 2}, {1, 2}}, {{0, 1}, {0}, {1}}}) {
    std::vector<Triple> first;
    for (const size_t threads : {size_t{1}, size_t{4}}) {
      const tbb::global_control limit(tbb::global_control::max_allowed_parallelism, threads);
      const auto found = triples(equal_pairs(stretches_of(columns, 9'000), rules));
      ASSERT_GT(found.size(), 10'000u);
      EXPECT_TRUE(std::ranges::is_sorted(found));
      if (threads == 1) first = found;
      EXPECT_EQ(found, first);
    }
    for (const auto& [left, right, rule] : first)
      for (const uint32_t column : rules[rule]) ASSERT_EQ(columns[column][left], columns[column][right]);
  }
}

TEST(EqualPairs, OfARuleWithTooManyAreNotMade) {
  const Columns columns{std::vector<uint64_t>(1000, 7), std::vector<uint64_t>(1000, 8)};
  const std::vector<EqualRule> rules{{1}, {0}};
  const auto stretches = stretches_of(columns, 400);
  const EqualPairs found = equal_pairs(stretches, rules, {.rule_pairs_max = 499'499});
  ASSERT_TRUE(found.too_many);
  EXPECT_EQ(found.too_many->rule, 0u);
  EXPECT_EQ(found.too_many->pairs, 499'500u);
  EXPECT_TRUE(found.pairs.empty());
  EXPECT_EQ(equal_pairs(stretches, rules, {.rule_pairs_max = 499'500}).pairs.size(), 499'500u);
}

TEST(EqualPairs, OfNoRecordsAreNone) {
  const std::vector<EqualRule> rules{{0}};
  EXPECT_TRUE(equal_pairs({}, rules).pairs.empty());
}

}  // namespace
}  // namespace tessera
