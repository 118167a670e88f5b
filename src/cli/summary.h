// summary.h: what does a person, or a machine, read when a link is done?
#pragma once

#include <string>

#include "tessera/job.h"
#include "tessera/report.h"

namespace tessera {

[[nodiscard]] std::string summary_table(const Job& job, const LinkReport& report);
[[nodiscard]] std::string summary_json(const LinkReport& report);

}  // namespace tessera
