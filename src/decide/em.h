// em.h: which shares of levels make the counts of patterns most likely?
//
// Pairs are a mixture of matches and others (Fellegi and Sunter 1969); expectation maximisation (Dempster, Laird,
// Rubin 1977) alternates between the chance that each pattern is a match and the shares that follow from it.
//
//   rule 0  family name equal    patterns, counts   lambda_0 }
//   rule 1  birth date equal     patterns, counts   lambda_1 }  one m for all
//
// joint_em takes all training rules in one fit: what a rule made equal is 0 in its table and says nothing there.
// The counts of a pair that several rules find are used several times, so this is a composite likelihood
// (Lindsay 1988): its estimates hold, its curvature would not.
// session_em is one rule alone, step by step as Splink does it.
#pragma once

#include <span>
#include <vector>

#include "decide/dependence.h"
#include "decide/digits.h"

namespace tessera {

struct EmOptions {
  unsigned rounds_max = 100;
  double tolerance = 1e-4;   // stop when no share changes by more
  LevelShares prior;         // m that nothing contradicts
  double prior_pairs = 5;    // how many matches it is worth
  std::vector<bool> fixed;   // by comparison: m stays as it starts
  LevelShares fixed_levels;  // by level: m that is given, or NaN; the others share what is left. Empty: none.
};

struct JointFit {
  LevelShares m;
  LevelShares matches;         // expected matches by level, over all rules
  std::vector<double> lambda;  // by rule
  unsigned rounds = 0;
  bool converged = false;
};

// A rule's matches count for m by its odds of a match, against the rule with the best: where most pairs are no
// matches, those that look like one by accident, or by living together, are many beside the true ones.
//
// Starts from `m` and from a share of matches for each rule. All sums go in the order of rules and rows.
JointFit joint_em(std::span<const DigitTable> rules, LevelShares m, const LevelShares& u, std::vector<double> lambda,
                  std::span<const DependenceEdge> edges, const EmOptions& options);

// The chance that each row is a match.
std::vector<double> match_chances(const DigitTable& table, const LevelShares& log_ratio, double lambda,
                                  std::span<const DependenceEdge> edges);

struct SessionFit {
  LevelShares m;  // NaN where a level was never seen
  double lambda = 0;
  unsigned rounds = 0;
  bool converged = false;
};

// One training rule as Splink runs it: u fixed, no prior, a level that is never seen counts as 1e-6.
// `fixed_m` is by level: NaN where m is estimated. `left_out` comparisons stay as they are.
SessionFit session_em(const DigitTable& table, const LevelShares& m, const LevelShares& u, double lambda,
                      const std::vector<bool>& left_out, const LevelShares& fixed_m, unsigned rounds_max,
                      double tolerance);

}  // namespace tessera
