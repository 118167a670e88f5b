// link.cc: how is a linkage job run?
//
// The whole of it, step by step. Each step streams its from side past its to side:
//
//   plan ─ forecast ─ last dates of groups ─ reference into memory ─ stream ─ report
//                                          └ or to disk, part by part: rounds.cc, partition.cc ┘
#include <fmt/format.h>
#include <oneapi/tbb/global_control.h>
#include <oneapi/tbb/info.h>

#include <algorithm>
#include <optional>

#include <unistd.h>

#include "base/cpu.h"
#include "base/files.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/private.h"
#include "services/bind_tokens.h"
#include "services/bridge.h"
#include "services/bridge_ids.h"
#include "services/bridge_note.h"
#include "services/job_tables.h"
#include "services/model_tables.h"
#include "services/step.h"
#include "services/via.h"

namespace tessera {

namespace {

Status open_tables(StepRun& run, const Emitter& emitter, const std::string& suffix, const JobTables& tables) {
  const Output& output = run.job.output;
  TESSERA_ASSIGN(run.tables.links, tables.open("links" + suffix, emitter.link_columns()));
  const auto wanted = [&](const Side& side) {
    return std::ranges::find(output.unmatched, side.input->name) != output.unmatched.end();
  };
  if (wanted(run.plan.from)) {
    TESSERA_ASSIGN(run.tables.unmatched_from,
                   tables.open("unmatched_" + run.plan.from.input->name + suffix, out_columns(run.plan.from, "id")));
  }
  if (wanted(run.plan.to)) {
    TESSERA_ASSIGN(run.tables.unmatched_to,
                   tables.open("unmatched_" + run.plan.to.input->name + suffix, out_columns(run.plan.to, "id")));
  }
  if (output.refused && !run.plan.passes.limits.empty()) {
    TESSERA_ASSIGN(run.tables.refused, tables.open("refused" + suffix, emitter.refused_columns()));
  }
  return {};
}

// The reference is packed, indexed and held; the from side flows past it.
Status run_in_memory(StepRun& run) {
  PackedRecords records(run.plan.to_layout, run.plan.to.shape.rows + run.plan.to.shape.rows / 16);
  auto keep = [&](ReferencePiece& piece) -> Status {
    if (records.size() + piece.rows.payload.size() > KeyIndex::rows_max)
      return fail(ErrorCode::resource, "the to side has more than 2,147,483,648 records; split it into two jobs");
    run.to_starts.push_back(records.size());
    records.append(piece.words.data(), piece.rows.payload);
    return {};
  };
  TESSERA_TRY(timed(run.timings, "read " + run.plan.to.input->name, [&] {
    return walk_reference(run.plan.to, run.plan.to_layout, run.store, run.walk, run.rejects, run.spill_directory,
                          run.to_report, keep);
  }));
  std::vector<KeyIndex> indexes;
  TESSERA_TRY(timed(run.timings, "index " + run.plan.to.input->name, [&]() -> Status {
    indexes = build_indexes(records, run.plan.passes);
    return {};
  }));
  run.linked_to = std::make_unique<LinkedSet>(records.size());
  run.report.reference_bytes = records.bytes() + run.store.bytes();
  for (const KeyIndex& index : indexes) run.report.reference_bytes += index.bytes();

  if (!run.plan.stored()) {
    TESSERA_TRY(
        timed(run.timings, "link " + run.plan.from.input->name, [&] { return stream_links(run, records, indexes); }));
  } else {
    StoredMatches stored;
    const uint64_t morsels = run.plan.from.shape.bytes / run.walk.read.batch_bytes + run.plan.from.input->paths.size();
    TESSERA_ASSIGN(stored.matches, MatchStore::make(run.spill_directory, morsels, run.plan.passes));
    if (run.tables.refused) {
      TESSERA_ASSIGN(stored.refused, MatchStore::make(run.spill_directory, morsels, run.plan.passes));
    }
    TESSERA_TRY(timed(run.timings, "match " + run.plan.from.input->name,
                      [&] { return stream_matches(run, records, indexes, *stored.matches, stored.refused.get()); }));
    TESSERA_TRY(timed(run.timings, "resolve and write", [&] { return write_stored(run, stored); }));
  }
  return {};
}

Status run_partitioned(StepRun& run) {
  if (run.plan.forecast.rounds > 0) return link_in_rounds(run);
  StoredMatches stored;
  TESSERA_TRY(timed(run.timings, "partition and join", [&]() -> Status {
    TESSERA_ASSIGN(stored, partition_matches(run));
    return {};
  }));
  return timed(run.timings, "resolve and write", [&] { return write_stored(run, stored); });
}

Status run_step(StepRun& run, const std::string& suffix, JobTables& tables) {
  // Before any row is read: what it will take.
  if (run.walk.show_forecast) fmt::print(stderr, "{}", forecast_text(run.plan.forecast));
  const size_t passes = run.plan.passes.table.passes().size();
  run.ties.by_pass.resize(passes);
  run.links.links.resize(passes);
  run.counts.refused.resize(passes);

  // Limits by group need the last date of each group first.
  for (const DateLimit& limit : run.plan.passes.limits) {
    if (limit.group.empty()) continue;
    TESSERA_TRY(timed(run.timings, "last dates of " + run.plan.from.input->name, [&]() -> Status {
      TESSERA_ASSIGN(GroupDates dates, collect_group_dates(run.job, run.plan.from, limit, run.walk));
      run.groups.push_back(std::move(dates));
      return {};
    }));
  }

  // What stands for a to record; text that does not fit in memory goes to disk.
  const bool partitioned = run.plan.forecast.partitions > 1;
  TESSERA_ASSIGN(run.store, RowStore::make(run.plan.to.out_forms, partitioned ? run.spill_directory : ""));
  LinkedSet none(0);
  TESSERA_TRY(
      open_tables(run, Emitter(run.job, run.plan.from, run.plan.to, run.plan.passes, run.store, none), suffix, tables));

  // All ways give the same links, to the byte.
  TESSERA_TRY(partitioned ? run_partitioned(run) : run_in_memory(run));
  if (run.tables.unmatched_to)
    TESSERA_TRY(timed(run.timings, "unmatched of " + run.plan.to.input->name, [&] { return write_unmatched_to(run); }));

  TESSERA_TRY(timed(run.timings, "close outputs", [&]() -> Status {
    for (auto* writer : {&run.tables.links, &run.tables.unmatched_from, &run.tables.unmatched_to, &run.tables.refused})
      TESSERA_TRY(tables.close(*writer));
    return {};
  }));

  run.report.from = run.plan.step->from;
  run.report.to = run.plan.step->to;
  for (size_t i = 0; i < passes; ++i)
    run.report.ranks.push_back(
        {run.plan.passes.table.passes()[i].rank, run.links.links[i], run.ties.by_pass[i], run.counts.refused[i]});
  run.report.linked_from = run.links.linked_from;
  run.report.linked_to = run.linked_to->count();
  run.report.candidates = run.counts.candidates;
  run.report.probes = run.counts.probes;
  return {};
}

// One step, of either kind.
struct AnyPlan {
  const LinkStep* step = nullptr;
  std::optional<StepPlan> passes;
  std::unique_ptr<ModelStepPlan> model;

  // Whether it may need a place for what does not fit in memory.
  bool spills() const {
    if (step->via) return false;
    const auto checks_ids = [](const Input& input) { return input.duplicate_ids == DuplicateIds::error; };
    if (model) return std::ranges::any_of(model->inputs, [&](const Input* input) { return checks_ids(*input); });
    return passes->stored() || checks_ids(*passes->from.input) || checks_ids(*passes->to.input);
  }
};

Result<AnyPlan> plan_any(const Job& job, const LinkStep& step, const RunOptions& options) {
  AnyPlan plan{.step = &step, .passes = {}, .model = {}};
  if (step.via) return plan;
  if (by_model(step)) {
    TESSERA_ASSIGN(ModelStepPlan made, plan_model_step(job, step));
    plan.model = std::make_unique<ModelStepPlan>(std::move(made));
  } else {
    TESSERA_ASSIGN(plan.passes, plan_step(job, step, options));
  }
  return plan;
}

std::string suffix_of(const LinkStep& step) {
  if (step.within.empty()) return fmt::format("_{}_{}", step.from, step.to);
  std::string suffix;
  for (const std::string& name : step.within) suffix += "_" + name;
  return suffix;
}

Status link_by_passes(const Job& job, const StepPlan& plan, const WalkOptions& walk, const std::string& spill_directory,
                      const std::string& suffix, TableWriter* rejects, JobTables& tables, LinkReport& report) {
  StepRun run{.job = job, .plan = plan, .walk = walk, .spill_directory = spill_directory, .rejects = rejects};
  TESSERA_TRY(run_step(run, suffix, tables));
  for (InputReport* input : {&run.from_report, &run.to_report}) {
    input->name = input == &run.from_report ? plan.step->from : plan.step->to;
    report.inputs.push_back(std::move(*input));
  }
  report.steps.push_back(std::move(run.report));
  report.timings.insert(report.timings.end(), run.timings.begin(), run.timings.end());
  return {};
}

Status link_by_model(const Job& job, ModelStepPlan& plan, const WalkOptions& walk, const std::string& spill_directory,
                     const std::string& suffix, TableWriter* rejects, JobTables& tables, LinkReport& report) {
  ModelRun run{.job = job, .step = plan, .walk = walk, .spill_directory = spill_directory, .rejects = rejects};
  StepReport step;
  TESSERA_TRY(run_model_step(
      run, step, suffix,
      [&](const std::string& name, const std::vector<OutColumn>& columns) { return tables.open(name, columns); },
      [&](std::unique_ptr<TableWriter>& writer) { return tables.close(writer); }));
  for (const ModelSide* side : {&run.left, &run.right})
    for (const auto& input : side->inputs) report.inputs.push_back(std::move(input->report));
  report.steps.push_back(std::move(step));
  report.timings.insert(report.timings.end(), run.timings.begin(), run.timings.end());
  return {};
}

Status has_steps(const Job& job) {
  if (!job.link.empty() || job.bridge) return {};
  return fail(ErrorCode::usage,
              fmt::format("{}: the job links nothing\nhelp: tessera pseudonymise makes its tokens", job.path));
}

// What waits on disk would be values in the clear, which a bridge is there to hide.
Status check_spills(const Job& job, const AnyPlan& plan) {
  if (!job.bridge || !plan.passes || plan.passes->forecast.partitions == 1) return {};
  if (plan.passes->from.input->tokens && plan.passes->to.input->tokens) return {};
  return fail(
      ErrorCode::resource,
      "the to side does not fit the memory, and a bridge does not write values in the clear to disk\nhelp: give "
      "more with --memory, or pseudonymise both inputs first and bridge their tokens");
}

// `previous`: of a bridge, the file of an earlier run, or empty.
Result<LinkReport> run_steps(const Job& asked_job, const RunOptions& asked, const std::string& previous) {
  const Clock clock;
  RunOptions options = asked;
  if (options.threads == 0) options.threads = static_cast<unsigned>(tbb::info::default_concurrency());
  const tbb::global_control threads(tbb::global_control::max_allowed_parallelism, options.threads);
  keep_private();
  TESSERA_TRY(check_kernels());

  // Everything that can be known to be wrong is known before a row is read.
  TESSERA_TRY(has_steps(asked_job));
  TESSERA_ASSIGN(const BoundJob bound, bind_tokens(asked_job));
  const Job& job = bound.job;
  std::vector<AnyPlan> plans;
  for (const LinkStep& step : job.link) {
    TESSERA_ASSIGN(AnyPlan plan, plan_any(job, step, options));
    TESSERA_TRY(check_spills(job, plan));
    plans.push_back(std::move(plan));
  }
  TESSERA_ASSIGN(OutputDirectory directory, OutputDirectory::begin(job.output.directory, options.force));
  std::optional<SpillDirectory> spill;
  if (std::ranges::any_of(plans, [](const AnyPlan& plan) { return plan.spills(); })) {
    TESSERA_ASSIGN(spill, spill_beside(job, options));
  }

  LinkReport report{.job = job.name, .kernels = name_of(kernels()), .threads = options.threads};
  if (job.bridge) {
    TESSERA_ASSIGN(report.bridge, name_bridge(job, bound.tokens));
  }
  JobTables tables{.directory = std::move(directory),
                   .format = job.output.format,
                   .files = {},
                   .bridge = job.bridge.has_value(),
                   .bridge_note = report.bridge ? bridge_note(*report.bridge) : ""};
  TESSERA_ASSIGN(std::unique_ptr<TableWriter> rejects, tables.open("rejects", reject_columns()));
  const WalkOptions walk{.threads = options.threads,
                         .show_progress = progress_wanted(options),
                         .show_forecast = !options.quiet,
                         .strict = options.strict,
                         .read = {.batch_bytes = options.batch_bytes, .batch_rows = options.batch_rows}};
  const std::string spill_directory = spill ? spill->path() : "";
  for (AnyPlan& plan : plans) {
    const std::string suffix = plans.size() == 1 ? "" : suffix_of(*plan.step);
    if (plan.step->via) {
      TESSERA_TRY(link_via(job, *plan.step, walk, suffix, rejects.get(), tables, report));
      continue;
    }
    TESSERA_TRY(plan.model
                    ? link_by_model(job, *plan.model, walk, spill_directory, suffix, rejects.get(), tables, report)
                    : link_by_passes(job, *plan.passes, walk, spill_directory, suffix, rejects.get(), tables, report));
  }
  if (job.bridge && plans.empty())
    TESSERA_TRY(timed(report.timings, "bridge " + job.inputs.front().name,
                      [&] { return bridge_ids(job, walk, *rejects, tables, report); }));
  TESSERA_TRY(tables.close(rejects));
  if (job.bridge)
    TESSERA_TRY(
        timed(report.timings, "look at the bridge", [&] { return describe_bridge(previous, tables, *report.bridge); }));

  for (InputReport& input : report.inputs)
    if (const auto found = bound.tokens.find(input.name); found != bound.tokens.end()) input.tokens = found->second;

  // From here on nothing changes: the manifest describes what lies in the directory, which then appears.
  report.outputs = std::move(tables.files);
  report.peak_memory_bytes = peak_memory_bytes();
  report.seconds = clock.seconds();
  TESSERA_TRY(write_private_file(tables.directory.file("manifest.json"), manifest_json(job, report)));
  TESSERA_TRY(tables.directory.publish());
  report.seconds = clock.seconds();
  return report;
}

}  // namespace

Result<LinkReport> run_link(const Job& job, const RunOptions& options) {
  if (job.bridge)
    return fail(ErrorCode::usage, job.path + ": the job makes a bridging file\nhelp: tessera bridge runs it");
  return run_steps(job, options, {});
}

Result<LinkReport> run_bridge(const Job& job, const RunOptions& options, const std::string& previous) {
  if (!job.bridge)
    return fail(ErrorCode::usage,
                job.path +
                    ": the job has no \"bridge\"\nhelp: say under which key and domain each side's pseudonyms are: "
                    "\"bridge\": {\"from\": {\"key_file\": \"...\", \"domain\": \"...\"}, \"to\": \"keep\"}");
  return run_steps(job, options, previous);
}

}  // namespace tessera
