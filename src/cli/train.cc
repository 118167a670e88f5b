// train.cc: tessera train JOB --model FILE
#include "cli/command.h"
#include "cli/run_options.h"
#include "cli/summary.h"
#include "tessera/engine.h"

namespace tessera {
namespace {

std::vector<Option> options() {
  std::vector<Option> out = run_option_table();
  out.insert(out.end(), {{"model", "FILE", "where the model is written; needed"},
                         {"splink", "FILE", "where it is written too as settings of Splink, as far as they can say it"},
                         {"force", "", "replace the file if it is there"},
                         {"strict", "", "fail when the estimation did not converge"},
                         {"quiet", "", "no progress, no summary"}});
  const std::vector<Option> telling = telling_option_table();
  out.insert(out.end(), telling.begin(), telling.end());
  return out;
}

Status run(const Arguments& arguments) {
  TESSERA_ASSIGN(const RunOptions options, telling_options(arguments));
  const std::string path = arguments.value("model");
  if (path.empty()) return fail(ErrorCode::usage, "train needs --model FILE: where the model is written");
  TESSERA_ASSIGN(const Job job, load_job(arguments.positional()[0]));
  TESSERA_ASSIGN(const LinkReport report, run_train(job, path, options, arguments.value("splink")));
  if (arguments.value("format") == "json") return print(summary_json(report));
  return options.quiet ? Status{} : print(train_table(report, path));
}

}  // namespace

Command train_command() {
  return {
      "train",
      "JOB",
      1,
      1,
      "estimate the model of a job and keep it",
      "Reads the inputs of JOB, chooses blocking rules if the model has none, estimates m, u and lambda, and writes "
      "the model to a file that a later job can name. Writes no links.",
      options(),
      run};
}

}  // namespace tessera
