// unmatched.cc: which to records found no one?
//
// The to input is walked again, for ids and carried columns only: nothing but one bit
// a record is kept of the linkage, and one number a morsel of the first walk.
#include <oneapi/tbb/enumerable_thread_specific.h>

#include "services/step.h"

namespace tessera {

Status write_unmatched_to(StepRun& run) {
  const Side& side = run.plan.to;
  const bool with_words = side.has_required();
  TESSERA_ASSIGN(const auto source, open_source(*side.input, side.columns(with_words), run.walk.read));
  struct Local {
    std::unique_ptr<Standardiser::Scratch, void (*)(Standardiser::Scratch*)> standardise;
    WordBatch words;
    std::vector<uint32_t> rows;  // raw rows without a link
    std::vector<GatheredColumn> columns;
  };
  tbb::enumerable_thread_specific<Local> locals([&] { return Local{side.standardiser.scratch(), {}, {}, {}}; });
  using Chunks = std::vector<std::unique_ptr<TableWriter::Chunk>>;

  auto process = [&](Morsel& morsel, uint64_t number, std::vector<Reject>& rejects, Chunks& chunks) -> Status {
    Local& local = locals.local();
    local.columns.resize(side.out_forms.size());
    uint64_t record = run.to_starts[number];
    RawBatch raw;
    SideReader reader(side, with_words);
    for (;;) {
      TESSERA_ASSIGN(const bool more, reader.next(morsel, raw, rejects));
      if (!more) return {};
      const auto outputs = side.outputs(raw, with_words);
      words_again(side, raw, with_words, local.words, rejects, *local.standardise);
      local.rows.clear();
      for (size_t i = 0; i < local.words.rows; ++i, ++record) {
        if (run.linked_to->has(record)) continue;
        local.rows.push_back(local.words.raw_row.empty() ? static_cast<uint32_t>(i) : local.words.raw_row[i]);
      }
      if (local.rows.empty()) continue;
      chunks.push_back(run.tables.unmatched_to->prepare(take_rows(outputs, local.rows, local.columns)));
    }
  };
  auto finish = [&](const Morsel&, std::vector<Reject>&, Chunks& chunks) -> Status {
    for (auto& chunk : chunks) TESSERA_TRY(run.tables.unmatched_to->append(std::move(chunk)));
    return {};
  };
  return walk<Chunks>(*source, run.walk, process, finish);
}

}  // namespace tessera
