// bridge_ids.h: how do the ids of one input become a bridging file, without a link?
//
//   PSEUDO_HESID   from_pseudonym (old key)   to_pseudonym (new key)   rank
//   A17            3f0c...                    99aa...                  1
//
// For a key that is rotated, or a second domain: the pairs are known, so nothing is compared, and rows of one id make one
// pair however many they are.
#pragma once

#include "services/job_tables.h"
#include "services/walk.h"
#include "tessera/report.h"

namespace tessera {

// Requires: a job with "bridge" and without "link": one input, and both sides under a key.
// Fails: as reading and writing do.
[[nodiscard]] Status bridge_ids(const Job& job, const WalkOptions& options, TableWriter& rejects, JobTables& tables,
                                LinkReport& report);

}  // namespace tessera
