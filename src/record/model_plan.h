// model_plan.h: what does a model come to, once its expressions have become columns?
//
//   model                                                   plan
//   compare given_name: equal, jaro_winkler >= .9, else     column 0 given_name
//   compare postcode:   equal, sector, else                 columns 1 postcode, 2 sector
//   block  surname soundex, dob                             columns 3, 4; rule 0: 3 and 4
//
// Each distinct expression is one column of codes, made once for each distinct value. A level's condition is a
// small tree over measures of two columns. The levels of all comparisons make the pattern of a pair:
//
//   bits  | comparison 2 | comparison 1 | comparison 0 |    digit 0: null; g + 1: level g, counted from the
//         |     0..2     |     0..3     |     0..3     |    last ("else" is 0, as gamma in Splink)
//
// Not here: compiling (decide/), computing (compare/, block/).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "record/pattern.h"
#include "record/values.h"
#include "tessera/model.h"

namespace tessera {

using ColumnId = uint32_t;

struct PlanColumn {
  SideExpression expression;
  ValueType type = ValueType::text;
  uint32_t domain = 0;       // columns that are compared with each other share one
  uint32_t item_domain = 0;  // of lists
  // A field as it is (left and right may name different columns of the inputs, but one field).
  bool base = false;
  Kind kind = Kind::text;
  std::vector<ColumnId> from;  // base columns that the expression reads
  bool empty_texts = false;    // of expressions: an empty text is a value, not null
};

struct PlanMeasure {
  Measure::What what = Measure::What::equal;
  ColumnId left = 0, right = 0;
  ColumnId left2 = 0, right2 = 0;  // distance_km
  bool best_of_items = false;      // of texts: the columns are lists
  bool bytes = false;
  unsigned q = 2;
  friend bool operator==(const PlanMeasure&, const PlanMeasure&) = default;
};

// Node 0 is the root.
struct PlanCondition {
  struct Node {
    ModelCondition::What what = ModelCondition::What::always;
    std::vector<uint32_t> parts;  // nodes
    uint32_t measure = 0;         // in ModelPlan::measures
    Comparator compare = Comparator::greater_equal;
    double bound = 1;
    ColumnId side = 0;       // left, right: a column of truths
    bool null_test = false;  // ... or of any type: whether it is null
  };
  std::vector<Node> nodes;
};

struct PlanFrequency {
  ColumnId column = 0;
  double weight = 1, minimum_u = 0;
  int exact_level = -1;  // digit of the level whose u is u_exact; -1: the level itself
};

struct PlanLevel {
  PlanCondition condition;
  bool null_level = false;
  unsigned digit = 0;  // in the pattern
  int frequency = -1;  // in PlanComparison::frequencies
};

// The digits of a comparison's levels: 0 of null; the last level has 1, the first that is not null the most.
inline std::vector<unsigned> digits_of_levels(const Comparison& comparison) {
  std::vector<unsigned> digits(comparison.levels.size(), 0);
  unsigned digit = 0;
  for (size_t l = digits.size(); l-- > 0;)
    if (!comparison.levels[l].null_level) digits[l] = ++digit;
  return digits;
}

struct PlanComparison {
  std::string name;
  std::vector<PlanLevel> levels;  // in the order of the model
  std::vector<PlanFrequency> frequencies;
  unsigned digits = 0;              // levels that are not null, and one
  unsigned shift = 0, width = 0;    // of its digit in the pattern
  std::vector<ColumnId> columns;    // it looks at
  std::vector<std::string> fields;  // base fields it looks at
  [[nodiscard]] unsigned digit(Pattern pattern) const {
    return static_cast<unsigned>(pattern >> shift & ((uint64_t{1} << width) - 1));
  }
};

struct PlanRule {
  struct Equality {
    ColumnId left = 0, right = 0;
    bool explode = false;  // lists: one item in common
    friend bool operator==(const Equality&, const Equality&) = default;
  };
  std::vector<Equality> equal;  // never empty
  PlanCondition also;
  std::string text;
  std::vector<std::string> fields;  // base fields of `equal`
};

struct ModelPlan {
  std::vector<PlanColumn> columns;
  std::vector<ValueType> domains;  // by domain: the type of its values
  std::vector<PlanMeasure> measures;
  std::vector<PlanComparison> comparisons;
  std::vector<PlanRule> rules;           // blocking, in order
  std::vector<PlanRule> training_rules;  // empty: as `rules`
  std::vector<PlanRule> certain_rules;
  std::vector<PlanRule> pass_rules;  // of ranked passes, best first
};

// Two records that meet. `left` and `right` are rows of their tables (within one input: of one table).
struct RecordPair {
  uint32_t left = 0;
  uint32_t right = 0;
  friend bool operator==(const RecordPair&, const RecordPair&) = default;
  friend auto operator<=>(const RecordPair&, const RecordPair&) = default;
};

// A pair that a model has scored. Weight: log2 of the odds that it is one person, prior included.
struct ScoredPair {
  uint32_t left = 0, right = 0;
  float weight = 0;  // for resolution; outputs have the whole double
  uint16_t rule = 0;
};

// How often each pattern was seen among the pairs of a rule; patterns ascend.
struct PatternCount {
  Pattern pattern = 0;
  uint64_t count = 0;
  friend bool operator==(const PatternCount&, const PatternCount&) = default;
};
using PatternCounts = std::vector<PatternCount>;

}  // namespace tessera
