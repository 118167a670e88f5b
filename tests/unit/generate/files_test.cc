// files_test.cc: are the files what generate.h promises: repeatable, complete, with their truth?
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <tuple>
#include <vector>

#include "generate/generate.h"

namespace tessera {
namespace {

namespace fs = std::filesystem;

class Files : public testing::Test {
 protected:
  Files() : root_(fs::temp_directory_path() / ("tessera-generate-" + std::to_string(getpid()))) {
    fs::create_directories(root_);
  }
  ~Files() override { fs::remove_all(root_); }

  GenerateOptions options(const std::string& folder) const {
    return {.people = 3000,
            .directory = (root_ / folder).string(),
            .format = FileFormat::csv,
            .first_year = 2001,
            .years = 4};
  }
  using Row = std::map<std::string, std::string>;
  std::vector<Row> read(const std::string& folder, const std::string& name) const {
    std::ifstream in(root_ / folder / (name + ".csv"));
    EXPECT_TRUE(in.good()) << name;
    const auto cells = [](const std::string& line) {  // no value of ours holds a comma
      std::vector<std::string> out;
      std::istringstream stream(line);
      for (std::string cell; std::getline(stream, cell, ',');) out.push_back(cell);
      return out;
    };
    std::string line;
    std::getline(in, line);
    const auto header = cells(line);
    std::vector<Row> rows;
    while (std::getline(in, line)) {
      const auto values = cells(line);
      Row row;
      for (size_t i = 0; i < header.size(); ++i) row[header[i]] = i < values.size() ? values[i] : "";
      rows.push_back(std::move(row));
    }
    return rows;
  }
  fs::path root_;
};

std::map<std::string, std::string> digests(const GenerateReport& report) {
  std::map<std::string, std::string> out;
  for (const OutputFile& file : report.files) out[file.name] = file.digest;
  return out;
}

TEST_F(Files, SameSeedSameBytesForAnyThreadsAndAnotherSeedDiffers) {
  for (const FileFormat format : {FileFormat::parquet, FileFormat::csv}) {
    GenerateOptions one = options("one");
    one.format = format;
    one.force = true;
    one.hes_rows = 200000;  // several chunks a year
    one.threads = 1;
    const auto first = generate(one);
    ASSERT_TRUE(first) << first.error().message;
    one.threads = 8;
    const auto second = generate(one);
    ASSERT_TRUE(second);
    EXPECT_EQ(digests(*first), digests(*second));
    one.seed = 2;
    const auto other = generate(one);
    ASSERT_TRUE(other);
    EXPECT_NE(digests(*first).begin()->second, "");
    for (const auto& [name, digest] : digests(*other)) {
      if (!name.starts_with("hes_") && !name.starts_with("pds")) continue;
      EXPECT_NE(digest, digests(*first)[name]) << name;
    }
  }
}

TEST_F(Files, TruthTellsWhoseEachRowIs) {
  ASSERT_TRUE(generate(options("a")));
  std::map<std::string, Row> people;  // by person
  const auto pds = read("a", "pds"), pds_truth = read("a", "truth_pds");
  ASSERT_EQ(pds.size(), 3000U);
  ASSERT_EQ(pds_truth.size(), pds.size());
  for (size_t i = 0; i < pds.size(); ++i) {
    ASSERT_EQ(pds[i].at("PDS_ID"), pds_truth[i].at("PDS_ID"));
    EXPECT_TRUE(people.emplace(pds_truth[i].at("PERSON"), pds[i]).second);
  }
  uint64_t rows = 0, with_number = 0, other_number = 0, other_birth = 0, other_sex = 0, other_home = 0;
  std::string last;
  for (int year = 2001; year < 2005; ++year) {
    const auto hes = read("a", "hes_" + std::to_string(year)), truth = read("a", "truth_hes_" + std::to_string(year));
    ASSERT_EQ(hes.size(), truth.size());
    for (size_t i = 0; i < hes.size(); ++i) {
      ASSERT_EQ(hes[i].at("HES_ID"), truth[i].at("HES_ID"));
      EXPECT_EQ(hes[i].at("HES_ID").size(), 12U);
      EXPECT_GT(hes[i].at("HES_ID"), last);
      last = hes[i].at("HES_ID");
      const std::string& day = hes[i].at("ACTIVITY_DATE");
      EXPECT_GE(day, std::to_string(year) + "-04-01");
      const Row& person = people.at(truth[i].at("PERSON"));
      const std::string& b = person.at("DATE_OF_BIRTH");
      ++rows;
      with_number += !hes[i].at("NEWNHSNO").empty();
      other_number += !hes[i].at("NEWNHSNO").empty() && hes[i].at("NEWNHSNO") != person.at("NHS_NO");
      other_birth += !hes[i].at("DOB").empty() && hes[i].at("DOB") != b.substr(6) + b.substr(4, 2) + b.substr(0, 4);
      other_sex += hes[i].at("SEX") < "3" && hes[i].at("SEX") > "0" && hes[i].at("SEX") != person.at("GENDER");
      other_home += hes[i].at("HOMEADD").substr(0, 2) != person.at("POSTCODE").substr(0, 2);
    }
  }
  const auto part = [&](uint64_t count) { return static_cast<double>(count) / static_cast<double>(rows); };
  EXPECT_NEAR(static_cast<double>(rows), 48000, 48000 * 0.05);
  EXPECT_GT(part(with_number), 0.95);
  EXPECT_LT(part(with_number), 0.995);
  EXPECT_GT(other_number, 0U);
  EXPECT_LT(part(other_number), 0.005);
  EXPECT_GT(part(other_birth), 0.001);
  EXPECT_LT(part(other_birth), 0.015);
  EXPECT_GT(part(other_sex), 0.0005);
  EXPECT_LT(part(other_sex), 0.012);
  EXPECT_GT(part(other_home), 0.01);

  const auto deaths = read("a", "deaths"), deaths_truth = read("a", "truth_deaths");
  ASSERT_EQ(deaths.size(), deaths_truth.size());
  EXPECT_GT(deaths.size(), 50U);
  for (size_t i = 0; i < deaths.size(); ++i) {
    const Row& person = people.at(deaths_truth[i].at("PERSON"));
    const std::string& number = deaths[i].at("DEC_CONF_NHS_NUMBER");
    EXPECT_TRUE(number.empty() || number == person.at("NHS_NO"));
    EXPECT_GE(deaths[i].at("REG_DATE"), deaths[i].at("REG_DATE_OF_DEATH"));
  }
  EXPECT_GT(read("a", "cohort").size(), 20U);
  EXPECT_GE(read("a", "communal").size(), 8U);
}

TEST_F(Files, TheRealLayoutsHoldTheSameRows) {
  GenerateOptions real = options("real"), one = options("one");
  real.real_layout = true;
  real.what = one.what = {"hes"};
  const auto a = generate(one), b = generate(real);
  ASSERT_TRUE(a && b);
  EXPECT_EQ(a->hes_rows, b->hes_rows);
  const auto key = [](const Row& row, const char* date) {
    return row.at("PSEUDO_HESID") + row.at("NEWNHSNO") + row.at("DOB") + row.at("HOMEADD") + row.at(date);
  };
  std::multiset<std::string> flat, by_dataset;
  for (const Row& row : read("one", "hes_2002")) flat.insert(key(row, "ACTIVITY_DATE"));
  for (const Row& row : read("real", "hes_apc_2002")) {
    by_dataset.insert(key(row, "ADMIDATE"));
    EXPECT_GE(row.at("EPIEND"), row.at("EPISTART"));
  }
  for (const Row& row : read("real", "hes_op_2002")) by_dataset.insert(key(row, "APPTDATE"));
  for (const Row& row : read("real", "hes_ae_2002")) by_dataset.insert(key(row, "ARRIVALDATE"));
  EXPECT_EQ(flat, by_dataset);
}

TEST_F(Files, ContactsComeWhenAskedForAndChangeNoOtherFile) {
  GenerateOptions all = options("all"), asked = options("asked");
  asked.what = {"cohort", "contacts"};
  const auto a = generate(all), b = generate(asked);
  ASSERT_TRUE(a && b);
  EXPECT_FALSE(digests(*a).contains("contacts.csv"));
  EXPECT_EQ(digests(*a)["cohort.csv"], digests(*b)["cohort.csv"]);
  const auto rows = read("asked", "contacts"), truth = read("asked", "truth_contacts");
  ASSERT_EQ(rows.size(), b->contact_rows);
  ASSERT_EQ(rows.size(), truth.size());
  for (size_t i = 0; i < rows.size(); ++i) {
    ASSERT_EQ(rows[i].at("CONTACT_ID"), std::to_string(i + 1));
    ASSERT_EQ(rows[i].at("CONTACT_ID"), truth[i].at("CONTACT_ID"));
  }
  asked.threads = 7;
  asked.force = true;
  EXPECT_EQ(digests(*generate(asked)), digests(*b));
}

TEST_F(Files, TheCohortIsAsLargeAsAsked) {
  GenerateOptions asked = options("share");
  asked.what = {"cohort"};
  asked.force = true;
  for (const auto& [share, least, most] :
       {std::tuple{0U, 0U, 0U}, {20U, 30U, 90U}, {500U, 1400U, 1600U}, {1000U, 3000U, 3000U}}) {
    asked.cohort_share = share;
    const auto made = generate(asked);
    ASSERT_TRUE(made);
    EXPECT_GE(made->cohort_rows, least);
    EXPECT_LE(made->cohort_rows, most);
  }
  // Who is in a small cohort is in every larger one.
  asked.cohort_share = 20;
  ASSERT_TRUE(generate(asked));
  std::set<std::string> few, many;
  for (const Row& row : read("share", "truth_cohort")) few.insert(row.at("PERSON"));
  asked.cohort_share = 100;
  ASSERT_TRUE(generate(asked));
  for (const Row& row : read("share", "truth_cohort")) many.insert(row.at("PERSON"));
  EXPECT_TRUE(std::includes(many.begin(), many.end(), few.begin(), few.end()));
}

TEST_F(Files, WrongOptionsAreUsageErrorsAndLeaveNothing) {
  GenerateOptions wrong = options("wrong");
  wrong.people = 0;
  EXPECT_EQ(generate(wrong).error().code, ErrorCode::usage);
  wrong = options("wrong");
  wrong.what = {"hess"};
  EXPECT_EQ(generate(wrong).error().code, ErrorCode::usage);
  wrong = options("wrong");
  wrong.cohort_share = 1001;
  EXPECT_EQ(generate(wrong).error().code, ErrorCode::usage);
  wrong = options("wrong");
  wrong.hes_rows = 1'000'000'000'000;
  EXPECT_EQ(generate(wrong).error().code, ErrorCode::usage);
  EXPECT_FALSE(fs::exists(root_ / "wrong"));
}

}  // namespace
}  // namespace tessera
