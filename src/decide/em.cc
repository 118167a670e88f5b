// em.cc: which shares of levels make the counts of patterns most likely? (see em.h)
#include "decide/em.h"

#include <algorithm>
#include <cassert>
#include <cmath>

namespace tessera {

namespace {

constexpr double never_seen = 1e-6;  // Splink's m of such a level while a session runs

LevelShares empty_like(const LevelShares& shape) {
  LevelShares made = shape;
  for (auto& levels : made) std::ranges::fill(levels, 0.0);
  return made;
}

// Adds n of each level of the row.
void add_row(LevelShares& sums, std::span<const uint16_t> row, double n, const std::vector<bool>& blocked = {}) {
  for (size_t c = 0; c < row.size(); ++c)
    if (blocked.empty() || !blocked[c]) sums[c][row[c]] += n;
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
std::vector<double> rule_weights(std::span<const EmRule> rules, std::span<const double> lambda) {
  constexpr double enough = 100;
  std::vector<double> weights(rules.size());
  double best = 0, best_of_all = 0;
  for (size_t r = 0; r < rules.size(); ++r) {
    weights[r] = std::min(1.0, lambda[r] / (1 - lambda[r]));
    best_of_all = std::max(best_of_all, weights[r]);
    if (lambda[r] * rules[r].table.total >= enough) best = std::max(best, weights[r]);
  }
  if (best <= 0) best = best_of_all;
  for (double& weight : weights) weight = std::min(1.0, weight / best);
  return weights;
}

// Natural logarithms of what each level of a class says against others; nothing where it is blocked.
LevelShares ratios_of(const LevelShares& shares, const LevelShares& u, const std::vector<bool>& blocked) {
  LevelShares ratios = log_ratios(shares, u);
  for (size_t c = 0; c < blocked.size(); ++c)
    if (blocked[c]) std::ranges::fill(ratios[c], 0.0);
  return ratios;
}

std::vector<DependenceEdge> usable_edges(std::span<const DependenceEdge> edges, const std::vector<bool>& blocked) {
  std::vector<DependenceEdge> made;
  for (const DependenceEdge& edge : edges)
    if (blocked.empty() || !blocked[edge.first] || !blocked[edge.second]) made.push_back(edge);
  return made;
}

// The edges of which a home shares both comparisons.
std::vector<DependenceEdge> shared_edges(std::span<const DependenceEdge> edges, const LevelShares& q) {
  std::vector<DependenceEdge> made;
  for (const DependenceEdge& edge : edges)
    if (!q[edge.first].empty() && !q[edge.second].empty()) made.push_back(edge);
  return made;
}

double log_ratio_of(const LevelShares& ratios, std::span<const DependenceEdge> edges, std::span<const uint16_t> row) {
  double sum = extra_of(edges, row);
  for (size_t c = 0; c < row.size(); ++c) sum += ratios[c][row[c]];
  return sum;
}

}  // namespace

ClassChances class_chances(const DigitTable& table, const ClassShares& shares, ClassSizes sizes,
                           std::span<const DependenceEdge> edges, const std::vector<bool>& blocked) {
  ClassChances chances{std::vector<double>(table.rows()), std::vector<double>(table.rows())};
  const double others = std::log1p(-sizes.lambda - sizes.kappa);
  const double match = std::log(sizes.lambda) - others;
  const LevelShares of_match = ratios_of(shares.m, shares.u, blocked);
  const auto edges_usable = usable_edges(edges, blocked);
  if (shares.q.empty() || sizes.kappa <= 0) {
    for (size_t i = 0; i < table.rows(); ++i)
      chances.match[i] = logistic(match + log_ratio_of(of_match, edges_usable, table.row(i)));
    return chances;
  }
  const double related = std::log(sizes.kappa) - others;
  LevelShares of_related = shares.u;
  for (size_t c = 0; c < of_related.size(); ++c)
    if (!shares.q[c].empty()) of_related[c] = shares.q[c];
  of_related = ratios_of(of_related, shares.u, blocked);
  const auto edges_shared = shared_edges(edges_usable, shares.q);
  for (size_t i = 0; i < table.rows(); ++i) {
    const double log_match = match + log_ratio_of(of_match, edges_usable, table.row(i));
    const double log_related = related + log_ratio_of(of_related, edges_shared, table.row(i));
    const double most = std::max({log_match, log_related, 0.0});
    const double a = std::exp(log_match - most), b = std::exp(log_related - most);
    const double sum = a + b + std::exp(-most);
    chances.match[i] = a / sum;
    chances.related[i] = b / sum;
  }
  return chances;
}

namespace {

// One round's expected counts.
struct Expectation {
  LevelShares matches, weighted, related;
  double change = 0;
};

Expectation expect(std::span<const EmRule> rules, size_t of_matches, const ClassShares& shares, JointFit& fit,
                   std::span<const DependenceEdge> edges) {
  constexpr double least = 1e-12;
  Expectation out{.matches = empty_like(shares.m), .weighted = empty_like(shares.m), .related = empty_like(shares.m)};
  std::vector<double> lambda;
  for (const ClassSizes& sizes : std::span(fit.sizes).first(of_matches)) lambda.push_back(sizes.lambda);
  const std::vector<double> weights = rule_weights(rules.first(of_matches), lambda);
  for (size_t r = 0; r < rules.size(); ++r) {
    const auto& [table, blocked] = rules[r];
    if (table.total <= 0) continue;
    const ClassChances chances = class_chances(table, shares, fit.sizes[r], edges, blocked);
    double matches = 0, related = 0;
    for (size_t i = 0; i < table.rows(); ++i) {
      const double n = table.counts[i] * chances.match[i], o = table.counts[i] * chances.related[i];
      matches += n;
      related += o;
      if (r < of_matches) {
        add_row(out.matches, table.row(i), n, blocked);
        add_row(out.weighted, table.row(i), weights[r] * n, blocked);
      }
      if (r >= of_matches && !shares.q.empty()) add_row(out.related, table.row(i), o, blocked);
    }
    const double now = std::clamp(matches / table.total, least, 1 - 2 * least);
    out.change = std::max(out.change, std::abs(now - fit.sizes[r].lambda));
    fit.sizes[r] = {now, shares.q.empty() ? 0 : std::clamp(related / table.total, least, 1 - now - least)};
  }
  return out;
}

}  // namespace

JointFit joint_em(std::span<const EmRule> rules, size_t of_matches, ClassShares shares, std::vector<ClassSizes> sizes,
                  std::span<const DependenceEdge> edges, const EmOptions& options) {
  assert(sizes.size() == rules.size() && of_matches <= rules.size());
  JointFit fit{.sizes = std::move(sizes)};
  for (fit.rounds = 0; fit.rounds < options.rounds_max && !fit.converged;) {
    ++fit.rounds;
    Expectation now = expect(rules, of_matches, shares, fit, edges);
    for (size_t c = 0; c < now.weighted.size(); ++c) {
      if (!options.fixed.empty() && options.fixed[c])
        now.weighted[c] = shares.m[c];
      else
        to_shares(now.weighted[c], options.prior[c], options.prior_pairs);
      if (!options.fixed_levels.empty()) keep_fixed_levels(now.weighted[c], options.fixed_levels[c]);
    }
    double change = std::max(now.change, largest_change(shares.m, now.weighted));
    shares.m = std::move(now.weighted);
    fit.matches = std::move(now.matches);
    fit.related = now.related;
    for (size_t c = 0; c < shares.q.size(); ++c) {
      if (shares.q[c].empty()) continue;
      to_shares(now.related[c], options.q_prior[c], options.prior_pairs);
      for (size_t d = 1; d < shares.q[c].size(); ++d)
        change = std::max(change, std::abs(shares.q[c][d] - now.related[c][d]));
      shares.q[c] = now.related[c];
    }
    fit.converged = change < options.tolerance;
  }
  fit.m = std::move(shares.m);
  fit.q = std::move(shares.q);
  return fit;
}

SessionFit session_em(const DigitTable& table, const LevelShares& m, const LevelShares& u, double lambda,
                      const std::vector<bool>& left_out, const LevelShares& fixed_m, unsigned rounds_max,
                      double tolerance) {
  SessionFit fit{.m = m, .lambda = lambda};
  while (fit.rounds < rounds_max && !fit.converged) {
    ++fit.rounds;
    const auto chances = class_chances(table, {.m = fit.m, .u = u}, {.lambda = fit.lambda}, {}).match;
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
