// What does the command print, where, and with which exit code?
//
// The built command is run as a person runs it.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <tuple>

#include <nlohmann/json.hpp>

namespace {

namespace fs = std::filesystem;

struct Outcome {
  int code = -1;
  std::string out, err;
};

class Cli : public testing::Test {
 protected:
  void SetUp() override {
    folder = fs::temp_directory_path() / ("tessera-cli-" + std::to_string(::getpid()));
    fs::remove_all(folder);
    fs::create_directories(folder);
    write("hes.csv",
          "EPIKEY,NEWNHSNO,DOB,SEX,HOMEADD\n"
          "1,9434765919,01021950,1,SW1A 2AA\n"
          "2,,03041960,2,M1 1AE\n"
          "3,9434765870,01021951,1,SW1A 2AA\n");
    write("deaths.csv",
          "DEATH_ID,NHS,DOB,SEX,POSTCODE\n"
          "11,9434765919,1950-02-01,1,SW1A 2AA\n"
          "12,9434765870,1960-04-03,2,M1 1AE\n");
    write("job.json", R"({
  "job": "hes-deaths",
  "inputs": {
    "hes": { "path": "hes.csv", "id": "EPIKEY",
             "fields": { "nhs_number": "NEWNHSNO", "dob": {"column": "DOB", "format": "%d%m%Y"}, "sex": "SEX", "postcode": "HOMEADD" } },
    "deaths": { "path": "deaths.csv", "id": "DEATH_ID",
                "fields": { "nhs_number": "NHS", "dob": "DOB", "sex": "SEX", "postcode": "POSTCODE" } }
  },
  "link": [ { "from": "hes", "to": "deaths", "passes": "hes-ons-8-rank" } ],
  "output": { "directory": "out", "format": "csv" }
})");
  }
  void TearDown() override { fs::remove_all(folder); }

  void write(const std::string& name, const std::string& text) const { std::ofstream(folder / name) << text; }
  [[nodiscard]] std::string read(const std::string& name) const {
    std::ifstream file(folder / name);
    std::stringstream out;
    out << file.rdbuf();
    return out.str();
  }
  void change(const std::string& name, const std::string& piece, const std::string& by) const {
    std::string text = read(name);
    const size_t at = text.find(piece);
    ASSERT_NE(at, std::string::npos);
    write(name, text.replace(at, piece.size(), by));
  }

  // Runs `tessera WORDS` in the folder.
  [[nodiscard]] Outcome run(const std::string& words) const {
    const std::string command =
        "cd '" + folder.string() + "' && " + TESSERA_COMMAND + " " + words + " >stdout.txt 2>stderr.txt";
    const int status = std::system(command.c_str());
    return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, read("stdout.txt"), read("stderr.txt")};
  }

  fs::path folder;
};

bool has(const std::string& text, const std::string& piece) { return text.find(piece) != std::string::npos; }

TEST_F(Cli, LinksAndSums) {
  const Outcome done = run("link job.json --threads 1");
  EXPECT_EQ(done.code, 0) << done.err;
  EXPECT_TRUE(has(done.out, "hes to deaths")) << done.out;
  EXPECT_TRUE(has(done.out, "linked  3 of 3 hes (100.00 %), 2 of 2 deaths (100.00 %)")) << done.out;
  EXPECT_EQ(read("out/links.csv"), "from_id,to_id,rank,ties\n1,11,1,1\n2,12,6,1\n3,12,8,1\n");
}

TEST_F(Cli, TheSummaryForMachines) {
  const Outcome done = run("link job.json --format=json --quiet");
  EXPECT_EQ(done.code, 0) << done.err;
  EXPECT_EQ(done.err, "");
  const auto summary = nlohmann::json::parse(done.out);
  EXPECT_EQ(summary.at("job"), "hes-deaths");
  EXPECT_EQ(summary.at("steps").at(0).at("linked_from"), 3);
  EXPECT_EQ(summary.at("steps").at(0).at("ranks").at(5).at("links"), 1);
}

TEST_F(Cli, QuietSaysNothing) {
  const Outcome done = run("link job.json --quiet");
  EXPECT_EQ(done.code, 0);
  EXPECT_EQ(done.out + done.err, "");
}

TEST_F(Cli, AnOutputThatIsThereIsKeptWithoutForce) {
  ASSERT_EQ(run("link job.json").code, 0);
  const Outcome again = run("link job.json");
  EXPECT_EQ(again.code, 2);
  EXPECT_TRUE(has(again.err, "--force")) << again.err;
  EXPECT_EQ(run("link job.json --force").code, 0);
}

TEST_F(Cli, ValidateTellsAllMistakesOnStderrAndExitsWithTwo) {
  EXPECT_EQ(run("validate job.json").code, 0);
  change("job.json", "\"id\": \"EPIKEY\"", "\"idd\": \"EPIKEY\"");
  change("job.json", "\"HOMEADD\"", "\"HOMEAD\"");
  const Outcome wrong = run("validate job.json");
  EXPECT_EQ(wrong.code, 2);
  EXPECT_EQ(wrong.out, "");
  EXPECT_TRUE(has(wrong.err, "job.json:4:33: unknown key \"idd\"")) << wrong.err;
  EXPECT_TRUE(has(wrong.err, "did you mean \"id\"?"));
  EXPECT_TRUE(has(wrong.err, "has no column \"HOMEAD\""));
  EXPECT_TRUE(has(wrong.err, "did you mean \"HOMEADD\"?"));
  EXPECT_FALSE(fs::exists(folder / "out"));
}

TEST_F(Cli, ValidateWithoutFiles) {
  fs::remove(folder / "hes.csv");
  EXPECT_EQ(run("validate job.json").code, 2);
  EXPECT_EQ(run("validate job.json --no-files").code, 0);
}

TEST_F(Cli, ExplainReadsNoRowsAndWritesNothing) {
  const Outcome told = run("explain job.json");
  EXPECT_EQ(told.code, 0) << told.err;
  EXPECT_TRUE(has(told.out, "rank")) << told.out;
  EXPECT_FALSE(fs::exists(folder / "out"));
}

TEST_F(Cli, AnInputThatCannotBeUnderstoodIsData) {
  write("hes.parquet", "this is not Parquet at all");
  change("job.json", "hes.csv", "hes.parquet");
  const Outcome wrong = run("link job.json");
  EXPECT_EQ(wrong.code, 3) << wrong.err;
  EXPECT_FALSE(fs::exists(folder / "out"));
}

TEST_F(Cli, AnOutputThatCannotBeWrittenIsAResource) {
  change("job.json", "\"directory\": \"out\"", "\"directory\": \"/proc/tessera-out\"");
  const Outcome wrong = run("link job.json");
  EXPECT_EQ(wrong.code, 4) << wrong.err;
}

TEST_F(Cli, AFullStdoutIsAResource) {
  if (!fs::exists("/dev/full")) GTEST_SKIP();
  const int status = std::system((std::string(TESSERA_COMMAND) + " help >/dev/full 2>/dev/null").c_str());
  EXPECT_EQ(WEXITSTATUS(status), 4);
}

TEST_F(Cli, AnInterruptedLinkExitsWithFiveAndLeavesNothing) {
  // Enough rows, and small enough batches, that a link takes seconds; it is stopped when its folder appears.
  std::ofstream rows(folder / "hes.csv");
  rows << "EPIKEY,NEWNHSNO,DOB,SEX,HOMEADD\n";
  for (int i = 0; i < 2'000'000; ++i) rows << i << ",9434765919,01021950,1,SW1A 2AA\n";
  rows.close();
  const auto working = [&] {
    for (const auto& entry : fs::directory_iterator(folder))
      if (entry.is_directory()) return true;
    return false;
  };
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    ::execl(TESSERA_COMMAND, "tessera", "link", (folder / "job.json").c_str(), "--quiet", "--threads", "1",
            "--batch-size", "1KiB", "--batch-rows", "16", static_cast<char*>(nullptr));
    ::_exit(127);
  }
  for (int i = 0; i < 1000 && !working(); ++i) ::usleep(1000);
  ::usleep(20'000);
  ::kill(child, SIGTERM);
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 5);
  EXPECT_FALSE(working()) << "something half-written was left";
}

TEST_F(Cli, WrongCallsExitWithTwoAndSuggest) {
  const auto refused = [&](const std::string& words, const std::string& says) {
    const Outcome wrong = run(words);
    EXPECT_EQ(wrong.code, 2) << words;
    EXPECT_EQ(wrong.out, "") << words;
    EXPECT_TRUE(has(wrong.err, says)) << words << "\n" << wrong.err;
  };
  refused("", "Usage: tessera COMMAND");
  refused("lnk job.json", "did you mean link?");
  refused("frobnicate", "tessera help lists them");
  refused("link", "link needs JOB");
  refused("link job.json --thread 2", "did you mean --threads?");
  refused("link job.json -q", "link has no option -q");
  refused("link job.json other.json", "there is one more: other.json");
  refused("link job.json --threads two", "--threads must be a whole number");
  refused("link job.json --threads 0", "from 1 to 1024");
  refused("link job.json --threads", "threads");
  refused("link job.json --memory lots", "--memory");
  refused("link job.json --format tabel", "did you mean table?");
  refused("link job.json --quiet --format json --format json", "given twice");
  refused("link none.json", "none.json is not there");
  refused("link .", "is a folder");
  refused("completions tcsh", "bash, zsh, fish");
  refused("help lnk", "did you mean link?");
}

TEST_F(Cli, AJobOfAHundredMegabytes) {
  fs::resize_file(folder / "job.json", 100u << 20);
  const Outcome wrong = run("link job.json");
  EXPECT_EQ(wrong.code, 2);
  EXPECT_TRUE(has(wrong.err, "larger than a job may be")) << wrong.err;
}

TEST_F(Cli, HelpNamesEveryCommandAndExitCode) {
  const Outcome help = run("help");
  EXPECT_EQ(help.code, 0);
  EXPECT_EQ(run("--help").out, help.out);
  for (const char* name : {"link", "validate", "explain", "evaluate", "generate", "doctor", "schema", "completions",
                           "man", "help", "version"}) {
    EXPECT_TRUE(has(help.out, std::string("\n  ") + name + " ")) << name;
    const Outcome one = run(std::string("help ") + name);
    EXPECT_EQ(one.code, 0);
    EXPECT_TRUE(has(one.out, std::string("Usage: tessera ") + name)) << name;
    EXPECT_EQ(run(std::string(name) + " --help").out, one.out);
  }
  for (const char* code : {"0  done", "1  ", "2  ", "3  ", "4  ", "5  "}) EXPECT_TRUE(has(help.out, code));
}

TEST_F(Cli, HelpHasItsSummariesInOneColumn) {
  constexpr size_t column = 30;
  std::istringstream lines(run("help").out);
  size_t commands = 0;
  bool listed = false;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("  link JOB")) listed = true;
    if (line.empty()) listed = false;
    if (!listed || line.ends_with(']')) continue;  // usage alone: too long for the summary to stand beside it
    ASSERT_GT(line.size(), column) << line;
    ++commands;
    EXPECT_EQ(line.substr(column - 2, 2), "  ") << line;
    EXPECT_NE(line[column], ' ') << line;
  }
  EXPECT_GT(commands, 15u);
}

TEST_F(Cli, GeneratedDataAndAReadyJobFitTogether) {
  const Outcome made = run("generate --people 2000 --years 3 --first-year 2018 --seed 7 data");
  ASSERT_EQ(made.code, 0) << made.err;
  EXPECT_TRUE(has(made.out, "deaths.parquet")) << made.out;
  for (const std::string job : {"hes-ons-8-rank", "hes-pds-cross-check", "census-35-matchkeys"}) {
    fs::copy_file(std::string(TESSERA_SOURCE) + "/configs/" + job + ".json", folder / (job + ".json"));
    const Outcome done = run("link --quiet --format json " + job + ".json");
    ASSERT_EQ(done.code, 0) << job << "\n" << done.err;
    EXPECT_GT(nlohmann::json::parse(done.out).at("steps").at(0).at("linked_from"), 0) << job;
  }
  EXPECT_EQ(run("generate --people 0 other").code, 2);
  EXPECT_EQ(run("generate --what hse other").code, 2);
}

// Three links, of which two are right, of three true pairs; clusters of the same.
TEST_F(Cli, EvaluatesLinksAndClusters) {
  write("links.csv",
        "from_id,to_id,weight,probability,rank,rule\n"
        "r1,r2,6,.98,1,a\nr3,r1,1,.67,2,b\nr5,r4,-2,.2,2,a\nr2,r1,5,.97,1,a\n");
  write("pairs.csv", "id_l,id_r\nr2,r1\nr3,r6\nr4,r5\n");
  write("entities.csv", "id,entity\nr1,a\nr2,a\nr3,b\nr6,b\nr4,c\nr5,c\n");
  write("clusters.csv", "id,cluster_id\nr1,r1\nr2,r1\nr3,r1\nr4,r4\nr5,r4\n");
  for (const std::string truth : {"pairs.csv", "entities.csv"}) {
    const Outcome done =
        run("evaluate --links links.csv --clusters clusters.csv --format json --by rule --truth " + truth);
    ASSERT_EQ(done.code, 0) << done.err;
    const auto all = nlohmann::json::parse(done.out);
    const auto& links = all.at("links");
    EXPECT_EQ(links.at("links"), 3);
    EXPECT_EQ(links.at("right"), 2);
    EXPECT_EQ(links.at("true_pairs"), 3);
    EXPECT_EQ(links.at("repeated"), 1);
    EXPECT_NEAR(links.at("f1"), 2.0 / 3, 1e-12);
    EXPECT_EQ(links.at("best").at("at_least"), -2);
    EXPECT_EQ(links.at("ranks").at(1).at("right"), 1);
    EXPECT_EQ(links.at("by").at(0).at("links"), 3);  // few are told together
    // {r1 r2 r3} {r4 r5} {r6} beside {r1 r2} {r3 r6} {r4 r5}
    const auto& clusters = all.at("clusters");
    EXPECT_EQ(clusters.at("records"), 6);
    EXPECT_NEAR(clusters.at("pairwise").at("precision"), 2.0 / 4, 1e-12);
    EXPECT_NEAR(clusters.at("pairwise").at("recall"), 2.0 / 3, 1e-12);
    EXPECT_NEAR(clusters.at("b_cubed").at("precision"), (4.0 / 3 + 1.0 / 3 + 1 + 2) / 6, 1e-12);
    EXPECT_NEAR(clusters.at("b_cubed").at("recall"), (2 + .5 + .5 + 2) / 6, 1e-12);
  }
  const Outcome told = run("evaluate --links links.csv --truth pairs.csv");
  EXPECT_EQ(told.code, 0) << told.err;
  EXPECT_TRUE(has(told.out, "precision")) << told.out;
  EXPECT_FALSE(has(told.out, "r1")) << told.out;
}

// The same ids on both sides: 1 here is not 1 there.
TEST_F(Cli, EvaluatesLinksBetweenTwoInputs) {
  write("links.csv", "from_id,to_id\n1,1\n1,2\n2,1\n");
  write("pairs.csv", "id_l,id_r\n1,2\n");
  write("entities.csv", "file,id,entity\na,1,x\nb,2,x\na,2,y\nb,1,z\n");
  for (const std::string truth : {"--truth pairs.csv --between", "--truth entities.csv"}) {
    const Outcome done = run("evaluate --links links.csv --format json " + truth);
    ASSERT_EQ(done.code, 0) << done.err;
    const auto links = nlohmann::json::parse(done.out).at("links");
    EXPECT_EQ(links.at("links"), 3) << truth;
    EXPECT_EQ(links.at("right"), 1) << truth;
    EXPECT_EQ(links.at("true_pairs"), 1) << truth;
  }
  // Within one input the first links a record with itself, and the other two are one.
  const Outcome within = run("evaluate --links links.csv --format json --truth pairs.csv");
  const auto links = nlohmann::json::parse(within.out).at("links");
  EXPECT_EQ(links.at("links"), 1);
  EXPECT_EQ(links.at("self_links"), 1);
  EXPECT_EQ(links.at("precision"), 1);
}

TEST_F(Cli, EvaluateRefusesWhatItCannotJudge) {
  write("links.csv", "from_id,to_id,weight\nq1,q2,3\n");
  write("entities.csv", "id,entity\nr1,a\nr2,a\n");
  const auto refused = [&](const std::string& words, int code, const std::string& says) {
    const Outcome wrong = run("evaluate " + words);
    EXPECT_EQ(wrong.code, code) << words << wrong.err;
    EXPECT_EQ(wrong.out, "") << words;
    EXPECT_TRUE(has(wrong.err, says)) << words << "\n" << wrong.err;
    EXPECT_FALSE(has(wrong.err, "q1")) << wrong.err;
  };
  refused("--links links.csv", 2, "needs --truth");
  refused("--truth entities.csv", 2, "needs --links or --clusters");
  refused("--links links.csv --truth entities.csv", 3, "names no record of the links");
  refused("--links links.csv --truth nowhere.csv", 2, "there is no file nowhere.csv");
  refused("--links entities.csv --truth entities.csv", 2, "has no column from_id or id_l");
  refused("--links links.csv --truth links.csv --by size", 2, "has no column size");
  refused("--links links.csv --truth entities.csv --between", 2, "names no inputs");
  write("empty.csv", "id_l,id_r\n");
  refused("--links links.csv --truth empty.csv", 3, "has no rows");
  write("twice.csv", "id,entity\nr1,a\nr1,b\n");
  refused("--links links.csv --truth twice.csv", 3, "a second entity");
  write("bad.csv", "from_id,to_id,weight\nr1,r2,much\n");
  refused("--links bad.csv --truth entities.csv", 3, "a weight that is no number");
  write("clusters.csv", "id,cluster_id\nr1,1\nr1,2\n");
  refused("--clusters clusters.csv --truth entities.csv", 3, "twice");
}

TEST_F(Cli, TheDoctorFindsThisMachineFit) {
  const Outcome told = run("doctor");
  EXPECT_EQ(told.code, 0) << told.out << told.err;
  EXPECT_TRUE(has(told.out, "kernels")) << told.out;
}

TEST_F(Cli, VersionSchemaAndMan) {
  EXPECT_EQ(run("version").out, run("--version").out);
  EXPECT_TRUE(has(run("version").out, "tessera "));
  EXPECT_EQ(nlohmann::json::parse(run("schema").out).at("title"), "Tessera job");
  const Outcome man = run("man");
  EXPECT_TRUE(has(man.out, ".TH TESSERA 1"));
  EXPECT_TRUE(has(man.out, "\\fB\\-\\-memory\\fR"));
  EXPECT_TRUE(has(man.out, ".SH EXIT STATUS"));
}

TEST_F(Cli, CompletionsKnowCommandsOptionsAndChoices) {
  for (const char* shell : {"bash", "zsh", "fish"}) {
    const Outcome text = run(std::string("completions ") + shell);
    EXPECT_EQ(text.code, 0);
    for (const char* word : {"validate", "memory", "table json", "always"})
      EXPECT_TRUE(has(text.out, word)) << shell << " " << word;
  }
}

// What bash itself makes of them.
TEST_F(Cli, BashCompletes) {
  const auto completes = [&](const std::string& line, int word) {
    write("try.sh", "source <(" TESSERA_COMMAND " completions bash)\nCOMP_WORDS=(" + line +
                        ")\nCOMP_CWORD=" + std::to_string(word) + "\n_tessera\nprintf '%s\\n' \"${COMPREPLY[@]}\"\n");
    std::ignore = std::system(("cd '" + folder.string() + "' && bash try.sh >reply.txt 2>&1").c_str());
    return read("reply.txt");
  };
  EXPECT_EQ(completes("tessera li", 1), "link\n");
  EXPECT_EQ(completes("tessera link --mem", 2), "--memory\n");
  EXPECT_EQ(completes("tessera link --format j", 3), "json\n");
  EXPECT_EQ(completes("tessera link jo", 2), "job.json\n");
  EXPECT_EQ(completes("tessera completions f", 2), "fish\n");
}

}  // namespace
