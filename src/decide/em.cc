// em.cc: which shares of levels make the counts of patterns most likely? (see em.h)
#include "decide/em.h"

#include <algorithm>
#include <cassert>
#include <cmath>

namespace tessera {

namespace {

constexpr double never_seen = 1e-6;  // Splink's m of such a level while a session runs

double odds_of(double lambda) { return std::log(lambda) - std::log1p(-lambda); }

LevelShares empty_like(const LevelShares& shape) {
  LevelShares made = shape;
  for (auto& levels : made) std::ranges::fill(levels, 0.0);
  return made;
}

// Adds n of each level of the row.
void add_row(LevelShares& sums, std::span<const uint16_t> row, double n) {
  for (size_t c = 0; c < row.size(); ++c) sums[c][row[c]] += n;
}

double largest_change(const LevelShares& a, const LevelShares& b) {
  double change = 0;
  for (size_t c = 0; c < a.size(); ++c)
    for (size_t d = 1; d < a[c].size(); ++d) change = std::max(change, std::abs(a[c][d] - b[c][d]));
  return change;
}

// Counts and what is known beforehand, as shares that sum to 1.
void to_shares(std::vector<double>& counts, std::span<const double> prior, double prior_worth) {
  double sum = 0;
  for (size_t d = 1; d < counts.size(); ++d) sum += counts[d] += prior_worth * prior[d];
  for (size_t d = 1; d < counts.size(); ++d) counts[d] = sum > 0 ? counts[d] / sum : prior[d];
  if (!counts.empty()) counts[0] = 0;
}

void keep_fixed_levels(std::vector<double>& shares, std::span<const double> fixed) {
  double given = 0, free = 0;
  for (size_t d = 1; d < shares.size(); ++d)
    (std::isnan(fixed[d]) ? free : given) += std::isnan(fixed[d]) ? shares[d] : fixed[d];
  const double scale = free > 0 ? std::max(0.0, 1 - given) / free : 0;
  for (size_t d = 1; d < shares.size(); ++d) shares[d] = std::isnan(fixed[d]) ? shares[d] * scale : fixed[d];
}

// Odds of a match, at most 1, over the best odds of a rule with enough matches to be measured by.
std::vector<double> rule_weights(std::span<const DigitTable> rules, std::span<const double> lambda) {
  constexpr double enough = 100;
  std::vector<double> weights(rules.size());
  double best = 0, best_of_all = 0;
  for (size_t r = 0; r < rules.size(); ++r) {
    weights[r] = std::min(1.0, lambda[r] / (1 - lambda[r]));
    best_of_all = std::max(best_of_all, weights[r]);
    if (lambda[r] * rules[r].total >= enough) best = std::max(best, weights[r]);
  }
  if (best <= 0) best = best_of_all;
  for (double& weight : weights) weight = std::min(1.0, weight / best);
  return weights;
}

}  // namespace

std::vector<double> match_chances(const DigitTable& table, const LevelShares& log_ratio, double lambda,
                                  std::span<const DependenceEdge> edges) {
  const double start = odds_of(lambda);
  std::vector<double> chances(table.rows());
  for (size_t i = 0; i < table.rows(); ++i) {
    const auto row = table.row(i);
    double log_odds = start + extra_of(edges, row);
    for (size_t c = 0; c < row.size(); ++c) log_odds += log_ratio[c][row[c]];
    chances[i] = logistic(log_odds);
  }
  return chances;
}

JointFit joint_em(std::span<const DigitTable> rules, LevelShares m, const LevelShares& u, std::vector<double> lambda,
                  std::span<const DependenceEdge> edges, const EmOptions& options) {
  assert(lambda.size() == rules.size());
  constexpr double least = 1e-12;
  JointFit fit{.m = std::move(m), .lambda = std::move(lambda)};
  for (fit.rounds = 0; fit.rounds < options.rounds_max && !fit.converged;) {
    ++fit.rounds;
    LevelShares matches = empty_like(fit.m);
    double change = 0;
    const LevelShares ratio = log_ratios(fit.m, u);
    const std::vector<double> weights = rule_weights(rules, fit.lambda);
    LevelShares weighted = matches;
    for (size_t r = 0; r < rules.size(); ++r) {
      if (rules[r].total <= 0) continue;
      const auto chances = match_chances(rules[r], ratio, fit.lambda[r], edges);
      double sum = 0;
      for (size_t i = 0; i < rules[r].rows(); ++i) {
        const double n = rules[r].counts[i] * chances[i];
        sum += n;
        add_row(matches, rules[r].row(i), n);
        add_row(weighted, rules[r].row(i), weights[r] * n);
      }
      const double now = std::clamp(sum / rules[r].total, least, 1 - least);
      change = std::max(change, std::abs(now - fit.lambda[r]));
      fit.lambda[r] = now;
    }
    LevelShares m_now = std::move(weighted);
    for (size_t c = 0; c < m_now.size(); ++c) {
      if (!options.fixed.empty() && options.fixed[c])
        m_now[c] = fit.m[c];
      else
        to_shares(m_now[c], options.prior[c], options.prior_pairs);
      if (!options.fixed_levels.empty()) keep_fixed_levels(m_now[c], options.fixed_levels[c]);
    }
    change = std::max(change, largest_change(fit.m, m_now));
    fit.m = std::move(m_now);
    fit.matches = std::move(matches);
    fit.converged = change < options.tolerance;
  }
  return fit;
}

SessionFit session_em(const DigitTable& table, const LevelShares& m, const LevelShares& u, double lambda,
                      const std::vector<bool>& left_out, const LevelShares& fixed_m, unsigned rounds_max,
                      double tolerance) {
  SessionFit fit{.m = m, .lambda = lambda};
  while (fit.rounds < rounds_max && !fit.converged) {
    ++fit.rounds;
    const auto chances = match_chances(table, log_ratios(fit.m, u), fit.lambda, {});
    LevelShares sums = empty_like(m), seen = empty_like(m);
    double matches = 0;
    for (size_t i = 0; i < table.rows(); ++i) {
      const double n = table.counts[i] * chances[i];
      matches += n;
      add_row(sums, table.row(i), n);
      add_row(seen, table.row(i), table.counts[i]);
    }
    double change = std::abs(matches / table.total - fit.lambda);
    fit.lambda = matches / table.total;
    for (size_t c = 0; c < m.size(); ++c) {
      if (left_out[c]) continue;
      double total = 0;
      for (size_t d = 1; d < m[c].size(); ++d) total += sums[c][d];
      for (size_t d = 1; d < m[c].size(); ++d) {
        if (!std::isnan(fixed_m[c][d])) continue;
        const double now = seen[c][d] > 0 && total > 0 ? sums[c][d] / total : never_seen;
        change = std::max(change, std::abs(now - fit.m[c][d]));
        fit.m[c][d] = now;
      }
    }
    fit.converged = change < tolerance;
  }
  // What was never seen was not trained.
  LevelShares seen = empty_like(m);
  for (size_t i = 0; i < table.rows(); ++i) add_row(seen, table.row(i), table.counts[i]);
  for (size_t c = 0; c < m.size(); ++c)
    for (size_t d = 1; d < m[c].size(); ++d)
      if (!left_out[c] && seen[c][d] <= 0 && std::isnan(fixed_m[c][d])) fit.m[c][d] = std::nan("");
  return fit;
}

}  // namespace tessera
