// link.cc: tessera link JOB
#include "cli/command.h"
#include "cli/run_options.h"
#include "cli/summary.h"
#include "tessera/engine.h"

namespace tessera {
namespace {

std::vector<Option> options() {
  std::vector<Option> out = run_option_table();
  out.insert(out.end(), {
                            {"force", "", "replace the output directory if it is there, whole and at once"},
                            {"strict", "", "fail when the estimation of a model did not converge"},
                            {"quiet", "", "no forecast, no progress, no summary"},
                        });
  const std::vector<Option> telling = telling_option_table();
  out.insert(out.end(), telling.begin(), telling.end());
  return out;
}

Status run(const Arguments& arguments) {
  TESSERA_ASSIGN(const RunOptions options, telling_options(arguments));
  TESSERA_ASSIGN(const Job job, load_job(arguments.positional()[0]));
  TESSERA_ASSIGN(const LinkReport report, run_link(job, options));
  if (arguments.value("format") == "json") return print(summary_json(report));
  return options.quiet ? Status{} : print(summary_table(job, report));
}

}  // namespace

Command link_command() {
  return {"link",
          "JOB",
          1,
          1,
          "link the inputs of a job",
          "Reads the job file JOB, links its inputs by its passes, and writes links, rejects and manifest.json to the "
          "output directory, which appears whole or not at all. Prints a summary.",
          options(),
          run};
}

}  // namespace tessera
