// model_score.cc: how are all pairs that the rules bring scored?
//
// Units of pairs are compared and scored in parallel and handed on in order: nothing is kept of a pair below the
// threshold, so memory does not grow with the pairs that meet.
#include <fmt/format.h>
#include <oneapi/tbb/enumerable_thread_specific.h>
#include <oneapi/tbb/parallel_pipeline.h>

#include <algorithm>
#include <atomic>

#include "base/interrupt.h"
#include "base/progress.h"
#include "base/text.h"
#include "services/met_pairs.h"
#include "services/model_step.h"

namespace tessera {

namespace {

constexpr uint64_t block_pairs_default = 20'000'000;  // of one key: some 6,000 records

struct ScoreLocal {
  explicit ScoreLocal(PairComparer::ScratchPtr made) : scratch(std::move(made)) {}
  PairComparer::ScratchPtr scratch;
  MetPairs met;
  std::vector<Pattern> patterns;
  std::vector<double> weights;
  std::vector<uint32_t> kept;  // places of pairs
  Scorer::Scratch score;
};

}  // namespace

std::unexpected<Error> too_many_pairs(size_t rule, const PlanRule& of, uint64_t pairs) {
  return fail(ErrorCode::usage,
              fmt::format("blocking rule {} ({}) would make {} pairs; the limit is {}\nhelp: add a field to it, or "
                          "lower \"block_size_max\"; tessera forecast shows the largest blocks of each rule",
                          rule + 1, of.text, human_count(pairs), human_count(rule_pairs_max)));
}

uint64_t block_pairs_max(const ModelRun& run) {
  return run.step.model.block_size_max ? run.step.model.block_size_max : block_pairs_default;
}

Blocks any_blocks_of(ModelRun& run, std::span<const PlanRule> rules, BlocksUse use) {
  const ItemsOf items = items_of(run.step.plan.columns, run.values.domains());
  BlockOptions options{.block_pairs_max = use.whole ? 0 : block_pairs_max(run),
                       .between_only = run.within() && run.step.step->between_only,
                       .apart = use.apart,
                       .shared = &run.shared_blocks};
  for (ColumnId c = 0; c < run.step.plan.columns.size(); ++c)
    if (run.step.plan.columns[c].base) options.narrow.push_back(c);
  return run.within() ? Blocks(rules, run.left.table, items, options)
                      : Blocks(rules, run.left.table, run.right.table, items, options);
}

Result<Blocks> blocks_of(ModelRun& run, std::span<const PlanRule> rules, BlocksUse use) {
  Blocks blocks = any_blocks_of(run, rules, use);
  for (size_t r = 0; r < rules.size(); ++r) {
    const uint64_t pairs = blocks.forecast()[r].candidates;
    if (pairs > rule_pairs_max) return too_many_pairs(r, rules[r], pairs);
  }
  return blocks;
}

void warn_of_left_out(ModelRun& run, size_t rule, uint64_t narrowed_keys) {
  const ModelReport::Rule& of = run.report.rules[rule];
  if (of.left_out == 0) return;
  run.report.warnings.push_back(
      fmt::format("blocking rule {} ({}): {} keys had too many pairs and were narrowed by a further field; that "
                  "left out {} pairs, unless another rule brings them",
                  rule + 1, of.text, narrowed_keys, of.left_out));
}

void note_rules(ModelRun& run, std::span<const PlanRule> rules, const Blocks& blocks) {
  run.report.rules.clear();
  for (size_t r = 0; r < rules.size(); ++r) {
    const RuleForecast& forecast = blocks.forecast()[r];
    run.report.rules.push_back({.text = rules[r].text, .left_out = forecast.left_out});
    warn_of_left_out(run, r, forecast.narrowed_keys);
  }
}

Status score_pairs(ModelRun& run, const Blocks& blocks, const PrepareScored& prepare, const KeepScored& keep) {
  struct Work {
    size_t unit = 0;
    uint64_t compared = 0;
    Status status;
    ScoredPiece piece;
  };
  using WorkPtr = std::shared_ptr<Work>;
  tbb::enumerable_thread_specific<std::unique_ptr<ScoreLocal>> locals(
      [&] { return std::make_unique<ScoreLocal>(run.comparer->scratch()); });
  const ComparedSides sides = run.sides();
  const double threshold = run.report.threshold_weight;
  Progress progress("scoring pairs", 0, run.walk.show_progress);
  Status status;
  std::atomic<bool> stop = false;
  size_t next = 0;

  const auto first = [&](tbb::flow_control& flow) -> WorkPtr {
    if (stop || next == blocks.units()) {
      flow.stop();
      return {};
    }
    auto work = std::make_shared<Work>();
    work->unit = next++;
    return work;
  };
  const auto second = [&](WorkPtr work) -> WorkPtr {
    ScoreLocal& local = *locals.local();
    local.met.find(run, run.step.plan.rules, blocks, work->unit, *local.scratch);
    const std::span<const RecordPair> met = local.met.pairs;
    work->compared = met.size();
    local.patterns.resize(met.size());
    local.weights.resize(met.size());
    if (run.filters) {
      run.filters->score(met, local.weights.data());
    } else {
      // A piece at a time: the records that were compared are still in the cache when they are scored.
      constexpr size_t piece_pairs = 2048;
      for (size_t at = 0; at < met.size(); at += piece_pairs) {
        const size_t count = std::min(piece_pairs, met.size() - at);
        const auto pairs = met.subspan(at, count);
        const auto patterns = std::span(local.patterns).subspan(at, count);
        run.comparer->compare(sides.left, sides.right, pairs, patterns.data(), *local.scratch);
        run.scorer->score(sides, pairs, patterns, threshold, local.weights.data() + at, local.score);
      }
    }
    ScoredPiece& piece = work->piece;
    piece.rule = blocks.rule(work->unit);
    local.kept.resize(met.size());
    size_t count = 0;  // without a branch: who is kept is as good as random
    for (size_t i = 0; i < met.size(); ++i) {
      local.kept[count] = static_cast<uint32_t>(i);
      count += !(local.weights[i] < threshold);
    }
    piece.pairs.resize(count);
    piece.patterns.resize(count);
    piece.weights.resize(count);
    for (size_t k = 0; k < count; ++k) {
      const uint32_t i = local.kept[k];
      piece.pairs[k] = met[i];
      piece.patterns[k] = local.patterns[i];
      piece.weights[k] = local.weights[i];
    }
    if (prepare) work->status = prepare(piece);
    return work;
  };
  const auto third = [&](const WorkPtr& work) {
    if (!status) return;
    if (auto asked = check_interrupted(); !asked)
      status = std::move(asked);
    else if (!work->status)
      status = std::move(work->status);
    else
      status = keep(work->piece);
    if (!status) stop = true;
    ModelReport::Rule& rule = run.report.rules[work->piece.rule];
    rule.pairs += work->compared;
    rule.kept += work->piece.pairs.size();
    run.report.pairs += work->compared;
    run.report.kept += work->piece.pairs.size();
    progress.add(work->compared);
  };
  tbb::parallel_pipeline(size_t{run.walk.threads} * 2 + 1,
                         tbb::make_filter<void, WorkPtr>(tbb::filter_mode::serial_in_order, first) &
                             tbb::make_filter<WorkPtr, WorkPtr>(tbb::filter_mode::parallel, second) &
                             tbb::make_filter<WorkPtr, void>(tbb::filter_mode::serial_in_order, third));
  return status;
}

}  // namespace tessera
