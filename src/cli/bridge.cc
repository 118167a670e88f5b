// bridge.cc: tessera bridge JOB
#include <fmt/format.h>

#include "base/text.h"
#include "cli/command.h"
#include "cli/run_options.h"
#include "cli/summary.h"
#include "tessera/engine.h"

namespace tessera {
namespace {

std::vector<Option> options() {
  std::vector<Option> out = run_option_table();
  out.insert(out.end(), {{"previous", "FILE", "the bridging file of an earlier run: what changed since is written too"},
                         {"force", "", "replace the output directory if it is there, whole and at once"},
                         {"strict", "", "fail when the estimation of a model did not converge"},
                         {"quiet", "", "no forecast, no progress, no summary"}});
  const std::vector<Option> telling = telling_option_table();
  out.insert(out.end(), telling.begin(), telling.end());
  return out;
}

std::string side_line(const char* name, const BridgeReport::Side& side) {
  return fmt::format("  {:<5} {:>16} pseudonyms, {} of them with several partners; {}\n", name,
                     grouped_count(side.pseudonyms), grouped_count(side.with_several),
                     side.key_id.empty() ? "ids kept" : fmt::format("domain {}, key {}", side.domain, side.key_id));
}

std::string bridge_table(const Job& job, const LinkReport& report) {
  const BridgeReport& bridge = *report.bridge;
  std::string out = fmt::format("  pairs {:>16}\n", grouped_count(bridge.pairs));
  out += side_line("from", bridge.from) + side_line("to", bridge.to);
  if (bridge.since)
    out +=
        fmt::format("  since the previous file: {} added, {} removed, {} changed\n", grouped_count(bridge.since->added),
                    grouped_count(bridge.since->removed), grouped_count(bridge.since->changed));
  return out + fmt::format("\n{}, peak memory {}\nwritten to {}\n", human_seconds(report.seconds),
                           human_bytes(report.peak_memory_bytes), job.output.directory);
}

Status run(const Arguments& arguments) {
  TESSERA_ASSIGN(const RunOptions options, telling_options(arguments));
  TESSERA_ASSIGN(const Job job, load_job(arguments.positional()[0]));
  TESSERA_ASSIGN(const LinkReport report, run_bridge(job, options, arguments.value("previous")));
  if (arguments.value("format") == "json") return print(summary_json(report));
  return options.quiet ? Status{} : print(bridge_table(job, report));
}

}  // namespace

Command bridge_command() {
  return {"bridge",
          "JOB",
          1,
          1,
          "write a bridging file: which pseudonyms of two domains are one person",
          "Links the two inputs of JOB, in the clear or on tokens, and writes for each link the pseudonym of either "
          "side in its own domain and the rank, or the weight, and nothing else. With --previous also which pairs are "
          "new, gone or of another rank since. A job of one input and no link bridges its ids from one key to another.",
          options(),
          run};
}

}  // namespace tessera
