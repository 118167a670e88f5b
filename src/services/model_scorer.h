// model_scorer.h: what is a pair worth, its pattern and the frequency of its values together?
#pragma once

#include <limits>
#include <span>
#include <utility>
#include <vector>

#include "compare/compare.h"
#include "decide/decide.h"
#include "services/model_counts.h"

namespace tessera {

// How frequent each value is: its share of the values of a column that are not null, in all tables together.
class ValueShares {
 public:
  ValueShares(const ModelPlan& plan, std::span<const ValueTable* const> tables, std::span<const ValueDomain> domains);
  // 0: not known (a value that none of the tables has).
  [[nodiscard]] double share(ColumnId column, Code code) const {
    const std::vector<double>& shares = shares_[column];
    return code < shares.size() ? shares[code] : 0;
  }
  // Its binary logarithm; minus infinity: not known.
  [[nodiscard]] double log_share(ColumnId column, Code code) const {
    const std::vector<double>& logs = logs_[column];
    return code < logs.size() ? logs[code] : -std::numeric_limits<double>::infinity();
  }
  // The least of these that is known; 0 if none is.
  [[nodiscard]] double log_share_min(ColumnId column) const { return log_min_[column]; }

 private:
  std::vector<std::vector<double>> shares_, logs_;  // by column that term frequencies ask for, by code
  std::vector<double> log_min_;                     // by column
};

// Of score(): none is below it.
inline constexpr double every_weight = -std::numeric_limits<double>::infinity();

// Fixed once made; read by any number of threads.
class Scorer {
 public:
  // The plan and shares outlive the scorer. Fails: as WeightTable::build.
  static Result<Scorer> make(const Model& model, const ModelPlan& plan, const ValueShares& shares);

  // What a pattern comes to before term frequencies.
  struct OfPattern {
    bool known = false;
    Pattern pattern = 0;
    double weight = 0, related = 0;
    double most = 0;       // no weight of the pattern is above
    uint64_t counted = 0;  // a bit for each of counted_ whose level has a term frequency
  };
  // Buffers of one thread, of one scorer.
  class Scratch {
    friend class Scorer;
    std::vector<OfPattern> known;  // patterns are few and come again and again: a place for each hash
    std::vector<uint32_t> open;    // pairs that may reach the least weight
    std::vector<uint32_t> places;  // of them, those whose level has a term frequency
    std::vector<uint64_t> counted;
    std::vector<double> related;
  };
  // weights[i] of pairs[i], whose pattern is patterns[i]: log2 of the odds that the pair is one person. A weight below
  // `least` may be given as any other below it.
  void score(const ComparedSides& sides, std::span<const RecordPair> pairs, std::span<const Pattern> patterns,
             double least, double* weights, Scratch& scratch) const;
  // The shares of both values of a pair, where the level of a comparison has a term frequency; else 0, 0.
  [[nodiscard]] std::pair<double, double> shares_of(const ComparedSides& sides, RecordPair pair, Pattern pattern,
                                                    size_t comparison) const;
  [[nodiscard]] const WeightTable& table() const { return table_; }

 private:
  // A comparison of which some level has a term frequency.
  struct Counted {
    static constexpr ColumnId none = ~ColumnId{0};
    uint32_t comparison = 0;
    std::vector<ColumnId> column;  // by digit: whose values are counted
    std::vector<double> most;      // by digit: no adjustment is above
    // The column, where all digits that have one have the same.
    [[nodiscard]] const ColumnId* one_column() const;
  };
  Scorer(const ModelPlan& plan, const ValueShares& shares, WeightTable table);
  [[nodiscard]] OfPattern of_pattern(Pattern pattern) const;
  const ModelPlan* plan_;
  const ValueShares* shares_;
  WeightTable table_;
  std::vector<Counted> counted_;
};

}  // namespace tessera
