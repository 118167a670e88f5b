// explain_pair.cc: why does a pair have this weight? (see explain_pair.h)
#include "decide/explain_pair.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <cmath>

namespace tessera {

namespace {

double adjustment_of(const WeightTable& table, const ModelPlan& plan, const ExplainedPair& pair, size_t c) {
  const unsigned digit = plan.comparisons[c].digit(pair.pattern);
  if (c >= pair.shares.size()) return 0;
  return table.adjustment(c, digit, pair.shares[c].first, pair.shares[c].second);
}

// The weight that the pair would have with `pattern`, without the term frequency of comparison `without`.
double weight_at(const WeightTable& table, const ModelPlan& plan, const ExplainedPair& pair, Pattern pattern,
                 size_t without = SIZE_MAX) {
  double weight = table.weight(pattern), related = table.has_related() ? table.related_weight(pattern) : 0;
  for (size_t c = 0; c < plan.comparisons.size(); ++c) {
    if (c == without) continue;
    const double adjustment = adjustment_of(table, plan, pair, c);
    weight += adjustment;
    if (table.has_related() && table.is_shared(c)) related += adjustment;
  }
  return table.has_related() ? WeightTable::against_related(weight, related) : weight;
}

std::string label_of(const Model& model, const ModelPlan& plan, size_t c, unsigned digit) {
  for (size_t l = 0; l < plan.comparisons[c].levels.size(); ++l) {
    const PlanLevel& level = plan.comparisons[c].levels[l];
    if (digit == 0 ? level.null_level : !level.null_level && level.digit == digit)
      return model.comparisons[c].levels[l].label;
  }
  return "null";
}

// As short as it can be read: .83, .0021, 3.1e-06.
std::string share_text(double p) { return p >= 1e-4 ? fmt::format("{:.4f}", p) : fmt::format("{:.1e}", p); }

struct Turn {
  size_t comparison = 0;
  unsigned digit = 0;
  double weight = 0;
};

// The level that would bring the weight across the threshold with the smallest change.
std::optional<Turn> nearest_turn(const WeightTable& table, const ModelPlan& plan, const ExplainedPair& pair,
                                 double weight, double threshold) {
  std::optional<Turn> nearest;
  for (size_t c = 0; c < plan.comparisons.size(); ++c) {
    const PlanComparison& comparison = plan.comparisons[c];
    const Pattern rest = pair.pattern & ~(((Pattern{1} << comparison.width) - 1) << comparison.shift);
    for (unsigned d = 1; d < comparison.digits; ++d) {
      if (d == comparison.digit(pair.pattern)) continue;
      // Of another value nothing is known but its level: no term frequency.
      const double other = weight_at(table, plan, pair, rest | Pattern{d} << comparison.shift, c);
      if ((other >= threshold) == (weight >= threshold)) continue;
      if (!nearest || std::abs(other - weight) < std::abs(nearest->weight - weight)) nearest = Turn{c, d, other};
    }
  }
  return nearest;
}

}  // namespace

double weight_of_pair(const WeightTable& table, const ModelPlan& plan, const ExplainedPair& pair) {
  return weight_at(table, plan, pair, pair.pattern);
}

std::string explain_pair(const Model& model, const ModelPlan& plan, const WeightTable& table, const ExplainedPair& pair,
                         double threshold) {
  size_t name_width = 10, label_width = 5;
  for (size_t c = 0; c < plan.comparisons.size(); ++c) {
    name_width = std::max(name_width, plan.comparisons[c].name.size());
    label_width = std::max(label_width, label_of(model, plan, c, plan.comparisons[c].digit(pair.pattern)).size());
  }
  std::string out = fmt::format("{:<{}}  {:<{}}  {:>8}  {:>8}  {:>7}  {:>9}  {:>7}\n", "comparison", name_width,
                                "level", label_width, "m", "u", "weight", "frequency", "total");
  double total = table.prior();
  out += fmt::format("{:<{}}  {:<{}}  {:>8}  {:>8}  {:>+7.2f}  {:>9}  {:>+7.2f}\n", "prior", name_width, "",
                     label_width, "", "", total, "", total);
  for (size_t c = 0; c < plan.comparisons.size(); ++c) {
    const unsigned digit = plan.comparisons[c].digit(pair.pattern);
    const double weight = table.level_weight(c, digit), adjustment = adjustment_of(table, plan, pair, c);
    total += weight + adjustment;
    out += fmt::format("{:<{}}  {:<{}}  {:>8}  {:>8}  {:>+7.2f}  {:>9}  {:>+7.2f}\n", plan.comparisons[c].name,
                       name_width, label_of(model, plan, c, digit), label_width,
                       digit == 0 ? "" : share_text(table.m(c, digit)), digit == 0 ? "" : share_text(table.u(c, digit)),
                       weight, table.frequency_of(c, digit) >= 0 ? fmt::format("{:+.2f}", adjustment) : "", total);
  }
  if (const double shared = table.dependence_weight(pair.pattern); !model.dependences.empty()) {
    total += shared;
    out += fmt::format("{:<{}}  {:<{}}  {:>8}  {:>8}  {:>+7.2f}  {:>9}  {:>+7.2f}\n", "said twice", name_width, "",
                       label_width, "", "", shared, "", total);
  }
  const double weight = weight_of_pair(table, plan, pair);
  if (table.has_related())
    out += fmt::format("{:<{}}  {:<{}}  {:>8}  {:>8}  {:>+7.2f}  {:>9}  {:>+7.2f}\n", "one home?", name_width, "",
                       label_width, "", "", weight - total, "", weight);
  out += fmt::format("weight {:.2f}, probability {:.6g}: {} the threshold of {:.2f}\n", weight, probability_of(weight),
                     weight >= threshold ? "reaches" : "is below", threshold);
  if (pair.rule && *pair.rule < plan.rules.size())
    out += fmt::format("met by blocking rule {}{}\n", *pair.rule + 1,
                       plan.rules[*pair.rule].text.empty() ? "" : ": " + plan.rules[*pair.rule].text);
  else if (!pair.rule)
    out += "met by no blocking rule: a run would not have compared it\n";
  if (const auto turn = nearest_turn(table, plan, pair, weight, threshold))
    out += fmt::format("{} if {} were \"{}\": {:.2f}\n", weight >= threshold ? "would fall below" : "would reach it",
                       plan.comparisons[turn->comparison].name, label_of(model, plan, turn->comparison, turn->digit),
                       turn->weight);
  else
    out += "no other level of one comparison alone would change that\n";
  return out;
}

}  // namespace tessera
