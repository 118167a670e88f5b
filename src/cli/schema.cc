// schema.cc: tessera schema
#include "cli/command.h"
#include "job/job.h"

namespace tessera {
namespace {

Status run_schema(const Arguments& arguments) {
  const std::string what = arguments.positional().empty() ? "job" : arguments.positional().front();
  if (what == "job") return print(job_schema_text());
  if (what == "model") return print(model_schema_text());
  return fail(ErrorCode::usage, "there is no schema of \"" + what + "\"\nhelp: there are job and model");
}

}  // namespace

Command schema_command() {
  return {"schema",
          "[job|model]",
          0,
          1,
          "print the JSON Schema of job files, or of model files",
          "For editors that check and complete a file while it is written. The same text lies in configs/schema.",
          {},
          run_schema};
}

}  // namespace tessera
