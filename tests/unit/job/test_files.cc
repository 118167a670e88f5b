// Do the files of a job have what it needs?
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "jobs.h"

namespace tessera {
namespace {

namespace fs = std::filesystem;

class Files : public testing::Test {
 protected:
  void SetUp() override {
    folder = fs::temp_directory_path() / ("tessera-job-" + std::to_string(::getpid()));
    fs::create_directories(folder);
    for (const char* name : {"hes.csv", "deaths.csv", "communal.csv"}) write(name, "");
  }
  void TearDown() override { fs::remove_all(folder); }
  void write(const std::string& name, const std::string& text) const { std::ofstream(folder / name) << text; }

  [[nodiscard]] ParsedJob parse(const std::string& text) const {
    return parse_job((folder / "mine.json").string(), text, true);
  }

  // The complaint about the files, when these are the columns.
  [[nodiscard]] std::string complaint_of(const std::string& text) const {
    ParsedJob job = parse(text);
    const Status status = check_files(job, [&](const Input& input) -> Result<std::vector<std::string>> {
      return input.name == "hes" ? hes_columns : deaths_columns;
    });
    if (!status) return "status: " + status.error().message;
    const auto whole = finish(std::move(job));
    return whole ? "" : whole.error().message;
  }

  fs::path folder;
  std::vector<std::string> hes_columns = {"EPIKEY",   "NEWNHSNO", "DOB", "SEX",      "HOMEADD",
                                          "FORENAME", "SURNAME",  "AGE", "ADMIDATE", "OTHER"};
  std::vector<std::string> deaths_columns = {"DEATH_ID", "NHS", "DOB", "SEX", "POSTCODE", "FN", "SN", "AGE", "DOD"};
};

TEST_F(Files, AJobWhoseFilesAreRightPasses) { EXPECT_EQ(complaint_of(good_job), ""); }

TEST_F(Files, MissingColumnsAreNamedWithTheNearest) {
  hes_columns[1] = "NEW_NHSNO";
  hes_columns[4] = "X";
  const std::string message = complaint_of(good_job);
  EXPECT_NE(message.find("has no column \"NEWNHSNO\""), std::string::npos) << message;
  EXPECT_NE(message.find("did you mean \"NEW_NHSNO\"?"), std::string::npos);
  EXPECT_NE(message.find("has no column \"HOMEADD\""), std::string::npos);
  EXPECT_NE(message.find("its columns are EPIKEY, NEW_NHSNO"), std::string::npos);
  EXPECT_NE(message.find("mine.json:5:40: "), std::string::npos);
}

TEST_F(Files, ColumnsOfFiltersGroupsAndOutputsAreChecked) {
  const std::string message = complaint_of(changed(
      R"("id": "EPIKEY")", R"("id": "EPIKEY", "where": "ADMIMETH = '21' or OTHER is null")",
      changed(R"("ties": "drop" })",
              R"("ties": "drop" }, "refuse": [{"field": "admission", "after": "date_of_death", "group": "HESID"}])",
              changed(R"("directory": "out")", R"("directory": "out", "columns": {"deaths": ["CAUSE"]})"))));
  EXPECT_NE(message.find("has no column \"ADMIMETH\""), std::string::npos) << message;
  EXPECT_NE(message.find("has no column \"HESID\""), std::string::npos);
  EXPECT_NE(message.find("has no column \"CAUSE\""), std::string::npos);
  EXPECT_EQ(message.find("\"OTHER\"\n"), std::string::npos);
}

TEST_F(Files, AColumnThatIsThereTwiceCannotBeNamed) {
  hes_columns.push_back("EPIKEY");
  EXPECT_NE(complaint_of(good_job).find("has 2 columns called \"EPIKEY\""), std::string::npos);
}

TEST_F(Files, FilesThatAreNotThere) {
  fs::remove(folder / "hes.csv");
  fs::remove(folder / "communal.csv");
  fs::create_directory(folder / "communal.csv");
  const std::string message = complaint_of(good_job);
  EXPECT_NE(message.find("hes.csv is not there"), std::string::npos) << message;
  EXPECT_NE(message.find("communal.csv is a folder, not a file"), std::string::npos);
  EXPECT_NE(message.find("mine.json:4:22: "), std::string::npos);
}

TEST_F(Files, UnreadableFile) {
  if (::geteuid() == 0) GTEST_SKIP() << "root reads everything";
  fs::permissions(folder / "hes.csv", fs::perms::none);
  EXPECT_NE(complaint_of(good_job).find("hes.csv cannot be read"), std::string::npos);
}

TEST_F(Files, GlobsAreSortedAndTakenOnce) {
  for (const char* name : {"part_10.csv", "part_02.csv", "part_1.csv", "PART_3.csv"}) write(name, "");
  const ParsedJob job = parse(changed(R"("path": "hes.csv")", R"("path": ["part_1*.csv", "part_*.csv"])"));
  const auto at = [&](const char* name) { return (folder / name).string(); };
  EXPECT_EQ(job.job.inputs.at(0).paths,
            (std::vector<std::string>{at("part_1.csv"), at("part_10.csv"), at("part_02.csv")}));
}

TEST_F(Files, AGlobThatMatchesNothing) {
  EXPECT_NE(complaint_of(changed(R"("path": "hes.csv")", R"("path": "nothing_*.csv")"))
                .find("no file matches \"nothing_*.csv\""),
            std::string::npos);
}

TEST_F(Files, AFileThatCannotBeUnderstoodIsDataAndComesAfterMistakes) {
  ParsedJob good = parse(good_job);
  const ColumnsOf broken = [](const Input&) -> Result<std::vector<std::string>> {
    return fail(ErrorCode::data, "not Parquet");
  };
  const Status status = check_files(good, broken);
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, ErrorCode::data);
  ParsedJob bad = parse(changed(R"("id": "EPIKEY")", R"("id": 1)"));
  EXPECT_TRUE(check_files(bad, broken));
  EXPECT_FALSE(finish(std::move(bad)));
}

TEST_F(Files, TheTextOfAJob) {
  write("mine.json", good_job);
  const auto text = read_job_text((folder / "mine.json").string());
  ASSERT_TRUE(text);
  EXPECT_EQ(*text, good_job);
  const auto absent = read_job_text((folder / "other.json").string());
  ASSERT_FALSE(absent);
  EXPECT_EQ(absent.error().code, ErrorCode::usage);
  EXPECT_NE(absent.error().message.find("is not there"), std::string::npos);
  EXPECT_NE(read_job_text(folder.string()).error().message.find("is a folder"), std::string::npos);
}

TEST_F(Files, AJobOfAHundredMegabytesIsRefusedQuickly) {
  write("mine.json", "{}");
  fs::resize_file(folder / "mine.json", 100u << 20);
  const auto text = read_job_text((folder / "mine.json").string());
  ASSERT_FALSE(text);
  EXPECT_EQ(text.error().code, ErrorCode::usage);
  EXPECT_NE(text.error().message.find("larger than a job may be (16 MiB)"), std::string::npos);
}

}  // namespace
}  // namespace tessera
