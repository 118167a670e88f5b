// model_kept.cc: how are kept links written? (see model_kept.h)
#include "services/model_kept.h"

#include <fmt/format.h>

#include <algorithm>

namespace tessera {

namespace {
constexpr size_t emitted_pairs = size_t{1} << 15;  // at a time
}

Status write_links(ModelRun& run, const KeptLinks& kept, bool marks, TableWriter& links) {
  const PairEmitter emitter(run, marks);
  const ComparedSides sides = run.sides();
  const auto scratch = run.comparer->scratch();
  const auto some = [](const auto& all, size_t at, size_t count) {
    return std::vector(all.begin() + static_cast<ptrdiff_t>(at), all.begin() + static_cast<ptrdiff_t>(at + count));
  };
  for (size_t at = 0; at < kept.pairs.size(); at += emitted_pairs) {
    const size_t count = std::min(emitted_pairs, kept.pairs.size() - at);
    ScoredPiece piece;
    piece.pairs = some(kept.pairs, at, count);
    if (!kept.ranks.empty()) piece.ranks = some(kept.ranks, at, count);
    LinkMarks of_piece;
    if (marks) of_piece = {.ties = some(kept.marks.ties, at, count), .close = some(kept.marks.close, at, count)};
    piece.patterns.resize(count);
    piece.weights.resize(count);
    run.comparer->compare(sides.left, sides.right, piece.pairs, piece.patterns.data(), *scratch);
    if (run.scorer) run.scorer->score(sides, piece.pairs, piece.patterns, piece.weights.data());
    if (run.filters) run.filters->score(piece.pairs, piece.weights.data());
    TESSERA_TRY(emitter.prepare(piece, std::span(kept.rules).subspan(at, count), of_piece, links));
    TESSERA_TRY(links.append(std::move(piece.chunk)));
  }
  run.report.links += kept.pairs.size();
  return {};
}

void note_greedy(ModelRun& run, const ChosenLinks& chosen) {
  if (chosen.greedy_pieces == 0) return;
  run.report.warnings.push_back(
      fmt::format("{} connected pieces of the links, with {} records, were too large for the exact choice one to one: "
                  "they took their links from the best down",
                  chosen.greedy_pieces, chosen.greedy_records));
}

}  // namespace tessera
