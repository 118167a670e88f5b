// rekey.cc: how do the pseudonyms of a data set move to another key or domain?
//
//   id under the old key ── bridging file ── id under the new key, beside the columns that the job carries
//
// The bridging file is made by who holds both keys; who runs this needs neither. Rows keep their order. A row whose
// pseudonym has no partner, or several, is rejected: nobody could say who it is of.
#include <fmt/format.h>
#include <oneapi/tbb/global_control.h>
#include <oneapi/tbb/info.h>

#include "base/cpu.h"
#include "base/files.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/private.h"
#include "services/bind_tokens.h"
#include "services/bridge_map.h"
#include "services/bridge_note.h"
#include "services/emit.h"
#include "services/job_tables.h"
#include "services/walk.h"
#include "tessera/engine.h"

namespace tessera {
namespace {

struct RekeyedRows {
  std::vector<std::unique_ptr<TableWriter::Chunk>> chunks;
  uint64_t rows = 0;
};

Status rekey_input(const Side& side, const BridgeMap& bridge, const WalkOptions& options, TableWriter& writer,
                   TableWriter& rejected, InputReport& report) {
  TESSERA_ASSIGN(const auto source, open_source(*side.input, side.columns(false), options.read));
  Tally tally(*side.input, &rejected);
  Progress progress("re-keying " + side.input->name, side.shape.rows, options.show_progress);
  auto process = [&](Morsel& morsel, uint64_t, std::vector<Reject>& rejects, RekeyedRows& out) -> Status {
    RawBatch raw;
    std::vector<uint32_t> rows;
    std::vector<std::string_view> ids;
    std::vector<GatheredColumn> columns(side.out_forms.size());
    std::vector<uint32_t> with_id;
    std::vector<uint64_t> words;
    std::vector<uint32_t> numbers;
    for (;;) {
      TESSERA_ASSIGN(const bool more, morsel.next(raw, rejects));
      if (!more) return {};
      const auto outputs = side.outputs(raw, false);
      const RawColumn& id = outputs[0];
      with_id.clear();
      rows.clear();
      ids.clear();
      for (uint32_t row = 0; row < raw.rows; ++row) {
        if (id.null(row))
          rejects.push_back({.row = raw.place(row), .reason = RejectReason::id_missing});
        else
          with_id.push_back(row);
      }
      if (!bridge.from().words(id, with_id, words)) return not_a_pseudonym(*side.input, "");
      bridge.from().find(words, numbers);
      for (size_t i = 0; i < with_id.size(); ++i) {
        const uint32_t row = with_id[i];
        const auto partners = bridge.partners(numbers[i]);
        if (partners.size() != 1) {
          rejects.push_back({.row = raw.place(row),
                             .reason = partners.empty() ? RejectReason::no_partner : RejectReason::several_partners});
          continue;
        }
        rows.push_back(row);
        ids.push_back(bridge.to_text(partners[0].to));
      }
      if (rows.empty()) continue;
      OutBatch batch = take_rows(outputs, rows, columns);
      batch.columns[0] = {.texts = ids};
      out.chunks.push_back(writer.prepare(batch));
      out.rows += rows.size();
    }
  };
  auto finish = [&](const Morsel& morsel, std::vector<Reject>& rejects, RekeyedRows& out) -> Status {
    TESSERA_TRY(tally.add(morsel, rejects, out.rows));
    progress.add(out.rows);
    for (auto& chunk : out.chunks) TESSERA_TRY(writer.append(std::move(chunk)));
    return {};
  };
  TESSERA_TRY(walk<RekeyedRows>(*source, options, process, finish));
  tally.report(report);
  report.name = side.input->name;
  report.files = source->files();
  return {};
}

}  // namespace

Result<LinkReport> run_rekey(const Job& asked_job, const RunOptions& asked) {
  const Clock clock;
  if (!asked_job.rekey)
    return fail(ErrorCode::usage,
                fmt::format("{}: the job has no \"rekey\"\nhelp: add \"rekey\": {{\"bridge\": \"bridge.parquet\"}}, a "
                            "bridging file from the old pseudonyms to the new",
                            asked_job.path));
  RunOptions options = asked;
  if (options.threads == 0) options.threads = static_cast<unsigned>(tbb::info::default_concurrency());
  const tbb::global_control threads(tbb::global_control::max_allowed_parallelism, options.threads);
  keep_private();
  TESSERA_TRY(check_kernels());

  // Everything that can be known to be wrong is known before a row is read.
  TESSERA_ASSIGN(const BoundJob bound, bind_tokens(asked_job));
  const Job& job = bound.job;
  std::vector<Side> sides;
  for (const Input& input : job.inputs) {
    const auto said = bound.tokens.find(input.name);
    TESSERA_TRY(
        check_bridge_side(job.rekey->bridge, "from", input.name, said == bound.tokens.end() ? "" : said->second));
    TESSERA_ASSIGN(InputShape shape, look_at(input));
    TESSERA_ASSIGN(Side side, make_side(job, input, std::move(shape), {}));
    sides.push_back(std::move(side));
  }
  LinkReport report{.job = job.name, .kernels = name_of(kernels()), .threads = options.threads};
  BridgeMap bridge;
  TESSERA_TRY(timed(report.timings, "read the bridging file", [&]() -> Status {
    TESSERA_ASSIGN(bridge, BridgeMap::read(job.rekey->bridge));
    return {};
  }));
  TESSERA_ASSIGN(OutputDirectory directory, OutputDirectory::begin(job.output.directory, options.force));
  JobTables tables{.directory = std::move(directory), .format = job.output.format, .files = {}};
  const WalkOptions walk{.threads = options.threads,
                         .show_progress = progress_wanted(options),
                         .read = {.batch_bytes = options.batch_bytes, .batch_rows = options.batch_rows}};
  TESSERA_ASSIGN(std::unique_ptr<TableWriter> rejects, tables.open("rejects", reject_columns()));
  for (const Side& side : sides) {
    std::vector<OutColumn> columns{{"id", OutType::text, false, true}};
    const std::vector<OutColumn> carried = out_columns(side, "id");
    for (size_t c = 1; c < carried.size(); ++c) columns.push_back({side.carried[c - 1], carried[c].type});
    TESSERA_ASSIGN(std::unique_ptr<TableWriter> writer, tables.open(side.input->name, columns));
    InputReport input;
    TESSERA_TRY(timed(report.timings, "re-key " + side.input->name,
                      [&] { return rekey_input(side, bridge, walk, *writer, *rejects, input); }));
    TESSERA_TRY(tables.close(writer));
    if (input.rows == 0 && input.rejected > 0)
      log(LogLevel::warning, fmt::format("no pseudonym of \"{}\" is in the bridging file", side.input->name));
    report.inputs.push_back(std::move(input));
  }
  TESSERA_TRY(tables.close(rejects));

  // From here on nothing changes: the manifest describes what lies in the directory, which then appears.
  report.outputs = std::move(tables.files);
  report.peak_memory_bytes = peak_memory_bytes();
  report.seconds = clock.seconds();
  TESSERA_TRY(write_private_file(tables.directory.file("manifest.json"), manifest_json(job, report)));
  TESSERA_TRY(tables.directory.publish());
  report.seconds = clock.seconds();
  return report;
}

}  // namespace tessera
