// digits.h: how does estimation see the counts of patterns?
//
//   pattern 0b10'01, 17 times   ->   row (1, 2) count 17      one row a pattern, one column a comparison
//
// What a training rule made equal says nothing about its pairs: such comparisons are set to 0, as null is, and rows
// that have become the same are added up.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "record/model_plan.h"

namespace tessera {

using LevelShares = std::vector<std::vector<double>>;  // by comparison, by digit; digit 0 is unused

struct DigitTable {
  size_t comparisons = 0;
  std::vector<uint16_t> digits;  // row by row
  std::vector<double> counts;    // by row
  double total = 0;
  [[nodiscard]] size_t rows() const { return counts.size(); }
  [[nodiscard]] std::span<const uint16_t> row(size_t i) const { return {digits.data() + i * comparisons, comparisons}; }
};

// `left_out` is by comparison; empty: none.
DigitTable digits_of(const ModelPlan& plan, const PatternCounts& counts, const std::vector<bool>& left_out = {});

// A table of zeros in the shape of the plan.
LevelShares zeros(const ModelPlan& plan);

// ln(m / u) of digits that are not 0; 0 of digit 0. Both at least 1e-300.
LevelShares log_ratios(const LevelShares& m, const LevelShares& u);

// 1 / (1 + exp(-x)) without overflow.
double logistic(double x);

}  // namespace tessera
