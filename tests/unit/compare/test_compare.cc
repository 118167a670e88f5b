// Conditions on a pair, one by one and in blocks.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "compare/compare.h"

namespace tessera {
namespace {

bool on_dates(Condition what, uint64_t a, uint64_t b, int64_t bound = 0) {
  PairCondition condition{.what = what, .bound = bound};
  condition.from.kind = condition.to.kind = Kind::date;
  condition.from.derived = condition.to.derived = what == Condition::within_days || what == Condition::equal;
  return holds(condition, a, b);
}

TEST(Conditions, PartialDates) {
  const auto same = Condition::date_partial;
  const uint64_t birth = date_word(1950, 2, 1);
  EXPECT_TRUE(on_dates(same, birth, birth));
  EXPECT_TRUE(on_dates(same, birth, date_word(1950, 2, 9)));   // year and month
  EXPECT_TRUE(on_dates(same, birth, date_word(1950, 7, 1)));   // year and day
  EXPECT_TRUE(on_dates(same, birth, date_word(1971, 2, 1)));   // month and day
  EXPECT_TRUE(on_dates(same, birth, date_word(1950, 1, 2)));   // swapped
  EXPECT_FALSE(on_dates(same, birth, date_word(1951, 1, 2)));  // swapped, other year
  EXPECT_FALSE(on_dates(same, birth, date_word(1950, 3, 9)));
  EXPECT_FALSE(on_dates(same, birth, 0));
  EXPECT_TRUE(on_dates(same, birth, date_word(1950, 2, 0)));  // a missing day leaves the others
  EXPECT_FALSE(on_dates(same, birth, date_word(1950, 0, 0)));
  EXPECT_FALSE(on_dates(same, date_word(1950, 0, 0), date_word(1950, 0, 0)));  // null is not equal to null
}

TEST(Conditions, SwappedDates) {
  EXPECT_TRUE(on_dates(Condition::date_swapped, date_word(1950, 2, 1), date_word(1950, 1, 2)));
  EXPECT_FALSE(on_dates(Condition::date_swapped, date_word(1950, 2, 2), date_word(1950, 2, 2)));
}

TEST(Conditions, Differences) {
  EXPECT_TRUE(on_dates(Condition::within_days, date_word(2000, 2, 28), date_word(2000, 3, 1), 2));
  EXPECT_FALSE(on_dates(Condition::within_days, date_word(2000, 2, 28), date_word(2000, 3, 1), 1));
  EXPECT_FALSE(on_dates(Condition::within_days, date_word(2000, 0, 1), date_word(2000, 3, 1), 10000));
  EXPECT_TRUE(on_dates(Condition::within_years, date_word(1990, 0, 0), date_word(2000, 5, 5), 10));
  EXPECT_FALSE(on_dates(Condition::within_years, 0, date_word(2000, 5, 5), 3000));
  const PairCondition number{.what = Condition::within_number, .bound = 5};
  EXPECT_TRUE(holds(number, integer_bias - 2, integer_bias + 3));
  EXPECT_FALSE(holds(number, integer_bias - 3, integer_bias + 3));
  EXPECT_FALSE(holds(number, 0, 3));
}

TEST(Conditions, EqualityAndNull) {
  const PairCondition equal{.what = Condition::equal}, compatible{.what = Condition::compatible};
  EXPECT_TRUE(holds(equal, 7, 7));
  EXPECT_FALSE(holds(equal, 7, 8));
  EXPECT_FALSE(holds(equal, 0, 0));
  EXPECT_TRUE(holds(compatible, 7, 7));
  EXPECT_TRUE(holds(compatible, 0, 8));
  EXPECT_TRUE(holds(compatible, 7, 0));
  EXPECT_FALSE(holds(compatible, 7, 8));
}

TEST(Conditions, Flags) {
  EXPECT_TRUE(on_dates(Condition::january_1, date_word(1950, 1, 1), date_word(1950, 3, 1)));
  EXPECT_TRUE(on_dates(Condition::january_1, 0, date_word(1950, 1, 1)));
  EXPECT_FALSE(on_dates(Condition::january_1, 0, date_word(1950, 1, 2)));
  const PairCondition pseudo{.what = Condition::pseudo_postcode};
  EXPECT_TRUE(holds(pseudo, 0x5a5a393920335756, 0));   // "ZZ99 3VZ"
  EXPECT_FALSE(holds(pseudo, 0x5357314120324141, 0));  // "SW1A 2AA"
  const PairCondition listed{.what = Condition::either_flag};
  EXPECT_TRUE(holds(listed, 0, 1));
  EXPECT_FALSE(holds(listed, 0, 0));
}

TEST(Limits, LaterThanAllowed) {
  const DateLimit limit{.from = {.kind = Kind::date}, .to = {.kind = Kind::date}, .days = 3};
  EXPECT_FALSE(beyond(limit, date_word(2001, 1, 3), date_word(2000, 12, 31)));
  EXPECT_TRUE(beyond(limit, date_word(2001, 1, 4), date_word(2000, 12, 31)));
  EXPECT_FALSE(beyond(limit, 0, date_word(2000, 12, 31)));
  EXPECT_FALSE(beyond(limit, date_word(2001, 1, 4), 0));
}

RC_GTEST_PROP(CompareProperty, BlocksAgreeWithOnePairAtATime, ()) {
  const auto dates = rc::gen::map(
      rc::gen::tuple(rc::gen::inRange(0u, 3u), rc::gen::inRange(0u, 4u), rc::gen::inRange(0u, 4u)), [](const auto& d) {
        return date_word(std::get<0>(d) ? 1950 + std::get<0>(d) : 0, std::get<1>(d), std::get<2>(d));
      });
  const size_t rows = *rc::gen::inRange<size_t>(1, 40);
  const std::vector<WordSpec> specs{{"dob", Part::whole, ""}, {"nhs", Part::whole, ""}};
  const std::vector<Kind> kinds{Kind::date, Kind::nhs_number};
  WordBatch batch{.rows = rows, .words = {}, .raw_row = {}};
  batch.words.push_back(*rc::gen::container<std::vector<uint64_t>>(rows, dates));
  batch.words.push_back(*rc::gen::container<std::vector<uint64_t>>(rows, rc::gen::inRange<uint64_t>(0, 4)));
  std::vector<std::byte> packed;
  const PackedLayout layout(specs, kinds);
  layout.pack(batch, packed);
  PackedRecords records(layout, 1);
  records.append(packed.data(), std::vector<uint64_t>(rows, 0));

  std::vector<PairCondition> conditions;
  for (const Condition what :
       {Condition::equal, Condition::compatible, Condition::date_partial, Condition::date_swapped,
        Condition::within_days, Condition::within_years, Condition::january_1})
    conditions.push_back(
        {.what = what, .from = {.slot = 0, .kind = Kind::date}, .to = {.slot = 0, .kind = Kind::date}, .bound = 1});
  conditions[0].from.derived = conditions[0].to.derived = true;
  conditions.push_back({.what = Condition::equal, .from = {.slot = 1}, .to = {.slot = 1}});
  std::vector<Pair> pairs;
  for (uint32_t a = 0; a < rows; ++a)
    for (uint32_t b = 0; b < rows; ++b) pairs.push_back({a, b});
  for (uint32_t a = 0; a < rows; ++a) pairs.insert(pairs.end(), 40, {a, a});  // equal for a while
  std::vector<Pattern> patterns;
  CompareScratch scratch;
  compare_pairs(conditions, batch.words, records, pairs, scratch, [&](size_t at, std::span<const Pattern> block) {
    RC_ASSERT(at == patterns.size());
    patterns.insert(patterns.end(), block.begin(), block.end());
  });
  RC_ASSERT(patterns.size() == pairs.size());
  for (size_t i = 0; i < pairs.size(); ++i)
    for (size_t c = 0; c < conditions.size(); ++c)
      RC_ASSERT((patterns[i] >> c & 1) == holds(conditions[c], batch.words[conditions[c].from.slot][pairs[i].from],
                                                batch.words[conditions[c].to.slot][pairs[i].to]));
}

}  // namespace
}  // namespace tessera
