// fit_guard.cc: can this fit be believed? (see fit_steps.h)
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <ranges>

#include "decide/fit_steps.h"

namespace tessera {

namespace {

constexpr double few_matches = 10;
constexpr double few_pairs = 1000;
constexpr double lambda_unlikely = 0.1;      // one pair in ten
constexpr double agreement_share_min = 0.5;  // of what the prior expects of one person

std::string level_name(const FitInput& input, size_t c, unsigned digit) {
  const PlanComparison& comparison = input.plan->comparisons[c];
  for (size_t l = 0; l < comparison.levels.size(); ++l)
    if (!comparison.levels[l].null_level && comparison.levels[l].digit == digit)
      return fmt::format("comparison \"{}\", level \"{}\"", comparison.name,
                         input.model->comparisons[c].levels[l].label);
  return fmt::format("comparison \"{}\"", comparison.name);
}

std::string rule_name(const FitInput& input, size_t rule) {
  const auto& list = input.plan->training_rules.empty() ? input.plan->rules : input.plan->training_rules;
  if (rule >= list.size()) return "the random pairs";
  return fmt::format("training rule {}{}", rule + 1, list[rule].text.empty() ? "" : " (" + list[rule].text + ")");
}

// `few`: there are so few matches that of no level it is worth saying that none of them fell into it.
void warn_of_levels(const FitInput& input, Fit& fit, bool few) {
  for (size_t c = 0; c < fit.m.size(); ++c) {
    if (fit.m[c].size() < 2) continue;
    const auto levels = fit.levels[c] | std::views::drop(1);
    if (std::ranges::all_of(levels, [](const LevelFit& level) { return level.u_from == Seen::never; })) {
      fit.warnings.push_back(
          fmt::format("comparison \"{}\": no random pair has values on both sides, so its u is a guess",
                      input.plan->comparisons[c].name));
      continue;
    }
    if (fit.levels[c].back().m_from == Seen::untrained)
      fit.warnings.push_back(
          fmt::format("comparison \"{}\": every training rule looks at its fields, so its m could not be estimated and "
                      "is the usual one of its kind; add a training rule on other fields",
                      input.plan->comparisons[c].name));
    double weight_above = std::nan("");
    for (auto d = static_cast<unsigned>(fit.m[c].size() - 1); d >= 1; --d) {
      const LevelFit& level = fit.levels[c][d];
      const bool no_m = level.m_from == Seen::never && !few;
      const bool no_u = level.u_from == Seen::never && input.total_pairs >= few_pairs;
      if (no_m || no_u)
        fit.warnings.push_back(fmt::format("{}: never seen among {}; its {} {} a guess", level_name(input, c, d),
                                           no_m && no_u ? "matches nor random pairs"
                                           : no_m       ? "matches"
                                                        : "random pairs",
                                           no_m && no_u ? "m and u"
                                           : no_m       ? "m"
                                                        : "u",
                                           no_m && no_u ? "are" : "is"));
      const double weight = std::log2(std::max(fit.m[c][d], 1e-300) / std::max(fit.u[c][d], 1e-300));
      // A bit of leeway: shares are estimates.
      if (!no_m && !no_u && !few && weight > weight_above + 0.5)
        fit.warnings.push_back(fmt::format(
            "{}: weighs {:+.1f}, more than the level above it ({:+.1f}), which should be the closer agreement",
            level_name(input, c, d), weight, weight_above));
      if (!no_m && !no_u) weight_above = weight;
    }
  }
}

}  // namespace

namespace {

TrainingRule ready_rule(const ModelPlan& plan, const RuleCounts& rule) {
  TrainingRule out{.rule = rule.rule,
                   .blocked = rule.blocked,
                   .table = digits_of(plan, rule.counts, rule.blocked),
                   .whole = digits_of(plan, rule.counts)};
  out.blocked.resize(plan.comparisons.size(), false);
  out.pairs = rule.pairs > 0 ? rule.pairs : out.whole.total;
  out.covered = std::ranges::count(out.blocked, true) > 0;
  return out;
}

}  // namespace

std::vector<TrainingRule> relation_rules(const FitInput& input) {
  std::vector<TrainingRule> made;
  for (const RuleCounts& rule : input.relations)
    if (TrainingRule ready = ready_rule(*input.plan, rule); ready.whole.total > 0) made.push_back(std::move(ready));
  return made;
}

std::vector<TrainingRule> training_rules(const FitInput& input) {
  const ModelPlan& plan = *input.plan;
  const auto& list = plan.training_rules.empty() ? plan.rules : plan.training_rules;
  std::vector<TrainingRule> made;
  for (const RuleCounts& rule : input.rules) {
    TrainingRule out = ready_rule(plan, rule);
    if (rule.rule < list.size())
      for (const std::string& field : list[rule.rule].fields)
        if (std::ranges::none_of(plan.comparisons, [&](const PlanComparison& comparison) {
              return std::ranges::count(comparison.fields, field) > 0;
            }))
          out.covered = false;
    made.push_back(std::move(out));
  }
  if (made.empty()) {  // then from the random pairs themselves
    DigitTable table = digits_of(plan, input.random);
    made.push_back({.rule = SIZE_MAX,
                    .pairs = input.total_pairs,
                    .blocked = std::vector<bool>(plan.comparisons.size(), false),
                    .covered = false,
                    .table = table,
                    .whole = table});
  }
  return made;
}

std::vector<bool> blocked_by(const ModelPlan& plan, const PlanRule& rule) {
  std::vector<bool> blocked;
  for (const PlanComparison& comparison : plan.comparisons)
    blocked.push_back(std::ranges::any_of(
        comparison.fields, [&](const std::string& field) { return std::ranges::count(rule.fields, field) > 0; }));
  return blocked;
}

namespace {

// The columns whose equality the level is; empty if it is anything else.
std::vector<ColumnId> equal_columns(const ModelPlan& plan, const PlanCondition& condition) {
  std::vector<ColumnId> columns;
  if (condition.nodes.empty()) return columns;
  const PlanCondition::Node& root = condition.nodes[0];
  const auto add = [&](const PlanCondition::Node& node) {
    if (node.what != ModelCondition::What::measure) return false;
    const PlanMeasure& measure = plan.measures[node.measure];
    if (measure.what != Measure::What::equal || measure.left != measure.right) return false;
    columns.push_back(measure.left);
    return true;
  };
  if (root.what == ModelCondition::What::all_of) {
    for (const uint32_t part : root.parts)
      if (!add(condition.nodes[part])) return {};
  } else {
    add(root);
  }
  return columns;
}

}  // namespace

std::vector<LevelRef> implied_by(const ModelPlan& plan, const PlanRule& rule) {
  std::vector<ColumnId> left_to_find;  // Splink asks only which fields a rule reads
  for (ColumnId id = 0; id < plan.columns.size(); ++id)
    if (plan.columns[id].base && std::ranges::count(rule.fields, plan.columns[id].expression.text) > 0)
      left_to_find.push_back(id);
  struct Candidate {
    LevelRef level;
    std::vector<ColumnId> columns;
  };
  std::vector<Candidate> candidates;
  for (size_t c = 0; c < plan.comparisons.size(); ++c)
    for (const PlanLevel& level : plan.comparisons[c].levels)
      if (auto columns = equal_columns(plan, level.condition); !level.null_level && !columns.empty())
        candidates.push_back({{c, level.digit}, std::move(columns)});
  // One level that is equality of several fields rather than one for each.
  std::ranges::stable_sort(candidates,
                           [](const auto& a, const auto& b) { return a.columns.size() > b.columns.size(); });
  std::vector<LevelRef> implied;
  for (const Candidate& candidate : candidates) {
    if (!std::ranges::all_of(candidate.columns, [&](ColumnId id) { return std::ranges::count(left_to_find, id) > 0; }))
      continue;
    for (const ColumnId id : candidate.columns) std::erase(left_to_find, id);
    implied.push_back(candidate.level);
  }
  return implied;
}

const char* name_of(Seen seen) {
  switch (seen) {
    case Seen::counted: return "counted";
    case Seen::few: return "few";
    case Seen::never: return "never seen";
    case Seen::given: return "given";
    case Seen::exact: return "exact";
    case Seen::labels: return "labels";
    case Seen::untrained: return "untrained";
  }
  return "";
}

std::vector<bool> not_of_persons(const ModelPlan& plan, const Fit& fit, const LevelShares& prior) {
  std::vector<bool> held(fit.m.size(), false);
  for (size_t c = 0; c < held.size(); ++c) {
    // Of names, dates and numbers a person keeps; addresses and the like may well have changed.
    const bool personal = std::ranges::any_of(plan.columns, [&](const PlanColumn& column) {
      return column.base &&
             (column.kind == Kind::name || column.kind == Kind::date || column.kind == Kind::nhs_number) &&
             std::ranges::count(plan.comparisons[c].fields, column.expression.text) > 0;
    });
    if (!personal || fit.m[c].size() < 3) continue;
    held[c] = 1 - fit.m[c][1] < agreement_share_min * (1 - prior[c][1]);
  }
  return held;
}

void add_warnings(const FitInput& input, std::span<const TrainingRule> rules, Fit& fit) {
  const bool labels = !input.labelled.empty();
  double matches = 0;
  for (size_t r = 0; r < rules.size(); ++r) {
    matches += fit.rules[r].matches;
    if (rules[r].table.total <= 0)
      fit.warnings.push_back(
          fmt::format("{}: no pair satisfies it, so nothing was learnt from it", rule_name(input, rules[r].rule)));
    else if (fit.rules[r].matches < few_matches)
      fit.warnings.push_back(fmt::format("{}: about {:.1f} of its {:.0f} pairs match, too few to learn from",
                                         rule_name(input, rules[r].rule), fit.rules[r].matches, rules[r].pairs));
    else if (!fit.rules[r].converged)
      fit.warnings.push_back(fmt::format("{}: the estimates were still changing after {} rounds",
                                         rule_name(input, rules[r].rule), fit.rules[r].rounds));
  }
  const bool few = matches < 5 * few_matches && !labels;
  if (few)
    fit.warnings.push_back(
        "there are too few matches to estimate from; m is mostly the usual one of the fields' kinds");
  if (!(fit.lambda * input.total_pairs >= 0.999))
    fit.warnings.push_back("the estimates come to less than one match in all pairs");
  if (fit.lambda > lambda_unlikely && fit.lambda_from != Fit::LambdaFrom::given)
    fit.warnings.push_back(fmt::format(
        "the estimates come to one match in {:.1f} pairs, which is out of all reason unless each person has many "
        "records; give the model a lambda, or rules for certain pairs",
        1 / fit.lambda));
  for (const DependenceEdge& edge : fit.dependences)
    fit.warnings.push_back(
        fmt::format("comparisons \"{}\" and \"{}\" say the same thing in part ({:.0f} % among random pairs, {:.0f} % "
                    "among matches); "
                    "their weight together is corrected for it",
                    input.plan->comparisons[edge.first].name, input.plan->comparisons[edge.second].name,
                    100 * edge.shared_u, 100 * edge.shared_m));
  warn_of_levels(input, fit, few);
}

}  // namespace tessera
