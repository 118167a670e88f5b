// weights.cc: what is a pair worth, by its pattern? (see weights.h)
#include "decide/weights.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <cmath>

namespace tessera {

namespace {

constexpr unsigned chunk_bits_max = 11;  // 16 KiB a table: two or three stay in the first-level cache
constexpr double least_probability = 1e-300;
constexpr double default_lambda = 1e-4;

bool is_probability(double p) { return p >= 0 && p <= 1; }

Pattern mask_of(unsigned width) { return (Pattern{1} << width) - 1; }

}  // namespace

std::vector<std::vector<double>> splink_default_m(const ModelPlan& plan) {
  std::vector<std::vector<double>> made;
  for (const PlanComparison& comparison : plan.comparisons) {
    std::vector<double> m(comparison.digits, 0.0);
    const size_t levels = m.size() - 1;
    for (size_t d = 1; d < m.size(); ++d) m[d] = d == levels ? 0.95 : (1 - 0.95) / static_cast<double>(levels - 1);
    made.push_back(std::move(m));
  }
  return made;
}

std::vector<std::vector<double>> splink_default_u(const ModelPlan& plan) {
  auto made = splink_default_m(plan);
  for (auto& u : made) {
    const size_t levels = u.size() - 1;
    for (size_t d = 1; d < u.size(); ++d) {
      double weight = 10;
      if (d < levels)
        weight = levels == 2 ? -5 : -5 + static_cast<double>(d - 1) * (8 / static_cast<double>(levels - 2));
      u[d] /= std::exp2(weight);
    }
  }
  return made;
}

double probability_of(double weight) {
  if (weight >= 0) return 1 / (1 + std::exp2(-weight));
  const double odds = std::exp2(weight);
  return odds / (1 + odds);
}

double weight_of(double probability) { return std::log2(probability) - std::log2(1 - probability); }

Result<WeightTable> WeightTable::build(const Model& model, const ModelPlan& plan) {
  assert(model.comparisons.size() == plan.comparisons.size());
  WeightTable table;
  const double lambda = model.lambda.value_or(default_lambda);
  if (!is_probability(lambda)) return fail(ErrorCode::usage, "lambda must be between 0 and 1");
  table.prior_ = weight_of(std::clamp(lambda, least_probability, 1 - 1e-16));
  table.m_ = splink_default_m(plan);
  table.u_ = splink_default_u(plan);
  for (size_t c = 0; c < plan.comparisons.size(); ++c) {
    const PlanComparison& comparison = plan.comparisons[c];
    for (size_t l = 0; l < comparison.levels.size(); ++l) {
      if (comparison.levels[l].null_level) continue;
      const Level& level = model.comparisons[c].levels[l];
      const unsigned digit = comparison.levels[l].digit;
      // Splink's default u of a level that was never trained may be above 1.
      for (const auto& value : {level.m, level.u})
        if (value && !is_probability(*value) && !(*value > 1 && model.origin == Model::Origin::splink))
          return fail(ErrorCode::usage,
                      fmt::format("comparison \"{}\", level \"{}\": a probability must be between 0 and 1",
                                  comparison.name, level.label));
      if (level.m) table.m_[c][digit] = *level.m;
      if (level.u) table.u_[c][digit] = *level.u;
    }
    auto& weights = table.level_weights_.emplace_back(comparison.digits, 0.0);
    for (unsigned d = 1; d < comparison.digits; ++d) {
      table.m_[c][d] = std::max(table.m_[c][d], least_probability);
      table.u_[c][d] = std::max(table.u_[c][d], least_probability);
      weights[d] = std::log2(table.m_[c][d]) - std::log2(table.u_[c][d]);
    }
    auto& frequencies = table.frequencies_.emplace_back(comparison.digits);
    bool any = false;
    for (size_t l = 0; l < comparison.levels.size(); ++l) {
      const PlanLevel& level = comparison.levels[l];
      if (level.null_level || level.frequency < 0) continue;
      const PlanFrequency& planned = comparison.frequencies[static_cast<size_t>(level.frequency)];
      const unsigned exact = planned.exact_level > 0 ? static_cast<unsigned>(planned.exact_level) : level.digit;
      Frequency made{.index = level.frequency,
                     .weight = planned.weight,
                     .minimum = planned.minimum_u,
                     .log_minimum = std::log2(planned.minimum_u),
                     .log_base = std::log2(table.u_[c][exact])};
      const auto& wanted = model.comparisons[c].levels[l].term_frequency;
      if (model.close_frequency && exact != level.digit && wanted && wanted->close_mean && *wanted->close_mean > 0) {
        made.capped = true;
        made.exact_over = made.log_base + weights[exact] - weights[level.digit];
        made.log_base = std::log2(*wanted->close_mean);
      }
      frequencies[level.digit] = made;
      any = true;
    }
    if (any) table.frequency_comparisons_.push_back(static_cast<uint32_t>(c));
  }
  for (const Dependence& dependence : model.dependences) {
    if (dependence.first >= dependence.second || dependence.second >= plan.comparisons.size())
      return fail(ErrorCode::usage, "a dependence names comparisons that the model does not have");
    const PlanComparison &a = plan.comparisons[dependence.first], &b = plan.comparisons[dependence.second];
    if (dependence.extra.size() != size_t{a.digits} * b.digits)
      return fail(ErrorCode::usage,
                  fmt::format("the dependence of \"{}\" and \"{}\" has {} numbers, and their levels ask "
                              "for {}",
                              a.name, b.name, dependence.extra.size(), a.digits * b.digits));
    Edge edge{.first_shift = a.shift,
              .second_shift = b.shift,
              .first_mask = mask_of(a.width),
              .second_mask = mask_of(b.width),
              .digits = size_t{1} << b.width};
    edge.extra.resize((size_t{1} << a.width) * edge.digits);
    for (size_t i = 1; i < a.digits; ++i)
      for (size_t j = 1; j < b.digits; ++j) edge.extra[i * edge.digits + j] = dependence.extra[i * b.digits + j];
    table.edges_.push_back(std::move(edge));
  }
  table.chunks_ = chunks_of(plan, table.level_weights_);
  TESSERA_TRY(table.add_related(model, plan));
  return table;
}

Status WeightTable::add_related(const Model& model, const ModelPlan& plan) {
  shared_.assign(plan.comparisons.size(), false);
  if (!model.related || model.related->share <= 0) return {};
  const Related& related = *model.related;
  const double lambda = model.lambda.value_or(default_lambda);
  if (!is_probability(related.share) || related.share + lambda >= 1)
    return fail(ErrorCode::usage, "the share of related pairs must be between 0 and 1, and with lambda below 1");
  if (related.levels.size() != plan.comparisons.size())
    return fail(ErrorCode::usage, "the related pairs name other comparisons than the model has");
  has_related_ = true;
  // Both classes against all that is neither.
  prior_ = std::log2(std::max(lambda, least_probability)) - std::log2(1 - lambda - related.share);
  related_prior_ = std::log2(related.share) - std::log2(1 - lambda - related.share);
  std::vector<std::vector<double>> weights;
  for (size_t c = 0; c < plan.comparisons.size(); ++c) {
    const PlanComparison& comparison = plan.comparisons[c];
    auto& of = weights.emplace_back(comparison.digits, 0.0);
    if (related.levels[c].empty()) continue;
    if (related.levels[c].size() != comparison.levels.size())
      return fail(ErrorCode::usage,
                  fmt::format("the related pairs have {} shares for comparison \"{}\", which has {} levels",
                              related.levels[c].size(), comparison.name, comparison.levels.size()));
    shared_[c] = true;
    for (size_t l = 0; l < comparison.levels.size(); ++l) {
      if (comparison.levels[l].null_level) continue;
      const double q = related.levels[c][l];
      if (!is_probability(q))
        return fail(ErrorCode::usage,
                    fmt::format("comparison \"{}\": a probability must be between 0 and 1", comparison.name));
      const unsigned digit = comparison.levels[l].digit;
      of[digit] = std::log2(std::max(q, least_probability)) - std::log2(u_[c][digit]);
    }
  }
  related_chunks_ = chunks_of(plan, weights);
  for (size_t e = 0; e < model.dependences.size(); ++e)
    if (shared_[model.dependences[e].first] && shared_[model.dependences[e].second])
      related_edges_.push_back(edges_[e]);
  return {};
}

double WeightTable::against_related(double weight, double related) {
  if (related < -40) return weight;  // 1 + 2^R is 1
  return weight - (related > 40 ? related : std::log2(1 + std::exp2(related)));
}

std::vector<WeightTable::Chunk> WeightTable::chunks_of(const ModelPlan& plan,
                                                       const std::vector<std::vector<double>>& weights) {
  std::vector<Chunk> chunks;
  for (size_t c = 0; c < plan.comparisons.size();) {
    const unsigned shift = plan.comparisons[c].shift;
    unsigned width = plan.comparisons[c].width;
    size_t end = c + 1;
    while (end < plan.comparisons.size() && plan.comparisons[end].shift == shift + width &&
           width + plan.comparisons[end].width <= chunk_bits_max)
      width += plan.comparisons[end++].width;
    Chunk chunk{.shift = shift, .mask = mask_of(width), .sums = std::vector<double>(size_t{1} << width)};
    for (Pattern bits = 0; bits < chunk.sums.size(); ++bits)
      for (size_t i = c; i < end; ++i) {
        const unsigned digit = plan.comparisons[i].digit(bits << shift);
        if (digit < plan.comparisons[i].digits) chunk.sums[bits] += weights[i][digit];
      }
    chunks.push_back(std::move(chunk));
    c = end;
  }
  return chunks;
}

double WeightTable::dependence_weight(Pattern pattern) const {
  double sum = 0;
  for (const Edge& edge : edges_)
    sum += edge.extra[(pattern >> edge.first_shift & edge.first_mask) * edge.digits +
                      (pattern >> edge.second_shift & edge.second_mask)];
  return sum;
}

double WeightTable::adjustment(size_t comparison, unsigned digit, double left, double right) const {
  const Frequency& frequency = frequencies_[comparison][digit];
  if (frequency.index < 0) return 0;
  double share = left > right || !(right > 0) ? left : right;
  if (!(share > 0)) return 0;
  share = std::max(share, frequency.minimum);
  const double log_share = std::log2(share);
  double base = frequency.log_base;
  if (frequency.capped) base = std::min(base, frequency.exact_over);
  return frequency.weight * (base - log_share);
}

}  // namespace tessera
