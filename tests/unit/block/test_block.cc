// The key index finds every row of a key and, but for rare accidents of tags, nothing else.
#include <gtest/gtest.h>
#include <oneapi/tbb/global_control.h>
#include <rapidcheck/gtest.h>

#include <map>
#include <random>

#include "block/block.h"

namespace tessera {
namespace {

std::vector<Candidate> probe(const KeyIndex& index, const std::vector<uint64_t>& hashes) {
  std::vector<Candidate> out;
  index.probe(hashes, out);
  return out;
}

// Every true (probe, row) is found, in order; what else is found shares the tag of the key.
void check(const std::vector<uint64_t>& rows, const std::vector<uint64_t>& probes) {
  const KeyIndex index(rows);
  std::multimap<uint64_t, uint32_t> expected;
  for (size_t i = 0; i < rows.size(); ++i)
    if (rows[i]) expected.emplace(rows[i], static_cast<uint32_t>(i));
  const auto found = probe(index, probes);
  std::map<uint32_t, std::vector<uint32_t>> by_probe;
  for (const Candidate& c : found) by_probe[c.probe].push_back(c.row);
  for (uint32_t i = 0; i < probes.size(); ++i) {
    std::vector<uint32_t> exact;
    for (const uint32_t row : by_probe[i])
      if (rows[row] == probes[i]) exact.push_back(row);
    std::vector<uint32_t> wanted;
    if (probes[i])
      for (auto [at, end] = expected.equal_range(probes[i]); at != end; ++at) wanted.push_back(at->second);
    ASSERT_EQ(exact, wanted);
    for (const uint32_t row : by_probe[i]) ASSERT_EQ(rows[row] & 0xffff, probes[i] & 0xffff);
    if (!probes[i]) {
      ASSERT_TRUE(by_probe[i].empty());
    }
  }
}

TEST(KeyIndex, EmptyAndOne) {
  check({}, {1, 2, 3});
  check({0, 0}, {0, 1});
  check({42}, {42, 43, 0});
}

TEST(KeyIndex, ManyDistinctKeys) {
  std::mt19937_64 random(1);
  std::vector<uint64_t> rows(200000), probes;
  for (auto& row : rows) row = random() | 1;
  for (size_t i = 0; i < 100000; ++i) probes.push_back(i % 2 ? rows[random() % rows.size()] : random());
  check(rows, probes);
}

TEST(KeyIndex, OneKeyInManyRows) {
  std::mt19937_64 random(2);
  std::vector<uint64_t> rows;
  for (size_t i = 0; i < 50000; ++i) rows.push_back(i % 3 ? 0x1234567812345678 : random() | 1);
  check(rows, {0x1234567812345678, rows[0], 7});
  EXPECT_EQ(KeyIndex(rows).largest(), 33333u);
}

TEST(KeyIndex, CrowdedPageGrowsTheTable) {
  // Keys that all fall on one page at first: the same upper bits.
  std::vector<uint64_t> rows;
  for (uint64_t i = 1; i <= 3000; ++i) rows.push_back(uint64_t{7} << 60 | i << 40 | i);
  check(rows, rows);
}

TEST(KeyIndex, SameForAnyNumberOfThreads) {
  std::mt19937_64 random(3);
  std::vector<uint64_t> rows(600000);
  for (auto& row : rows) row = random() % 400000 * 0x9e3779b97f4a7c15;
  std::vector<std::vector<uint32_t>> answers;
  for (const size_t threads : {size_t{1}, size_t{4}}) {
    const tbb::global_control control(tbb::global_control::max_allowed_parallelism, threads);
    const KeyIndex index(rows);
    std::vector<uint32_t> flat;
    for (const Candidate& c : probe(index, {rows.begin(), rows.begin() + 100000})) {
      flat.push_back(c.probe);
      flat.push_back(c.row);
    }
    answers.push_back(std::move(flat));
  }
  EXPECT_EQ(answers[0], answers[1]);
}

RC_GTEST_PROP(KeyIndexProperty, FindsWhatAMapFinds, (const std::vector<uint16_t>& small)) {
  std::vector<uint64_t> rows;
  for (const uint16_t value : small) rows.push_back(uint64_t{value % 64u} * 0x9e3779b97f4a7c15);
  check(rows, rows);
}

TEST(AnchorHash, ColumnsAndPackedRowsAgree) {
  const std::vector<WordSpec> specs{{"nhs", Part::whole, ""}, {"dob", Part::whole, ""}, {"sex", Part::whole, ""}};
  const std::vector<Kind> kinds{Kind::nhs_number, Kind::date, Kind::sex};
  const PackedLayout layout(specs, kinds);
  WordBatch batch{
      .rows = 4,
      .words = {{9434765919, 0, 4010232137, 1},
                {date_word(1950, 2, 1), date_word(1950, 2, 1), date_word(1950, 0, 1), date_word(2001, 12, 31)},
                {1, 2, 1, 0}},
      .raw_row = {}};
  std::vector<std::byte> packed;
  layout.pack(batch, packed);
  const std::vector<std::vector<WordRef>> anchors{
      {{.slot = 0}},
      {{.slot = 2, .kind = Kind::sex}, {.slot = 1, .derived = true, .kind = Kind::date, .part = Part::whole}},
      {{.slot = 1, .derived = true, .kind = Kind::date, .part = Part::year}}};
  for (const auto& anchor : anchors) {
    std::vector<uint64_t> hashes;
    anchor_hashes(anchor, batch.words, batch.rows, hashes);
    for (size_t i = 0; i < batch.rows; ++i)
      EXPECT_EQ(hashes[i], anchor_hash(anchor, layout, packed.data() + i * layout.stride()));
  }
  std::vector<uint64_t> hashes;
  anchor_hashes(anchors[1], batch.words, batch.rows, hashes);
  EXPECT_NE(hashes[0], 0u);
  EXPECT_EQ(hashes[2], 0u);  // a date without a month is not a whole date
  EXPECT_EQ(hashes[3], 0u);  // no sex
}

TEST(PackedLayout, PacksAndUnpacks) {
  const std::vector<WordSpec> specs{{"sex", Part::whole, ""},
                                    {"postcode", Part::whole, ""},
                                    {"postcode", Part::whole, "communal"},
                                    {"dob", Part::whole, ""}};
  const std::vector<Kind> kinds{Kind::sex, Kind::postcode, Kind::postcode, Kind::date};
  const PackedLayout layout(specs, kinds);
  EXPECT_EQ(layout.stride(), 16u);
  WordBatch batch{.rows = 3,
                  .words = {{1, 2, 0}, {~uint64_t{0}, 5, 0x5a5a393920335756}, {0, 1, 1}, {0xffffffff, 0, 7}},
                  .raw_row = {}};
  std::vector<std::byte> packed;
  layout.pack(batch, packed);
  std::vector<std::vector<uint64_t>> words;
  layout.unpack(packed.data(), batch.rows, words);
  EXPECT_EQ(words, batch.words);
}

}  // namespace
}  // namespace tessera
