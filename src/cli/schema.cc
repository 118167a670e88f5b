// schema.cc: tessera schema
#include "cli/command.h"
#include "job/job.h"

namespace tessera {

Command schema_command() {
  return {"schema",
          "",
          0,
          0,
          "print the JSON Schema of job files",
          "For editors that check and complete a job while it is written. The same text lies in configs/schema.",
          {},
          [](const Arguments&) { return print(job_schema_text()); }};
}

}  // namespace tessera
