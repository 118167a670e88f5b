// What each kind of field is compared by, and what is expected of it.
#include "decide/defaults.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

#include "simulated.h"

namespace tessera {
namespace {

TEST(Defaults, EveryKindHasNullFirstEqualThenElseLast) {
  for (const Kind kind : {Kind::nhs_number, Kind::date, Kind::sex, Kind::postcode, Kind::name, Kind::code,
                          Kind::integer, Kind::text, Kind::token})
    for (const char* name : {"x", "given_name", "surname", "address_1", "email"}) {
      const Comparison made = default_comparison({name, kind});
      EXPECT_EQ(made.name, name);
      ASSERT_GE(made.levels.size(), 3u);
      EXPECT_TRUE(made.levels[0].null_level);
      EXPECT_EQ(made.levels[1].label, "equal");
      EXPECT_EQ(made.levels[1].condition.measure.what, Measure::What::equal);
      EXPECT_EQ(made.levels.back().condition.what, ModelCondition::What::always);
      for (size_t l = 1; l + 1 < made.levels.size(); ++l)
        EXPECT_NE(made.levels[l].condition.what, ModelCondition::What::always);
    }
}

TEST(Defaults, RolesFollowKindAndName) {
  EXPECT_EQ(role_of({"First_Name", Kind::name}), FieldRole::given_name);
  EXPECT_EQ(role_of({"forename1", Kind::name}), FieldRole::given_name);
  EXPECT_EQ(role_of({"surname", Kind::name}), FieldRole::family_name);
  EXPECT_EQ(role_of({"last_name", Kind::name}), FieldRole::family_name);
  EXPECT_EQ(role_of({"alias", Kind::name}), FieldRole::other_name);
  EXPECT_EQ(role_of({"address_2", Kind::text}), FieldRole::place);
  EXPECT_EQ(role_of({"given_name", Kind::date}), FieldRole::date);
  EXPECT_EQ(role_of({"notes", Kind::text}), FieldRole::text);
}

TEST(Defaults, ExchangedNamesAreALevelWhereThereIsOneOfEach) {
  const std::vector<FieldKind> both{{"given_name", Kind::name}, {"family_name", Kind::name}};
  const auto has_exchange = [](const Comparison& c) {
    return std::ranges::any_of(c.levels, [](const Level& l) { return l.label == "given and family name exchanged"; });
  };
  EXPECT_TRUE(has_exchange(default_comparisons(both)[0]));
  EXPECT_FALSE(has_exchange(default_comparisons(both)[1]));
  const std::vector<FieldKind> alone{{"given_name", Kind::name}};
  EXPECT_FALSE(has_exchange(default_comparisons(alone)[0]));
}

TEST(Defaults, FillOnlyComparisonsWithoutLevels) {
  const std::vector<FieldKind> fields{{"dob", Kind::date}, {"sex", Kind::sex}};
  Model model;
  model.comparisons = {{.name = "dob"}, {.name = "mine", .levels = {{.label = "else"}}}};
  ASSERT_TRUE(fill_default_levels(model, fields));
  EXPECT_GT(model.comparisons[0].levels.size(), 3u);
  EXPECT_EQ(model.comparisons[1].levels.size(), 1u);
  Model automatic;
  ASSERT_TRUE(fill_default_levels(automatic, fields));
  ASSERT_EQ(automatic.comparisons.size(), 2u);
  EXPECT_EQ(automatic.comparisons[1].name, "sex");
  Model wrong;
  wrong.comparisons = {{.name = "dat"}};
  const auto failed = fill_default_levels(wrong, fields);
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, ErrorCode::usage);
}

TEST(Defaults, PriorSharesSumToOneAndFall) {
  const auto setting = test::setting_of({{"given_name", 6}, {"dob", 5}, {"sex", 2}, {"x", 1}, {"address", 3}},
                                        {Kind::name, Kind::date, Kind::sex, Kind::text, Kind::text});
  const LevelShares prior = prior_m(setting.plan);
  for (const auto& levels : prior) {
    EXPECT_NEAR(std::accumulate(levels.begin(), levels.end(), 0.0), 1, 1e-12);
    for (size_t d = 2; d + 1 < levels.size(); ++d) EXPECT_LT(levels[d], levels[d + 1]);
    for (size_t d = 1; d < levels.size(); ++d) EXPECT_GT(levels[d], 0);
  }
  EXPECT_EQ(prior[2][2], 0.98);
}

}  // namespace
}  // namespace tessera
