// rekey.cc: tessera rekey JOB
#include "cli/pseudonymise.h"

namespace tessera {

Command rekey_command() {
  return {"rekey",
          "JOB",
          1,
          1,
          "move the pseudonyms of data sets to another key, through a bridging file",
          "Reads the job file JOB and writes each of its inputs with the ids that the bridging file of its \"rekey\" "
          "gives for "
          "them, and the columns that \"output\" carries. Rows whose id has no partner, or several, go to rejects. It "
          "needs no "
          "key: whoever holds the old and the new one makes the bridging file (tessera bridge).",
          pseudonymise_options(),
          [](const Arguments& arguments) { return run_pseudonymising(arguments, run_rekey); }};
}

}  // namespace tessera
