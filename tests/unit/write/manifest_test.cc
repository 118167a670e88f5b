// Does the manifest fit its published schema, and stay the same where it must?
#include <gtest/gtest.h>

#include <fstream>
#include <limits>

#include "schema_check.h"
#include "write/write.h"

namespace tessera::testing {
namespace {

Job sample_job() {
  Job job;
  job.path = "/jobs/deaths/job.json";
  job.name = "deaths";
  job.text = R"({"job": "deaths", "inputs": {"b": 1, "a": [1.5, null]}})";
  return job;
}

LinkReport sample_report() {
  LinkReport report;
  report.job = "deaths";
  const std::string digest = "0123456789abcdef0123456789abcdef";
  report.inputs.push_back(
      {.name = "hes",
       .rows = 10,
       .filtered = 2,
       .rejected = 1,
       .fields = {{"dob", 8, 1, {{"not a date", 1}}}, {"sex", 10, 0, {}}},
       .files = {{"/jobs/deaths/data/hes.parquet", 99, "xxh3-128-footer:" + digest}, {"/elsewhere/hes.csv", 1, ""}}});
  report.steps.push_back({.from = "hes",
                          .to = "deaths",
                          .ranks = {{1, 5, 1, 0}, {8, 1, 0, 1}},
                          .linked_from = 6,
                          .linked_to = 4,
                          .candidates = 12,
                          .probes = 20,
                          .partitions = 1,
                          .spill_bytes = 0,
                          .reference_bytes = 1000});
  report.timings = {{"read", 0.25}, {"link", 1.5}};
  report.outputs = {{"links.parquet", 6, 512, "xxh3-128:" + digest}};
  report.kernels = "avx2";
  report.threads = 2;
  report.peak_memory_bytes = 1 << 20;
  report.seconds = 1.75;
  return report;
}

Json schema() {
  std::ifstream file(TESSERA_SOURCE "/configs/schema/manifest.schema.json");
  return Json::parse(file);
}

TEST(Manifest, FitsItsSchema) {
  const auto mistakes = SchemaCheck(schema()).mistakes(Json::parse(manifest_json(sample_job(), sample_report())));
  EXPECT_EQ(mistakes, std::vector<std::string>{});
}

TEST(Manifest, OfAnEmptyRunFitsItsSchema) {
  LinkReport report;
  report.kernels = "scalar";
  const auto mistakes = SchemaCheck(schema()).mistakes(Json::parse(manifest_json(sample_job(), report)));
  EXPECT_EQ(mistakes, std::vector<std::string>{});
}

TEST(Manifest, SchemaRefusesWhatIsWrong) {
  const SchemaCheck check(schema());
  const Json good = Json::parse(manifest_json(sample_job(), sample_report()));
  const auto first_mistake = [&](auto change) {
    Json bad = good;
    change(bad);
    const auto mistakes = check.mistakes(bad);
    return mistakes.empty() ? std::string() : mistakes.front();
  };
  EXPECT_EQ(first_mistake([](Json& m) { m.erase("run"); }), ": lacks \"run\"");
  EXPECT_EQ(first_mistake([](Json& m) { m["person"] = 1; }), ": unknown person");
  EXPECT_EQ(first_mistake([](Json& m) { m["inputs"][0]["rows"] = "10"; }), "/inputs/0/rows: not of type \"integer\"");
  EXPECT_EQ(first_mistake([](Json& m) { m["inputs"][0]["rows"] = -1; }), "/inputs/0/rows: less than 0");
  EXPECT_EQ(first_mistake([](Json& m) { m["outputs"][0]["digest"] = "xxh3-128:"; }),
            "/outputs/0/digest: does not fit \"^xxh3-128:[0-9a-f]{32}$\"");
  EXPECT_EQ(first_mistake([](Json& m) { m["run"]["kernels"] = "neon"; }),
            "/run/kernels: not one of [\"scalar\",\"avx2\",\"avx512\"]");
}

TEST(Manifest, HoldsTheJobInItsOwnOrder) {
  const Json manifest = Json::parse(manifest_json(sample_job(), sample_report()));
  EXPECT_EQ(manifest["configuration"].dump(), R"({"job":"deaths","inputs":{"b":1,"a":[1.5,null]}})");
}

TEST(Manifest, NamesFilesFromTheFolderOfTheJob) {
  const Json manifest = Json::parse(manifest_json(sample_job(), sample_report()));
  EXPECT_EQ(manifest["inputs"][0]["files"][0]["path"], "data/hes.parquet");
  EXPECT_EQ(manifest["inputs"][0]["files"][1]["path"], "/elsewhere/hes.csv");
  EXPECT_FALSE(manifest["inputs"][0]["files"][1].contains("digest"));
}

TEST(Manifest, KeepsLargeCountsWhole) {
  LinkReport report = sample_report();
  report.inputs[0].rows = std::numeric_limits<uint64_t>::max();
  const Json manifest = Json::parse(manifest_json(sample_job(), report));
  EXPECT_EQ(manifest["inputs"][0]["rows"].get<uint64_t>(), std::numeric_limits<uint64_t>::max());
}

// Same job, same files: another machine, other threads, another cut into batches.
TEST(Manifest, VariesUnderRunOnly) {
  LinkReport other = sample_report();
  other.seconds = 99;
  other.timings = {{"read", 9}};
  other.threads = 64;
  other.kernels = "scalar";
  other.peak_memory_bytes = 1;
  other.steps[0].candidates = other.steps[0].probes = other.steps[0].partitions = 7;
  other.steps[0].spill_bytes = other.steps[0].reference_bytes = 7;
  Json one = Json::parse(manifest_json(sample_job(), sample_report()));
  Json two = Json::parse(manifest_json(sample_job(), other));
  EXPECT_NE(one, two);
  one.erase("run");
  two.erase("run");
  EXPECT_EQ(one, two);
}

TEST(Manifest, PathsThatAreNotTextDoNotBreakIt) {
  LinkReport report = sample_report();
  report.inputs[0].files[0].path = "/data/\xff.csv";
  const auto mistakes = SchemaCheck(schema()).mistakes(Json::parse(manifest_json(sample_job(), report)));
  EXPECT_EQ(mistakes, std::vector<std::string>{});
}

}  // namespace
}  // namespace tessera::testing
