// em.h: which shares of levels make the counts of patterns most likely?
//
// Pairs are a mixture of matches and others (Fellegi and Sunter 1969); expectation maximisation (Dempster, Laird,
// Rubin 1977) alternates between the chance that each pattern is a match and the shares that follow from it.
//
//   rule 0  family name equal    patterns, counts   lambda_0 }
//   rule 1  birth date equal     patterns, counts   lambda_1 }  one m for all
//
// A third class may stand between: related pairs, of people of one home. They agree on what a home shares (family
// name, address) with shares q of their own, and on all else as others do, with u.
//
// joint_em takes all training rules in one fit: what a rule made equal says nothing in its pairs.
// The counts of a pair that several rules find are used several times, so this is a composite likelihood
// (Lindsay 1988): its estimates hold, its curvature would not.
// session_em is one rule alone, step by step as Splink does it.
#pragma once

#include <span>
#include <vector>

#include "decide/dependence.h"
#include "decide/digits.h"

namespace tessera {

// Shares of levels by class. q: by comparison; an empty row is u; an empty table: there is no such class.
struct ClassShares {
  LevelShares m, u, q;
};
// How many of the pairs are matches, and related.
struct ClassSizes {
  double lambda = 0, kappa = 0;
};
struct ClassChances {
  std::vector<double> match, related;  // by row
};

// Of each row. What is `blocked` (by comparison; empty: nothing) was made equal by the rule that brought the pairs: it
// says nothing itself, and through an edge what it leaves of the other comparison's word. `edges` correct matches in
// full, and the related where a home shares both comparisons.
ClassChances class_chances(const DigitTable& table, const ClassShares& shares, ClassSizes sizes,
                           std::span<const DependenceEdge> edges, const std::vector<bool>& blocked = {});

// The pairs of a training rule.
struct EmRule {
  DigitTable table;
  std::vector<bool> blocked;  // by comparison; empty: nothing
};

struct EmOptions {
  unsigned rounds_max = 100;
  double tolerance = 1e-4;   // stop when no share changes by more
  LevelShares prior;         // m that nothing contradicts
  double prior_pairs = 5;    // how many matches it is worth
  std::vector<bool> fixed;   // by comparison: m stays as it starts
  LevelShares fixed_levels;  // by level: m that is given, or NaN; the others share what is left. Empty: none.
  LevelShares q_prior;       // as ClassShares::q; empty: no third class
};

struct JointFit {
  LevelShares m, q;
  LevelShares matches;            // expected matches by level, over all rules
  LevelShares related;            // expected related pairs
  std::vector<ClassSizes> sizes;  // by rule
  unsigned rounds = 0;
  bool converged = false;
};

// A rule's matches count for m by its odds of a match, against the rule with the best: where most pairs are no
// matches, those that look like one by accident, or by living together, are many beside the true ones.
//
// Starts from `shares` and from sizes for each rule. m is learned from the first `of_matches` rules, q from the
// others, whose pairs share a home: elsewhere names that go together for other reasons would be taken for it. All sums go in the order of rules and rows.
JointFit joint_em(std::span<const EmRule> rules, size_t of_matches, ClassShares shares, std::vector<ClassSizes> sizes,
                  std::span<const DependenceEdge> edges, const EmOptions& options);

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
