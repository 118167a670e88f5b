// step.h: what does one link step of a job hold while it runs?
#pragma once

#include <oneapi/tbb/enumerable_thread_specific.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/publish.h"
#include "decide/decide.h"
#include "services/emit.h"
#include "services/forecast.h"
#include "services/group_dates.h"
#include "services/ids.h"
#include "services/match.h"
#include "services/match_store.h"
#include "services/reference.h"
#include "services/side.h"
#include "services/walk.h"
#include "tessera/engine.h"

namespace tessera {

// Everything that a step knows before it reads a row.
struct StepPlan {
  const LinkStep* step = nullptr;
  PassPlan passes;
  Side from, to;
  PackedLayout to_layout;
  Forecast forecast;
  // Matches wait in a store before links are decided and written.
  [[nodiscard]] bool stored() const { return forecast.partitions > 1 || step->resolve.each_to == Cardinality::one; }
};

// Reads metadata of the inputs only. Fails: resource (4) if the step cannot fit the budget.
Result<StepPlan> plan_step(const Job& job, const LinkStep& step, const RunOptions& options);

struct StepRun {
  const Job& job;
  const StepPlan& plan;
  WalkOptions walk;
  std::string spill_directory;
  TableWriter* rejects;
  StepTables tables;
  std::vector<GroupDates> groups;  // by limit with a group, in order
  RowStore store;
  std::vector<uint64_t> to_starts;  // by morsel of the to side: records before it
  std::unique_ptr<LinkedSet> linked_to;
  InputReport from_report, to_report;
  StepReport report;
  MatchCounts counts;
  LinkCounts links;
  TieCounts ties;
  std::vector<Timing> timings;
};

// stream.cc: the reference is in memory.
// Every record is decided as it passes, and written.
Status stream_links(StepRun& run, const PackedRecords& records, const std::vector<KeyIndex>& indexes);
// Matches go to the store; refused pairs too.
Status stream_matches(StepRun& run, const PackedRecords& records, const std::vector<KeyIndex>& indexes,
                      MatchStore& matches, MatchStore* refused);

// The reference is not in memory.
// rounds.cc: it is in few parts. The from side is walked once for each.
Status link_in_rounds(StepRun& run);
// partition.cc: both sides are spilled by anchor hash and joined part by part.
struct StoredMatches {
  std::unique_ptr<MatchStore> matches, refused;
};
Result<StoredMatches> partition_matches(StepRun& run);

// stored.cc: links of stored matches are decided and written in a second walk over the from input.
Status write_stored(StepRun& run, const StoredMatches& stored);

// unmatched.cc: to records without a link, in a second walk over the to input.
Status write_unmatched_to(StepRun& run);

// What a thread holds while it walks the from side.
struct FromLocal {
  explicit FromLocal(const Standardiser& standardiser) : standardise(standardiser.scratch()) {}
  std::unique_ptr<Standardiser::Scratch, void (*)(Standardiser::Scratch*)> standardise;
  WordBatch words;
  MatchScratch match;
  TieCounts ties;
  std::vector<Match> found, refused;
  Emitter::Scratch emit;
};

// Words of the rows of a from batch that are used, with the last dates of groups in place.
void from_words(const StepRun& run, const RawBatch& raw, std::vector<Reject>& rejects, FromLocal& local);

using FromLocals = tbb::enumerable_thread_specific<std::unique_ptr<FromLocal>>;
FromLocals from_locals(const StepRun& run);
// What threads counted, once a walk over the from input is done.
void add_counts(StepRun& run, FromLocals& locals);
// What is said of the from input: once, however often it is walked.
void report_from(StepRun& run, FromLocals& locals, const Tally& tally, const Source& source);
// A match of a batch is of a row of its words; from here on it is of a row as it was read.
void to_raw_rows(const WordBatch& words, std::vector<Match>& matches);

}  // namespace tessera
