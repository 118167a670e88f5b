// via.h: how are two pseudonymised data sets joined through a bridging file?
//
//   from id ── pseudonym of A ── bridging file ── pseudonym of B ── to rows of that id ── links, with the rank of the pair
//
// The bridging file, and of the to side the rows that it names, are held in memory; the from side streams.
#pragma once

#include <string>

#include "services/job_tables.h"
#include "services/walk.h"
#include "tessera/error.h"
#include "tessera/job.h"
#include "tessera/report.h"

namespace tessera {

// One step with "via". Adds the step and its inputs to the report.
Status link_via(const Job& job, const LinkStep& step, const WalkOptions& walk, const std::string& suffix,
                TableWriter* rejects, JobTables& tables, LinkReport& report);

}  // namespace tessera
