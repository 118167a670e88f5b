// Are the built-in lists what their sources say, and what becomes of them without some fields?
#include <gtest/gtest.h>

#include "jobs.h"

namespace tessera {
namespace {

const std::string everything =
    R"("fields": { "nhs_number": "N", "dob": "D", "sex": "S", "postcode": "P", "given_name": "G", "family_name": "F",
  "full_name": {"columns": ["G", "F"], "kind": "name"}, "second_given_name": {"column": "G2", "kind": "name"},
  "uprn": {"column": "U", "kind": "code"}, "house_number": {"column": "H", "kind": "code"}, "age": {"column": "A", "kind": "integer"} })";

std::string job_with(const std::string& list, const std::string& fields, bool communal = true) {
  return R"({"job": "x", "inputs": {"a": {"path": "a.csv", "id": "ID", )" + fields +
         R"(}, "b": {"path": "b.csv", "id": "ID", )" + fields + R"(}}, )" +
         (communal ? R"("lists": {"communal": {"path": "c.csv"}}, )" : "") +
         R"("link": [{"from": "a", "to": "b", "passes": ")" + list + R"("}], "output": {"directory": "out"}})";
}

LinkStep step_of(const std::string& text) {
  auto job = finish(parse_job("j.json", text, false));
  EXPECT_TRUE(job) << job.error().message;
  return job ? job->link.at(0) : LinkStep{};
}

std::string told(const Pass& pass) {
  std::string out = std::to_string(pass.rank) + ":";
  for (const Term& term : pass.terms) out += (term.how == Term::How::compatible ? " ?" : " ") + term.text;
  for (const Unless& unless : pass.unless) out += " -" + unless.text;
  return out;
}

std::vector<std::string> told(const LinkStep& step) {
  std::vector<std::string> out;
  for (const Pass& pass : step.passes) out.push_back(told(pass));
  return out;
}

TEST(Builtin, EveryListIsReadWhole) {
  for (const std::string& list : builtin_pass_lists()) {
    const LinkStep step = step_of(job_with(list, everything));
    EXPECT_EQ(step.passes_name, list);
    EXPECT_TRUE(step.notes.empty()) << step.notes.front();
    EXPECT_FALSE(step.passes.empty());
  }
}

TEST(Builtin, TheEightRanks) {
  EXPECT_EQ(told(step_of(job_with("hes-ons-8-rank", everything))),
            (std::vector<std::string>{
                "1: nhs_number sex dob postcode", "2: nhs_number sex dob", "3: nhs_number sex dob:partial postcode",
                "4: nhs_number sex dob:partial", "5: nhs_number postcode",
                "6: sex dob postcode ?nhs_number -dob:january-1 -postcode:zz99 -postcode:communal",
                "7: sex dob postcode ?nhs_number -dob:january-1", "8: nhs_number"}));
}

TEST(Builtin, RankSixStandsWithoutACommunalList) {
  const LinkStep step = step_of(job_with("hes-ons-8-rank", everything, false));
  ASSERT_EQ(step.passes.size(), 8u);
  EXPECT_EQ(told(step.passes[5]), "6: sex dob postcode ?nhs_number -dob:january-1 -postcode:zz99");
  EXPECT_EQ(step.notes,
            std::vector<std::string>{"rank 6 is used without conditions on what is not there: list communal"});
}

TEST(Builtin, TheCrossCheckDoesWithoutNamesAndPostcodes) {
  const LinkStep bare = step_of(job_with("hes-pds-cross-check", R"("fields": {"nhs_number": "N", "dob": "D"})"));
  EXPECT_EQ(told(bare), (std::vector<std::string>{"1: nhs_number dob", "3: nhs_number dob:partial"}));
  ASSERT_EQ(bare.notes.size(), 1u);
  EXPECT_NE(bare.notes[0].find("rank 2 is left out"), std::string::npos);
  const LinkStep postcode =
      step_of(job_with("hes-pds-cross-check", R"("fields": {"nhs_number": "N", "dob": "D", "postcode": "P"})"));
  EXPECT_EQ(told(postcode),
            (std::vector<std::string>{"1: nhs_number dob", "2: nhs_number dob:partial any of postcode:district",
                                      "3: nhs_number dob:partial"}));
}

TEST(Builtin, MatchkeysThatNeedAnAbsentFieldAreLeftOut) {
  const LinkStep step = step_of(
      job_with("census-35-matchkeys",
               R"("fields": {"given_name": "G", "family_name": "F", "dob": "D", "sex": "S", "postcode": "P"})"));
  std::vector<int> ranks;
  for (const Pass& pass : step.passes) ranks.push_back(pass.rank);
  EXPECT_EQ(ranks, (std::vector<int>{3, 9, 10, 21, 22, 29, 31}));
  EXPECT_EQ(step.notes.size(), 9u);
  EXPECT_EQ(step.notes[0], "rank 1 is left out: there is no field full_name of a, no field full_name of b");
}

TEST(Builtin, AFieldOfTheWrongKindIsToldAtTheNameOfTheList) {
  const std::string text =
      job_with("hes-ons-8-rank",
               R"("fields": {"nhs_number": "N", "dob": {"column": "D", "kind": "text"}, "sex": "S", "postcode": "P"})");
  const std::string message = complaint(text);
  EXPECT_NE(message.find("a text has no part \"partial\""), std::string::npos) << message;
  EXPECT_NE(message.find("jobs/mine.json:1:" + std::to_string(text.find("\"hes-ons") + 1) + ":"), std::string::npos)
      << message;
}

// A ready job for each list, with the list's name.
TEST(Builtin, EachHasAReadyJobThatIsRight) {
  for (const std::string& list : builtin_pass_lists()) {
    const std::string path = std::string(TESSERA_SOURCE) + "/configs/" + list + ".json";
    const auto text = read_job_text(path);
    ASSERT_TRUE(text) << text.error().message;
    const auto job = finish(parse_job(path, *text, false));
    ASSERT_TRUE(job) << job.error().message;
    EXPECT_EQ(job->name, list);
    EXPECT_EQ(job->link.at(0).passes_name, list);
  }
}

}  // namespace
}  // namespace tessera
