// forecast.cc: tessera forecast JOB
#include "cli/command.h"
#include "cli/run_options.h"
#include "tessera/engine.h"

namespace tessera {
namespace {

Status run(const Arguments& arguments) {
  TESSERA_ASSIGN(RunOptions options, run_options(arguments));
  options.quiet = true;
  TESSERA_ASSIGN(const Job job, load_job(arguments.positional()[0]));
  TESSERA_ASSIGN(const std::string text, forecast_job(job, options));
  return print(text);
}

}  // namespace

Command forecast_command() {
  return {
      "forecast",
      "JOB",
      1,
      1,
      "say how many pairs the blocking rules of a job bring",
      "Reads the inputs of JOB, counts the keys of each blocking rule of its models, and prints the pairs that each "
      "brings, its largest blocks, and what scoring them will take. Makes no pair.",
      run_option_table(),
      run};
}

}  // namespace tessera
