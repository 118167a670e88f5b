// link.cc: tessera link JOB
#include "base/log.h"
#include "cli/command.h"
#include "cli/run_options.h"
#include "cli/summary.h"
#include "tessera/engine.h"

namespace tessera {
namespace {

std::vector<Option> options() {
  std::vector<Option> out = run_option_table();
  out.insert(out.end(),
             {
                 {"force", "", "replace the output directory if it is there, whole and at once"},
                 {"strict", "", "fail when the estimation of a model did not converge"},
                 {"quiet", "", "no forecast, no progress, no summary"},
                 {"format", "table|json", "how the summary is printed; default table", {"table", "json"}},
                 {"progress",
                  "WHEN",
                  "progress on stderr; default automatic: when that is a terminal",
                  {"auto", "always", "never"}},
                 {"log", "plain|json", "how messages are written to stderr; default plain", {"plain", "json"}},
             });
  return out;
}

Status run(const Arguments& arguments) {
  TESSERA_ASSIGN(RunOptions options, run_options(arguments));
  const std::string progress = arguments.value("progress", "auto");
  options.progress = progress == "always"  ? RunOptions::Progress::always
                     : progress == "never" ? RunOptions::Progress::never
                                           : RunOptions::Progress::automatic;
  options.force = arguments.has("force");
  options.strict = arguments.has("strict");
  options.quiet = arguments.has("quiet");
  options.log_json = arguments.value("log") == "json";
  start_log(options.log_json ? LogFormat::json : LogFormat::plain, options.quiet ? LogLevel::warning : LogLevel::info);

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
