// rounds.cc: what if the reference does not fit in memory, but few parts of it do?
//
// The to side is cut by a hash of the anchor's words and waits on disk. Each part is held in turn, and the whole from
// side flows past it: reading it again costs less than writing it to disk, part by part, and sorting what comes out.
//
//   part 1 ─ walk ─> matches to a log
//   part 2 ─ walk ─> matches to a log
//   part 3 ─ walk ─> its matches, and the logged ones of the same rows ─> links
//
// A pair belongs to the first anchor it has, so it is found once. Same links, to the byte.
#include <fmt/format.h>

#include <algorithm>

#include "services/match_log.h"
#include "services/to_parts.h"

namespace tessera {

namespace {

using Logs = std::vector<std::unique_ptr<MatchLog>>;  // of the rounds done

class Rounds {
 public:
  Rounds(StepRun& run, ToParts to) : run_(run), to_(std::move(to)) {}
  Status run();

 private:
  struct Part {
    const Matcher& matcher;
    std::span<const uint32_t> rows;
  };
  Status log_matches(const Part& part, bool first);
  Status link(const Part& part);
  void match(const Part& part, FromLocal& local) const;
  [[nodiscard]] Status still_the_same(const Source& source) const;

  StepRun& run_;
  ToParts to_;
  Logs matches_, refused_;
};

Status Rounds::run() {
  run_.report.partitions = to_.parts();
  run_.report.spill_bytes += to_.bytes();
  const size_t rounds = to_.anchors() * to_.parts();
  for (size_t round = 0; round < rounds; ++round) {
    TESSERA_TRY(timed(run_.timings, "round " + std::to_string(round + 1), [&]() -> Status {
      const size_t anchor = round / to_.parts();
      TESSERA_ASSIGN(const ToParts::Part held, to_.load(anchor, round % to_.parts()));
      const Matcher matcher(run_.plan.passes, held.records, to_.indexes(anchor, held), Matcher::Wanted::all);
      const Part part{.matcher = matcher, .rows = held.rows};
      return round + 1 < rounds ? log_matches(part, round == 0) : link(part);
    }));
  }
  for (const Logs* logs : {&matches_, &refused_})
    for (const auto& log : *logs) run_.report.spill_bytes += log->bytes();
  return {};
}

// The matches of the rows of a batch, by rows as they were read.
void Rounds::match(const Part& part, FromLocal& local) const {
  local.found.clear();
  local.refused.clear();
  part.matcher.match(local.words.words, local.words.rows, local.match, local.found,
                     run_.tables.refused ? &local.refused : nullptr);
  for (auto* found : {&local.found, &local.refused}) {
    to_raw_rows(local.words, *found);
    for (Match& m : *found) m.to = part.rows[m.to];
  }
}

// Rows are counted, rejected and checked in the first round only.
Status Rounds::log_matches(const Part& part, bool first) {
  const Side& side = run_.plan.from;
  TESSERA_ASSIGN(const auto source, open_source(*side.input, side.columns(true), run_.walk.read));
  TESSERA_ASSIGN(const auto ids, first ? id_check(side, run_.spill_directory) : nullptr);
  TESSERA_ASSIGN(matches_.emplace_back(), MatchLog::make(run_.spill_directory, run_.plan.passes));
  if (run_.tables.refused) {
    TESSERA_ASSIGN(refused_.emplace_back(), MatchLog::make(run_.spill_directory, run_.plan.passes));
  }
  FromLocals locals = from_locals(run_);
  Tally tally(*side.input, run_.rejects);
  Progress progress("matching " + side.input->name, side.shape.rows, run_.walk.show_progress);

  auto process = [&](Morsel& morsel, uint64_t number, std::vector<Reject>& rejects, uint64_t& rows) -> Status {
    FromLocal& local = *locals.local();
    MatchLog::Writer found(*matches_.back(), number);
    std::optional<MatchLog::Writer> refused;
    if (run_.tables.refused) refused.emplace(*refused_.back(), number);
    RawBatch raw;
    SideReader reader(side, true);
    for (;;) {
      TESSERA_ASSIGN(const bool more, reader.next(morsel, raw, rejects));
      if (!more) break;
      from_words(run_, raw, rejects, local);
      if (!first) rejects.clear();  // the first round wrote them
      TESSERA_TRY(side.standardiser.check_tokens(*local.standardise));
      if (local.words.rows == 0) continue;
      if (ids) TESSERA_TRY(ids->add(side.outputs(raw, true)[0], local.words));
      match(part, local);
      TESSERA_TRY(found.add(raw, local.found));
      if (refused) TESSERA_TRY(refused->add(raw, local.refused));
      rows += local.words.rows;
    }
    if (refused) TESSERA_TRY(refused->finish());
    return found.finish();
  };
  auto finish = [&](const Morsel& morsel, std::vector<Reject>& rejects, uint64_t rows) -> Status {
    progress.add(rows);
    return first ? tally.add(morsel, rejects, rows) : Status();
  };
  TESSERA_TRY(walk<uint64_t>(*source, run_.walk, process, finish));
  if (ids) TESSERA_TRY(ids->check());
  if (first)
    report_from(run_, locals, tally, *source);
  else
    TESSERA_TRY(still_the_same(*source));
  add_counts(run_, locals);
  return {};
}

// What waits in the logs is of the rows that the first round saw.
Status Rounds::still_the_same(const Source& source) const {
  const auto same = [](const InputReport::File& a, const InputReport::File& b) {
    return a.path == b.path && a.bytes == b.bytes && a.digest == b.digest;
  };
  if (std::ranges::equal(source.files(), run_.from_report.files, same)) return {};
  return fail(ErrorCode::data, fmt::format("the files of \"{}\" changed while they were read\nhelp: run the job again",
                                           run_.plan.from.input->name));
}

Status Rounds::link(const Part& part) {
  const Side& side = run_.plan.from;
  const Emitter emitter(run_.job, side, run_.plan.to, run_.plan.passes, run_.store, *run_.linked_to);
  const IdLess less = run_.store.less();
  TESSERA_ASSIGN(const auto source, open_source(*side.input, side.columns(true), run_.walk.read));
  FromLocals locals = from_locals(run_);
  Progress progress("linking " + side.input->name, side.shape.rows, run_.walk.show_progress);

  struct Out {
    EmittedChunks chunks;
    uint64_t rows = 0;
  };
  auto process = [&](Morsel& morsel, uint64_t number, std::vector<Reject>& rejects, Out& out) -> Status {
    FromLocal& local = *locals.local();
    std::vector<MatchLog::Reader> found, refused;
    for (const auto& log : matches_) found.emplace_back(*log, number);
    for (const auto& log : refused_) refused.emplace_back(*log, number);
    RawBatch raw;
    SideReader reader(side, true);
    for (;;) {
      TESSERA_ASSIGN(const bool more, reader.next(morsel, raw, rejects));
      if (!more) return {};
      from_words(run_, raw, rejects, local);
      rejects.clear();
      if (local.words.rows == 0) continue;
      match(part, local);
      for (MatchLog::Reader& log : found) TESSERA_TRY(log.take(raw, local.found));
      for (MatchLog::Reader& log : refused) TESSERA_TRY(log.take(raw, local.refused));
      resolve_each(local.found, run_.plan.step->resolve, less, local.ties);
      TESSERA_TRY(emitter.emit(side.outputs(raw, true), raw.rows, local.words.raw_row, local.found, nullptr,
                               local.refused, run_.tables, local.emit, out.chunks));
      out.rows += local.words.rows;
    }
  };
  auto finish = [&](const Morsel&, std::vector<Reject>&, Out& out) -> Status {
    progress.add(out.rows);
    return out.chunks.append_to(run_.tables);
  };
  TESSERA_TRY(walk<Out>(*source, run_.walk, process, finish));
  TESSERA_TRY(still_the_same(*source));
  add_counts(run_, locals);
  return {};
}

}  // namespace

Status link_in_rounds(StepRun& run) {
  std::optional<ToParts> to;
  TESSERA_TRY(timed(run.timings, "partition " + run.plan.to.input->name, [&]() -> Status {
    TESSERA_ASSIGN(to, ToParts::make(run));
    return {};
  }));
  return Rounds(run, std::move(*to)).run();
}

}  // namespace tessera
