// pseudonymise.cc: how does a data set lose its identifiers?
//
//   key ─ tokens that the passes need ─ for each input: read ─ standardise ─ hash ─ write ─ manifest
//
// Rows keep their order. What is neither a token, a flag, the id nor a field that may stay clear is not written.
#include <fmt/format.h>
#include <oneapi/tbb/enumerable_thread_specific.h>
#include <oneapi/tbb/global_control.h>
#include <oneapi/tbb/info.h>

#include <algorithm>
#include <deque>

#include "base/cpu.h"
#include "base/files.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/private.h"
#include "base/progress.h"
#include "base/publish.h"
#include "services/bind_tokens.h"
#include "services/token_rows.h"
#include "services/walk.h"
#include "tessera/engine.h"

namespace tessera {
namespace {

// Long texts that a thread keeps before it begins again: memory does not grow with the rows.
constexpr size_t texts_max = 1 << 18;

struct TokenLocal {
  TokenLocal(const TokenRows& rows, const Standardiser& standardiser)
      : standardise(standardiser.scratch()), buffers(rows.buffers()) {
    Standardiser::keep_texts(*standardise);
  }
  std::unique_ptr<Standardiser::Scratch, void (*)(Standardiser::Scratch*)> standardise;
  WordBatch words;
  TokenRows::Buffers buffers;
};

Status write_input(const TokenRows& rows, const Side& side, const WalkOptions& options, TableWriter& writer,
                   TableWriter& rejected, InputReport& report) {
  TESSERA_ASSIGN(const auto source, open_source(*side.input, side.columns(true), options.read));
  tbb::enumerable_thread_specific<std::unique_ptr<TokenLocal>> locals(
      [&] { return std::make_unique<TokenLocal>(rows, side.standardiser); });
  Tally tally(*side.input, &rejected);
  Progress progress("pseudonymising " + side.input->name, side.shape.rows, options.show_progress);

  struct Out {
    std::vector<std::unique_ptr<TableWriter::Chunk>> chunks;
    uint64_t rows = 0;
  };
  auto process = [&](Morsel& morsel, uint64_t, std::vector<Reject>& rejects, Out& out) -> Status {
    TokenLocal& local = *locals.local();
    if (rows.texts_kept(side.standardiser, *local.standardise) > texts_max)
      (void)Standardiser::take_texts(*local.standardise);
    RawBatch raw;
    for (;;) {
      TESSERA_ASSIGN(const bool more, morsel.next(raw, rejects));
      if (!more) return {};
      const RawColumn& id = side.outputs(raw, true)[0];
      side.standardiser.run(raw, local.words, rejects, *local.standardise);
      drop_missing_ids(raw, id, local.words, rejects);
      if (local.words.rows == 0) continue;
      // From here on nothing is in the clear but what the job says may be.
      out.chunks.push_back(
          writer.prepare(rows.make(id, local.words, side.standardiser, *local.standardise, local.buffers)));
      out.rows += local.words.rows;
    }
  };
  auto finish = [&](const Morsel& morsel, std::vector<Reject>& rejects, Out& out) -> Status {
    TESSERA_TRY(tally.add(morsel, rejects, out.rows));
    progress.add(out.rows);
    for (auto& chunk : out.chunks) TESSERA_TRY(writer.append(std::move(chunk)));
    return {};
  };
  TESSERA_TRY(walk<Out>(*source, options, process, finish));
  tally.report(report);
  report.name = side.input->name;
  report.files = source->files();
  add_profiles(side, locals, report);
  return {};
}

struct PlannedTokens {
  Side side;
  TokenRows rows;
};

Result<PlannedTokens> plan_input(const Job& job, const Input& input, const TokenPlan& plan, const SecretKey& key) {
  TESSERA_TRY(check_in_the_clear(input));
  if (input.name == "rejects")
    return fail(ErrorCode::usage,
                fmt::format("{}: an input cannot be called \"rejects\" here: its file would be that of rows "
                            "that cannot be used\nhelp: give it another name",
                            job.path));
  TESSERA_ASSIGN(InputShape shape, look_at(input));
  TESSERA_ASSIGN(TokenRows rows, TokenRows::make(job, input, plan, key));
  TESSERA_ASSIGN(Side side, make_side(job, input, std::move(shape), rows.words()));
  rows.set_id_form(side.out_forms[0]);
  return PlannedTokens{std::move(side), std::move(rows)};
}

}  // namespace

Result<LinkReport> run_pseudonymise(const Job& asked_job, const RunOptions& asked) {
  const auto start = std::chrono::steady_clock::now();
  if (!asked_job.pseudonyms)
    return fail(ErrorCode::usage,
                fmt::format("{}: the job has no \"pseudonyms\"\nhelp: add \"pseudonyms\": {{\"key_file\": "
                            "\"...\", \"domain\": \"...\", \"passes\": \"hes-ons-8-rank\"}}",
                            asked_job.path));
  RunOptions options = asked;
  if (options.threads == 0) options.threads = static_cast<unsigned>(tbb::info::default_concurrency());
  const tbb::global_control threads(tbb::global_control::max_allowed_parallelism, options.threads);
  keep_private();
  TESSERA_TRY(check_kernels());
  Job job = asked_job;
  job.output.columns.clear();  // those of links

  // Everything that can be known to be wrong is known before a row is read.
  TESSERA_ASSIGN(const TokenPlan plan, plan_tokens(job.pseudonyms->passes, job.pseudonyms->forbid));
  TESSERA_ASSIGN(const SecretKey key, SecretKey::read(job.pseudonyms->key_file));
  std::deque<PlannedTokens> inputs;
  for (const Input& input : job.inputs) {
    TESSERA_ASSIGN(PlannedTokens planned, plan_input(job, input, plan, key));
    inputs.push_back(std::move(planned));
  }
  if (!secrets_are_locked()) log(LogLevel::warning, unlocked_secrets_warning());
  TESSERA_ASSIGN(OutputDirectory directory, OutputDirectory::begin(job.output.directory, options.force));

  LinkReport report{.job = job.name, .kernels = name_of(kernels()), .threads = options.threads};
  const WalkOptions walk{.threads = options.threads,
                         .show_progress = progress_wanted(options),
                         .read = {.batch_bytes = options.batch_bytes, .batch_rows = options.batch_rows}};
  const std::string rejects_name = std::string("rejects") + ending_of(job.output.format);
  TESSERA_ASSIGN(const auto rejects,
                 make_table_writer(directory.file(rejects_name), rejects_name, job.output.format, reject_columns()));
  for (const PlannedTokens& planned : inputs) {
    const std::string name = planned.side.input->name + ending_of(job.output.format);
    const std::string description = planned.rows.description();
    TESSERA_ASSIGN(const auto writer, make_table_writer(directory.file(name), name, job.output.format,
                                                        planned.rows.columns(), {{description_key, description}}));
    InputReport input;
    TESSERA_TRY(timed(report.timings, "pseudonymise " + planned.side.input->name,
                      [&] { return write_input(planned.rows, planned.side, walk, *writer, *rejects, input); }));
    TESSERA_ASSIGN(OutputFile file, writer->close());
    report.inputs.push_back(std::move(input));
    report.outputs.push_back(std::move(file));
    report.tokens.emplace_back(name, description);
  }
  TESSERA_ASSIGN(OutputFile rejects_file, rejects->close());
  report.outputs.push_back(std::move(rejects_file));

  // From here on nothing changes: the manifest describes what lies in the directory, which then appears.
  const auto seconds = [&] { return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count(); };
  report.peak_memory_bytes = peak_memory_bytes();
  report.seconds = seconds();
  TESSERA_TRY(write_private_file(directory.file("manifest.json"), manifest_json(job, report)));
  TESSERA_TRY(directory.publish());
  report.seconds = seconds();
  return report;
}

}  // namespace tessera
