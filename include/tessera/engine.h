// engine.h: run a job.
//
//   Job job = *load_job("job.json");
//   LinkReport report = *run_link(job, {.threads = 2});
//
// Safe to call from one thread at a time: the number of worker threads, the
// memory budget and the signal handlers are of the process.
#pragma once

#include <cstdint>
#include <string>

#include "tessera/error.h"
#include "tessera/job.h"
#include "tessera/report.h"

namespace tessera {

struct RunOptions {
  unsigned threads = 0;               // 0: as many as the process may use
  uint64_t memory_bytes = 0;          // 0: three quarters of what the machine has
  std::string spill_directory;        // empty: beside the output directory
  unsigned rounds_max = 4;            // walks over a from input for a reference that does not fit, at most
  bool force = false;                 // replace an existing output directory
  uint64_t batch_bytes = 4ull << 20;  // of input text or decoded columns a task holds
  size_t batch_rows = 16384;          // rows that are worked on at a time
  enum class Progress : uint8_t { automatic, always, never } progress = Progress::automatic;
  bool quiet = false;
  bool strict = false;  // an estimation that did not converge is an error
  bool log_json = false;
};

struct Forecast {
  uint64_t reference_rows = 0;
  bool reference_rows_exact = false;  // from file metadata; else an estimate by size
  uint64_t reference_bytes = 0;       // packed records and indexes, whole
  uint64_t stream_bytes = 0;          // batches in flight
  uint64_t memory_bytes = 0;          // peak expected
  uint64_t budget_bytes = 0;
  uint64_t partitions = 1;
  uint64_t rounds = 0;  // walks over the from input, one for each part of each anchor; 0: not in rounds
  uint64_t spill_bytes = 0;
  uint64_t output_bytes = 0;
};

// Ensures: the output directory is complete or untouched.
[[nodiscard]] Result<LinkReport> run_link(const Job&, const RunOptions&);

// Writes each input of the job as tokens: its id, a column for each token that the passes need, flags, and the fields
// that may stay clear.
// Fails: usage (2) if the job has no pseudonyms, a pass cannot be kept on tokens, or for the key file; data (3) too.
[[nodiscard]] Result<LinkReport> run_pseudonymise(const Job&, const RunOptions&);
// The same with a filter for each row; the job has `encode`, and need not have `pseudonyms`.
[[nodiscard]] Result<LinkReport> run_encode(const Job&, const RunOptions&);

// Writes each input with the ids that the bridging file of `rekey` gives for them; rows whose id has no partner, or
// several, are rejected. Fails: usage (2) for a bridging file of another domain or key; data (3) for one that is none.
[[nodiscard]] Result<LinkReport> run_rekey(const Job&, const RunOptions&);

// Links as run_link, and writes a bridging file: the pseudonym of either side and the rank (or weight), nothing else.
// `previous`: the file of an earlier run, or empty; pairs that are new, gone or changed since are written beside it.
// Fails: usage (2) if the job has no "bridge", or a key cannot be used; as run_link.
[[nodiscard]] Result<LinkReport> run_bridge(const Job&, const RunOptions&, const std::string& previous = {});

// Estimates the model of the job's step and writes it to `path`, which appears whole or not at all.
// With `splink_path` the model is written there too as settings of Splink, without what those cannot say (a warning of
// the report names it).
// Fails: usage (2) if no step has a model, a file is there and not `force`, or a level has no form in Splink's SQL.
[[nodiscard]] Result<LinkReport> run_train(const Job&, const std::string& path, const RunOptions&,
                                           const std::string& splink_path = {});

// What the blocking rules of the job's models bring, from the keys of the records: no pair is made.
[[nodiscard]] Result<std::string> forecast_job(const Job&, const RunOptions&);

// Why a pair of records has the weight it has, by the ids of the two. Holds levels and weights, no values.
[[nodiscard]] Result<std::string> explain_pair(const Job&, const std::string& left_id, const std::string& right_id,
                                               const RunOptions&);

// What run_link would do, as text for a person: columns read, anchors, pattern
// bits, rank table, memory and disk forecast. Reads file metadata only.
[[nodiscard]] Result<std::string> explain_link(const Job&, const RunOptions&);

}  // namespace tessera
