// stream.cc: how does the from side flow past a reference in memory?
#include "services/step.h"

namespace tessera {

namespace {

std::vector<const KeyIndex*> pointers(const std::vector<KeyIndex>& indexes) {
  std::vector<const KeyIndex*> out;
  for (const KeyIndex& index : indexes) out.push_back(&index);
  return out;
}

}  // namespace

FromLocals from_locals(const StepRun& run) {
  return FromLocals([&run] {
    auto local = std::make_unique<FromLocal>(run.plan.from.standardiser);
    local->ties.by_pass.resize(run.plan.passes.table.passes().size());
    return local;
  });
}

void report_from(StepRun& run, FromLocals& locals, const Tally& tally, const Source& source) {
  tally.report(run.from_report);
  run.from_report.files = source.files();
  add_profiles(run.plan.from, locals, run.from_report);
}

void add_counts(StepRun& run, FromLocals& locals) {
  for (const auto& local : locals) {
    run.counts.add(local->match.counts);
    run.links.add(local->emit.counts);
    for (size_t i = 0; i < local->ties.by_pass.size(); ++i) run.ties.by_pass[i] += local->ties.by_pass[i];
  }
}

void to_raw_rows(const WordBatch& words, std::vector<Match>& matches) {
  if (words.raw_row.empty()) return;
  for (Match& m : matches) m.from = words.raw_row[m.from];
}

void from_words(const StepRun& run, const RawBatch& raw, std::vector<Reject>& rejects, FromLocal& local) {
  const Side& side = run.plan.from;
  side.standardiser.run(raw, local.words, rejects, *local.standardise);
  drop_missing_ids(raw, side.outputs(raw, true)[0], local.words, rejects);
  size_t group = 0;
  for (const DateLimit& limit : run.plan.passes.limits) {
    if (limit.group.empty()) continue;
    run.groups[group].apply(side.group_columns(raw)[group], local.words, local.words.words[limit.from.slot]);
    ++group;
  }
}

Status stream_links(StepRun& run, const PackedRecords& records, const std::vector<KeyIndex>& indexes) {
  const Side& side = run.plan.from;
  const Resolve& how = run.plan.step->resolve;
  // A refused match leaves the record to the next, and so may a tie.
  const bool best_decides =
      how.each_from == Cardinality::one && how.ties != Ties::next && run.plan.passes.limits.empty();
  const Matcher matcher(run.plan.passes, records, pointers(indexes),
                        best_decides ? Matcher::Wanted::best : Matcher::Wanted::all);
  const Emitter emitter(run.job, side, run.plan.to, run.plan.passes, run.store, *run.linked_to);
  const IdLess less = run.store.less();
  TESSERA_ASSIGN(const auto source, open_source(*side.input, side.columns(true), run.walk.read));
  TESSERA_ASSIGN(const auto ids, id_check(side, run.spill_directory));
  FromLocals locals = from_locals(run);
  Tally tally(*side.input, run.rejects);
  Progress progress("linking " + side.input->name, side.shape.rows, run.walk.show_progress);

  struct Out {
    EmittedChunks chunks;
    uint64_t rows = 0;
  };
  auto process = [&](Morsel& morsel, uint64_t, std::vector<Reject>& rejects, Out& out) -> Status {
    FromLocal& local = *locals.local();
    RawBatch raw;
    SideReader reader(side, true);
    for (;;) {
      TESSERA_ASSIGN(const bool more, reader.next(morsel, raw, rejects));
      if (!more) return {};
      from_words(run, raw, rejects, local);
      TESSERA_TRY(side.standardiser.check_tokens(*local.standardise));
      if (local.words.rows == 0) continue;
      const auto outputs = side.outputs(raw, true);
      if (ids) TESSERA_TRY(ids->add(outputs[0], local.words));
      local.found.clear();
      local.refused.clear();
      const Repeats* repeats = nullptr;
      if (run.plan.passes.limits.empty()) {
        // Links of a record are links of all its rows.
        matcher.match_records(local.words.words, local.words.rows, local.match, local.found);
        if (local.match.any_repeats) repeats = &local.match.repeats;
        resolve_each(local.found, how, less, local.ties, repeats ? std::span(repeats->copies) : std::span<uint32_t>());
      } else {
        matcher.match(local.words.words, local.words.rows, local.match, local.found,
                      run.tables.refused ? &local.refused : nullptr);
        resolve_each(local.found, how, less, local.ties);
      }
      if (!repeats) to_raw_rows(local.words, local.found);
      to_raw_rows(local.words, local.refused);
      TESSERA_TRY(emitter.emit(outputs, raw.rows, local.words.raw_row, local.found, repeats, local.refused, run.tables,
                               local.emit, out.chunks));
      out.rows += local.words.rows;
    }
  };
  auto finish = [&](const Morsel& morsel, std::vector<Reject>& rejects, Out& out) -> Status {
    TESSERA_TRY(tally.add(morsel, rejects, out.rows));
    progress.add(out.rows);
    return out.chunks.append_to(run.tables);
  };
  TESSERA_TRY(walk<Out>(*source, run.walk, process, finish));
  if (ids) TESSERA_TRY(ids->check());
  report_from(run, locals, tally, *source);
  add_counts(run, locals);
  return {};
}

Status stream_matches(StepRun& run, const PackedRecords& records, const std::vector<KeyIndex>& indexes,
                      MatchStore& matches, MatchStore* refused) {
  const Side& side = run.plan.from;
  const Matcher matcher(run.plan.passes, records, pointers(indexes), Matcher::Wanted::all);
  TESSERA_ASSIGN(const auto source, open_source(*side.input, side.columns(true), run.walk.read));
  TESSERA_ASSIGN(const auto ids, id_check(side, run.spill_directory));
  FromLocals locals = from_locals(run);
  Tally tally(*side.input, run.rejects);
  Progress progress("matching " + side.input->name, side.shape.rows, run.walk.show_progress);

  auto process = [&](Morsel& morsel, uint64_t number, std::vector<Reject>& rejects, uint64_t& rows) -> Status {
    FromLocal& local = *locals.local();
    RawBatch raw;
    SideReader reader(side, true);
    for (;;) {
      TESSERA_ASSIGN(const bool more, reader.next(morsel, raw, rejects));
      if (!more) return {};
      from_words(run, raw, rejects, local);
      TESSERA_TRY(side.standardiser.check_tokens(*local.standardise));
      if (local.words.rows == 0) continue;
      if (ids) TESSERA_TRY(ids->add(side.outputs(raw, true)[0], local.words));
      local.found.clear();
      local.refused.clear();
      matcher.match(local.words.words, local.words.rows, local.match, local.found, refused ? &local.refused : nullptr);
      for (auto* found : {&local.found, &local.refused}) {
        to_raw_rows(local.words, *found);
        for (Match& m : *found) m.from = place_of(number, raw.place(m.from));
      }
      TESSERA_TRY(matches.add(local.found));
      if (refused) TESSERA_TRY(refused->add(local.refused));
      rows += local.words.rows;
    }
  };
  auto finish = [&](const Morsel& morsel, std::vector<Reject>& rejects, uint64_t rows) -> Status {
    progress.add(rows);
    return tally.add(morsel, rejects, rows);
  };
  TESSERA_TRY(walk<uint64_t>(*source, run.walk, process, finish));
  if (ids) TESSERA_TRY(ids->check());
  report_from(run, locals, tally, *source);
  add_counts(run, locals);
  return {};
}

}  // namespace tessera
