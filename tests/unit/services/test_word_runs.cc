// Words of batches that come as words and as places, beside the same words one after another.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "services/word_runs.h"

namespace tessera {
namespace {

std::vector<uint64_t> words_in(const WordColumn& column) {
  std::vector<uint64_t> out;
  for (const WordRun& run : column)
    for (size_t i = 0; i < run.size(); ++i) out.push_back(run.word(i));
  return out;
}

WordBatch batch_of(const std::vector<uint64_t>& words) {
  WordBatch batch;
  batch.rows = words.size();
  batch.words = {words};
  return batch;
}

TEST(WordRuns, OfNothing) {
  const WordRuns runs;
  WordColumn column;
  runs.view(0, 0, column);
  EXPECT_TRUE(column.empty());
  EXPECT_EQ(runs.words(), nullptr);
}

TEST(WordRuns, WordsLieTogether) {
  WordRuns runs;
  runs.add(batch_of({5, 6}), 0, 10);
  runs.add(batch_of({7}), 0, 10);
  EXPECT_EQ(std::vector(runs.words(), runs.words() + 3), (std::vector<uint64_t>{5, 6, 7}));
}

TEST(WordRuns, DictionariesOfFewRowsGo) {
  const auto dictionary = std::make_shared<const std::vector<uint64_t>>(std::vector<uint64_t>{0, 11, 12});
  for (const size_t rows : {5u, 6u}) {
    WordBatch batch = batch_of(std::vector<uint64_t>(rows, 0));
    batch.placed.push_back({dictionary, std::vector<uint32_t>(rows, 2)});
    WordRuns runs;
    runs.add(batch, 0, 10);
    runs.settle();
    WordColumn column;
    runs.view(0, rows, column);
    ASSERT_EQ(column.size(), 1u);
    EXPECT_EQ(column[0].places.empty(), rows == 5);
    EXPECT_EQ(words_in(column), std::vector<uint64_t>(rows, 12));
  }
}

RC_GTEST_PROP(WordRuns, AnyPartOfAnyBatches, ()) {
  const auto dictionary = std::make_shared<const std::vector<uint64_t>>(std::vector<uint64_t>{0, 11, 12, 13});
  const auto other = std::make_shared<const std::vector<uint64_t>>(std::vector<uint64_t>{0, 12, 11});
  WordRuns runs;
  std::vector<uint64_t> all;
  const auto batches = *rc::gen::inRange(0, 12);
  for (int b = 0; b < batches; ++b) {
    const auto rows = *rc::gen::inRange<size_t>(0, 6);
    const auto form = *rc::gen::inRange(0, 3);
    const auto& from = form == 1 ? dictionary : other;
    WordBatch batch = batch_of(std::vector<uint64_t>(rows, 0));
    if (form > 0) batch.placed.push_back({from, {}});
    for (size_t i = 0; i < rows; ++i) {
      const auto place = *rc::gen::inRange<uint32_t>(0, static_cast<uint32_t>(from->size()));
      if (form > 0)
        batch.placed[0].places.push_back(place);
      else
        batch.words[0][i] = place;
      all.push_back(form > 0 ? (*from)[place] : place);
    }
    runs.add(batch, 0, 4);
  }
  if (*rc::gen::inRange(0, 2) == 1) runs.settle();
  const auto begin = *rc::gen::inRange<size_t>(0, all.size() + 1);
  const auto end = *rc::gen::inRange<size_t>(begin, all.size() + 1);
  WordColumn column;
  runs.view(begin, end, column);
  const std::vector<uint64_t> expected(all.begin() + static_cast<ptrdiff_t>(begin),
                                       all.begin() + static_cast<ptrdiff_t>(end));
  RC_ASSERT(words_in(column) == expected);
}

}  // namespace
}  // namespace tessera
