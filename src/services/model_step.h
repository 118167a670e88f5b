// model_step.h: what does a step with a model hold while it runs?
//
//   compile ─ read ─ choose rules ─ estimate ─ score pairs ─ resolve ─ write
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "block/block.h"
#include "compare/compare.h"
#include "decide/decide.h"
#include "resolve/resolve.h"
#include "services/filter_pairs.h"
#include "services/model_counts.h"
#include "services/model_inputs.h"
#include "services/model_scorer.h"
#include "tessera/engine.h"
#include "write/write.h"

namespace tessera {

// Everything that is known before a row is read.
struct ModelStepPlan {
  const LinkStep* step = nullptr;
  Model model;  // every comparison has levels; with chosen rules `block` holds the candidates
  bool choose_rules = false;
  bool own_training_rules = false;  // the model names them
  bool estimate_again = false;      // though the model has all its parameters
  CandidateRules candidates;        // of chosen rules
  ModelPlan plan;
  std::vector<size_t> pass_of_rule;                  // by pass rule of the plan: its pass
  std::vector<std::string> left_names, right_names;  // right: empty within
  std::vector<const Input*> inputs;                  // of both
  std::unique_ptr<Nicknames> own_nicknames;          // null: ours
  [[nodiscard]] bool within() const { return right_names.empty(); }
  [[nodiscard]] bool has_model() const { return step->model.has_value(); }
  [[nodiscard]] bool has_passes() const { return !step->passes.empty(); }
};

// Whether a step is run by the engine that looks inside values: a model, one input within itself, terms of likeness.
bool by_model(const LinkStep& step);
// Fields, comparisons with their levels, and rules, as text for `tessera explain`.
Result<std::string> explain_model_step(const Job& job, const LinkStep& step);

Result<ModelStepPlan> plan_model_step(const Job& job, const LinkStep& step);

// The step while it runs. Members stay where they are: later ones look at earlier ones.
struct ModelRun {
  const Job& job;
  ModelStepPlan& step;
  WalkOptions walk;
  std::string spill_directory;
  TableWriter* rejects = nullptr;

  ValueStore values;
  ModelSide left, right;  // within: all records are in `left`
  std::unique_ptr<PairComparer> comparer;
  CodeRows left_rows, right_rows;
  std::unique_ptr<ValueShares> shares;
  std::optional<Scorer> scorer;
  std::optional<FilterPairs> filters;        // of a step with "similar", in place of a scorer
  std::optional<Fit> fit;                    // if the model was estimated
  std::vector<std::string_view> match_keys;  // the texts of the rules, each once; in the plan
  std::vector<uint32_t> match_key_of;        // by rule
  SharedBlocks shared_blocks;                // of the rules, from estimating to scoring
  // What estimating counts of the records themselves: once, where rules are chosen by a first estimate.
  std::optional<PatternCounts> random_counts;
  std::optional<std::vector<RuleCounts>> related_counts;
  bool no_pairs = false;  // there are none to learn from, and the model asks for it: there is no scorer

  ModelReport report;
  uint64_t linked_left = 0, linked_right = 0;  // records with a link
  std::vector<RankCount> ranks;                // of passes
  std::vector<Timing> timings;
  SideWords words;  // of `left`, where a step needs no codes (model_equal.h)

  [[nodiscard]] bool within() const { return step.within(); }
  [[nodiscard]] bool clusters() const { return within() && step.step->clusters.method != Clusters::Method::none; }
  [[nodiscard]] const ModelSide& right_side() const { return within() ? left : right; }
  [[nodiscard]] ComparedSides sides() const { return {*comparer, left_rows, within() ? left_rows : right_rows}; }
  [[nodiscard]] double total_pairs() const;  // that could meet
};

// model_read.cc: the records of both sides, as codes.
Status read_model_records(ModelRun& run);
// Fails: data (3) if encoded filters that are compared have different lengths.
Status check_filters(const ModelPlan& plan, const ValueStore& values);

// model_train.cc: rules and parameters that the model lacks.
Status check_model_rules(ModelRun& run);   // model_rules.cc: refuses rules that no run can do
Status choose_model_rules(ModelRun& run);  // model_rules.cc
// Pairs that each rule would make; of large inputs an estimate from a sample of the keys. model_rules.cc
std::vector<uint64_t> count_candidates(const ModelRun& run, const std::vector<PlanRule>& rules);
Status estimate_model(ModelRun& run);
void note_parameters(ModelRun& run);  // as they are used, into the report
// Whether the model lacks parameters, or is to be estimated though it has them.
bool must_estimate(const ModelStepPlan& step);
Status estimate_met_share(ModelRun& run);  // of chosen rules, once the model is estimated
// These, and reading: all that comes before pairs are scored.
Status prepare_model(ModelRun& run);

// model_score.cc: every pair that the rules bring is scored; `keep` gets those at or above the threshold, in order,
// a piece at a time.
struct ScoredPiece {
  uint16_t rule = 0;
  std::vector<RecordPair> pairs;
  std::vector<Pattern> patterns;
  std::vector<double> weights;
  std::vector<int> ranks;                     // of pairs that a pass has linked; empty: none
  std::unique_ptr<TableWriter::Chunk> chunk;  // of the writer, if pairs are written as they come

  // Leaves out pairs; before they are prepared.
  template <class Keeps>
  void keep_if(Keeps&& keeps) {
    size_t kept = 0;
    for (size_t i = 0; i < pairs.size(); ++i) {
      if (!keeps(pairs[i])) continue;
      pairs[kept] = pairs[i];
      patterns[kept] = patterns[i];
      weights[kept++] = weights[i];
    }
    pairs.resize(kept);
    patterns.resize(kept);
    weights.resize(kept);
  }
};
// One of them, in short.
inline ScoredPair compact(const ScoredPiece& piece, size_t i) {
  return {.left = piece.pairs[i].left,
          .right = piece.pairs[i].right,
          .weight = static_cast<float>(piece.weights[i]),
          .rule = piece.rule};
}
constexpr uint64_t rule_pairs_max = 1'000'000'000'000;  // of a rule: days of work
std::unexpected<Error> too_many_pairs(size_t rule, const PlanRule& of, uint64_t pairs);
using PrepareScored = std::function<Status(ScoredPiece&)>;  // parallel
using KeepScored = std::function<Status(ScoredPiece&)>;     // one at a time, in order
struct BlocksUse {
  bool whole = false;  // no block is narrowed
  bool apart = false;  // only all_pairs() will be asked for
};
// The blocks of some rules. Fails: usage (2) for rules that would make more pairs than a run can do.
Result<Blocks> blocks_of(ModelRun& run, std::span<const PlanRule> rules, BlocksUse use = {});
// The same, whatever they would make.
Blocks any_blocks_of(ModelRun& run, std::span<const PlanRule> rules, BlocksUse use = {});
// Pairs of one key beyond which it is narrowed.
[[nodiscard]] uint64_t block_pairs_max(const ModelRun& run);
Status score_pairs(ModelRun& run, const Blocks& blocks, const PrepareScored& prepare, const KeepScored& keep);
// What each rule brings, before pairs are scored; and a warning for each that left out pairs.
void note_rules(ModelRun& run, std::span<const PlanRule> rules, const Blocks& blocks);
void warn_of_left_out(ModelRun& run, size_t rule, uint64_t narrowed_keys);

}  // namespace tessera
