// bridge.h: what does a bridging file hold, and how does it differ from the one before?
//
//   from_pseudonym                    to_pseudonym                      rank
//   3f0c1a5e9b7d24683f0c1a5e9b7d2468  99aa88bb77cc66dd99aa88bb77cc66dd  1
//
// Who holds it can follow a person from one domain to the other, and learns nothing else.
#pragma once

#include <string>

#include "services/job_tables.h"
#include "tessera/error.h"
#include "tessera/job.h"
#include "tessera/report.h"

namespace tessera {

// Counts the file that was just written into `report`; with `previous` writes the tables added, removed and changed beside it.
// Holds both files in memory: some 100 bytes a pair.
// Fails: data (3) if the previous file is no bridging file.
[[nodiscard]] Status describe_bridge(const std::string& previous, JobTables& tables, BridgeReport& report);

}  // namespace tessera
