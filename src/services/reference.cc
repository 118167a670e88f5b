// reference.cc: how does the to side come into memory?
#include "services/reference.h"

#include <oneapi/tbb/enumerable_thread_specific.h>

#include "base/progress.h"

namespace tessera {

namespace {

struct Local {
  std::unique_ptr<Standardiser::Scratch, void (*)(Standardiser::Scratch*)> standardise;
  WordBatch words{};
};

}  // namespace

Status walk_reference(const Side& side, const PackedLayout& layout, RowStore& store, const WalkOptions& options,
                      TableWriter* rejects, const std::string& spill_directory, InputReport& report,
                      const KeepPiece& keep) {
  TESSERA_ASSIGN(const auto source, open_source(*side.input, side.columns(true), options.read));
  TESSERA_ASSIGN(const auto ids, id_check(side, spill_directory));
  tbb::enumerable_thread_specific<std::unique_ptr<Local>> locals(
      [&] { return std::make_unique<Local>(side.standardiser.scratch()); });
  Tally tally(*side.input, rejects);
  Progress progress("reading " + side.input->name, side.shape.rows, options.show_progress);

  auto process = [&](Morsel& morsel, uint64_t, std::vector<Reject>& bad, ReferencePiece& piece) -> Status {
    Local& local = *locals.local();
    RawBatch raw;
    SideReader reader(side, true);
    for (;;) {
      TESSERA_ASSIGN(const bool more, reader.next(morsel, raw, bad));
      if (!more) return {};
      const auto outputs = side.outputs(raw, true);
      side.standardiser.run(raw, local.words, bad, *local.standardise);
      TESSERA_TRY(side.standardiser.check_tokens(*local.standardise));
      drop_missing_ids(raw, outputs[0], local.words, bad);
      layout.pack(local.words, piece.words);
      store.pack(outputs, local.words.raw_row, local.words.rows, piece.rows);
      if (ids) TESSERA_TRY(ids->add(outputs[0], local.words));
    }
  };
  auto finish = [&](const Morsel& morsel, std::vector<Reject>& bad, ReferencePiece& piece) -> Status {
    TESSERA_TRY(tally.add(morsel, bad, piece.rows.payload.size()));
    TESSERA_TRY(store.append(piece.rows));
    progress.add(piece.rows.payload.size());
    return keep(piece);
  };
  TESSERA_TRY(walk<ReferencePiece>(*source, options, process, finish));
  if (ids) TESSERA_TRY(ids->check());
  tally.report(report);
  report.files = source->files();
  add_profiles(side, locals, report);
  return {};
}

std::vector<KeyIndex> build_indexes(const PackedRecords& records, const PassPlan& plan) {
  std::vector<KeyIndex> indexes;
  for (const Anchor& anchor : plan.anchors) indexes.emplace_back(records, anchor.to);
  return indexes;
}

}  // namespace tessera
