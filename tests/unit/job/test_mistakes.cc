// What is said of a job that is wrong? Each case: the change, the words that must come, and the exact place.
#include <gtest/gtest.h>

#include <algorithm>

#include "jobs.h"

namespace tessera {
namespace {

// The place that the message must name: where `marker` stands in the text.
std::string place_of(const std::string& text, const std::string& marker) {
  const size_t at = text.find(marker);
  if (at == std::string::npos) return "the test is wrong: no such marker";
  const size_t newline = at == 0 ? std::string::npos : text.rfind('\n', at - 1);
  const size_t line_start = newline == std::string::npos ? 0 : newline + 1;
  return "jobs/mine.json:" + std::to_string(1 + std::count(text.begin(), text.begin() + static_cast<long>(at), '\n')) +
         ":" + std::to_string(at - line_start + 1) + ": ";
}

struct Wrong {
  const char* name;
  std::string text;
  std::string marker;             // where it points
  std::vector<std::string> says;  // all of these
};

void PrintTo(const Wrong& wrong, std::ostream* out) { *out << wrong.name; }

class Mistake : public testing::TestWithParam<Wrong> {};

TEST_P(Mistake, IsToldWithItsPlaceAndHelp) {
  const Wrong& wrong = GetParam();
  const std::string message = complaint(wrong.text);
  EXPECT_NE(message.find(place_of(wrong.text, wrong.marker)), std::string::npos)
      << "expected at " << place_of(wrong.text, wrong.marker) << "\n"
      << message;
  for (const std::string& words : wrong.says)
    EXPECT_NE(message.find(words), std::string::npos) << words << "\n---\n" << message;
  EXPECT_NE(message.find('^'), std::string::npos);
}

std::vector<Wrong> keys_and_types() {
  return {
      {"unknown_key",
       changed(R"("postcode": "HOMEADD")", R"("postcode": {"colum": "HOMEADD"})"),
       R"("colum")",
       {"unknown key \"colum\"", "did you mean \"column\"?"}},
      {"unknown_key_far",
       changed(R"("id": "EPIKEY")", R"("id": "EPIKEY", "xyzzy": 1)"),
       R"("xyzzy")",
       {"unknown key", "the keys here are", "reject_limit"}},
      {"wrong_type",
       changed(R"("id": "EPIKEY")", R"("id": 17)"),
       "17",
       {"\"id\" must be a string, not a whole number"}},
      {"wrong_type_of_object",
       changed(R"({ "directory": "out", "format": "parquet" })", R"("out")"),
       R"("out")",
       {"\"output\" must be an object, not a string"}},
      {"null", changed(R"("id": "EPIKEY")", R"("id": null)"), "null", {"must be a string, not null"}},
      {"missing_key", changed(R"("id": "EPIKEY",)", ""), R"({ "path": "hes.csv")", {"\"id\" is missing here"}},
      {"duplicate_key",
       changed(R"("id": "EPIKEY")", R"("id": "EPIKEY", "id": "OTHER")"),
       R"("id": "OTHER")",
       {"\"id\" is given twice", "the first is at jobs/mine.json:4:33"}},
      {"duplicate_input",
       changed(R"("deaths": { "path")", R"("hes": { "path")"),
       R"("hes": { "path": "deaths.csv")",
       {"\"hes\" is given twice"}},
      {"duplicate_field",
       changed(R"("sex": "SEX",)", R"("sex": "SEX", "sex": "SEX2",)"),
       R"("sex": "SEX2")",
       {"\"sex\" is given twice"}},
      {"unknown_kind",
       changed(R"("kind": "integer")", R"("kind": "intger")"),
       R"("intger")",
       {"\"kind\" cannot be \"intger\"", "did you mean \"integer\"?"}},
      {"unknown_format",
       changed(R"("format": "parquet")", R"("format": "parket")"),
       R"("parket")",
       {"did you mean \"parquet\"?"}},
      {"out_of_range",
       changed(R"("rank": 1)", R"("rank": 0)"),
       "0, \"agree\"",
       {"\"rank\" is out of range", "from 1 to 9999"}},
      {"kind_unknown_by_name",
       changed(R"("age": {"column": "AGE", "kind": "integer"}, "admission")", R"("age": "AGE", "admission")"),
       R"("age": "AGE")",
       {"kind of field \"age\" is not known", "say it"}},
      {"near_known_name",
       changed(R"("postcode": "HOMEADD")", R"("postcod": "HOMEADD")"),
       R"("postcod")",
       {"did you mean \"postcode\"?"}},
      {"bad_name",
       changed(R"("age": {"column": "AGE", "kind": "integer"}, "admission")",
               R"("the age": {"column": "AGE", "kind": "integer"}, "admission")"),
       R"("the age")",
       {"cannot be the name of a field"}},
  };
}

std::vector<Wrong> syntax() {
  return {
      {"line_comment", changed(R"("job":)", "// mine\n\"job\":"), "// mine", {"JSON has no comments", "description"}},
      {"block_comment", changed(R"("job":)", "/* mine */ \"job\":"), "/* mine", {"JSON has no comments"}},
      {"hash_comment", changed(R"("job":)", "# mine\n\"job\":"), "# mine", {"JSON has no comments"}},
      {"trailing_comma",
       changed(R"("sex": "SEX", "postcode": "POSTCODE", "given_name": "FN",
                            "family_name": "SN", "age": {"column": "AGE", "kind": "integer"}, "date_of_death": "DOD" })",
               R"("sex": "S" , })"),
       ", }",
       {"a comma before }", "remove the comma"}},
      {"trailing_comma_array", with_passes(R"([{"rank": 1, "agree": ["dob" , ]}])"), ", ]}]", {"a comma before ]"}},
      {"single_quotes", changed(R"("hes-deaths")", "'hes-deaths'"), "'hes", {"double quotes"}},
      {"missing_comma",
       changed(R"("job": "hes-deaths",)", "\"job\": \"hes-deaths\""),
       "\"inputs\"",
       {"a comma or a colon is missing before this"}},
      {"newline_in_string", changed("hes-deaths", "hes\ndeaths"), "\ndeaths", {"a string does not end on its line"}},
      {"word", changed(R"("parquet")", "parquet"), "parquet }", {"this is not JSON"}},
  };
}

std::vector<Wrong> passes() {
  return {
      {"unknown_field",
       with_terms(R"("nhs_number", "post_code")"),
       R"(post_code")",
       {"input \"hes\" has no field \"post_code\"", "did you mean \"postcode\"?"}},
      {"field_of_one_side",
       with_terms(R"("nhs_number", "admission")"),
       R"(admission"])",
       {"input \"deaths\" has no field \"admission\""}},
      {"unknown_part",
       with_terms(R"("nhs_number", "postcode:secter")"),
       "secter",
       {"a postcode has no part \"secter\"", "did you mean \"sector\"?"}},
      {"part_of_other_kind",
       with_terms(R"("nhs_number", "sex:year")"),
       "year\"]",
       {"a sex has no part \"year\"", "its parts are whole"}},
      {"kinds_differ",
       with_terms(R"("nhs_number", "dob ~ given_name")"),
       "dob ~",
       {"a date cannot be compared with a name"}},
      {"likeness_alone",
       with_terms(R"({"field": "given_name", "how": "jaro_winkler", "at_least": 0.9})"),
       R"([{"field": "given_name")",
       {"has no term that must be equal"}},
      {"likeness_without_bound",
       with_terms(R"("dob", {"field": "given_name", "how": "jaro_winkler"})"),
       R"("jaro_winkler")",
       {"needs a bound", "at_least"}},
      {"likeness_never",
       with_terms(R"("dob", {"field": "given_name", "how": "jaro_winkler", "at_least": 1.2})"),
       "1.2",
       {"can never be true", "from 0 to 1"}},
      {"bound_without_likeness",
       with_terms(R"("dob", {"field": "given_name", "at_least": 0.9})"),
       "0.9",
       {"no likeness that it bounds"}},
      {"no_exact_term",
       with_terms(R"("dob:partial")"),
       R"(["dob:partial"])",
       {"no term that must be equal", "add to \"agree\""}},
      {"choice_without_exact",
       with_terms(R"({"any_of": ["nhs_number", "dob:partial"]})"),
       R"([{"any_of")",
       {"no term that must be equal"}},
      {"empty_passes", with_passes("[]"), "[],", {"\"passes\" is empty", "hes-ons-8-rank"}},
      {"empty_agree", with_passes(R"([{"rank": 1, "agree": []}])"), "[]}]", {"no term that must be equal"}},
      {"same_rank",
       with_passes(R"([{"rank": 1, "agree": ["dob"]}, {"rank":  1, "agree": ["nhs_number"]}])"),
       R"(1, "agree": ["nhs_number"])",
       {"rank 1 is given to two passes"}},
      {"unknown_builtin",
       with_passes(R"("hes-ons-8-ranks")"),
       R"("hes-ons-8-ranks")",
       {"no built-in pass list", "did you mean \"hes-ons-8-rank\"?"}},
      {"builtin_lacks_field",
       changed(R"("sex": "SEX", "postcode": "POSTCODE")", R"("postcode": "POSTCODE")",
               with_passes(R"("hes-ons-8-rank")")),
       R"("hes-ons-8-rank")",
       {"needs a field \"sex\"", "input \"deaths\" has none"}},
      {"unknown_list",
       with_passes(R"([{"rank": 1, "agree": ["dob"], "unless": ["postcode:comunal"]}])"),
       "comunal",
       {"no list is called \"comunal\"", "did you mean \"communal\"?"}},
      {"unless_kind",
       with_passes(R"([{"rank": 1, "agree": ["dob"], "unless": ["sex:zz99"]}])"),
       "sex:zz99",
       {"zz99 is for a postcode"}},
      {"within_of_name", with_terms(R"("dob", {"field": "given_name", "within": 3})"), "3}", {"does not fit a name"}},
      {"unit_of_integer",
       with_terms(R"("dob", {"field": "age", "within": 3, "unit": "days"})"),
       R"("days")",
       {"\"days\" is no unit of a integer"}},
      {"within_and_how",
       with_terms(R"("dob", {"field": "age", "within": 3, "how": "exact"})"),
       "3, \"how\"",
       {"contradicts"}},
      {"choice_of_one", with_terms(R"("dob", {"any_of": ["sex"]})"), R"(["sex"])", {"a choice needs two or more"}},
  };
}

std::vector<Wrong> contradictions() {
  const std::string with_date = R"({"column": "DOB", "format": "%d%m%Y"})";
  return {
      {"same_sides",
       changed(R"("to": "deaths")", R"("to": "hes")"),
       R"("hes",
      "passes")",
       {"\"from\" and \"to\" are the same input"}},
      {"unknown_input",
       changed(R"("to": "deaths")", R"("to": "death")"),
       R"("death",)",
       {"no input is called \"death\"", "did you mean \"deaths\"?"}},
      {"ties_of_many",
       changed(R"("each_from": "one")", R"("each_from": "many")"),
       R"("drop")",
       {"\"ties\" has no meaning"}},
      {"delimiter_of_parquet",
       changed(R"("path": "hes.csv",)", R"("path": "hes.parquet", "delimiter": "|",)"),
       R"("delimiter")",
       {"no meaning for Parquet"}},
      {"long_delimiter",
       changed(R"("path": "hes.csv",)", R"("path": "hes.csv", "delimiter": "||",)"),
       R"("||")",
       {"must be one character"}},
      {"ending_unknown",
       changed(R"("path": "hes.csv",)", R"("path": "hes.dat",)"),
       R"("hes.dat")",
       {"does not tell its format", "add \"format\""}},
      {"several_formats",
       changed(R"("path": "hes.csv",)", R"("path": ["hes.csv", "hes.pq"],)"),
       R"(["hes.csv", "hes.pq"])",
       {"several formats"}},
      {"pivot_out_of_range",
       changed(with_date, R"({"column": "DOB", "format": "%d%m%y", "pivot": 1930})"),
       "1930",
       {"\"pivot\" is out of range", "from 0 to 99"}},
      {"pivot_for_nothing",
       changed(with_date, R"({"column": "DOB", "format": "%d%m%Y", "pivot": 30})"),
       "30}",
       {"no format with a two-digit year"}},
      {"short_year_without_pivot",
       changed(with_date, R"({"column": "DOB", "format": "%d%m%y"})"),
       R"("%d%m%y")",
       {"two-digit years need a pivot"}},
      {"format_without_year",
       changed(with_date, R"({"column": "DOB", "format": "%d/%m"})"),
       R"("%d/%m")",
       {"a date format without a year"}},
      {"format_letter",
       changed(with_date, R"({"column": "DOB", "format": "%d/%Q/%Y"})"),
       "%Q",
       {"a format has no such letter"}},
      {"date_window",
       changed(with_date, R"({"column": "DOB", "min": "2000-01-01", "max": "1999-01-01"})"),
       R"("1999-01-01")",
       {"\"max\" lies before \"min\""}},
      {"not_a_date",
       changed(with_date, R"({"column": "DOB", "min": "2000-02-30"})"),
       R"("2000-02-30")",
       {"not a date", "YYYY-MM-DD"}},
      {"setting_of_other_kind",
       changed(R"("sex": "SEX",)", R"("sex": {"column": "SEX", "country": "any"},)"),
       R"("country")",
       {"does not fit a field of kind sex", "for postcodes"}},
      {"column_twice",
       changed(with_date, R"({"column": "DOB", "day": "D", "month": "M", "year": "Y"})"),
       R"({"column": "DOB", "day")",
       {"says twice"}},
      {"no_column", changed(with_date, R"({"format": "%d%m%Y"})"), R"({"format": "%d%m%Y"})", {"has no column"}},
      {"half_a_date", changed(with_date, R"({"day": "D", "year": "Y"})"), R"({"day")", {"lacks \"month\""}},
      {"id_carried_too",
       changed(R"("directory": "out",)", R"("directory": "out", "columns": {"hes": ["EPIKEY"]},)"),
       R"("EPIKEY"]})",
       {"is the id of hes"}},
      {"column_carried_twice",
       changed(R"("directory": "out",)", R"("directory": "out", "columns": {"hes": ["A", "A"]},)"),
       R"("A"]})",
       {"would be called hes_A"}},
      {"directory_of_inputs",
       changed(R"("directory": "out",)", R"("directory": ".",)"),
       R"(".")",
       {"holds the job file or one of its inputs"}},
      {"unmatched_of_none",
       changed(R"("directory": "out",)", R"("directory": "out", "unmatched": ["hse"],)"),
       R"("hse")",
       {"no link has an input \"hse\"", "did you mean \"hes\"?"}},
      {"refuse_of_name",
       changed(R"("ties": "drop" })",
               R"("ties": "drop" }, "refuse": [{"field": "given_name", "after": "date_of_death"}])"),
       R"("given_name", "after")",
       {"links are refused by dates"}},
      {"refuse_unknown",
       changed(R"("ties": "drop" })", R"("ties": "drop" }, "refuse": [{"field": "admission", "after": "death"}])"),
       R"("death"})",
       {"input \"deaths\" has no field \"death\""}},
      {"linked_twice",
       changed(R"("link": [)",
               R"("link": [ {"from": "hes", "to": "deaths", "passes": [{"rank": 1, "agree": ["dob"]}]},)"),
       R"("deaths",
      "passes")",
       {"linked twice"}},
      {"list_called_zz99", changed(R"("communal": {)", R"("zz99": {)"), R"("zz99")", {"choose another name"}},
      {"no_link",
       changed(R"("output")", R"("link": [], "output")", changed(R"("link": [)", R"("description_": [)")),
       "[], \"output\"",
       {"\"link\" is empty"}},
  };
}

std::string name_of_case(const testing::TestParamInfo<Wrong>& info) { return info.param.name; }
INSTANTIATE_TEST_SUITE_P(KeysAndTypes, Mistake, testing::ValuesIn(keys_and_types()), name_of_case);
INSTANTIATE_TEST_SUITE_P(Syntax, Mistake, testing::ValuesIn(syntax()), name_of_case);
INSTANTIATE_TEST_SUITE_P(Passes, Mistake, testing::ValuesIn(passes()), name_of_case);
INSTANTIATE_TEST_SUITE_P(Contradictions, Mistake, testing::ValuesIn(contradictions()), name_of_case);

TEST(Mistakes, AreShownWithLineCaretAndHelp) {
  Mistakes mistakes("job.json", "{\n  \"pth\": 1\n}\n");
  mistakes.add({4, 9}, "unknown key \"pth\"", "did you mean \"path\"?");
  EXPECT_EQ(mistakes.error().message,
            "job.json:2:3: unknown key \"pth\"\n"
            "    \"pth\": 1\n"
            "    ^~~~~\n"
            "help: did you mean \"path\"?");
  EXPECT_EQ(mistakes.error().code, ErrorCode::usage);
}

TEST(Mistakes, ColumnsCountCharacters) {
  Mistakes mistakes("job.json", "\"caf\xC3\xA9\": 1");
  mistakes.add({9, 10}, "here");
  EXPECT_EQ(mistakes.error().message, "job.json:1:9: here\n  \"caf\xC3\xA9\": 1\n          ^");
}

TEST(Mistakes, LongLinesAreCutAroundTheCaret) {
  Mistakes mistakes("job.json", std::string(5000, 'x') + "HERE" + std::string(5000, 'y'));
  mistakes.add({5000, 5004}, "long");
  const std::string message = mistakes.error().message;
  EXPECT_LT(message.size(), 400u);
  const size_t line = message.find('\n') + 1;
  const size_t caret_line = message.find('\n', line) + 1;
  const size_t caret = message.find('^', caret_line) - caret_line;
  EXPECT_EQ(message.substr(line + caret, 4), "HERE");
}

TEST(Mistakes, AllAreToldInTheOrderOfTheFile) {
  const std::string message = complaint(
      changed(R"("id": "EPIKEY")", R"("id": 3)", changed(R"("parquet")", R"("xls")", with_terms(R"("dob", "nope")"))));
  const size_t first = message.find("\"id\" must be"), second = message.find("no field \"nope\""),
               third = message.find("cannot be \"xls\"");
  ASSERT_NE(third, std::string::npos) << message;
  EXPECT_LT(first, second);
  EXPECT_LT(second, third);
}

TEST(Mistakes, TwentyAtMost) {
  std::string keys;
  for (int i = 0; i < 30; ++i) keys += "\"unknown" + std::to_string(i) + "\": 1, ";
  const std::string message = complaint(changed(R"("job":)", keys + R"("job":)"));
  EXPECT_NE(message.find("unknown key \"unknown19\""), std::string::npos);
  EXPECT_EQ(message.find("unknown key \"unknown20\""), std::string::npos);
  EXPECT_NE(message.find("and 10 more"), std::string::npos);
}

TEST(Mistakes, EscapesMoveThePlace) {
  const std::string text = with_terms("\"dob\", \"\\u0070ostcode:\\u0073ecter\"");
  EXPECT_NE(complaint(text).find(place_of(text, "\\u0073ecter")), std::string::npos) << complaint(text);
}

TEST(Mistakes, OddTextsAreRefusedAndNothingElseHappens) {
  for (const std::string& text :
       {std::string(), std::string(" \n"), std::string("17"), std::string("\"job\""), std::string("[]"),
        std::string("{"), std::string("{}{}"), std::string("{} x"), std::string("null"),
        std::string("{\"job\": \"\\uD800\"}"), std::string("{\"job\": \"\xFF\"}"), std::string("{\"job\": 01}"),
        std::string("{\"job\": nul}"), std::string("\0", 1), std::string(200, '['),
        "{\"a\":" + std::string(100, '[') + std::string(100, ']') + "}"}) {
    EXPECT_NE(complaint(text).find("jobs/mine.json:1:"), std::string::npos) << text;
  }
}

// Whatever is cut out of a job, the answer is a job or a message.
TEST(Mistakes, EveryPrefixAndEveryDroppedByteHasAnAnswer) {
  for (size_t i = 0; i < good_job.size(); ++i) {
    EXPECT_NE(complaint(good_job.substr(0, i)), "") << i;
    std::string dropped = good_job;
    dropped.erase(i, 1);
    (void)complaint(dropped);
  }
}

}  // namespace
}  // namespace tessera
