// Matches come back from a log by morsel and batch, in the order in which they went in.
#include <gtest/gtest.h>
#include <oneapi/tbb/parallel_for.h>

#include <filesystem>
#include <random>

#include "services/match_log.h"

namespace tessera {
namespace {

using Key = std::tuple<uint64_t, uint32_t, uint64_t, PassMask, Pattern>;

std::vector<Key> keys_of(std::span<const Match> matches) {
  std::vector<Key> keys;
  for (const Match& m : matches) keys.emplace_back(m.from, m.to, m.payload, m.passes, m.pattern);
  return keys;
}

RawBatch batch_of(uint64_t first_row, size_t rows) {
  RawBatch raw;
  raw.first_row = first_row;
  raw.rows = rows;
  return raw;
}

// 0 to 3 matches of each row of a batch.
std::vector<Match> some_matches(size_t rows, std::mt19937_64& random) {
  std::vector<Match> matches;
  for (size_t row = 0; row < rows; ++row) {
    uint32_t to = 0;
    for (uint64_t k = random() % 4; k > 0; --k)
      matches.push_back({.from = row,
                         .to = to += 1 + static_cast<uint32_t>(random() % 1000),
                         .passes = 1 + random() % 500,
                         .payload = random(),
                         .pattern = random() % 60000});
  }
  return matches;
}

TEST(MatchLog, GivesBackWhatWentIn) {
  PassPlan plan;
  plan.table = PassTable(std::vector<PassBits>(9), 16);
  plan.conditions.resize(16);
  auto made = MatchLog::make(std::filesystem::temp_directory_path().string(), plan);
  ASSERT_TRUE(made);
  MatchLog& log = **made;

  constexpr size_t morsels = 23, batches = 7, rows = 900;  // a morsel takes some blocks
  std::vector<std::vector<std::vector<Match>>> all(morsels);
  tbb::parallel_for(size_t{0}, morsels, [&](size_t morsel) {
    std::mt19937_64 random(morsel);
    MatchLog::Writer writer(log, morsel);
    for (size_t b = 0; b < batches; ++b) {
      all[morsel].push_back(morsel % 5 == 4 ? std::vector<Match>() : some_matches(rows, random));
      EXPECT_TRUE(writer.add(batch_of(b * rows, rows), all[morsel].back()));
    }
    EXPECT_TRUE(writer.finish());
  });
  EXPECT_GT(log.bytes(), morsels * rows * batches);

  tbb::parallel_for(size_t{0}, morsels, [&](size_t morsel) {
    MatchLog::Reader reader(log, morsel);
    for (size_t b = 0; b < batches; ++b) {
      std::vector<Match> found;
      EXPECT_TRUE(reader.take(batch_of(b * rows, rows), found));
      EXPECT_EQ(keys_of(found), keys_of(all[morsel][b]));
    }
  });
}

// Rows that a filter left are not one after another.
TEST(MatchLog, OfRowsWithGaps) {
  PassPlan plan;
  plan.table = PassTable(std::vector<PassBits>(1), 1);
  plan.conditions.resize(1);
  auto made = MatchLog::make(std::filesystem::temp_directory_path().string(), plan);
  ASSERT_TRUE(made);
  RawBatch first = batch_of(0, 3), second = batch_of(0, 2);
  first.row_of = {2, 5, 9};
  second.row_of = {11, 40};
  MatchLog::Writer writer(**made, 3);
  ASSERT_TRUE(writer.add(first, std::vector<Match>{{.from = 1, .to = 4, .passes = 1}}));
  ASSERT_TRUE(writer.add(second, std::vector<Match>{{.from = 1, .to = 6, .passes = 1}}));
  ASSERT_TRUE(writer.finish());
  MatchLog::Reader reader(**made, 3);
  std::vector<Match> found;
  ASSERT_TRUE(reader.take(first, found));
  EXPECT_EQ(keys_of(found), (std::vector<Key>{{1, 4, 0, 1, 0}}));
  found.clear();
  ASSERT_TRUE(reader.take(second, found));
  EXPECT_EQ(keys_of(found), (std::vector<Key>{{1, 6, 0, 1, 0}}));
}

TEST(MatchLog, AddsToOthersInOrder) {
  PassPlan plan;
  plan.table = PassTable(std::vector<PassBits>(1), 1);
  plan.conditions.resize(1);
  auto made = MatchLog::make(std::filesystem::temp_directory_path().string(), plan);
  ASSERT_TRUE(made);
  MatchLog::Writer writer(**made, 0);
  const std::vector<Match> logged{{.from = 1, .to = 5, .passes = 1}, {.from = 3, .to = 2, .passes = 1}};
  ASSERT_TRUE(writer.add(batch_of(10, 4), logged));
  ASSERT_TRUE(writer.finish());
  std::vector<Match> found{{.from = 0, .to = 9, .passes = 1}, {.from = 1, .to = 7, .passes = 1}};
  MatchLog::Reader reader(**made, 0);
  ASSERT_TRUE(reader.take(batch_of(10, 4), found));
  std::vector<std::pair<uint64_t, uint32_t>> order;
  for (const Match& m : found) order.emplace_back(m.from, m.to);
  EXPECT_EQ(order, (std::vector<std::pair<uint64_t, uint32_t>>{{0, 9}, {1, 5}, {1, 7}, {3, 2}}));
  MatchLog::Reader none(**made, 7);  // a morsel without matches
  found.clear();
  ASSERT_TRUE(none.take(batch_of(0, 4), found));
  EXPECT_TRUE(found.empty());
}

}  // namespace
}  // namespace tessera
