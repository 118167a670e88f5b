// pseudonymise.cc: how does a data set lose its identifiers?
//
//   key ─ tokens that the passes need ─ for each input: read ─ standardise ─ hash, encode ─ write ─ manifest
//
// Rows keep their order. What is neither a token, a flag, a filter, the id nor a field that may stay clear is not written.
// tessera encode is the same for a job that need not have tokens.
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
#include "job/job.h"
#include "services/bind_tokens.h"
#include "services/filter_rows.h"
#include "services/ids.h"
#include "services/job_tables.h"
#include "services/token_rows.h"
#include "services/walk.h"
#include "tessera/engine.h"

namespace tessera {
namespace {

// Long texts that a thread keeps before it begins again: memory does not grow with the rows.
constexpr size_t texts_max = 1 << 18;

// One input and what is made of its rows.
struct PlannedTokens {
  Side side;
  TokenRows rows;
  std::optional<FilterRows> filters;
};

struct TokenLocal {
  explicit TokenLocal(const PlannedTokens& planned)
      : standardise(planned.side.standardiser.scratch()), buffers(planned.rows.buffers()) {
    Standardiser::keep_texts(*standardise);
  }
  std::unique_ptr<Standardiser::Scratch, void (*)(Standardiser::Scratch*)> standardise;
  WordBatch words;
  TokenRows::Buffers buffers;
  std::optional<FilterRows::Buffers> filters;
};

// What waits on disk are hashes of ids as they are written: of tokens, unless the job keeps the ids.
Status add_ids(const OutValues& ids, size_t rows, IdCheck& check) {
  return check.add(ids.texts.empty() ? RawColumn{.form = RawColumn::Form::number, .numbers = ids.numbers}
                                     : RawColumn{.form = RawColumn::Form::text, .texts = ids.texts},
                   WordBatch{.rows = rows, .words = {}, .raw_row = {}});
}

Status write_input(const PlannedTokens& planned, const WalkOptions& options, const std::string& spill_directory,
                   TableWriter& writer, TableWriter& rejected, InputReport& report) {
  const Side& side = planned.side;
  const TokenRows& rows = planned.rows;
  TESSERA_ASSIGN(const auto source, open_source(*side.input, side.columns(true), options.read));
  tbb::enumerable_thread_specific<std::unique_ptr<TokenLocal>> locals(
      [&] { return std::make_unique<TokenLocal>(planned); });
  TESSERA_ASSIGN(const auto ids, id_check(side, spill_directory));
  Tally tally(*side.input, &rejected);
  Progress progress("pseudonymising " + side.input->name, side.shape.rows, options.show_progress);

  struct Out {
    std::vector<std::unique_ptr<TableWriter::Chunk>> chunks;
    uint64_t rows = 0;
  };
  auto process = [&](Morsel& morsel, uint64_t, std::vector<Reject>& rejects, Out& out) -> Status {
    TokenLocal& local = *locals.local();
    if (rows.texts_kept(side.standardiser, *local.standardise) > texts_max)
      Standardiser::drop_texts(*local.standardise);
    if (planned.filters && !local.filters) {
      TESSERA_ASSIGN(local.filters, planned.filters->buffers());
    }
    RawBatch raw;
    for (;;) {
      TESSERA_ASSIGN(const bool more, morsel.next(raw, rejects));
      if (!more) return {};
      const auto outputs = side.outputs(raw, true);
      side.standardiser.run(raw, local.words, rejects, *local.standardise);
      drop_missing_ids(raw, outputs[0], local.words, rejects);
      if (planned.filters)
        planned.filters->encode(raw, outputs.subspan(1), local.words, side.standardiser, *local.standardise, rejects,
                                *local.filters);
      if (local.words.rows == 0) continue;
      // From here on nothing is in the clear but what the job says may be.
      OutBatch batch = rows.make(outputs[0], side.group_columns(raw), local.words, side.standardiser,
                                 *local.standardise, local.buffers);
      if (ids) TESSERA_TRY(add_ids(batch.columns[0], batch.rows, *ids));
      if (planned.filters) batch.columns.push_back(FilterRows::values(*local.filters));
      out.chunks.push_back(writer.prepare(batch));
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
  if (ids) TESSERA_TRY(ids->check());
  tally.report(report);
  report.name = side.input->name;
  report.files = source->files();
  add_profiles(side, locals, report);
  return {};
}

// The secrets of a job, and what they are for.
struct Secrets {
  std::optional<SecretKey> tokens;  // none: no tokens, and ids are kept
  std::optional<FilterSchema> schema;
  std::optional<SecretBytes> filters;
  Description::Filter said;
};

Result<Secrets> read_secrets(const Job& job) {
  constexpr size_t secret_file_max = 1 << 20, secret_bytes_least = 16;
  Secrets out;
  if (!job.pseudonyms->key_file.empty()) {
    TESSERA_ASSIGN(out.tokens, SecretKey::read(job.pseudonyms->key_file));
  }
  if (!job.encode) return out;
  const Encode& how = *job.encode;
  TESSERA_ASSIGN(std::string text, read_job_text(how.schema));
  TESSERA_ASSIGN(out.schema, parse_filter_schema(how.schema, std::move(text)));
  out.said = {.name = filter_column,
              .schema = filter_schema_digest(*out.schema),
              .domain = how.domain,
              .key_id = {},
              .check = {},
              .harden = how.harden};
  if (how.key_file.empty()) {
    TESSERA_ASSIGN(out.filters, read_secret_file(how.secret_file, secret_file_max));
    if (out.filters->span().size() < secret_bytes_least)
      return fail(ErrorCode::data,
                  fmt::format("{}: is shorter than {} bytes, and a short secret can be guessed\nhelp: draw "
                              "32 random bytes, and give them to the partner",
                              how.secret_file, secret_bytes_least));
    return out;
  }
  TESSERA_ASSIGN(const SecretKey key, SecretKey::read(how.key_file));
  TESSERA_ASSIGN(out.filters, SecretBytes::make(key_bytes));
  DerivedKey derived{};
  TESSERA_TRY(key.derive(how.domain, filter_column, derived));
  std::ranges::copy(derived, out.filters->data());
  std::ranges::fill(derived, std::byte{});
  out.said.key_id = key.key_id();
  out.said.check = key.check();
  return out;
}

// `input` gains a field for each column that a filter takes as it stands.
Result<PlannedTokens> plan_input(const Job& asked, Input& input, const TokenPlan& plan, Secrets& secrets) {
  TESSERA_TRY(check_in_the_clear(input));
  if (input.name == "rejects")
    return fail(ErrorCode::usage,
                fmt::format("{}: an input cannot be called \"rejects\" here: its file would be that of rows "
                            "that cannot be used\nhelp: give it another name",
                            asked.path));
  TESSERA_ASSIGN(InputShape shape, look_at(input));
  TESSERA_ASSIGN(TokenRows rows, TokenRows::make(asked, input, plan, secrets.tokens ? &*secrets.tokens : nullptr));
  std::vector<WordSpec> words = rows.words();
  std::optional<FilterRows> filters;
  Job job = asked;
  job.output.columns.clear();  // those of links
  if (secrets.schema) {
    TESSERA_ASSIGN(filters, FilterRows::make(*asked.encode, *secrets.schema, secrets.filters->span(), input, words));
    secrets.said.bits = filters->bits();
    rows.add_filter(secrets.said);
    for (const std::string& column : filters->columns()) job.output.columns.push_back({input.name, column});
  }
  TESSERA_ASSIGN(Side side, make_side(job, input, std::move(shape), std::move(words)));
  rows.set_id_form(side.out_forms[0]);
  side.groups = rows.groups();
  return PlannedTokens{std::move(side), std::move(rows), std::move(filters)};
}

Status has_something_to_make(const Job& job, bool filters) {
  if (filters && !job.encode)
    return fail(ErrorCode::usage,
                fmt::format("{}: the job has no \"encode\"\nhelp: add \"encode\": {{\"schema\": \"...\", "
                            "\"key_file\": \"...\", \"domain\": \"...\"}}",
                            job.path));
  if (!filters && !job.pseudonyms)
    return fail(ErrorCode::usage,
                fmt::format("{}: the job has no \"pseudonyms\"\nhelp: add \"pseudonyms\": {{\"key_file\": "
                            "\"...\", \"domain\": \"...\", \"passes\": \"hes-ons-8-rank\"}}{}",
                            job.path, job.encode ? ", or run tessera encode" : ""));
  return {};
}

void warn_of_few_features(const FilterSchema& schema) {
  if (schema.features_used() >= filter_features_least) return;
  log(LogLevel::warning,
      fmt::format("the schema puts {} into a filter: with fewer than {} features, values can be guessed from the bits "
                  "that go together",
                  schema.features_used() == 1 ? "one feature" : "two features", filter_features_least));
}

// Tokens and filters of every input.
Result<LinkReport> write_without_identifiers(const Job& asked_job, const RunOptions& asked, bool filters) {
  const auto start = std::chrono::steady_clock::now();
  TESSERA_TRY(has_something_to_make(asked_job, filters));
  RunOptions options = asked;
  if (options.threads == 0) options.threads = static_cast<unsigned>(tbb::info::default_concurrency());
  const tbb::global_control threads(tbb::global_control::max_allowed_parallelism, options.threads);
  keep_private();
  TESSERA_TRY(check_kernels());
  Job job = asked_job;
  if (!job.pseudonyms)  // ids may still become tokens
    job.pseudonyms = {.key_file = job.encode->keep_ids ? "" : job.encode->key_file,
                      .domain = job.encode->domain,
                      .passes_name = {},
                      .passes = {},
                      .clear = {},
                      .forbid = {},
                      .keep_ids = job.encode->keep_ids};

  // Everything that can be known to be wrong is known before a row is read.
  TESSERA_ASSIGN(const TokenPlan plan, plan_tokens(job.pseudonyms->passes, job.pseudonyms->forbid));
  TESSERA_ASSIGN(Secrets secrets, read_secrets(job));
  if (secrets.schema) warn_of_few_features(*secrets.schema);
  std::deque<PlannedTokens> inputs;
  for (Input& input : job.inputs) {
    TESSERA_ASSIGN(PlannedTokens planned, plan_input(job, input, plan, secrets));
    inputs.push_back(std::move(planned));
  }
  if (!secrets_are_locked()) log(LogLevel::warning, unlocked_secrets_warning());
  TESSERA_ASSIGN(OutputDirectory directory, OutputDirectory::begin(job.output.directory, options.force));
  std::optional<SpillDirectory> spill;
  if (std::ranges::any_of(job.inputs, [](const Input& each) { return each.duplicate_ids == DuplicateIds::error; })) {
    TESSERA_ASSIGN(spill, spill_beside(job, options));
  }

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
    TESSERA_TRY(timed(report.timings, "pseudonymise " + planned.side.input->name, [&] {
      return write_input(planned, walk, spill ? spill->path() : "", *writer, *rejects, input);
    }));
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

}  // namespace

Result<LinkReport> run_pseudonymise(const Job& job, const RunOptions& options) {
  return write_without_identifiers(job, options, false);
}

Result<LinkReport> run_encode(const Job& job, const RunOptions& options) {
  return write_without_identifiers(job, options, true);
}

}  // namespace tessera
