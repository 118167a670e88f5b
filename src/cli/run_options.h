// run_options.h: which options do link and explain share?
#pragma once

#include <vector>

#include "cli/command.h"
#include "tessera/engine.h"

namespace tessera {

[[nodiscard]] std::vector<Option> run_option_table();
[[nodiscard]] Result<RunOptions> run_options(const Arguments& arguments);

}  // namespace tessera
