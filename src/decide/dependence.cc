// dependence.cc: which comparisons say the same thing twice? (see dependence.h)
#include "decide/dependence.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace tessera {

namespace {

// Pairs' worth of independence that each row of a table of shares starts with: a cell that a pair or two made
// by chance says little.
constexpr double prior_pairs = 5;

// Of the information of the lesser comparison, among pairs that do not match.
constexpr double share_u_min = 0.02;

struct Margins {
  std::vector<double> rows, columns;
  double total = 0;
};

Margins margins_of(std::span<const double> counts, size_t columns) {
  Margins made{std::vector<double>(counts.size() / columns), std::vector<double>(columns)};
  for (size_t i = columns; i < counts.size(); ++i) {  // row 0 and column 0 are null
    if (i % columns == 0) continue;
    made.rows[i / columns] += counts[i];
    made.columns[i % columns] += counts[i];
    made.total += counts[i];
  }
  return made;
}

double entropy(std::span<const double> counts, double total) {
  double sum = 0;
  for (const double n : counts)
    if (n > 0) sum -= n / total * std::log(n / total);
  return sum;
}

// ln r(a, b) = ln P(b | a) - ln P(b), where P(b | a) starts from P(b). Of the two directions the one whose given
// level was seen more often is taken: it knows more.
double log_excess(const Margins& margins, double both, size_t a, size_t b) {
  const bool given_row = margins.rows[a] >= margins.columns[b];
  const double given = given_row ? margins.rows[a] : margins.columns[b];
  const double other = (given_row ? margins.columns[b] : margins.rows[a]) / margins.total;
  if (given <= 0 || other <= 0) return 0;
  return std::log((both + prior_pairs * other) / (given + prior_pairs) / other);
}

}  // namespace

SharedInformation shared_information(std::span<const double> counts, size_t columns) {
  const Margins margins = margins_of(counts, columns);
  if (margins.total <= 0) return {};
  double information = 0;
  for (size_t i = columns; i < counts.size(); ++i)
    if (i % columns != 0 && counts[i] > 0)
      information += counts[i] / margins.total *
                     std::log(counts[i] * margins.total / margins.rows[i / columns] / margins.columns[i % columns]);
  const double least = std::min(entropy(margins.rows, margins.total), entropy(margins.columns, margins.total));
  if (least < 1e-12) return {};
  // 2 N I is chi-squared with (rows - 1)(columns - 1) degrees of freedom if both are independent; mean plus some
  // six deviations is past 1e-9.
  const auto freedom = static_cast<double>((margins.rows.size() - 2) * (columns - 2));
  return {.share = std::clamp(information / least, 0.0, 1.0),
          .sure = 2 * margins.total * information > freedom + 12 * std::sqrt(freedom) + 20};
}

std::vector<double> JointCounts::extra() const {
  const Margins of_m = margins_of(m, digits), of_u = margins_of(u, digits);
  std::vector<double> made(m.size());
  for (size_t i = digits; i < m.size(); ++i) {
    const size_t a = i / digits, b = i % digits;
    if (b == 0) continue;
    if (of_m.total > 0) made[i] += log_excess(of_m, m[i], a, b);
    if (of_u.total > 0) made[i] -= log_excess(of_u, u[i], a, b);
  }
  return made;
}

std::vector<DependenceEdge> dependence_forest(std::span<const JointCounts> counts, size_t comparisons,
                                              double share_min) {
  std::vector<std::pair<double, size_t>> order;
  std::vector<DependenceEdge> edges(counts.size());
  for (size_t i = 0; i < counts.size(); ++i) {
    const JointCounts& joint = counts[i];
    const SharedInformation of_m = shared_information(joint.m, joint.digits);
    const SharedInformation of_u = shared_information(joint.u, joint.digits);
    edges[i] = {.first = joint.first,
                .second = joint.second,
                .digits = joint.digits,
                .shared_m = of_m.share,
                .shared_u = of_u.share};
    // Matches are known only by these same weights, so what their table alone shows may be of the fit's own making.
    if (!of_u.sure || of_u.share < share_u_min) continue;
    const double strength = std::max(of_u.share, of_m.sure ? of_m.share : 0);
    if (strength >= share_min) order.emplace_back(strength, i);
  }
  std::ranges::stable_sort(order, [](const auto& a, const auto& b) { return a.first > b.first; });

  std::vector<size_t> tree(comparisons);
  std::iota(tree.begin(), tree.end(), size_t{0});
  std::vector<DependenceEdge> forest;
  for (const auto& [strength, i] : order) {
    const size_t a = tree[edges[i].first], b = tree[edges[i].second];
    if (a == b) continue;
    std::ranges::replace(tree, std::max(a, b), std::min(a, b));
    edges[i].log_extra = counts[i].extra();
    forest.push_back(std::move(edges[i]));
  }
  std::ranges::sort(forest, {}, [](const DependenceEdge& e) { return std::pair(e.first, e.second); });
  return forest;
}

double extra_of(std::span<const DependenceEdge> edges, std::span<const uint16_t> row) {
  double sum = 0;
  for (const DependenceEdge& edge : edges)
    if (row[edge.first] != 0 && row[edge.second] != 0)
      sum += edge.log_extra[row[edge.first] * edge.digits + row[edge.second]];
  return sum;
}

}  // namespace tessera
