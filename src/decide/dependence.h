// dependence.h: which comparisons say the same thing twice?
//
// Fellegi and Sunter add weights as if comparisons were independent. Postcode and district are not:
//
//                                 postcode   district   added     true
//   the same postcode             +13        +8         +21       +13
//
// So the strongest dependences are kept as a forest (Chow and Liu 1968): each comparison has at most one
// parent, and the shares of its levels are those given the parent's level,
//
//   P(levels) = product of P(level) * product over edges of r(a, b),   r(a, b) = P(a, b) / (P(a) P(b))
//
// among matches and among others alike. The weight of a pair gains log2 r_m - log2 r_u for each edge.
#pragma once

#include <span>
#include <vector>

#include "decide/digits.h"

namespace tessera {

struct DependenceEdge {
  size_t first = 0, second = 0;       // first < second
  size_t digits = 0;                  // of second
  std::vector<double> log_extra;      // ln r_m - ln r_u; [digit of first * digits + digit of second]
  double shared_m = 0, shared_u = 0;  // mutual information over the smaller entropy, among matches and others
};

// Expected counts of two comparisons' levels together, over pairs where neither is null.
struct JointCounts {
  size_t first = 0, second = 0, digits = 0;
  std::vector<double> m, u;
  [[nodiscard]] std::vector<double> extra() const;  // ln r_m - ln r_u, as in DependenceEdge
};

// Mutual information of a table of counts over the smaller of both entropies; 0 for a table with less than two levels.
// `sure`: false where so few pairs could show it by chance (G test at about 1e-9).
struct SharedInformation {
  double share = 0;
  bool sure = false;
};
SharedInformation shared_information(std::span<const double> counts, size_t columns);

// The strongest edges of `counts` that make no cycle; those under `share_min` are left out.
std::vector<DependenceEdge> dependence_forest(std::span<const JointCounts> counts, size_t comparisons,
                                              double share_min);

// What the edges add to the log odds of a row.
double extra_of(std::span<const DependenceEdge> edges, std::span<const uint16_t> row);

}  // namespace tessera
