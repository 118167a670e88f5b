// pair_comparer.h: which level of each comparison does a pair reach?
//
// Pairs are compared a block at a time. The packed codes of both records (code_rows.h) are gathered first, so that each
// pair costs one miss for each side; what is null and what is equal is then known of all columns, and a condition is a
// loop over the pairs that no earlier level has taken.
//
//   given_name   level       pairs left
//                null        0 1 2 3 4 5    -> 4
//                equal       0 1 2 3   5    -> 0 2
//                jw >= .92     1   3   5    -> 3        one batch of the kernel over three pairs;
//                jw >= .88     1       5    -> 1        later levels reuse its results
//                else                  5    -> 5
//
// Not here: who meets (block/), what a pattern is worth (decide/).
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "compare/code_rows.h"
#include "compare/measure_filter.h"
#include "kernels/nicknames.h"
#include "record/model_plan.h"
#include "record/values.h"

namespace tessera {

// Records of two sides, as many of each, whose pairs are compared turn after turn: in turn t each left record i and the
// right record i + t, and after the last the first. So their values are gathered once for all pairs.
//
//   left   l0 l1 l2      turn 0   (l0,r0) (l1,r1) (l2,r2)
//   right  r0 r1 r2      turn 1   (l0,r1) (l1,r2) (l2,r0)
struct RecordGrid {
  std::span<const uint32_t> left, right;  // rows; at most grid_records_max
  size_t turns = 0;                       // at most as many as records
};
inline constexpr size_t grid_records_max = 512;

class PairComparer {
 public:
  // Buffers of one thread.
  class Scratch;
  struct ScratchDeleter {
    void operator()(Scratch*) const;
  };
  using ScratchPtr = std::unique_ptr<Scratch, ScratchDeleter>;

  // The plan, domains and nicknames outlive the comparer. Requires: the domains hold all values of the tables to come, but
  // for `more` further values of each domain.
  PairComparer(const ModelPlan& plan, std::span<const ValueDomain> domains, const Nicknames& nicknames, Code more = 0);

  // Codes of a side, as compare() wants them.
  [[nodiscard]] CodeRows rows_of(const ValueTable& table) const { return {table, columns_, layout_}; }
  // How rare each word of a list column is, from the tables: needed before compare() where a model asks for it.
  void weigh_items(std::span<const ValueTable* const> tables);

  // Where the code of a record lies in a column that a comparison or its term frequency looks at.
  [[nodiscard]] const CodeLayout::Place& place(ColumnId column) const { return layout_.place(column); }
  [[nodiscard]] Code code(const CodeRows& rows, size_t row, ColumnId column) const {
    return layout_.place(column).code(rows.row(row));
  }

  [[nodiscard]] ScratchPtr scratch() const;
  // patterns[i] of pairs[i]. Thread-safe with one scratch a thread.
  void compare(const CodeRows& left, const CodeRows& right, std::span<const RecordPair> pairs, Pattern* patterns,
               Scratch& scratch) const;
  // patterns[t * records + i] of the pair of turn t and left record i.
  void compare(const CodeRows& left, const CodeRows& right, const RecordGrid& grid, Pattern* patterns,
               Scratch& scratch) const;
  // Whether it does not matter which record of a pair is the left one. False: not known.
  [[nodiscard]] bool symmetric() const { return symmetric_; }
  // Whether a condition of a rule of the plan holds for each pair: 1 or 0.
  void holds(const PlanCondition& condition, const CodeRows& left, const CodeRows& right,
             std::span<const RecordPair> pairs, uint8_t* out, Scratch& scratch) const;

 private:
  friend class PairBlock;  // the pairs that are being compared
  // How most comparisons begin: a level for null on either side, some for equal values of a column, perhaps "else". They
  // are decided in one loop.
  struct Opening {
    struct Equality {
      ColumnId left = 0, right = 0;
      Pattern digit = 0;
    };
    size_t levels = 0;
    bool null = false;  // there is a level for null
    ColumnId left = 0, right = 0;
    std::vector<Equality> equalities;  // more than one: each of one column on both sides
    bool closes = false;               // with "else"
    Pattern otherwise = 0;             // its digit
  };
  [[nodiscard]] Opening opening_of(const PlanComparison& comparison) const;
  // How many go on: bounds on one measure of the same two columns, which no other condition looks at, and perhaps
  // "else". Each pair is measured once and gets its digit at once.
  struct Ladder {
    size_t levels = 0;  // 0: there is none
    uint32_t measure = 0;
    bool at_most = false;  // a distance; else a likeness
    std::vector<double> bounds;
    std::vector<Pattern> digits;  // one more than bounds: of those beyond all of them, if `closes`
    bool closes = false;
  };
  [[nodiscard]] Ladder ladder_of(const PlanComparison& comparison, const Opening& opening) const;
  [[nodiscard]] MeasureFilter filter_of(size_t measure) const;
  [[nodiscard]] bool is_symmetric(const PlanComparison& comparison, const Opening& opening) const;
  const ModelPlan& plan_;
  std::span<const ValueDomain> domains_;
  const Nicknames& nicknames_;
  std::vector<ColumnId> columns_;                  // that are gathered
  CodeLayout layout_;                              // of these
  std::vector<std::vector<double>> item_weights_;  // by domain of items, by code
  std::vector<Opening> openings_;                  // by comparison
  std::vector<Ladder> ladders_;                    // the same
  bool symmetric_ = true;
  std::vector<uint32_t> uses_;          // by measure: conditions that look at it
  std::vector<double> least_, most_;    // by measure: as MeasureContext has them
  std::vector<MeasureFilter> filters_;  // by measure
};

}  // namespace tessera
