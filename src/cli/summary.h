// summary.h: what does a person, or a machine, read when a link is done?
#pragma once

#include <string>

#include "tessera/job.h"
#include "tessera/report.h"

namespace tessera {

[[nodiscard]] std::string summary_table(const Job& job, const LinkReport& report);
// Of a trained model, written to `path`.
[[nodiscard]] std::string train_table(const LinkReport& report, const std::string& path);
[[nodiscard]] std::string summary_json(const LinkReport& report);

}  // namespace tessera
