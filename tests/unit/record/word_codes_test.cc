// Codes of words, beside a map that is filled word by word.
#include "record/word_codes.h"

#include "record/dictionary_codes.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <deque>
#include <unordered_map>

namespace tessera {
namespace {

struct Coded {
  std::vector<std::vector<Code>> codes;
  NewWords fresh;
};

Coded by_map(const std::vector<uint64_t>& known, const std::vector<std::vector<uint64_t>>& columns) {
  Coded out;
  std::unordered_map<uint64_t, Code> map;
  for (const uint64_t word : known) map.emplace(word, static_cast<Code>(map.size() + 1));
  uint32_t place = 0;
  for (const auto& column : columns) {
    auto& codes = out.codes.emplace_back();
    for (const uint64_t word : column) {
      if (word == 0) {
        codes.push_back(0);
      } else {
        const auto [at, added] = map.emplace(word, static_cast<Code>(map.size() + 1));
        if (added) {
          out.fresh.words.push_back(word);
          out.fresh.places.push_back(place);
        }
        codes.push_back(at->second);
      }
      ++place;
    }
  }
  return out;
}

// Whether a part of a column that comes in stretches has words of its own, or places in a dictionary.
enum class Comes { as_words, in_places, mixed };

Coded by_words(const std::vector<uint64_t>& known, const std::vector<std::vector<uint64_t>>& columns, Comes comes,
               bool by_dictionaries = false) {
  Coded out;
  // Two dictionaries for all columns, as two threads would have them: each word once, in some order, and two nulls.
  std::vector<uint64_t> dictionaries[2];
  std::unordered_map<uint64_t, uint32_t> place_in[2];
  for (size_t d = 0; d < 2; ++d) {
    for (const auto& column : columns) dictionaries[d].insert(dictionaries[d].end(), column.begin(), column.end());
    dictionaries[d].push_back(0);
    std::ranges::sort(dictionaries[d]);
    dictionaries[d].erase(std::ranges::unique(dictionaries[d]).begin(), dictionaries[d].end());
    if (d == 1) std::ranges::reverse(dictionaries[d]);
    for (size_t i = 0; i < dictionaries[d].size(); ++i) place_in[d].emplace(dictionaries[d][i], i);
    dictionaries[d].push_back(0);
  }
  std::deque<std::vector<uint32_t>> places;
  // In stretches of unequal length.
  std::vector<WordColumn> words;
  size_t turn = 0;
  for (const auto& column : columns) {
    auto& stretches = words.emplace_back();
    for (size_t at = 0, size = 1; at < column.size(); at += size, size = size * 3 + 1) {
      const auto part = std::span(column).subspan(at, std::min(size, column.size() - at));
      const size_t d = ++turn % 2;
      if (comes == Comes::as_words || (comes == Comes::mixed && turn % 8 == 0)) {
        stretches.push_back({part});
        continue;
      }
      auto& own = places.emplace_back();
      for (const uint64_t word : part) own.push_back(place_in[d].at(word));
      stretches.push_back({dictionaries[d], own});
    }
  }
  for (const auto& column : columns) out.codes.emplace_back(column.size(), 77);
  std::vector<std::span<Code>> codes(out.codes.begin(), out.codes.end());
  if (by_dictionaries)
    EXPECT_TRUE(code_by_dictionaries(known, words, codes, out.fresh));
  else
    out.fresh = code_words(known, words, codes);
  return out;
}

void expect_equal(const Coded& slow, const Coded& fast) {
  EXPECT_EQ(fast.codes, slow.codes);
  EXPECT_EQ(fast.fresh.words, slow.fresh.words);
  EXPECT_EQ(fast.fresh.places, slow.fresh.places);
}

void expect_same(const std::vector<uint64_t>& known, const std::vector<std::vector<uint64_t>>& columns) {
  const Coded slow = by_map(known, columns);
  for (const Comes comes : {Comes::as_words, Comes::in_places, Comes::mixed})
    expect_equal(slow, by_words(known, columns, comes));
}

TEST(WordCodes, NoWords) {
  expect_same({}, {});
  expect_same({}, {{}, {}});
  expect_same({5}, {{0, 0}});
}

RC_GTEST_PROP(WordCodes, AsByMap, ()) {
  const auto word = rc::gen::inRange<uint64_t>(0, 40);
  auto known = *rc::gen::unique<std::vector<uint64_t>>(rc::gen::inRange<uint64_t>(1, 40));
  expect_same(known,
              *rc::gen::container<std::vector<std::vector<uint64_t>>>(rc::gen::container<std::vector<uint64_t>>(word)));
}

TEST(WordCodes, ManyBinsAndPieces) {
  std::vector<uint64_t> known;
  for (uint64_t i = 1; i <= 70'000; ++i) known.push_back(i * i << 7 | 1);
  std::vector<std::vector<uint64_t>> columns(2);
  uint64_t state = 1;
  for (size_t i = 0; i < 150'000; ++i) {
    state = state * 6364136223846793005 + 1442695040888963407;
    const uint64_t i40 = state >> 33;
    columns[i % 2].push_back(i % 11 == 0 ? 0 : i % 3 == 0 ? known[i40 % known.size()] : state >> 46 << 40);
  }
  expect_same(known, columns);
}

// Few words in many rows: a dictionary's are coded once.
TEST(WordCodes, DictionariesOfFewWords) {
  const std::vector<uint64_t> known = {7, 900'000, 3};
  std::vector<std::vector<uint64_t>> columns(3);
  uint64_t state = 1;
  for (size_t i = 0; i < 200'000; ++i) {
    state = state * 6364136223846793005 + 1442695040888963407;
    columns[i % 3].push_back(i % 11 == 0 ? 0 : (state >> 33) % (i % 3 == 0 ? 5 : 600));
  }
  expect_same(known, columns);
  for (const Comes comes : {Comes::in_places, Comes::mixed})
    expect_equal(by_map(known, columns), by_words(known, columns, comes, true));
}

// One word alone says that rows lack a value: such rows do not decide how others are coded.
TEST(WordCodes, RowsWithoutAValueAreNoDictionary) {
  const std::vector<uint64_t> none = {0}, words = {5, 0, 6};
  const std::vector<uint32_t> places(100, 0);
  const std::vector<WordColumn> columns = {{{none, places}, {words}}};
  std::vector<Code> codes(103, 77);
  const std::vector<std::span<Code>> out = {codes};
  NewWords fresh;
  EXPECT_FALSE(code_by_dictionaries({}, columns, out, fresh));
  fresh = code_words({}, columns, out);
  EXPECT_EQ(fresh.words, (std::vector<uint64_t>{5, 6}));
  EXPECT_EQ(fresh.places, (std::vector<uint32_t>{100, 102}));
  EXPECT_EQ(std::vector(codes.begin() + 99, codes.end()), (std::vector<Code>{0, 1, 0, 2}));
}

}  // namespace
}  // namespace tessera
