// model_train.cc: how are the parameters estimated that a model lacks?
//
//   random pairs ─ patterns ─┐
//   training rules ─ patterns ┼─ fit ─ m, u, lambda into the model
//   frequencies of values ───┘
#include <fmt/format.h>
#include <oneapi/tbb/enumerable_thread_specific.h>
#include <oneapi/tbb/parallel_for.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <limits>

#include "services/met_pairs.h"
#include "services/model_labels.h"
#include "services/model_step.h"
#include "services/model_tables.h"
#include "services/rule_pairs.h"

namespace tessera {

namespace {

// Pairs of a training rule beyond which an even sample of them is counted.
constexpr uint64_t training_pairs_max = 5'000'000;
constexpr uint64_t relation_pairs_max = 50'000'000;      // of a rule that says who lives together; else it says nothing
constexpr uint64_t related_sample = 1'000'000;           // of them
constexpr uint64_t certain_candidates_max = 50'000'000;  // of another rule's blocks
constexpr unsigned lambda_rounds = 100;
constexpr double default_threshold = 0.5;  // probability

bool is_complete(const Model& model) {
  for (const Comparison& comparison : model.comparisons)
    for (const Level& level : comparison.levels)
      if (!level.null_level && (!level.m || !level.u)) return false;
  return model.lambda.has_value();
}

// How many records have each code, on a side.
std::vector<uint32_t> counts_of(std::span<const Code> codes, size_t values) {
  std::vector<uint32_t> counts(values, 0);  // records are fewer than 2^32
  for (const Code code : codes) ++counts[code];
  return counts;
}

// Share of pairs without nulls that agree on a column, over all pairs. NaN: there are none.
double share_equal(const ModelRun& run, ColumnId left_column, ColumnId right_column) {
  const size_t values = run.values.domains()[run.step.plan.columns[left_column].domain].size();
  const auto left = counts_of(run.left.table.columns[left_column], values);
  const bool one = run.within() && left_column == right_column;
  const auto right = one ? left : counts_of(run.right_side().table.columns[right_column], values);
  double equal = 0, left_count = 0, right_count = 0;
  for (size_t v = 1; v < values; ++v) {
    const auto a = static_cast<double>(left[v]), b = static_cast<double>(right[v]);
    equal += run.within() ? a * (a - 1) : a * b;
    left_count += a;
    right_count += b;
  }
  const double pairs = run.within() ? left_count * (left_count - 1) : left_count * right_count;
  return pairs > 0 ? equal / pairs : std::numeric_limits<double>::quiet_NaN();
}

// By comparison and digit: exact for a first level that is equality of a value.
LevelShares exact_shares(const ModelRun& run) {
  const auto& comparisons = run.step.plan.comparisons;
  LevelShares shares(comparisons.size());
  tbb::parallel_for(size_t{0}, comparisons.size(), [&](size_t c) {
    shares[c].assign(comparisons[c].digits, std::numeric_limits<double>::quiet_NaN());
    if (run.step.step->between_only) return;  // frequencies would count pairs of one input too
    const auto first = std::ranges::find(comparisons[c].levels, false, &PlanLevel::null_level);
    if (first == comparisons[c].levels.end()) return;
    const PlanCondition::Node& node = first->condition.nodes[0];
    if (node.what != ModelCondition::What::measure) return;
    const PlanMeasure& measure = run.step.plan.measures[node.measure];
    if (measure.what == Measure::What::equal) shares[c][first->digit] = share_equal(run, measure.left, measure.right);
  });
  return shares;
}

// Pairs that satisfy a rule, all of them or an even sample of about `most`.
Result<RuleCounts> count_rule(const ModelRun& run, const RulePairs& pairs, size_t rule, const PlanRule& plan_rule,
                              uint64_t most) {
  RuleCounts out{.rule = rule, .blocked = blocked_by(run.step.plan, plan_rule)};
  const std::span<const size_t> units = pairs.units(rule);
  const uint64_t every = pairs.own_blocks(rule) ? pairs.forecast(rule).candidates / most + 1 : 1;
  std::vector<size_t> taken;
  for (size_t i = 0; i < units.size(); i += every) taken.push_back(units[i]);
  TESSERA_ASSIGN(out.counts, count_patterns(run.sides(), taken.size(),
                                            [&](size_t piece, auto& into) { pairs.all_pairs(taken[piece], into); }));
  if (pairs.own_blocks(rule)) {
    out.pairs = static_cast<double>(pairs.forecast(rule).pairs);
  } else {
    for (const PatternCount& each : out.counts) out.pairs += static_cast<double>(each.count);
  }
  return out;
}

// Rules on one field that names a home, where they bring few enough pairs to be counted: people who live together.
std::vector<PlanRule> relation_rules(const ModelRun& run) {
  std::vector<PlanRule> rules;
  const std::vector<PlanColumn>& columns = run.step.plan.columns;
  for (ColumnId c = 0; c < columns.size(); ++c) {
    if (!columns[c].base) continue;
    const std::string& field = columns[c].expression.text;
    if (at_home(FieldKind{field, columns[c].kind}) != AtHome::names_it) continue;
    rules.push_back({.equal = {{.left = c, .right = c}}, .text = field, .fields = {field}});
  }
  const std::vector<uint64_t> counts = count_candidates(run, rules);
  std::vector<PlanRule> counted;
  for (size_t r = 0; r < rules.size(); ++r)
    if (counts[r] > 0 && counts[r] <= relation_pairs_max) counted.push_back(std::move(rules[r]));
  return counted;
}

Status count_related_pairs(ModelRun& run) {
  if (run.related_counts || run.step.model.estimate.method == EstimateOptions::Method::sessions) return {};
  std::vector<RuleCounts>& relations = run.related_counts.emplace();
  const std::vector<PlanRule> rules = relation_rules(run);
  if (rules.empty()) return {};
  TESSERA_ASSIGN(const RulePairs pairs, RulePairs::make(run, rules, {.whole = true}, related_sample));
  for (size_t r = 0; r < rules.size(); ++r) {
    TESSERA_ASSIGN(RuleCounts counts, count_rule(run, pairs, r, rules[r], related_sample));
    relations.push_back(std::move(counts));
  }
  return {};
}

const std::vector<PlanRule>& training_rules(const ModelPlan& plan) {
  return plan.training_rules.empty() ? plan.rules : plan.training_rules;
}

Status count_random_pairs(ModelRun& run) {
  if (run.random_counts) return {};
  RandomPairs random{.seed = run.step.model.estimate.seed,
                     .count = run.step.model.estimate.random_pairs,
                     .left_rows = run.left.rows(),
                     .right_rows = run.right_side().rows(),
                     .within = run.within()};
  if (run.step.step->between_only) random.different_source = run.left.table.source;
  if (run.total_pairs() <= static_cast<double>(random.count)) {
    random.all = true;
    random.count = uint64_t{random.left_rows} * random.right_rows;
  }
  TESSERA_ASSIGN(run.random_counts, count_patterns(run.sides(), random));
  return {};
}

// Distinct pairs that meet some rule.
Result<double> count_pairs(ModelRun& run, const std::vector<PlanRule>& rules) {
  std::atomic<uint64_t> count = 0;
  if (std::ranges::all_of(rules, decided_by_codes)) {
    TESSERA_ASSIGN(const RulePairs found, RulePairs::make(run, rules, {}, certain_candidates_max));
    if (!found.narrowed()) {
      tbb::enumerable_thread_specific<std::vector<RecordPair>> locals;
      tbb::parallel_for(size_t{0}, found.units(), [&](size_t unit) {
        auto& pairs = locals.local();
        pairs.clear();
        found.first_pairs(unit, pairs);
        count += pairs.size();
      });
      return static_cast<double>(count);
    }
  }
  struct Local {
    PairComparer::ScratchPtr scratch;
    MetPairs met;
  };
  TESSERA_ASSIGN(const Blocks blocks, blocks_of(run, rules));
  tbb::enumerable_thread_specific<std::unique_ptr<Local>> locals(
      [&] { return std::make_unique<Local>(run.comparer->scratch()); });
  tbb::parallel_for(size_t{0}, blocks.units(), [&](size_t unit) {
    Local& local = *locals.local();
    local.met.find(run, rules, blocks, unit, *local.scratch);
    count += local.met.pairs.size();
  });
  return static_cast<double>(count);
}

// Lambda of chosen rules: from the chances of all pairs that they bring, each pair once, until it no longer moves. The
// rules were chosen to meet next to all matches; from each rule's own pairs, with errors taken to be independent, too
// few matches are expected where whole records are written badly (fit_shares.cc).
Status refine_lambda(ModelRun& run) {
  if (!run.step.choose_rules || !run.fit || run.fit->lambda_from != Fit::LambdaFrom::rules) return {};
  TESSERA_ASSIGN(const Blocks blocks, blocks_of(run, run.step.plan.rules));
  TESSERA_ASSIGN(const PatternCounts counts, count_patterns(run.sides(), blocks.units(), [&](size_t unit, auto& pairs) {
                   blocks.pairs(unit, pairs);
                 }));
  const WeightTable& table = run.scorer->table();
  double lambda = probability_of(table.prior());
  for (unsigned round = 0; round < lambda_rounds; ++round) {
    const double shift = weight_of(lambda) - table.prior();
    double matches = 0;
    for (const PatternCount& each : counts) {
      double weight = table.weight(each.pattern) + shift;
      if (table.has_related()) weight = WeightTable::against_related(weight, table.related_weight(each.pattern));
      matches += static_cast<double>(each.count) * probability_of(weight);
    }
    const double now = std::clamp(matches / run.total_pairs(), 0.5 / run.total_pairs(), 0.5);
    const bool done = std::abs(now - lambda) < 1e-4 * lambda;
    lambda = now;
    if (done) break;
  }
  run.step.model.lambda = run.fit->lambda = lambda;
  TESSERA_ASSIGN(run.scorer, Scorer::make(run.step.model, run.step.plan, *run.shares));
  return {};
}

}  // namespace

// The default threshold of a pair, of a cluster, and the parameters as they are used, into the report.
void note_parameters(ModelRun& run) {
  const Model& model = run.step.model;
  ModelReport& report = run.report;
  report.lambda = model.lambda.value_or(probability_of(run.scorer->table().prior()));
  report.related = model.related ? model.related->share : 0;
  report.threshold_weight = model.threshold_weight        ? *model.threshold_weight
                            : model.threshold_probability ? weight_of(*model.threshold_probability)
                                                          : weight_of(default_threshold);
  report.threshold_probability = probability_of(report.threshold_weight);
  const Clusters& clusters = run.step.step->clusters;
  report.cluster_weight = clusters.probability ? weight_of(*clusters.probability) : report.threshold_weight;
  report.comparisons.clear();
  for (size_t c = 0; c < model.comparisons.size(); ++c) {
    auto& out = report.comparisons.emplace_back();
    out.name = model.comparisons[c].name;
    for (size_t l = 0; l < model.comparisons[c].levels.size(); ++l) {
      const unsigned digit = run.step.plan.comparisons[c].levels[l].digit;
      const Level& level = model.comparisons[c].levels[l];
      out.levels.push_back({.label = level.label,
                            .null_level = level.null_level,
                            .m = digit == 0 ? 0 : run.scorer->table().m(c, digit),
                            .u = digit == 0 ? 0 : run.scorer->table().u(c, digit),
                            .weight = digit == 0 ? 0 : run.scorer->table().level_weight(c, digit)});
    }
  }
}

bool must_estimate(const ModelStepPlan& step) { return step.estimate_again || !is_complete(step.model); }

Status estimate_model(ModelRun& run) {
  Model& model = run.step.model;
  const ModelPlan& plan = run.step.plan;
  run.report.source = model.path.empty() ? "the job" : model.path;
  run.shared_blocks.want(plan.rules);
  if (must_estimate(run.step)) {
    FitInput input{.plan = &plan, .model = &model, .total_pairs = run.total_pairs()};
    TESSERA_TRY(timed(run.timings, "count random pairs", [&] { return count_random_pairs(run); }));
    input.random = *run.random_counts;
    for (const PatternCount& each : input.random) run.report.random_pairs += each.count;
    TESSERA_TRY(timed(run.timings, "count training pairs", [&]() -> Status {
      const auto& rules = training_rules(plan);
      TESSERA_ASSIGN(const RulePairs pairs, RulePairs::make(run, rules, {}, training_pairs_max));
      for (size_t r = 0; r < rules.size(); ++r) {
        TESSERA_ASSIGN(RuleCounts counts, count_rule(run, pairs, r, rules[r], training_pairs_max));
        input.rules.push_back(std::move(counts));
      }
      return {};
    }));
    TESSERA_TRY(timed(run.timings, "count related pairs", [&] { return count_related_pairs(run); }));
    if (run.related_counts) input.relations = *run.related_counts;
    if (!plan.certain_rules.empty()) {
      TESSERA_ASSIGN(input.certain_pairs, count_pairs(run, plan.certain_rules));
    }
    TESSERA_TRY(count_labelled(run, input.labelled));
    input.exact_share = exact_shares(run);
    TESSERA_ASSIGN(const Fit fitted, fit(input));
    apply(fitted, plan, model);
    run.report.source = "estimated";
    run.report.estimated = true;
    run.report.converged = fitted.converged;
    run.report.rounds = fitted.rounds;
    run.report.warnings.insert(run.report.warnings.end(), fitted.warnings.begin(), fitted.warnings.end());
    if (!fitted.converged) {
      if (run.walk.strict)
        return fail(ErrorCode::data,
                    fmt::format("the estimation did not converge in {} rounds; raise \"rounds\", or run "
                                "without --strict",
                                fitted.rounds));
      run.report.warnings.push_back(fmt::format("the estimation did not converge in {} rounds", fitted.rounds));
    }
    run.fit = fitted;
  }
  TESSERA_ASSIGN(run.scorer, Scorer::make(model, plan, *run.shares));
  TESSERA_TRY(timed(run.timings, "count pairs of the rules", [&] { return refine_lambda(run); }));
  note_parameters(run);
  return {};
}

}  // namespace tessera
