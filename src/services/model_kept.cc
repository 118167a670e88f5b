// model_kept.cc: how are kept links written? (see model_kept.h)
#include "services/model_kept.h"

#include <fmt/format.h>
#include <oneapi/tbb/enumerable_thread_specific.h>

#include <algorithm>

#include "services/pieces.h"

namespace tessera {

namespace {
constexpr size_t emitted_pairs = size_t{1} << 14;  // at a time
}

KeptLinks choose_kept(ModelRun& run, std::vector<ScoredPair>& candidates) {
  const Resolve& how = run.step.step->resolve;
  KeptLinks kept;
  const auto keep = [&kept](const ScoredPair& pair) {
    kept.pairs.push_back({pair.left, pair.right});
    kept.rules.push_back(pair.rule);
  };
  if (how.each_from == Cardinality::many && how.each_to == Cardinality::many) {
    std::ranges::sort(candidates, {}, [](const ScoredPair& pair) { return std::pair(pair.left, pair.right); });
    std::ranges::for_each(candidates, keep);
    return kept;
  }
  ChooseOptions options{.how = how, .threshold = static_cast<float>(run.report.threshold_weight)};
  if (run.step.step->close) options.close = static_cast<float>(*run.step.step->close);
  const ChosenLinks chosen = choose_links(run.left.rows(), run.right.rows(), candidates, options);
  note_greedy(run, chosen);
  run.report.ties += chosen.tied;
  run.report.close += chosen.close;
  for (const ChosenLink& link : chosen.links) {
    keep(candidates[link.pair]);
    kept.marks.ties.push_back(link.ties);
    kept.marks.close.push_back(link.close);
  }
  return kept;
}

Status write_links(ModelRun& run, const KeptLinks& kept, bool marks, TableWriter& links) {
  const PairEmitter emitter(run, marks);
  struct Local {
    explicit Local(PairComparer::ScratchPtr made) : compare(std::move(made)) {}
    PairComparer::ScratchPtr compare;
    Scorer::Scratch score;
  };
  tbb::enumerable_thread_specific<std::unique_ptr<Local>> locals(
      [&] { return std::make_unique<Local>(run.comparer->scratch()); });
  const auto some = [](const auto& all, size_t at, size_t count) {
    return std::vector(all.begin() + static_cast<ptrdiff_t>(at), all.begin() + static_cast<ptrdiff_t>(at + count));
  };
  run.report.links += kept.pairs.size();
  return write_in_pieces(
      kept.pairs.size(), emitted_pairs, links,
      [&](size_t at, size_t count) -> Result<std::unique_ptr<TableWriter::Chunk>> {
        ScoredPiece piece;
        piece.pairs = some(kept.pairs, at, count);
        if (!kept.ranks.empty()) piece.ranks = some(kept.ranks, at, count);
        LinkMarks of_piece;
        if (marks) of_piece = {.ties = some(kept.marks.ties, at, count), .close = some(kept.marks.close, at, count)};
        piece.patterns.resize(count);
        piece.weights.resize(count);
        if (!run.step.plan.comparisons.empty()) {
          const ComparedSides sides = run.sides();
          Local& local = *locals.local();
          run.comparer->compare(sides.left, sides.right, piece.pairs, piece.patterns.data(), *local.compare);
          if (run.scorer)
            run.scorer->score(sides, piece.pairs, piece.patterns, every_weight, piece.weights.data(), local.score);
        }
        if (run.filters) run.filters->score(piece.pairs, piece.weights.data());
        const auto rules = kept.rules.empty() ? std::span<const uint16_t>() : std::span(kept.rules).subspan(at, count);
        TESSERA_TRY(emitter.prepare(piece, rules, of_piece, links));
        return std::move(piece.chunk);
      });
}

void note_greedy(ModelRun& run, const ChosenLinks& chosen) {
  if (chosen.greedy_pieces == 0) return;
  run.report.warnings.push_back(
      fmt::format("{} connected pieces of the links, with {} records, were too large for the exact choice one to one: "
                  "they took their links from the best down",
                  chosen.greedy_pieces, chosen.greedy_records));
}

}  // namespace tessera
