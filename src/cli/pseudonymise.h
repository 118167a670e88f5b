// pseudonymise.h: what do the commands that write data sets without identifiers share?
#pragma once

#include <vector>

#include "cli/command.h"
#include "tessera/engine.h"

namespace tessera {

using PseudonymiseService = Result<LinkReport> (*)(const Job&, const RunOptions&);

[[nodiscard]] std::vector<Option> pseudonymise_options();
Status run_pseudonymising(const Arguments& arguments, PseudonymiseService service);

}  // namespace tessera
