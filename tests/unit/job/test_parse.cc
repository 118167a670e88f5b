// What does a job become?
#include <gtest/gtest.h>

#include "jobs.h"

namespace tessera {
namespace {

Job parsed(const std::string& text) {
  auto job = finish(parse_job("jobs/mine.json", text, false));
  EXPECT_TRUE(job) << job.error().message;
  return job ? *job : Job{};
}

TEST(Parse, TakesAWholeJob) {
  const Job job = parsed(good_job);
  EXPECT_EQ(job.name, "hes-deaths");
  EXPECT_EQ(job.path, "jobs/mine.json");
  EXPECT_EQ(job.text, good_job);
  ASSERT_EQ(job.inputs.size(), 2u);
  const Input& hes = job.inputs[0];
  EXPECT_EQ(hes.name, "hes");
  EXPECT_EQ(hes.paths, std::vector<std::string>{"jobs/hes.csv"});
  EXPECT_EQ(hes.id, "EPIKEY");
  ASSERT_EQ(hes.fields.size(), 8u);
  EXPECT_EQ(hes.fields[1].name, "dob");
  EXPECT_EQ(hes.fields[1].kind, Kind::date);
  EXPECT_EQ(hes.fields[1].formats, std::vector<std::string>{"%d%m%Y"});
  EXPECT_EQ(hes.fields[6].kind, Kind::integer);
  EXPECT_EQ(job.lists.at(0).path, "jobs/communal.csv");
  ASSERT_EQ(job.link.size(), 1u);
  EXPECT_EQ(job.link[0].passes.at(0).terms.size(), 2u);
  EXPECT_EQ(job.output.directory, "jobs/out");
  EXPECT_EQ(job.output.format, FileFormat::parquet);
}

TEST(Parse, FieldsKnowTheirKindByName) {
  const Job job =
      parsed(changed(R"("sex": "SEX",)",
                     R"("sex": "SEX", "other_names": "O", "provider": "P", "local_id": "L", "date_of_death": "D",)"));
  const auto kind = [&](const char* name) {
    for (const FieldSpec& field : job.inputs[0].fields)
      if (field.name == name) return field.kind;
    return Kind::token;
  };
  EXPECT_EQ(kind("nhs_number"), Kind::nhs_number);
  EXPECT_EQ(kind("dob"), Kind::date);
  EXPECT_EQ(kind("sex"), Kind::sex);
  EXPECT_EQ(kind("postcode"), Kind::postcode);
  EXPECT_EQ(kind("given_name"), Kind::name);
  EXPECT_EQ(kind("other_names"), Kind::name);
  EXPECT_EQ(kind("provider"), Kind::code);
  EXPECT_EQ(kind("local_id"), Kind::code);
  EXPECT_EQ(kind("date_of_death"), Kind::date);
}

TEST(Parse, SettingsOfInputsAndFields) {
  const Job job = parsed(
      changed(R"("path": "hes.csv", "id": "EPIKEY",)",
              R"("path": ["b.txt", "a.csv.gz", "b.txt"], "format": "csv", "id": "EPIKEY",
     "delimiter": "|", "header": false, "encoding": "windows-1252", "skip_rows": 2, "footer_rows": 1, "missing": ["NA", "-"],
     "duplicate_ids": "error", "reject_limit": 100, "digest": "full", "description": "raw",)",
              changed(R"({"column": "DOB", "format": "%d%m%Y"})",
                      R"({"day": "D", "month": "M", "year": "Y", "missing": ["99"], "required": true,
                                             "min": "1895-01-01", "max": "2020-12-31", "placeholders": ["1900-01-01"]})",
                      changed(R"("postcode": "HOMEADD")", R"("postcode": {"column": "HOMEADD", "country": "any"})",
                              changed(R"("given_name": "FORENAME")",
                                      R"("given_name": {"columns": ["F1", "F2"], "keep_titles": true})")))));
  const Input& hes = job.inputs[0];
  EXPECT_EQ(hes.paths, (std::vector<std::string>{"jobs/b.txt", "jobs/a.csv.gz"}));
  EXPECT_EQ(hes.format, FileFormat::csv);
  EXPECT_EQ(hes.delimiter, '|');
  EXPECT_FALSE(hes.header);
  EXPECT_EQ(hes.encoding, Encoding::windows_1252);
  EXPECT_EQ(hes.skip_rows, 2u);
  EXPECT_EQ(hes.footer_rows, 1u);
  EXPECT_EQ(hes.missing, (std::vector<std::string>{"NA", "-"}));
  EXPECT_EQ(hes.duplicate_ids, DuplicateIds::error);
  EXPECT_EQ(hes.reject_limit, 100u);
  EXPECT_EQ(hes.digest, Digest::full);
  const FieldSpec& dob = hes.fields[1];
  EXPECT_TRUE(dob.columns.empty());
  EXPECT_EQ(dob.day + dob.month + dob.year, "DMY");
  EXPECT_TRUE(dob.required);
  EXPECT_EQ(dob.missing, std::vector<std::string>{"99"});
  EXPECT_EQ(dob.date_min, "1895-01-01");
  EXPECT_EQ(dob.date_max, "2020-12-31");
  EXPECT_EQ(dob.placeholders, std::vector<std::string>{"1900-01-01"});
  EXPECT_EQ(hes.fields[3].country, "any");
  EXPECT_EQ(hes.fields[4].columns, (std::vector<std::string>{"F1", "F2"}));
  EXPECT_FALSE(hes.fields[4].drop_titles);
}

TEST(Parse, DefaultsAreThoseOfTheHeader) {
  const Job job = parsed(good_job);
  const Input& deaths = job.inputs[1];
  EXPECT_EQ(deaths.format, FileFormat::by_name);
  EXPECT_EQ(deaths.delimiter, ',');
  EXPECT_TRUE(deaths.header);
  EXPECT_FALSE(deaths.reject_limit.has_value());
  EXPECT_EQ(deaths.fields[1].date_min, "1880-01-01");
  EXPECT_EQ(deaths.fields[1].placeholders.size(), 4u);
  EXPECT_FALSE(deaths.fields[0].allow_test_range);
  const Job plain = parsed(changed(R"(,
      "resolve": { "each_from": "one", "each_to": "many", "ties": "drop" })",
                                   ""));
  EXPECT_EQ(plain.link[0].resolve.each_from, Cardinality::one);
  EXPECT_EQ(plain.link[0].resolve.each_to, Cardinality::many);
  EXPECT_EQ(plain.link[0].resolve.ties, Ties::drop);
}

TEST(Parse, TwoDigitYears) {
  const Job job = parsed(changed(R"("format": "%d%m%Y")", R"("format": ["%d%m%y", "%Y%m%d"], "pivot": 29)"));
  EXPECT_EQ(job.inputs[0].fields[1].two_digit_pivot, 29);
  EXPECT_EQ(job.inputs[0].fields[1].formats.size(), 2u);
}

TEST(Parse, EveryTerm) {
  const Job job = parsed(with_passes(R"([{"rank": 3,
    "agree": ["nhs_number", "dob:partial", "dob:swapped", "dob:year-month", "postcode:but-last", "given_name ~ family_name",
              "given_name:soundex ~ family_name:soundex", {"field": "dob", "within": 3, "unit": "days"},
              {"field": "dob", "within": 2, "unit": "years"}, {"field": "age", "within": 1},
              {"any_of": ["sex", ["postcode", "given_name:first2"]]}, {"field": "dob", "how": "partial"},
              {"field": "sex", "how": "compatible"}],
    "compatible": ["postcode", "dob:year"],
    "unless": ["dob:january-1", "postcode:zz99", "postcode:communal"]}])"));
  const Pass& pass = job.link[0].passes.at(0);
  EXPECT_EQ(pass.rank, 3);
  ASSERT_EQ(pass.terms.size(), 15u);
  using How = Term::How;
  EXPECT_EQ(pass.terms[0].how, How::exact);
  EXPECT_EQ(pass.terms[1].how, How::date_partial);
  EXPECT_EQ(pass.terms[1].from.part, Part::whole);
  EXPECT_EQ(pass.terms[1].text, "dob:partial");
  EXPECT_EQ(pass.terms[2].how, How::date_swapped);
  EXPECT_EQ(pass.terms[3].from.part, Part::year_month);
  EXPECT_EQ(pass.terms[4].to.part, Part::but_last);
  EXPECT_EQ(pass.terms[5].from.field, "given_name");
  EXPECT_EQ(pass.terms[5].to.field, "family_name");
  EXPECT_EQ(pass.terms[6].to, (FieldPart{"family_name", Part::soundex}));
  EXPECT_EQ(pass.terms[7].how, How::within);
  EXPECT_EQ(pass.terms[7].bound, 3);
  EXPECT_EQ(pass.terms[7].unit, Term::Unit::days);
  EXPECT_EQ(pass.terms[7].text, "dob within 3 days");
  EXPECT_EQ(pass.terms[8].unit, Term::Unit::years);
  EXPECT_EQ(pass.terms[9].unit, Term::Unit::number);
  ASSERT_EQ(pass.terms[10].how, How::any_of);
  ASSERT_EQ(pass.terms[10].choices.size(), 2u);
  EXPECT_EQ(pass.terms[10].choices[1].size(), 2u);
  EXPECT_EQ(pass.terms[10].text, "any of sex | postcode + given_name:first2");
  EXPECT_EQ(pass.terms[11].how, How::date_partial);
  EXPECT_EQ(pass.terms[12].how, How::compatible);
  EXPECT_EQ(pass.terms[13].how, How::compatible);
  EXPECT_EQ(pass.terms[14].from.part, Part::year);
  ASSERT_EQ(pass.unless.size(), 3u);
  EXPECT_EQ(pass.unless[0].what, Unless::What::january_1);
  EXPECT_EQ(pass.unless[1].what, Unless::What::pseudo_postcode);
  EXPECT_EQ(pass.unless[2].what, Unless::What::on_list);
  EXPECT_EQ(pass.unless[2].list, "communal");
}

TEST(Parse, PassesAreSortedByRank) {
  const Job job = parsed(with_passes(R"([{"rank": 5, "agree": ["dob"]}, {"rank": 2, "agree": ["nhs_number"]}])"));
  EXPECT_EQ(job.link[0].passes[0].rank, 2);
  EXPECT_EQ(job.link[0].passes[1].rank, 5);
}

TEST(Parse, ResolveRefuseAndOutput) {
  const Job job = parsed(changed(
      R"("ties": "drop" })",
      R"("ties": "next" }, "refuse": [{"field": "admission", "after": "date_of_death", "days": 3, "group": "PSEUDO_HESID"}])",
      changed(
          R"("format": "parquet")",
          R"("format": "csv", "columns": {"hes": ["ADMIDATE"]}, "unmatched": ["deaths"], "refused": true, "pattern": true)")));
  EXPECT_EQ(job.link[0].resolve.ties, Ties::next);
  const Refuse& refuse = job.link[0].refuse.at(0);
  EXPECT_EQ(refuse.field, "admission");
  EXPECT_EQ(refuse.after, "date_of_death");
  EXPECT_EQ(refuse.days, 3);
  EXPECT_EQ(refuse.group, "PSEUDO_HESID");
  EXPECT_EQ(job.output.format, FileFormat::csv);
  ASSERT_EQ(job.output.columns.size(), 1u);
  EXPECT_EQ(job.output.columns[0].column, "ADMIDATE");
  EXPECT_EQ(job.output.unmatched, std::vector<std::string>{"deaths"});
  EXPECT_TRUE(job.output.refused);
  EXPECT_TRUE(job.output.pattern);
}

TEST(Parse, RemembersEveryColumn) {
  const ParsedJob job =
      parse_job("mine.json", changed(R"("id": "EPIKEY")", R"("id": "EPIKEY", "where": "\"Adm meth\" = '21'")"), false);
  std::vector<std::string> of_hes;
  for (const ColumnUse& use : job.columns)
    if (use.input == 0) of_hes.push_back(use.column);
  EXPECT_EQ(of_hes, (std::vector<std::string>{"EPIKEY", "NEWNHSNO", "DOB", "SEX", "HOMEADD", "FORENAME", "SURNAME",
                                              "AGE", "ADMIDATE", "Adm meth"}));
}

TEST(Parse, AByteOrderMarkIsNoMistake) { EXPECT_EQ(complaint("\xEF\xBB\xBF" + good_job), ""); }

}  // namespace
}  // namespace tessera
