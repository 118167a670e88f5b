// encode.cc: tessera encode JOB
#include "cli/pseudonymise.h"

namespace tessera {

Command encode_command() {
  return {"encode",
          "JOB",
          1,
          1,
          "write the inputs of a job as encoded filters (CLKs)",
          "Reads the job file JOB and writes for each row of its inputs the id and one filter, by the linkage schema "
          "and the "
          "secret of its \"encode\", with the same bits as clkhash 0.18; with manifest.json, into the output "
          "directory, which "
          "appears whole or not at all. If the job has \"pseudonyms\" too, their tokens stand beside the filter. "
          "tessera link with \"similar\" compares what it wrote.",
          pseudonymise_options(),
          [](const Arguments& arguments) { return run_pseudonymising(arguments, run_encode); }};
}

}  // namespace tessera
