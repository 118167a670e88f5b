// version.cc: tessera version
#include <fmt/format.h>

#include "cli/command.h"

namespace tessera {

Command version_command() {
  return {"version", "", 0, 0, "print the version", "Prints the version of tessera.", {}, [](const Arguments&) {
            return print(fmt::format("tessera {}\n", TESSERA_VERSION));
          }};
}

}  // namespace tessera
