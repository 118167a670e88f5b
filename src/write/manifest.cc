// manifest.cc: what will a reader of the outputs want to know in ten years?
//
// The job as it was, what went in and came out with digests, and every count. What
// differs from run to run of the same job lies under "run": timings, memory, threads,
// and the counts that depend on how rows were cut into batches. Without "run" (and
// "versions") two manifests of the same job over the same files are equal to the byte.
//
// The schema is configs/schema/manifest.schema.json; a test holds them together.
#include <arrow/util/config.h>
#include <fmt/format.h>
#include <oneapi/tbb/version.h>
#include <xxhash.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "base/version.h"
#include "write/write.h"

namespace tessera {
namespace {

using Json = nlohmann::ordered_json;

// Relative to the folder of the job, if it lies there: the same on every machine.
std::string place_of(const std::string& path, const Job& job) {
  const std::string folder = std::filesystem::path(job.path).parent_path().string();
  if (folder.empty() || !path.starts_with(folder + "/")) return path;
  return path.substr(folder.size() + 1);
}

Json profile_json(const FieldProfile& profile) {
  Json invalid = Json::object();
  for (const auto& [reason, rows] : profile.invalid) invalid[reason] = rows;
  return {{"field", profile.field}, {"valid", profile.valid}, {"null", profile.null}, {"invalid", invalid}};
}

Json input_json(const InputReport& input, const Job& job) {
  Json fields = Json::array(), files = Json::array();
  for (const FieldProfile& profile : input.fields) fields.push_back(profile_json(profile));
  for (const InputReport::File& file : input.files) {
    Json entry = {{"path", place_of(file.path, job)}, {"bytes", file.bytes}};
    if (!file.digest.empty()) entry["digest"] = file.digest;
    files.push_back(entry);
  }
  Json out{{"name", input.name},         {"rows", input.rows}, {"filtered", input.filtered},
           {"rejected", input.rejected}, {"fields", fields},   {"files", files}};
  if (!input.tokens.empty()) out["tokens"] = Json::parse(input.tokens, nullptr, false);
  return out;
}

Json link_json(const StepReport& step) {
  Json ranks = Json::array();
  for (const RankCount& rank : step.ranks) {
    ranks.push_back({{"rank", rank.rank}, {"links", rank.links}, {"ties", rank.ties}, {"refused", rank.refused}});
  }
  Json out{{"from", step.from},
           {"to", step.to},
           {"ranks", ranks},
           {"linked_from", step.linked_from},
           {"linked_to", step.linked_to}};
  if (step.model) out["model"] = model_report_json(*step.model);
  return out;
}

Json versions_json() {
  const unsigned xxhash = XXH_versionNumber();
#ifdef __clang__
  const char* compiler = "clang " __clang_version__;
#else
  const char* compiler = "gcc " __VERSION__;
#endif
  return {{"tessera", tessera_version()},
          {"arrow", ARROW_VERSION_STRING},
          {"tbb", TBB_VERSION_STRING},
          {"xxhash", fmt::format("{}.{}.{}", xxhash / 10000, xxhash / 100 % 100, xxhash % 100)},
          {"simdjson", TESSERA_SIMDJSON_VERSION},
          {"openssl", TESSERA_OPENSSL_VERSION},
          {"compiler", compiler}};
}

Json run_json(const LinkReport& report) {
  Json timings = Json::array(), steps = Json::array();
  for (const Timing& timing : report.timings) {
    timings.push_back({{"stage", timing.stage}, {"seconds", timing.seconds}});
  }
  for (const StepReport& step : report.steps) {
    steps.push_back({{"from", step.from},
                     {"to", step.to},
                     {"candidates", step.candidates},
                     {"probes", step.probes},
                     {"partitions", step.partitions},
                     {"spill_bytes", step.spill_bytes},
                     {"reference_bytes", step.reference_bytes}});
  }
  return {{"seconds", report.seconds},
          {"timings", timings},
          {"threads", report.threads},
          {"kernels", report.kernels},
          {"peak_memory_bytes", report.peak_memory_bytes},
          {"steps", steps}};
}

}  // namespace

std::string manifest_json(const Job& job, const LinkReport& report) {
  Json configuration = Json::parse(job.text, nullptr, false);
  if (configuration.is_discarded()) configuration = job.text;  // a job made by a program, not from a file
  Json inputs = Json::array(), links = Json::array(), outputs = Json::array();
  for (const InputReport& input : report.inputs) inputs.push_back(input_json(input, job));
  for (const StepReport& step : report.steps) links.push_back(link_json(step));
  for (const OutputFile& output : report.outputs) {
    outputs.push_back(
        {{"name", output.name}, {"rows", output.rows}, {"bytes", output.bytes}, {"digest", output.digest}});
  }
  Json manifest = {{"manifest", 1},  {"job", report.job},  {"configuration", configuration}, {"inputs", inputs},
                   {"links", links}, {"outputs", outputs}, {"versions", versions_json()},    {"run", run_json(report)}};
  if (!report.tokens.empty())
    for (const auto& [file, description] : report.tokens)
      manifest["pseudonyms"][file] = Json::parse(description, nullptr, false);
  if (job.output.identifiable) {
    manifest["identifiable"] = true;
    manifest["legal_basis"] = job.output.legal_basis;
  }
  // A path may hold bytes that are not UTF-8: they are replaced, the manifest stays JSON.
  return manifest.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace tessera
