// explain.cc: tessera explain JOB
#include "cli/command.h"
#include "cli/run_options.h"
#include "tessera/engine.h"

namespace tessera {
namespace {

std::vector<Option> options_of_explain() {
  std::vector<Option> out = run_option_table();
  out.push_back(
      {"pair", "A B", "say why the records with these ids have the weight that they have, by the job's model"});
  return out;
}

Status run(const Arguments& arguments) {
  TESSERA_ASSIGN(const RunOptions options, run_options(arguments));
  TESSERA_ASSIGN(const Job job, load_job(arguments.positional()[0]));
  if (arguments.has("pair")) {
    if (arguments.positional().size() != 2) return fail(ErrorCode::usage, "--pair needs two ids: --pair A B");
    TESSERA_ASSIGN(const std::string text,
                   explain_pair(job, arguments.value("pair"), arguments.positional()[1], options));
    return print(text);
  }
  if (arguments.positional().size() > 1)
    return fail(ErrorCode::usage, "explain takes one job; the ids of a pair come after --pair");
  TESSERA_ASSIGN(const std::string text, explain_link(job, options));
  return print(text);
}

}  // namespace

Command explain_command() {
  return {
      "explain",
      "JOB",
      1,
      2,
      "say what a job would do",
      "Prints what link would do: the columns read, how records are found, the comparisons, the passes, and a "
      "forecast of memory and disk. Reads no rows, but with --pair: then the model is estimated, and the weight of one "
      "pair explained, level by level.",
      options_of_explain(),
      run};
}

}  // namespace tessera
