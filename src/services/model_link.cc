// model_link.cc: how is a step with a model run?
//
//   read records ─ choose rules ─ estimate ─ score the pairs that meet ─ choose links or clusters ─ write
#include <fmt/format.h>
#include <oneapi/tbb/parallel_invoke.h>

#include <algorithm>
#include <cmath>

#include "base/log.h"
#include "services/model_cascade.h"
#include "services/model_emit.h"
#include "services/model_equal.h"
#include "services/model_kept.h"
#include "services/model_passes.h"
#include "services/model_stream.h"
#include "services/model_tables.h"

namespace tessera {

namespace {

// Pairs of filters that are known to be alike enough, as a model's would come.
Status hand_on(ModelRun& run, std::vector<RecordPair> pairs, const PrepareScored& prepare, const KeepScored& keep) {
  constexpr size_t at_a_time = size_t{1} << 15;
  const auto& source = run.left.table.source;
  if (run.within() && run.step.step->between_only)
    std::erase_if(pairs, [&](RecordPair pair) { return source[pair.left] == source[pair.right]; });
  run.report.kept += pairs.size();
  run.report.rules[0].kept += pairs.size();
  for (size_t at = 0; at < pairs.size(); at += at_a_time) {
    const auto some = std::span(pairs).subspan(at, std::min(at_a_time, pairs.size() - at));
    ScoredPiece piece;
    piece.pairs.assign(some.begin(), some.end());
    piece.patterns.resize(some.size());
    piece.weights.resize(some.size());
    run.filters->score(some, piece.weights.data());
    if (prepare) TESSERA_TRY(prepare(piece));
    TESSERA_TRY(keep(piece));
  }
  return {};
}

// Of "top": only the most similar of each left record, of equals those of lower right records.
std::vector<RecordPair> top_of(std::vector<ScoredPair> all, uint32_t top) {
  std::ranges::sort(all, {}, [](const ScoredPair& p) { return std::tuple(p.left, -p.weight, p.right); });
  std::vector<RecordPair> out;
  uint32_t of_left = 0;
  for (size_t i = 0; i < all.size(); ++i) {
    of_left = i > 0 && all[i - 1].left == all[i].left ? of_left + 1 : 0;
    if (of_left < top) out.push_back({all[i].left, all[i].right});
  }
  std::ranges::sort(out);
  return out;
}

// The pairs of a step at or above its threshold: those that the rules bring or, of filters, all.
Status score_step(ModelRun& run, const PrepareScored& prepare, const KeepScored& keep) {
  if (!run.filters) {
    TESSERA_ASSIGN(const Blocks blocks, blocks_of(run, run.step.plan.rules));
    run.shared_blocks.clear();
    note_rules(run, run.step.plan.rules, blocks);
    return score_pairs(run, blocks, prepare, keep);
  }
  const Similar& how = *run.step.step->similar;
  if (how.block.empty()) {
    const uint64_t left = run.filters->left_filters(), right = run.filters->right_filters();
    run.report.pairs = run.within() ? left * (std::max<uint64_t>(left, 1) - 1) / 2 : left * right;
    run.report.rules.push_back({.text = "all filters with one another", .pairs = run.report.pairs});
    return hand_on(run, run.filters->search(), prepare, keep);
  }
  TESSERA_ASSIGN(const Blocks blocks, blocks_of(run, run.step.plan.pass_rules));
  run.shared_blocks.clear();
  note_rules(run, run.step.plan.pass_rules, blocks);
  if (how.top == 0) return score_pairs(run, blocks, prepare, keep);
  std::vector<ScoredPair> all;
  TESSERA_TRY(score_pairs(run, blocks, {}, [&](ScoredPiece& piece) -> Status {
    for (size_t i = 0; i < piece.pairs.size(); ++i) all.push_back(compact(piece, i));
    return {};
  }));
  run.report.kept = 0;
  for (ModelReport::Rule& rule : run.report.rules) rule.kept = 0;
  return hand_on(run, top_of(std::move(all), how.top), prepare, keep);
}

// The links of the passes, written; their pairs, sorted.
Result<std::vector<RecordPair>> link_by_rank(ModelRun& run, Taken& taken, bool marks, TableWriter& links) {
  TESSERA_ASSIGN(PassLinks found, link_passes(run));
  for (size_t p = 0; p < found.by_rank.size(); ++p)
    run.ranks.push_back(
        {.rank = run.step.step->passes[p].rank, .links = found.by_rank[p], .ties = found.ties_by_rank[p]});
  KeptLinks kept{.pairs = found.pairs, .rules = {}, .ranks = std::move(found.ranks), .marks = {}};
  kept.rules.resize(kept.pairs.size());
  kept.marks.ties = std::move(found.ties);
  kept.marks.close.resize(kept.pairs.size());
  for (const RecordPair& pair : kept.pairs) {
    taken.left[pair.left] = 1;
    taken.right[pair.right] = 1;
  }
  TESSERA_TRY(write_links(run, kept, marks, links));
  return std::move(found.pairs);
}

// Links of the model between two sides: as they come where both may have many, else the best choice.
Status link_by_weight(ModelRun& run, const std::vector<RecordPair>& linked, bool marks, Taken& taken,
                      TableWriter& links) {
  const Resolve& how = run.step.step->resolve;
  const Taken before = taken;
  const auto stays = [&](RecordPair pair) {
    return !before.bars(how, pair) && (run.step.step->model_for_all || !before.both(pair)) &&
           !std::ranges::binary_search(linked, pair);
  };
  if (how.each_from == Cardinality::many && how.each_to == Cardinality::many) {
    const PairEmitter emitter(run, marks);
    return score_step(
        run,
        [&](ScoredPiece& piece) {
          if (!linked.empty()) piece.keep_if(stays);
          LinkMarks all_alone;
          if (marks) {
            all_alone.ties.assign(piece.pairs.size(), 1);
            all_alone.close.assign(piece.pairs.size(), 0);
          }
          return emitter.prepare(piece, {}, all_alone, links);
        },
        [&](ScoredPiece& piece) -> Status {
          for (const RecordPair& pair : piece.pairs) taken.left[pair.left] = taken.right[pair.right] = 1;
          run.report.links += piece.pairs.size();
          return piece.chunk ? links.append(std::move(piece.chunk)) : Status{};
        });
  }
  std::vector<ScoredPair> candidates;
  TESSERA_TRY(score_step(run, {}, [&](ScoredPiece& piece) -> Status {
    for (size_t i = 0; i < piece.pairs.size(); ++i)
      if (linked.empty() || stays(piece.pairs[i])) candidates.push_back(compact(piece, i));
    return {};
  }));
  const KeptLinks kept = choose_kept(run, candidates);
  for (const RecordPair& pair : kept.pairs) taken.left[pair.left] = taken.right[pair.right] = 1;
  return write_links(run, kept, true, links);
}

// Records without a link.
Status write_rest(ModelRun& run, const Taken& taken, ModelTables& tables) {
  run.linked_left = static_cast<uint64_t>(std::ranges::count(taken.left, 1));
  run.linked_right = static_cast<uint64_t>(std::ranges::count(taken.right, 1));
  if (tables.unmatched_from) TESSERA_TRY(write_unlinked(run.left, taken.left, *tables.unmatched_from));
  if (tables.unmatched_to) TESSERA_TRY(write_unlinked(run.right, taken.right, *tables.unmatched_to));
  return {};
}

Status link_sides(ModelRun& run, ModelTables& tables) {
  const Resolve& how = run.step.step->resolve;
  const bool marks = run.step.has_passes() || how.each_from == Cardinality::one || how.each_to == Cardinality::one;
  Taken taken{std::vector<uint8_t>(run.left.rows(), 0), std::vector<uint8_t>(run.right.rows(), 0)};
  std::vector<RecordPair> linked;
  const bool someone_takes_one = how.each_from == Cardinality::one || how.each_to == Cardinality::one;
  if (run.scorer && run.step.has_passes() && run.step.step->model_for_all && someone_takes_one) {
    TESSERA_ASSIGN(const Blocks blocks, blocks_of(run, run.step.plan.rules));
    run.shared_blocks.clear();
    note_rules(run, run.step.plan.rules, blocks);
    TESSERA_TRY(link_for_all(run, blocks, taken, *tables.links));
    return write_rest(run, taken, tables);
  }
  if (run.step.has_passes()) {
    TESSERA_ASSIGN(linked, link_by_rank(run, taken, marks, *tables.links));
  }
  if (run.scorer || run.filters) TESSERA_TRY(link_by_weight(run, linked, marks, taken, *tables.links));
  return write_rest(run, taken, tables);
}

// Pairs of one input go to the writer as they come; in short they are kept for the clusters, if these are wanted;
// these are made while the links are closed.
Status link_within(ModelRun& run, ModelTables& tables, const CloseTable& close) {
  std::vector<ScoredPair> kept;
  if (run.clusters()) kept.reserve(2 * run.left.rows());  // of which the system gives what is used
  std::vector<RecordPair> linked;
  Taken taken{std::vector<uint8_t>(run.left.rows(), 0), std::vector<uint8_t>(run.left.rows(), 0)};
  if (run.step.has_passes()) {
    TESSERA_ASSIGN(linked, link_by_rank(run, taken, false, *tables.links));
    for (uint32_t i = 0; i < run.left.rows(); ++i) taken.left[i] = taken.right[i] = taken.left[i] | taken.right[i];
    if (run.clusters())
      for (const RecordPair& pair : linked)
        kept.push_back({.left = pair.left, .right = pair.right, .weight = weight_of_passes});
  }
  if (run.scorer || run.filters) {
    const PairEmitter emitter(run, false);
    TESSERA_TRY(score_step(
        run,
        [&](ScoredPiece& piece) {
          if (!linked.empty())
            piece.keep_if([&](RecordPair pair) {
              return (run.step.step->model_for_all || !taken.both(pair)) && !std::ranges::binary_search(linked, pair);
            });
          return emitter.prepare(piece, {}, {}, *tables.links);
        },
        [&](ScoredPiece& piece) -> Status {
          if (run.clusters())
            for (size_t i = 0; i < piece.pairs.size(); ++i) kept.push_back(compact(piece, i));
          run.report.links += piece.pairs.size();
          return piece.chunk ? tables.links->append(std::move(piece.chunk)) : Status{};
        }));
  }
  if (!run.clusters()) return {};
  // At once: each has steps that one thread does.
  Status links, clusters;
  tbb::parallel_invoke([&] { links = close(tables.links); }, [&] { clusters = write_clusters_of(run, kept, tables); });
  return links ? clusters : links;
}

}  // namespace

Status prepare_model(ModelRun& run) {
  TESSERA_TRY(timed(run.timings, "read", [&] { return read_model_records(run); }));
  if (const auto& similar = run.step.step->similar) {
    run.filters.emplace(run);
    run.report.threshold_weight = run.report.cluster_weight = similar->at_least;
    run.report.similarity =
        fmt::format("{} of {} at least {}, {} bits", similar->how == Similar::How::dice ? "Dice" : "Jaccard",
                    similar->field, similar->at_least, run.filters->bits());
    return {};
  }
  if (!run.step.has_model()) return {};
  // Sides without a record, or one record: the result is empty, and no fault of the job's.
  if (run.total_pairs() == 0 && must_estimate(run.step)) {
    run.no_pairs = true;
    run.report.source = "not estimated";
    run.report.warnings.emplace_back(
        "there are no two records that could be one person: nothing to estimate or to link");
    return {};
  }
  if (!run.step.choose_rules) TESSERA_TRY(check_model_rules(run));
  if (run.step.choose_rules) TESSERA_TRY(timed(run.timings, "choose rules", [&] { return choose_model_rules(run); }));
  TESSERA_TRY(timed(run.timings, "estimate", [&] { return estimate_model(run); }));
  return estimate_met_share(run);
}

Status run_model_step(ModelRun& run, StepReport& report, const std::string& suffix, const OpenTable& open,
                      const CloseTable& close) {
  const bool streams = can_stream(run.step), equal = only_equal_fields(run.step);
  TESSERA_TRY(streams ? prepare_stream(run) : equal ? prepare_equal(run) : prepare_model(run));
  note_match_keys(run);
  TESSERA_ASSIGN(ModelTables tables, open_model_tables(run, suffix, open));
  TESSERA_TRY(timed(run.timings, "link", [&] {
    return streams        ? link_stream(run, tables)
           : equal        ? link_equal(run, tables)
           : run.within() ? link_within(run, tables, close)
                          : link_sides(run, tables);
  }));
  TESSERA_TRY(timed(run.timings, "close outputs", [&]() -> Status {
    for (auto* writer :
         {&tables.links, &tables.clusters, &tables.cluster_metrics, &tables.unmatched_from, &tables.unmatched_to})
      TESSERA_TRY(close(*writer));
    return {};
  }));
  for (const std::string& name : run.step.left_names) report.from += (report.from.empty() ? "" : " ") + name;
  for (const std::string& name : run.step.right_names) report.to = name;
  report.candidates = run.report.pairs;
  report.linked_from = run.linked_left;
  report.linked_to = run.linked_right;
  report.ranks = std::move(run.ranks);
  if (run.step.has_model() || run.filters || run.within()) {
    const auto& notes = run.step.step->notes;  // on the model file, such as m that do not add up
    run.report.warnings.insert(run.report.warnings.begin(), notes.begin(), notes.end());
    report.model = std::move(run.report);
  }
  return {};
}

}  // namespace tessera
