// Does a saved model of Splink load unchanged?
#include <gtest/gtest.h>

#include <cmath>

#include <nlohmann/json.hpp>

#include "models.h"

namespace tessera {
namespace {

// As Splink 4 saves it; the third level was never seen in training, and "else" has a trained m only.
const std::string splink_model = R"json({
  "link_type": "dedupe_only",
  "probability_two_random_records_match": 0.0002,
  "retain_matching_columns": true,
  "retain_intermediate_calculation_columns": false,
  "additional_columns_to_retain": [],
  "sql_dialect": "duckdb",
  "linker_uid": "abcd1234",
  "em_convergence": 0.0001,
  "max_iterations": 25,
  "bayes_factor_column_prefix": "bf_",
  "term_frequency_adjustment_column_prefix": "tf_",
  "comparison_vector_value_column_prefix": "gamma_",
  "unique_id_column_name": "unique_id",
  "source_dataset_column_name": "source_dataset",
  "blocking_rules_to_generate_predictions": [
    {"blocking_rule": "(l.\"given_name\" = r.\"given_name\") AND (SUBSTR(l.\"family_name\",1,3) = SUBSTR(r.\"family_name\",1,3))", "sql_dialect": "duckdb", "salting_partitions": 4},
    "l.dob = r.dob and l.sex <> r.sex"
  ],
  "comparisons": [
    { "output_column_name": "given_name", "comparison_description": "names",
      "comparison_levels": [
        {"sql_condition": "\"given_name_l\" IS NULL OR \"given_name_r\" IS NULL", "label_for_charts": "null", "is_null_level": true},
        {"sql_condition": "\"given_name_l\" = \"given_name_r\"", "label_for_charts": "exact", "m_probability": 0.7, "u_probability": 0.001,
         "tf_adjustment_column": "given_name", "tf_adjustment_weight": 0.5, "tf_minimum_u_value": 0.001, "fix_u_probability": true},
        {"sql_condition": "jaro_winkler_similarity(\"given_name_l\", \"given_name_r\") >= 0.9", "label_for_charts": "close"},
        {"sql_condition": "ELSE", "label_for_charts": "else", "m_probability": 0.2}
      ] }
  ]
})json";

struct SplinkSides {
  Job job = *finish(parse_job("jobs/mine.json", good_job, false));
  [[nodiscard]] ModelSides sides(bool within, bool both = false, bool between = false) const {
    ModelSides out;
    out.left = {&job.inputs[0]};
    out.right = {&job.inputs[1]};
    if (both) out.left.push_back(&job.inputs[1]);
    if (within) out.right = out.left;
    out.within = within;
    out.between_only = between;
    return out;
  }
};

Result<Model> splink(const std::string& text, std::vector<std::string>* notes = nullptr) {
  static const SplinkSides sides;
  return parse_model("splink.json", text, sides.sides(true), notes);
}

std::string complaint_of(const std::string& text) {
  const auto model = splink(text);
  return model ? "" : model.error().message;
}

TEST(Splink, LoadsUnchanged) {
  std::vector<std::string> notes;
  const auto model = splink(splink_model, &notes);
  ASSERT_TRUE(model) << model.error().message;
  EXPECT_EQ(model->origin, Model::Origin::splink);
  EXPECT_EQ(model->path, "splink.json");
  EXPECT_EQ(model->lambda, 0.0002);
  EXPECT_EQ(model->estimate.rounds_max, 25u);
  EXPECT_FALSE(model->close_frequency);
  EXPECT_TRUE(model->empty_texts);
  ASSERT_EQ(model->block.size(), 2u);
  EXPECT_EQ(model->block[0].equal.size(), 2u);
  EXPECT_EQ(model->block[1].equal[0].left.text, "dob");
  EXPECT_EQ(model->block[1].also.what, ModelCondition::What::negation);
  ASSERT_EQ(model->comparisons.size(), 1u);
  const auto& levels = model->comparisons[0].levels;
  ASSERT_EQ(levels.size(), 4u);
  EXPECT_TRUE(levels[0].null_level);
  EXPECT_EQ(levels[1].m, 0.7);
  EXPECT_TRUE(levels[1].fix_u);
  EXPECT_EQ(levels[1].term_frequency->weight, 0.5);
  EXPECT_EQ(levels[1].term_frequency->minimum_u, 0.001);
  EXPECT_TRUE(levels[2].condition.measure.bytes);
  EXPECT_EQ(levels[3].condition.what, ModelCondition::What::always);
  EXPECT_FALSE(notes.empty());
}

// Of three levels: m .95, .025, .025; weights 10, 3, -5; u = m / 2^weight.
TEST(Splink, WhatWasNotTrainedHasSplinksDefaults) {
  const auto model = splink(splink_model);
  ASSERT_TRUE(model);
  const auto& levels = model->comparisons[0].levels;
  EXPECT_EQ(*levels[2].m, (1 - 0.95) / 2);
  EXPECT_EQ(*levels[2].u, (1 - 0.95) / 2 / 8);
  EXPECT_EQ(levels[3].m, 0.2);                          // trained
  EXPECT_DOUBLE_EQ(*levels[3].u, (1 - 0.95) / 2 * 32);  // the default m by the default weight, not the trained m
}

TEST(Splink, TwoLevels) {
  const auto model = splink(R"({"link_type": "dedupe_only", "comparisons": [{"comparison_levels": [
    {"sql_condition": "sex_l = sex_r", "m_probability": "level not observed in training dataset"},
    {"sql_condition": "else"}]}], "blocking_rules_to_generate_predictions": []})");
  ASSERT_TRUE(model) << model.error().message;
  const auto& levels = model->comparisons[0].levels;
  EXPECT_EQ(levels[0].m, 1e-6);
  EXPECT_DOUBLE_EQ(*levels[0].u, 0.95 / 1024);
  EXPECT_EQ(*levels[1].m, 1 - 0.95);
  EXPECT_DOUBLE_EQ(*levels[1].u, (1 - 0.95) * 32);
  EXPECT_EQ(model->lambda, 1e-4);
}

TEST(Splink, AColumnInAnotherCaseIsTheField) {
  const auto model =
      splink(changed("\\\"given_name_l\\\" = \\\"given_name_r\\\"", "GIVEN_NAME_L = Given_Name_r", splink_model));
  ASSERT_TRUE(model) << model.error().message;
  EXPECT_EQ(model->comparisons[0].levels[1].condition.measure.left.text, "given_name");
}

TEST(Splink, ArraysToExplode) {
  const auto model = splink(changed(
      "\"l.dob = r.dob and l.sex <> r.sex\"",
      R"({"blocking_rule": "l.\"postcode\" = r.\"postcode\"", "arrays_to_explode": ["postcode"]})", splink_model));
  ASSERT_TRUE(model) << model.error().message;
  EXPECT_TRUE(model->block[1].equal[0].explode);
}

TEST(Splink, TheLinkTypeMustAgreeWithTheStep) {
  const SplinkSides s;
  const auto of = [&](const char* type, const ModelSides& sides) {
    return parse_model("splink.json", changed("dedupe_only", type, splink_model), sides).has_value();
  };
  EXPECT_TRUE(of("dedupe_only", s.sides(true)));
  EXPECT_FALSE(of("dedupe_only", s.sides(false)));
  EXPECT_FALSE(of("dedupe_only", s.sides(true, true)));
  EXPECT_TRUE(of("link_only", s.sides(false)));
  EXPECT_TRUE(of("link_only", s.sides(true, true, true)));
  EXPECT_FALSE(of("link_only", s.sides(true)));
  EXPECT_FALSE(of("link_only", s.sides(true, true)));
  EXPECT_TRUE(of("link_and_dedupe", s.sides(true, true)));
  EXPECT_FALSE(of("link_and_dedupe", s.sides(true)));
  EXPECT_FALSE(of("link_and_dedupe", s.sides(true, true, true)));
}

TEST(Splink, WhatCannotBeExpressedNamesComparisonLevelAndColumn) {
  const std::string message = complaint_of(
      changed("jaro_winkler_similarity(\\\"given_name_l\\\", \\\"given_name_r\\\") >= 0.9",
              "\\\"given_name_l\\\" = \\\"given_name_r\\\" OR hamming(given_name_l, given_name_r) < 2", splink_model));
  EXPECT_NE(message.find("splink.json:26:"), std::string::npos) << message;
  EXPECT_NE(message.find("comparison \"given_name\", level \"close\", column 36 of its SQL"), std::string::npos)
      << message;
  EXPECT_NE(message.find("hamming"), std::string::npos);
}

TEST(Splink, AColumnThatIsNoFieldSaysWhatToAdd) {
  const std::string message =
      complaint_of(changed("l.dob = r.dob and l.sex <> r.sex", "l.dob = r.dob and l.town = r.town", splink_model));
  EXPECT_NE(message.find("blocking rule 2, column 19 of its SQL: there is no field \"town\""), std::string::npos)
      << message;
  EXPECT_NE(message.find("\"kind\": \"token\""), std::string::npos);
}

TEST(Splink, BadFiles) {
  EXPECT_NE(complaint_of(splink_model.substr(0, splink_model.size() / 2)).find("splink.json:"), std::string::npos);
  EXPECT_NE(complaint_of(changed("\"max_iterations\": 25", "\"max_iteration\": 25", splink_model))
                .find("unknown key \"max_iteration\""),
            std::string::npos);
  EXPECT_NE(complaint_of(changed("0.0002", "\"x\"", splink_model)).find("must be a number"), std::string::npos);
  EXPECT_NE(
      complaint_of(changed("\"m_probability\": 0.7", "\"m_probability\": 1.7", splink_model)).find("out of range"),
      std::string::npos);
  EXPECT_NE(complaint_of(changed("\"duckdb\",", "\"oracle\",", splink_model)).find("dialect"), std::string::npos);
  EXPECT_NE(complaint_of(changed("\"sql_condition\": \"ELSE\"", "\"sql_condition\": \"sex_l = sex_r\"", splink_model))
                .find("does not end with ELSE"),
            std::string::npos);
  EXPECT_NE(
      complaint_of(changed("l.dob = r.dob and l.sex <> r.sex", "1=1", splink_model)).find("every record would meet"),
      std::string::npos);
}

// Every prefix of a file is refused with a place, never taken.
TEST(Splink, CutAnywhere) {
  for (size_t length = 0; length < splink_model.size(); length += 37) {
    const std::string message = complaint_of(splink_model.substr(0, length));
    EXPECT_EQ(message.find("splink.json:"), 0u) << length;
  }
}

TEST(Splink, OutAndInAgain) {
  const auto model = splink(splink_model);
  ASSERT_TRUE(model);
  const auto text = splink_json(*model, "dedupe_only");
  ASSERT_TRUE(text) << text.error().message;
  const auto back = splink(*text);
  ASSERT_TRUE(back) << back.error().message << *text;
  EXPECT_EQ(model_json(*back).substr(0, 200), model_json(*model).substr(0, 200));
  for (size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(back->comparisons[0].levels[i].m, model->comparisons[0].levels[i].m);
    EXPECT_EQ(back->comparisons[0].levels[i].u, model->comparisons[0].levels[i].u);
  }
}

TEST(Splink, AsAModelOfTesseraItSaysTheSame) {
  static const SplinkSides sides;
  const auto model = splink(splink_model);
  ASSERT_TRUE(model);
  const std::string text = model_json(*model);
  const auto back = parse_model("splink.json", text, sides.sides(true));
  ASSERT_TRUE(back) << back.error().message << text;
  EXPECT_EQ(model_json(*back), text);
}

TEST(Splink, WhatDuckdbCannotSayIsNotWritten) {
  const auto step = first_step(with_levels(R"("nickname", {"how": "optimal_alignment", "at_most": 1})"));
  const auto text = splink_json(*step.model, "link_only");
  ASSERT_FALSE(text);
  EXPECT_NE(text.error().message.find("level \"nickname\""), std::string::npos);
}

}  // namespace
}  // namespace tessera
