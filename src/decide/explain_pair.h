// explain_pair.h: why does a pair have this weight?
//
// Of a pair it knows levels, and shares of values where they count: never a value.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "decide/weights.h"

namespace tessera {

struct ExplainedPair {
  Pattern pattern = 0;
  // By comparison: the shares of both records' values, where the level has a term frequency; 0: not known.
  std::vector<std::pair<double, double>> shares;
  std::optional<size_t> rule;  // the blocking rule that met
};

// Weight with term frequencies.
double weight_of_pair(const WeightTable& table, const ModelPlan& plan, const ExplainedPair& pair);

// Lines: prior, each comparison with level, m, u, weight, adjustment and running total; dependences; weight and
// probability against the threshold (a weight); the rule; and the one level that would turn the decision, if any.
std::string explain_pair(const Model& model, const ModelPlan& plan, const WeightTable& table, const ExplainedPair& pair,
                         double threshold);

}  // namespace tessera
