// explain.cc: tessera explain JOB
#include "cli/command.h"
#include "cli/run_options.h"
#include "tessera/engine.h"

namespace tessera {
namespace {

Status run(const Arguments& arguments) {
  TESSERA_ASSIGN(const RunOptions options, run_options(arguments));
  TESSERA_ASSIGN(const Job job, load_job(arguments.positional()[0]));
  TESSERA_ASSIGN(const std::string text, explain_link(job, options));
  return print(text);
}

}  // namespace

Command explain_command() {
  return {"explain",
          "JOB",
          1,
          1,
          "say what a job would do",
          "Prints what link would do: the columns read, how records are found, the comparisons, the passes, and a "
          "forecast of memory and disk. Reads no rows.",
          run_option_table(),
          run};
}

}  // namespace tessera
