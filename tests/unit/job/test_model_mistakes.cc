// What is said of a model that is wrong? Each case: the job, where it points, and the words that must come.
#include <gtest/gtest.h>

#include <algorithm>

#include "models.h"

namespace tessera {
namespace {

struct WrongModel {
  const char* name;
  std::string text;
  std::string marker;
  std::vector<std::string> says;
};

void PrintTo(const WrongModel& wrong, std::ostream* out) { *out << wrong.name; }

std::string position_of(const std::string& text, const std::string& marker) {
  const size_t at = text.rfind(marker);
  if (at == std::string::npos) return "the test is wrong: no such marker";
  const size_t start = text.rfind('\n', at) + 1;
  return "jobs/mine.json:" + std::to_string(1 + std::count(text.begin(), text.begin() + static_cast<long>(at), '\n')) +
         ":" + std::to_string(at - start + 1) + ": ";
}

class ModelMistake : public testing::TestWithParam<WrongModel> {};

TEST_P(ModelMistake, IsToldWithItsPlace) {
  const WrongModel& wrong = GetParam();
  const std::string message = complaint(wrong.text);
  EXPECT_NE(message.find(position_of(wrong.text, wrong.marker)), std::string::npos)
      << "expected at " << position_of(wrong.text, wrong.marker) << "\n"
      << message;
  for (const std::string& words : wrong.says)
    EXPECT_NE(message.find(words), std::string::npos) << words << "\n" << message;
  EXPECT_NE(message.find('^'), std::string::npos);
}

std::vector<WrongModel> wrong_levels() {
  return {
      {"unknown_how",
       with_levels(R"({"how": "jaro_winker", "at_least": 0.9})"),
       R"("jaro_winker")",
       {"did you mean \"jaro_winkler\"?"}},
      {"unknown_key",
       with_levels(R"({"how": "jaro", "at_leest": 0.9})"),
       R"("at_leest")",
       {"unknown key", "\"at_least\""}},
      {"no_bound", with_levels(R"({"how": "jaro"})"), R"("jaro")", {"needs a bound"}},
      {"no_bound_as_string", with_levels(R"("levenshtein")"), R"("levenshtein")", {"needs a bound", "at_most"}},
      {"bound_of_a_truth",
       with_levels(R"({"how": "exact", "at_least": 0.9})"),
       "0.9",
       {"true or not, and has no bound"}},
      {"never_above_one",
       with_levels(R"({"how": "jaro", "at_least": 1.1})"),
       "1.1",
       {"can never be true", "from 0 to 1"}},
      {"never_below_zero", with_levels(R"({"how": "levenshtein", "at_most": -1})"), "-1", {"can never be true"}},
      {"never_four_elements",
       with_model(R"({"compare": [{"field": "dob", "levels": [{"how": "date_elements", "at_least": 4}]}]})"),
       "4}",
       {"can never be true", "from 0 to 3"}},
      {"never_after_a_weaker_one",
       with_levels(R"({"how": "jaro", "at_least": 0.8}, {"how": "jaro", "at_least": 0.9})"),
       R"({"how": "jaro", "at_least": 0.9})",
       {"can never be true", "stricter level first"}},
      {"level_twice",
       with_levels(R"("exact", {"how": "exact", "label": "again"})"),
       R"({"how": "exact", "label")",
       {"can never be true"}},
      {"level_after_else", with_levels(R"("else", "exact")"), R"("exact")", {"a level after \"else\"", "put it last"}},
      {"only_else", with_levels(R"("else")"), R"(["else"])", {"a level beside \"else\""}},
      {"no_levels", with_levels(""), R"([]})", {"\"levels\" is empty"}},
      {"m_above_one", with_levels(R"({"how": "exact", "m": 1.5})"), "1.5", {"\"m\" is out of range", "from 0 to 1"}},
      {"u_below_zero", with_levels(R"({"how": "exact", "u": -0.5})"), "-0.5", {"\"u\" is out of range"}},
      {"m_that_does_not_add_up",
       with_levels(R"({"how": "exact", "m": 0.5}, {"how": "else", "m": 0.3})"),
       R"([{"how": "exact", "m": 0.5})",
       {"adds up to 0.8, not to 1"}},
      {"u_that_does_not_add_up",
       with_levels(R"({"how": "exact", "u": 0.5}, {"how": "else", "u": 0.6})"),
       R"([{"how": "exact", "u": 0.5})",
       {"u of the levels of \"given_name\" adds up to 1.1"}},
      {"null_level_with_m", with_levels(R"({"how": "null", "m": 0.5}, "exact")"), "0.5", {"a null level has no \"m\""}},
      {"two_ways", with_levels(R"({"how": "exact", "not": "dob"})"), R"("dob"}]})", {"in one condition"}},
      {"no_way", with_levels(R"({"label": "x"})"), R"({"label": "x"})", {"says nothing"}},
      {"bound_outside", with_levels(R"({"all_of": ["dob"], "at_least": 1})"), "1}]", {"belongs to \"how\""}},
      {"empty_all_of", with_levels(R"({"all_of": []})"), "[]}]", {"an empty list of conditions"}},
      {"field_and_of",
       with_levels(R"({"how": "exact", "field": "sex", "of": "sex"})"),
       R"("sex"}]})",
       {"both say what is compared"}},
      {"dates_of_names",
       with_levels(R"({"how": "days", "at_most": 3})"),
       R"("days")",
       {"is for dates, and this is a name"}},
      {"filters_of_names",
       with_levels(R"({"how": "dice", "at_least": 0.8})"),
       R"("dice")",
       {"\"dice\" is for fields of kind clk", "jaccard"}},
      {"letters_of_filters",
       with_filter(with_model(R"({"compare": [{"field": "clk", "levels": [{"how": "jaccard", "at_least": 0.8}]}]})")),
       R"("jaccard")",
       {"\"jaccard\" is not for encoded filters", "dice or bits_jaccard"}},
      {"longitude_missing",
       with_levels(R"({"how": "distance_km", "at_most": 3})"),
       R"("distance_km")",
       {"needs two fields"}},
      {"sql",
       with_levels(R"({"sql": "levenstein(given_name_l, given_name_r) <= 1"})"),
       "levenstein(",
       {"did you mean levenshtein?"}},
      {"expression",
       with_levels(R"x({"how": "exact", "of": "lowr(given_name)"})x"),
       "lowr(",
       {"there is no function lowr", "did you mean lower?"}},
      {"expression_of_no_field",
       with_levels(R"x({"how": "exact", "of": "lower(givn_name)"})x"),
       "givn_name)",
       {"no field \"givn_name\""}},
      {"frequency_of_what",
       with_levels(R"({"all_of": ["sex", "dob"], "term_frequency": {"of": "no"}})"),
       "no\"}",
       {"no field"}},
  };
}

std::vector<WrongModel> wrong_models() {
  return {
      {"unknown_field",
       with_model(R"({"compare": ["given_nam"]})"),
       "given_nam\"",
       {"has no field \"given_nam\"", "did you mean \"given_name\"?"}},
      {"unknown_part",
       with_model(R"({"compare": [{"field": "postcode:sectr", "levels": ["exact"]}]})"),
       "sectr",
       {"has no part \"sectr\"", "did you mean \"sector\"?"}},
      {"part_without_levels",
       with_model(R"({"compare": ["postcode:sector"]})"),
       "\"postcode:sector\"",
       {"only a whole field"}},
      {"field_of_one_side",
       with_model(R"({"compare": ["admission"]})"),
       "admission\"]",
       {"input \"deaths\" has no field \"admission\""}},
      {"kinds_that_differ",
       with_model(R"({"compare": [{"field": "dob ~ sex", "levels": ["exact"]}]})"),
       "\"dob ~ sex\"",
       {"a date cannot be compared with a sex"}},
      {"comparison_twice",
       with_model(R"({"compare": ["dob", "dob"]})"),
       "\"dob\"]",
       {"two comparisons are called \"dob\""}},
      {"no_comparisons", with_model(R"({"compare": []})"), "[]}", {"\"compare\" is empty"}},
      {"empty_rule", with_model(R"({"block": [[]]})"), "[]]}", {"an empty blocking rule"}},
      {"no_rules", with_model(R"({"block": []})"), "[]}", {"a list without rules"}},
      {"rule_on_a_field_that_lacks", with_model(R"({"block": [["dob", "uprn"]]})"), "uprn", {"has no field \"uprn\""}},
      {"rule_twice", with_model(R"({"block": [["dob"], ["dob"]]})"), R"(["dob"]]})", {"given twice"}},
      {"auto_among_rules", with_model(R"({"block": [["dob"], "auto"]})"), R"("auto")", {"stands alone"}},
      {"lambda", with_model(R"({"lambda": 0})"), "0}", {"must lie between 0 and 1"}},
      {"lambda_out_of_range", with_model(R"({"lambda": 2})"), "2}", {"out of range"}},
      {"two_thresholds",
       with_model(R"({"threshold": {"probability": 0.9, "weight": 5}})"),
       R"({"probability")",
       {"a probability or a weight"}},
      {"threshold", with_model(R"({"threshold": {"probability": 95}})"), "95", {"out of range"}},
      {"recall_of_nothing", with_model(R"({"estimate": {"recall": 0.8}})"), "0.8", {"there are none"}},
      {"entity", with_model(R"({"estimate": {"entity": "person"}})"), "\"person\"", {"has no field \"person\""}},
      {"method", with_model(R"({"estimate": {"method": "joined"}})"), "\"joined\"", {"did you mean \"joint\"?"}},
      {"model_file", with_model(R"("nowhere.json")"), "\"nowhere.json\"", {"is not there"}},
      {"model_of_a_number", with_model("3"), "3,", {"\"model\" must be a string or an object"}},
  };
}

std::vector<WrongModel> wrong_steps() {
  return {
      {"nothing_to_do",
       within_job(R"({"within": "hes"})"),
       R"({"within": "hes"})",
       {"neither \"passes\" nor \"model\""}},
      {"within_and_from",
       within_job(R"({"within": "hes", "from": "hes", "model": "auto"})"),
       "\"hes\", \"model\"",
       {"cannot stand beside \"within\""}},
      {"within_unknown",
       within_job(R"({"within": "hess", "model": "auto"})"),
       "\"hess\"",
       {"no input is called", "did you mean \"hes\"?"}},
      {"within_twice", within_job(R"({"within": ["hes", "hes"], "model": "auto"})"), "\"hes\"]", {"named twice"}},
      {"within_nothing", within_job(R"({"within": [], "model": "auto"})"), "[], \"model\"", {"\"within\" is empty"}},
      {"between_of_one",
       within_job(R"({"within": "hes", "pairs": "between", "model": "auto"})"),
       "\"between\"",
       {"there is one"}},
      {"pairs_of_two_sides", with_model("\"auto\"", R"(, "pairs": "all")"), "\"all\"", {"is of steps with \"within\""}},
      {"cascade_of_one",
       with_model("\"auto\"", R"(, "cascade": "all")"),
       "\"all\"",
       {"needs \"passes\" and \"model\""}},
      {"to_is_missing",
       within_job(R"({"from": "hes", "model": "auto"})"),
       R"({"from": "hes", "model")",
       {"\"to\" is missing here"}},
      {"same_input",
       within_job(R"({"from": "hes", "to": "hes", "model": "auto"})"),
       "\"hes\", \"model\"",
       {"write \"within\": \"hes\""}},
      {"ties_within",
       within_job(R"({"within": "hes", "model": "auto", "resolve": {"ties": "drop"}})"),
       "\"drop\"",
       {"records of one input become clusters"}},
      {"clusters_of_sides",
       changed(R"("ties": "drop")", R"("clusters": "average")"),
       "\"average\"",
       {"are of steps with \"within\""}},
      {"unknown_clusters",
       within_job(R"({"within": "hes", "model": "auto", "resolve": {"clusters": "averag"}})"),
       "\"averag\"",
       {"did you mean \"average\"?"}},
      {"one_per_input",
       within_job(R"({"within": "hes", "model": "auto", "resolve": {"clusters": {"one_per_input": true}}})"),
       "true",
       {"would leave every record alone"}},
      {"size_of_no_clusters",
       within_job(R"({"within": "hes", "model": "auto", "resolve": {"clusters": {"method": "none", "size_max": 50}}})"),
       "50",
       {"no clusters are made"}},
      {"differ",
       within_job(R"({"within": "hes", "model": "auto", "resolve": {"clusters": {"differ": ["nhs"]}}})"),
       "\"nhs\"]",
       {"no field \"nhs\""}},
      {"close_of_passes",
       changed(R"("ties": "drop")", R"("ties": "drop", "close": 3)"),
       "3 } }",
       {"the step has no model"}},
      {"refuse_within",
       within_job(R"({"within": "hes", "model": "auto", "refuse": []})"),
       "[]}",
       {"is of steps with \"from\""}},
      {"linked_twice",
       within_job(R"({"within": "hes", "model": "auto"}, {"within": "hes", "model": "auto"})"),
       "\"hes\", \"model\"",
       {"within itself twice"}},
      {"levels_of_passes",
       changed(R"("format": "parquet" })", R"("format": "parquet", "levels": true })"),
       "true }",
       {"no step has one"}},
      {"metrics_of_sides",
       changed(R"("format": "parquet" })", R"("format": "parquet", "cluster_metrics": true })"),
       "true }",
       {"of steps with \"within\""}},
      {"kinds",
       changed(R"("to": "deaths",)", R"("to": "deaths", "model": "auto",)",
               changed(R"("age": {"column": "AGE", "kind": "integer"}, "date_of_death")",
                       R"("age": {"column": "AGE", "kind": "text"}, "date_of_death")")),
       "\"auto\"",
       {"is a integer in \"hes\" and a text in \"deaths\""}},
  };
}

std::string name_of_model_case(const testing::TestParamInfo<WrongModel>& info) { return info.param.name; }
INSTANTIATE_TEST_SUITE_P(Levels, ModelMistake, testing::ValuesIn(wrong_levels()), name_of_model_case);
INSTANTIATE_TEST_SUITE_P(Models, ModelMistake, testing::ValuesIn(wrong_models()), name_of_model_case);
INSTANTIATE_TEST_SUITE_P(Steps, ModelMistake, testing::ValuesIn(wrong_steps()), name_of_model_case);

}  // namespace
}  // namespace tessera
