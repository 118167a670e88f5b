// fit_steps.h: the steps of a fit, as estimate.cc takes them. Not for outside this room.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "decide/em.h"
#include "decide/estimate.h"

namespace tessera {

// One training rule, ready to be fitted.
struct TrainingRule {
  size_t rule = 0;
  double pairs = 0;
  std::vector<bool> blocked;
  bool covered = true;  // every field of the rule is looked at by a comparison
  DigitTable table;     // blocked comparisons are 0
  DigitTable whole;     // all comparisons
};

std::vector<TrainingRule> training_rules(const FitInput& input);
std::vector<TrainingRule> relation_rules(const FitInput& input);

// u of levels from random pairs alone; NaN where a level was never seen.
LevelShares raw_u(const FitInput& input, const DigitTable& random);

// u of levels among random pairs that are neither matches nor related. Every level gets half a pair.
LevelShares cleared_u(const FitInput& input, const DigitTable& random, const ClassShares& shares, ClassSizes sizes,
                      std::span<const DependenceEdge> edges);

// Matches of each rule, the share of all matches that it caught, and from both how many matches there are.
// `chances` are of the rows of `whole`.
double estimate_matches(const FitInput& input, std::span<const TrainingRule> rules,
                        std::span<const std::vector<double>> chances, const LevelShares& m, std::span<RuleFit> fits);

// How many pairs are related, from those of each relation rule and the share of all that it should have caught.
double estimate_related(std::span<const TrainingRule> relations, std::span<const ClassChances> chances,
                        const LevelShares& q);

// Levels of every two comparisons together, expected among matches (of rules that block neither) and among others
// (random pairs).
std::vector<JointCounts> joint_counts(const ModelPlan& plan, const DigitTable& random,
                                      std::span<const double> random_chances, std::span<const TrainingRule> rules,
                                      std::span<const std::vector<double>> chances);

// Comparisons on which two records of one person should agree and these "matches" do not: the fit has found
// households, streets or twins. By comparison.
std::vector<bool> not_of_persons(const ModelPlan& plan, const Fit& fit, const LevelShares& prior);

// What a reader of the fit must know, as sentences; ends Fit::warnings.
void add_warnings(const FitInput& input, std::span<const TrainingRule> rules, Fit& fit);

}  // namespace tessera
