// estimate.h: what are the shares of levels among matches and among others, and how many matches are there?
//
//   patterns of random pairs ──> u                       what two people share by chance
//   patterns of training rules ──> m, matches of a rule  what two records of one person share
//   matches of the rules ──> lambda                      how many pairs are one person
//
// Counts of patterns are all that is needed, never pairs: thousands of rows whatever the input. The formulas and
// their sources are in docs/methods.md. Deterministic: sums go in the order of comparisons, rules and patterns.
//
// Not here: drawing random pairs and finding those of a rule (services/), what a pair is worth (weights.h).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "decide/dependence.h"
#include "decide/digits.h"
#include "record/model_plan.h"
#include "tessera/error.h"
#include "tessera/model.h"

namespace tessera {

struct LevelRef {
  size_t comparison = 0;
  unsigned digit = 0;
  friend bool operator==(const LevelRef&, const LevelRef&) = default;
};

// The pairs of a training rule.
struct RuleCounts {
  size_t rule = 0;            // in ModelPlan::training_rules, or in rules where there are none
  PatternCounts counts;       // of all pairs that satisfy the rule, or of an even sample of them
  double pairs = 0;           // that satisfy the rule; 0: the sum of the counts
  std::vector<bool> blocked;  // by comparison: looks at a field of the rule, so the rule says nothing of it
};

// The comparisons that look at a field of the rule.
std::vector<bool> blocked_by(const ModelPlan& plan, const PlanRule& rule);
// The levels that are equality of what the rule makes equal, as Splink finds them.
std::vector<LevelRef> implied_by(const ModelPlan& plan, const PlanRule& rule);

struct FitInput {
  const ModelPlan* plan = nullptr;
  const Model* model = nullptr;
  PatternCounts random;  // of seeded random pairs, or of all pairs
  std::vector<RuleCounts> rules;
  // Of rules on what a home shares, a comparison each: with them related pairs are a third class (em.h). Empty: there
  // is none. RuleCounts::rule is not looked at.
  std::vector<RuleCounts> relations;
  double total_pairs = 0;               // that could be compared: n(n-1)/2, or the product of both sides
  std::optional<double> certain_pairs;  // that satisfy a rule of EstimateOptions::certain
  PatternCounts labelled;               // of true pairs, if labels are given
  // By comparison, by digit: share of all pairs (nulls left out) that are at this level, where frequencies of
  // values give it exactly; NaN elsewhere. Empty: none.
  LevelShares exact_share;
  // By comparison, by digit: TermFrequency::close_mean; NaN where there is none. Empty: none.
  LevelShares close_mean;
  bool find_dependence = true;
};

// Where a parameter comes from.
enum class Seen : uint8_t {
  counted,   // from pairs
  few,       // from so few that the prior has a say
  never,     // the prior, or half a pair
  given,     // fixed by the model
  exact,     // u: from the frequencies of values
  labels,    // m: from true pairs
  untrained  // m: every rule looks at the field, so it is the prior
};
const char* name_of(Seen);

struct LevelFit {
  Seen m_from = Seen::never, u_from = Seen::never;
  double matches = 0;  // expected, at this level
  double random = 0;   // random pairs at this level
};

struct RuleFit {
  size_t rule = 0;
  double pairs = 0;
  double matches = 0;         // expected
  double caught = 0;          // the share of all matches that satisfy the rule; 0: not known
  double matches_in_all = 0;  // matches / caught; 0: not known
  unsigned rounds = 0;
  bool converged = false;
};

struct Fit {
  double lambda = 0;
  enum class LambdaFrom : uint8_t { given, certain, rules, prior } lambda_from = LambdaFrom::prior;
  LevelShares m, u;  // by comparison, by digit
  double kappa = 0;  // share of related pairs; 0: there is no such class
  LevelShares q;     // of related pairs; an empty row is u; empty: no such class
  std::vector<DependenceEdge> dependences;
  bool converged = true;
  unsigned rounds = 0;
  std::vector<std::vector<LevelFit>> levels;  // by comparison, by digit
  std::vector<RuleFit> rules;
  LevelShares close_mean;
  std::vector<std::string> warnings;  // whole sentences
};

// Requires: a plan of the model, counts in its patterns, total_pairs > 0.
// Fails: data (3) if there is no random pair at all; usage (2) if fixed probabilities are outside 0..1.
Result<Fit> fit(const FitInput& input);

// Writes m, u, lambda and dependences into the model.
void apply(const Fit& fit, const ModelPlan& plan, Model& model);

}  // namespace tessera
