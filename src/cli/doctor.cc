// doctor.cc: tessera doctor
#include "cli/command.h"
#include "services/services.h"

namespace tessera {
namespace {

Status run(const Arguments& arguments) {
  const Diagnosis diagnosis = examine(arguments.value("folder", "."));
  TESSERA_TRY(print(diagnosis.text));
  return diagnosis.healthy ? Status{} : fail(ErrorCode::internal, "a self-test failed");
}

}  // namespace

Command doctor_command() {
  return {"doctor",
          "",
          0,
          0,
          "tell about this machine and test the command",
          "Prints versions, the processor's features and the kernels chosen, memory and disk, and runs self-tests of a "
          "second. Exit code 1: a self-test failed.",
          {{"folder", "FOLDER", "where to look at the disk and write a little; default here"}},
          run};
}

}  // namespace tessera
