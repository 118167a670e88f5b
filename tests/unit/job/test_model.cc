// What does a job's model come to, and does a model file say the same again?
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <nlohmann/json.hpp>

#include "models.h"

namespace tessera {
namespace {

using What = ModelCondition::What;

// The inputs of good_job, for models in files.
struct Sides {
  Job job = *finish(parse_job("jobs/mine.json", good_job, false));
  [[nodiscard]] ModelSides within() const {
    ModelSides out;
    out.left = out.right = {&job.inputs[0]};
    out.within = true;
    return out;
  }
};

TEST(Model, Auto) {
  const LinkStep step = first_step(with_model("\"auto\""));
  ASSERT_TRUE(step.model);
  EXPECT_EQ(step.model->origin, Model::Origin::automatic);
  EXPECT_TRUE(step.model->comparisons.empty());
}

TEST(Model, LevelsWithTheirBoundsAndShares) {
  const LinkStep step = first_step(with_model("{\"compare\": [" + levels_of_given_name + ", \"postcode\"]}"));
  ASSERT_TRUE(step.model);
  ASSERT_EQ(step.model->comparisons.size(), 2u);
  EXPECT_EQ(step.model->comparisons[1].name, "postcode");
  EXPECT_TRUE(step.model->comparisons[1].levels.empty());
  const auto& levels = step.model->comparisons[0].levels;
  ASSERT_EQ(levels.size(), 4u);  // a null level is put first
  EXPECT_TRUE(levels[0].null_level);
  EXPECT_EQ(levels[0].condition.what, What::any_of);
  EXPECT_EQ(levels[1].condition.measure.what, Measure::What::equal);
  EXPECT_EQ(levels[1].term_frequency->value.text, "given_name");
  EXPECT_EQ(levels[1].m, 0.8);
  EXPECT_EQ(levels[2].condition.measure.what, Measure::What::jaro_winkler);
  EXPECT_EQ(levels[2].condition.compare, Comparator::greater_equal);
  EXPECT_EQ(levels[2].condition.bound, 0.92);
  EXPECT_FALSE(levels[2].condition.measure.bytes);
  EXPECT_EQ(levels[3].condition.what, What::always);
}

TEST(Model, EveryMeasureHasASpelling) {
  for (const char* how : {"nickname", "initial", "prefix", "contains", "exact"}) {
    const auto step = first_step(with_levels("\"" + std::string(how) + "\""));
    EXPECT_EQ(step.model->comparisons[0].levels.size(), 3u) << how;
  }
  for (const char* how :
       {"jaro", "jaro_winkler", "levenshtein_ratio", "jaccard", "cosine", "token_likeness", "levenshtein",
        "optimal_alignment", "damerau_levenshtein", "items_in_common", "items_jaccard"}) {
    const auto step =
        first_step(with_levels(R"({"how": ")" + std::string(how) + R"(", "above": 0.5, "unit": "bytes"})"));
    EXPECT_TRUE(step.model->comparisons[0].levels[1].condition.measure.bytes) << how;
  }
  for (const char* how : {"dice", "bits_jaccard"}) {
    const auto step = first_step(with_filter(with_model(R"({"compare": [{"field": "clk", "levels": [{"how": ")" +
                                                        std::string(how) + R"(", "at_least": 0.8}]}]})")));
    EXPECT_EQ(step.model->comparisons[0].levels[1].condition.bound, 0.8) << how;
  }
  for (const char* how : {"days", "months", "years", "month_boundaries", "year_boundaries"}) {
    const auto step = first_step(with_model(R"({"compare": [{"field": "dob", "levels": [{"how": ")" + std::string(how) +
                                            R"(", "at_most": 3}]}]})"));
    EXPECT_EQ(step.model->comparisons[0].levels[1].condition.bound, 3) << how;
  }
}

TEST(Model, SeveralFieldsTogether) {
  const auto step = first_step(with_model(R"({"compare": [{"name": "full name", "levels": [
    {"all_of": ["given_name", "family_name"]}, {"all_of": ["given_name ~ family_name", "family_name ~ given_name"]},
    {"any_of": [{"how": "jaro", "field": "given_name", "at_least": 0.9}, {"not": "sex"}]}, "else"]}]})"));
  const auto& levels = step.model->comparisons[0].levels;
  ASSERT_EQ(levels.size(), 5u);
  EXPECT_EQ(levels[0].condition.what, What::all_of);  // null where no field could be compared
  EXPECT_EQ(levels[2].condition.parts[0].measure.right.text, "family_name");
  EXPECT_EQ(levels[3].condition.parts[1].what, What::negation);
}

TEST(Model, BlockingRules) {
  const auto step = first_step(with_model(R"x({"block": [["given_name", "family_name"], "dob",
    {"agree": ["postcode:sector", {"of": "lower(given_name)"}, {"field": "family_name", "explode": true}],
     "also": {"how": "jaro", "field": "given_name", "at_least": 0.8}}]})x"));
  const auto& block = step.model->block;
  ASSERT_EQ(block.size(), 3u);
  EXPECT_EQ(block[0].text, "given_name + family_name");
  EXPECT_EQ(block[0].equal.size(), 2u);
  EXPECT_EQ(block[2].equal[0].left.text, "sector");
  EXPECT_TRUE(block[2].equal[2].explode);
  EXPECT_EQ(block[2].equal[2].left.what, SideExpression::What::tokens);
  EXPECT_EQ(block[2].also.measure.what, Measure::What::jaro);
}

TEST(Model, EstimateThresholdAndTheRest) {
  const auto step = first_step(with_model(R"({"estimate": {"seed": 7, "random_pairs": 1000, "method": "sessions",
    "rules": [["dob"]], "certain": [["nhs_number"]], "recall": 0.8, "labels": "labels.csv", "entity": "nhs_number",
    "rounds": 50, "tolerance": 0.001}, "lambda": 1e-6, "threshold": {"weight": -2.5}, "nicknames": "nick.csv",
    "block": "auto", "block_pairs_max": 100, "block_size_max": 10, "close_frequency": false,
    "empty_texts": true})"));
  const Model& model = *step.model;
  EXPECT_EQ(model.estimate.seed, 7u);
  EXPECT_EQ(model.estimate.method, EstimateOptions::Method::sessions);
  EXPECT_EQ(model.estimate.certain_recall, 0.8);
  EXPECT_EQ(model.estimate.labels, "jobs/labels.csv");
  EXPECT_EQ(model.estimate.tolerance, 0.001);
  EXPECT_EQ(model.lambda, 1e-6);
  EXPECT_EQ(model.threshold_weight, -2.5);
  EXPECT_EQ(model.nicknames, "jobs/nick.csv");
  EXPECT_TRUE(model.block.empty());
  EXPECT_EQ(model.block_pairs_max, 100u);
  EXPECT_FALSE(model.close_frequency);
  EXPECT_TRUE(model.empty_texts);
}

TEST(Step, WithinOneInput) {
  const auto step = first_step(within_job(R"({"within": "hes", "model": "auto", "resolve": {"clusters":
    {"method": "complete", "threshold": 0.9, "differ": ["nhs_number"], "size_max": 50}, "close": 2.5}})"));
  EXPECT_EQ(step.within, std::vector<std::string>{"hes"});
  EXPECT_TRUE(step.from.empty());
  EXPECT_EQ(step.clusters.method, Clusters::Method::complete);
  EXPECT_EQ(step.clusters.probability, 0.9);
  EXPECT_EQ(step.clusters.differ, std::vector<std::string>{"nhs_number"});
  EXPECT_EQ(step.clusters.size_max, 50u);
  EXPECT_EQ(step.close, 2.5);
}

TEST(Step, WithinSeveralBetweenThemAndPasses) {
  const auto step = first_step(within_job(R"({"within": ["hes", "deaths"], "pairs": "between", "model": "auto",
    "cascade": "all", "passes": [{"rank": 1, "agree": ["nhs_number"]}],
    "resolve": {"clusters": {"one_per_input": true}}})"));
  EXPECT_EQ(step.within.size(), 2u);
  EXPECT_TRUE(step.between_only);
  EXPECT_TRUE(step.model_for_all);
  EXPECT_TRUE(step.clusters.one_per_input);
  ASSERT_EQ(step.passes.size(), 1u);
}

TEST(Step, ALikenessInAPass) {
  const auto step = first_step(
      with_terms(R"("dob", {"field": "given_name", "how": "jaro_winkler", "at_least": 0.9, "unit": "bytes"})"));
  const Term& term = step.passes[0].terms[1];
  EXPECT_EQ(term.how, Term::How::likeness);
  EXPECT_EQ(term.likeness.measure.what, Measure::What::jaro_winkler);
  EXPECT_TRUE(term.likeness.measure.bytes);
  EXPECT_EQ(term.text, "given_name jaro_winkler >= 0.9");
}

// A model file, read.
Result<Model> again(const std::string& text, const Sides& sides, std::vector<std::string>* notes = nullptr) {
  return parse_model("out/model.json", text, sides.within(), notes);
}

TEST(ModelFile, SaysTheSameAgain) {
  const Sides sides;
  const auto step = first_step(within_job(R"x({"within": "hes", "model": {"compare": [)x" + levels_of_given_name + R"x(,
    "postcode", {"name": "where", "description": "x", "levels": [
      {"how": "distance_km", "field": "age", "longitude": "age", "below": 3.5},
      {"how": "jaccard", "of": "lower(replace(postcode, ' ', '''')) ~ family_name", "q": 3, "at_least": 0.1},
      {"either": "given_name is null or family_name = 'X'"}, {"not": {"both": "sex in ('M', 'F')"}},
      {"how": "difference", "field": "age", "differs_from": -3}]}],
    "block": [["dob", "postcode:sector"], {"agree": [{"field": "given_name", "explode": true}], "also": {"not": "sex"}}],
    "lambda": 1.2345678901234567e-07, "threshold": {"probability": 0.95}}})x"));
  const std::string written = model_json(*step.model, R"({"rounds": 12, "converged": true})");
  const auto model = again(written, sides);
  ASSERT_TRUE(model) << model.error().message << "\n" << written;
  EXPECT_EQ(model->origin, Model::Origin::file);
  EXPECT_EQ(model->lambda, step.model->lambda);
  EXPECT_EQ(model_json(*model, R"({"rounds": 12, "converged": true})"), written);
}

RC_GTEST_PROP(ModelFile, KeepsEveryBitOfItsNumbers, ()) {
  static const Sides sides;
  const double a = static_cast<double>(*rc::gen::inRange<int64_t>(1, int64_t{1} << 52)) / 0x1p52;
  const double b = *rc::gen::inRange<int>(1, 1000) / 997.0;
  Model model =
      *first_step(within_job(R"({"within": "hes", "model": {"compare": [)" + levels_of_given_name + "]}}")).model;
  model.lambda = a;
  model.comparisons[0].levels[1].m = a;
  model.comparisons[0].levels[1].u = a * 1e-9;
  model.comparisons[0].levels[2].condition.bound = std::min(1.0, b);
  const auto read = again(model_json(model), sides);
  RC_ASSERT(read.has_value());
  RC_ASSERT(read->lambda == model.lambda);
  RC_ASSERT(read->comparisons[0].levels[1].m == model.comparisons[0].levels[1].m);
  RC_ASSERT(read->comparisons[0].levels[1].u == model.comparisons[0].levels[1].u);
  RC_ASSERT(read->comparisons[0].levels[2].condition.bound == model.comparisons[0].levels[2].condition.bound);
}

// A model with a dependence and related pairs, each number another.
std::string with_more(const std::string& more) {
  return R"({"tessera_model": 1, "lambda": 0.001, "compare": [
    {"field": "sex", "levels": [{"how": "exact", "m": 0.9, "u": 0.5}, {"how": "else", "m": 0.1, "u": 0.5}]},
    {"field": "postcode", "levels": [{"how": "exact", "m": 0.9, "u": 0.1}, {"how": "else", "m": 0.1, "u": 0.9}]}],
    )" + more +
         "}";
}

TEST(ModelFile, KeepsWhatIsSaidTwiceAndRelatedPairs) {
  const Sides sides;
  const auto model = again(with_more(R"("dependences": [{"comparisons": ["sex", "postcode"], "shared": 0.2,
    "extra": [[0, 0, 0], [0, 1.5, -2], [0, 0.25, 3]]}],
    "related": {"share": 0.01, "levels": {"postcode": [0, 0.7, 0.3]}})"),
                           sides);
  ASSERT_TRUE(model) << model.error().message;
  ASSERT_EQ(model->dependences.size(), 1u);
  // By digits: 0 null, 1 else, 2 exact.
  EXPECT_EQ(model->dependences[0].extra, (std::vector<double>{0, 0, 0, 0, 3, 0.25, 0, -2, 1.5}));
  ASSERT_TRUE(model->related);
  EXPECT_EQ(model->related->share, 0.01);
  EXPECT_TRUE(model->related->levels[0].empty());
  EXPECT_EQ(model->related->levels[1], (std::vector<double>{0, 0.7, 0.3}));
  const auto back = again(model_json(*model), sides);
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(model_json(*back), model_json(*model));
  EXPECT_EQ(back->dependences[0].extra, model->dependences[0].extra);
}

TEST(ModelFile, WrongDependencesAndRelatedPairsAreTold) {
  const Sides sides;
  const auto says = [&](const std::string& more, const std::string& words) {
    const auto model = again(with_more(more), sides);
    ASSERT_FALSE(model) << more;
    EXPECT_NE(model.error().message.find(words), std::string::npos) << model.error().message;
  };
  says(R"("dependences": [{"comparisons": ["sex", "age"], "extra": []}])", "there is no comparison \"age\"");
  says(R"("dependences": [{"comparisons": ["postcode", "sex"], "extra": []}])", "not in the order of the model");
  says(R"("dependences": [{"comparisons": ["sex"], "extra": []}])", "is of two comparisons");
  says(R"("dependences": [{"comparisons": ["sex", "postcode"], "extra": [[1]]}])", "must have 3 rows of 3 numbers");
  says(R"("related": {"share": 0.999, "levels": {}})", "together must be below 1");
  says(R"("related": {"share": 0.1, "levels": {"sex": [0.5, 0.5]}})", "has 3 levels, and here are 2 shares");
  says(R"("related": {"share": 0.1, "levels": {"sexx": [0, 0.5, 0.5]}})", "did you mean \"sex\"");
  says(R"("related": {"share": 0.1, "levels": {"sex": [0, 1.5, 0.5]}})", "1.5");
}

TEST(ModelFile, SharesThatDoNotAddUpAreNoted) {
  const Sides sides;
  std::vector<std::string> notes;
  const auto model = again(R"({"tessera_model": 1, "compare": [{"field": "sex", "levels": [
    {"how": "exact", "m": 0.9, "u": 0.5}, {"how": "else", "m": 0.2, "u": 0.5}]}]})",
                           sides, &notes);
  ASSERT_TRUE(model) << model.error().message;
  ASSERT_EQ(notes.size(), 1u);
  EXPECT_NE(notes[0].find("adds up to 1.1"), std::string::npos);
}

TEST(ModelFile, MistakesNameTheFile) {
  const Sides sides;
  const auto broken = again("{\"tessera_model\": 1, \"compare\": [\"given_n", sides);
  ASSERT_FALSE(broken);
  EXPECT_EQ(broken.error().message.find("out/model.json:1:"), 0u) << broken.error().message;
  EXPECT_NE(broken.error().message.find("ends too early"), std::string::npos);
  EXPECT_NE(again(R"({"tessera_model": 2, "compare": []})", sides).error().message.find("out of range"),
            std::string::npos);
  EXPECT_NE(again("{}", sides).error().message.find("neither a model of Tessera nor one of Splink"), std::string::npos);
  EXPECT_NE(again("[]", sides).error().message.find("a model is an object"), std::string::npos);
}

}  // namespace
}  // namespace tessera
