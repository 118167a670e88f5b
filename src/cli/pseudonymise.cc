// pseudonymise.cc: tessera pseudonymise JOB
#include <fmt/format.h>

#include "base/text.h"
#include "cli/command.h"
#include "cli/pseudonymise.h"
#include "cli/run_options.h"
#include "cli/summary.h"
#include "tessera/engine.h"

namespace tessera {

std::vector<Option> pseudonymise_options() {
  std::vector<Option> out = run_option_table();
  out.insert(out.end(), {
                            {"force", "", "replace the output directory if it is there, whole and at once"},
                            {"quiet", "", "no progress, no summary"},
                        });
  const std::vector<Option> telling = telling_option_table();
  out.insert(out.end(), telling.begin(), telling.end());
  return out;
}

namespace {

std::string table_of(const LinkReport& report) {
  std::string text;
  for (size_t i = 0; i < report.inputs.size(); ++i)  // the file after those of the inputs is that of the rejects
    text += fmt::format("{:<24} {:>16} rows {:>12} rejected  {:>10}\n", report.outputs[i].name,
                        grouped_count(report.outputs[i].rows), grouped_count(report.inputs[i].rejected),
                        human_bytes(report.outputs[i].bytes));
  return text +
         fmt::format("{} with {} at peak\n", human_seconds(report.seconds), human_bytes(report.peak_memory_bytes));
}

}  // namespace

Status run_pseudonymising(const Arguments& arguments, PseudonymiseService service) {
  TESSERA_ASSIGN(const RunOptions options, telling_options(arguments));
  TESSERA_ASSIGN(const Job job, load_job(arguments.positional()[0]));
  TESSERA_ASSIGN(const LinkReport report, service(job, options));
  if (arguments.value("format") == "json") return print(summary_json(report));
  return options.quiet ? Status{} : print(table_of(report));
}

Command pseudonymise_command() {
  return {
      "pseudonymise",
      "JOB",
      1,
      1,
      "write the inputs of a job without identifiers: tokens instead",
      "Reads the job file JOB and writes each of its inputs as tokens under the key and domain of its \"pseudonyms\": "
      "id, "
      "a column for each token that the passes need, flags, and the fields that may stay clear; with manifest.json, "
      "into "
      "the output directory, which appears whole or not at all. tessera explain JOB prints what each token reveals.",
      pseudonymise_options(),
      [](const Arguments& arguments) { return run_pseudonymising(arguments, run_pseudonymise); }};
}

}  // namespace tessera
