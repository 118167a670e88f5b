// model_stream.cc: how is a large side linked to a register by a model, and never held? (see model_stream.h)
#include "services/model_stream.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "services/model_kept.h"

namespace tessera {

namespace {

constexpr size_t chunk_batches = 64;            // a million records
constexpr uint32_t block_rows_default = 5'000;  // of the register that share a key

size_t chunk_rows(const ModelRun& run) { return chunk_batches * run.walk.read.batch_rows; }

bool asks_for_frequencies(const ModelPlan& plan) {
  const auto weighs_items = [&](const PlanMeasure& m) { return m.what == Measure::What::token_likeness; };
  const auto has_frequency = [](const PlanComparison& c) { return !c.frequencies.empty(); };
  return std::ranges::any_of(plan.measures, weighs_items) || std::ranges::any_of(plan.comparisons, has_frequency);
}

// By the first records: what all of them would make.
Status check_pairs(const ModelRun& run, const Blocks& blocks) {
  const double more =
      std::max(1.0, static_cast<double>(run.left.inputs[0]->side.shape.rows) / static_cast<double>(run.left.rows()));
  for (size_t r = 0; r < run.step.plan.rules.size(); ++r) {
    const double pairs = static_cast<double>(blocks.forecast()[r].candidates) * more;
    if (pairs <= static_cast<double>(rule_pairs_max)) continue;
    return fail(
        ErrorCode::usage,
        fmt::format("blocking rule {} ({}) would make about {} pairs; the limit is {}\nhelp: add a field to it, "
                    "or lower \"block_size_max\"; tessera forecast shows the largest blocks of each rule",
                    r + 1, run.step.plan.rules[r].text, human_count(static_cast<uint64_t>(pairs)),
                    human_count(rule_pairs_max)));
  }
  return {};
}

}  // namespace

bool can_stream(const ModelStepPlan& step) {
  return !step.within() && step.has_model() && !step.has_passes() && !step.step->similar && !step.choose_rules &&
         !must_estimate(step) && step.step->resolve.each_to == Cardinality::many && !asks_for_frequencies(step.plan);
}

Status prepare_stream(ModelRun& run) {
  TESSERA_ASSIGN(run.values, ValueStore::make(run.step.plan));
  TESSERA_ASSIGN(auto right, open_model_inputs(run.job, run.step.right_names, run.step.plan));
  TESSERA_TRY(timed(run.timings, "read", [&]() -> Status {
    TESSERA_ASSIGN(run.right, read_model_side(std::move(right), run.step.plan, run.values, run.walk, run.rejects,
                                              run.spill_directory));
    return check_filters(run.step.plan, run.values);
  }));
  // A chunk brings at most a value for each record and column.
  const auto more = static_cast<Code>(std::min<size_t>(chunk_rows(run) * run.step.plan.columns.size(), UINT32_MAX / 2));
  run.comparer = std::make_unique<PairComparer>(
      run.step.plan, run.values.domains(), run.step.own_nicknames ? *run.step.own_nicknames : Nicknames::ours(), more);
  const ValueTable* table = &run.right.table;
  run.shares = std::make_unique<ValueShares>(run.step.plan, std::span(&table, 1), run.values.domains());
  run.right_rows = run.comparer->rows_of(run.right.table);
  TESSERA_ASSIGN(run.left.inputs, open_model_inputs(run.job, run.step.left_names, run.step.plan));
  return estimate_model(run);
}

Status link_stream(ModelRun& run, ModelTables& tables) {
  const std::vector<PlanRule>& rules = run.step.plan.rules;
  const uint64_t most = run.step.model.block_size_max;
  BlockOptions options{
      .block_rows_max = most == 0 ? block_rows_default
                                  : static_cast<uint32_t>(std::clamp(std::sqrt(static_cast<double>(most)), 1.0, 4e9))};
  for (ColumnId c = 0; c < run.step.plan.columns.size(); ++c)
    if (run.step.plan.columns[c].base) options.narrow.push_back(c);
  Blocks blocks(std::make_shared<const BlockIndex>(rules, run.right.table,
                                                   items_of(run.step.plan.columns, run.values.domains()), options));
  for (const PlanRule& rule : rules) run.report.rules.push_back({.text = rule.text});
  const bool marks = run.step.step->resolve.each_from == Cardinality::one;
  std::vector<uint8_t> linked_right(run.right.rows(), 0), linked;
  std::vector<uint64_t> narrowed_keys(rules.size(), 0);
  std::vector<ScoredPair> candidates;
  const WalkOptions walk = run.walk;
  run.walk.show_progress = false;  // the records that are read say how far it is

  bool first = true;
  TESSERA_TRY(read_model_chunks(
      run.left, run.step.plan, run.values, chunk_rows(run), walk, run.rejects, run.spill_directory, [&]() -> Status {
        TESSERA_TRY(check_filters(run.step.plan, run.values));
        blocks.meet(run.left.table);
        if (std::exchange(first, false)) TESSERA_TRY(check_pairs(run, blocks));
        for (size_t r = 0; r < rules.size(); ++r) {
          run.report.rules[r].left_out += blocks.forecast()[r].left_out;
          narrowed_keys[r] = blocks.forecast()[r].narrowed_keys;
        }
        run.left_rows = run.comparer->rows_of(run.left.table);
        candidates.clear();
        TESSERA_TRY(score_pairs(run, blocks, {}, [&](ScoredPiece& piece) -> Status {
          for (size_t i = 0; i < piece.pairs.size(); ++i) candidates.push_back(compact(piece, i));
          return {};
        }));
        const KeptLinks kept = choose_kept(run, candidates);
        linked.assign(run.left.rows(), 0);
        for (const RecordPair& pair : kept.pairs) linked[pair.left] = linked_right[pair.right] = 1;
        run.linked_left += static_cast<uint64_t>(std::ranges::count(linked, 1));
        TESSERA_TRY(write_links(run, kept, marks, *tables.links));
        return tables.unmatched_from ? write_unlinked(run.left, linked, *tables.unmatched_from) : Status{};
      }));
  run.walk = walk;
  for (size_t r = 0; r < rules.size(); ++r) warn_of_left_out(run, r, narrowed_keys[r]);
  run.linked_right = static_cast<uint64_t>(std::ranges::count(linked_right, 1));
  return tables.unmatched_to ? write_unlinked(run.right, linked_right, *tables.unmatched_to) : Status{};
}

}  // namespace tessera
