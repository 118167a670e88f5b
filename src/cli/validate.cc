// validate.cc: tessera validate JOB
#include <fmt/format.h>

#include "cli/command.h"
#include "tessera/job.h"

namespace tessera {
namespace {

std::string counted(size_t count, std::string_view one, std::string_view many) {
  return fmt::format("{} {}", count, count == 1 ? one : many);
}

Status run(const Arguments& arguments) {
  TESSERA_ASSIGN(const Job job, load_job(arguments.positional()[0], !arguments.has("no-files")));
  size_t files = 0;
  for (const Input& input : job.inputs) files += input.paths.size();
  std::string out = fmt::format("{} is right: {} of {}\n", job.path, counted(job.inputs.size(), "input", "inputs"),
                                counted(files, "file", "files"));
  for (const LinkStep& step : job.link) {
    std::string within;
    for (const std::string& name : step.within) within += (within.empty() ? "within " : ", ") + name;
    out += within.empty() ? fmt::format("  {} to {}: ", step.from, step.to) : fmt::format("  {}: ", within);
    if (!step.passes.empty())
      out += counted(step.passes.size(), "pass", "passes") +
             (step.passes_name.empty() ? "" : " of " + step.passes_name) + (step.model ? ", then " : "");
    if (step.model) out += "a model" + (step.model->path.empty() ? "" : " from " + step.model->path);
    out += "\n";
    for (const std::string& note : step.notes) out += fmt::format("    note: {}\n", note);
  }
  return print(out);
}

}  // namespace

Command validate_command() {
  return {"validate",
          "JOB",
          1,
          1,
          "check a job file and look at its inputs",
          "Reports every mistake of the job file JOB, up to 20, with file:line:column, the line, and what to do. "
          "Inputs are opened for their headers and metadata only.",
          {{"no-files", "", "check the text of the job alone: its inputs need not be there"}},
          run};
}

}  // namespace tessera
