// run_options.h: which options do the commands that run jobs share?
#pragma once

#include <vector>

#include "cli/command.h"
#include "tessera/engine.h"

namespace tessera {

[[nodiscard]] std::vector<Option> run_option_table();
[[nodiscard]] Result<RunOptions> run_options(const Arguments& arguments);

// --format, --progress and --log.
[[nodiscard]] std::vector<Option> telling_option_table();
// The same, with --force, --strict and --quiet where the command has them; begins the log.
[[nodiscard]] Result<RunOptions> telling_options(const Arguments& arguments);

}  // namespace tessera
