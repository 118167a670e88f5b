// decide.h: what does a list of passes come to?
//
//   passes ──compile──> words of each side, conditions (pattern bits), anchors, table
//
// The table answers, for a pattern, which passes hold. With few bits it is an array
// over all patterns; with many, the passes are tried in order.
//
// A model: its columns (compile_model.h), levels that it leaves out (defaults.h), its parameters (estimate.h), what a pair
// is worth (weights.h).
//
// Not here: comparing pairs (compare/), meeting (block/).
#pragma once

#include <span>
#include <string>
#include <vector>

#include "decide/candidate_rules.h"
#include "decide/compile_model.h"
#include "decide/defaults.h"
#include "decide/estimate.h"
#include "decide/explain_pair.h"
#include "decide/pass_rules.h"
#include "decide/weights.h"
#include "record/pattern.h"
#include "tessera/error.h"
#include "tessera/job.h"

namespace tessera {

inline constexpr size_t conditions_max = 64;
inline constexpr size_t passes_max = 64;

class PassTable {
 public:
  PassTable() = default;
  PassTable(std::vector<PassBits> passes, size_t condition_count);
  // Which passes hold for a pattern; 0: none.
  [[nodiscard]] PassMask passes_of(Pattern pattern) const { return table_.empty() ? search(pattern) : table_[pattern]; }
  [[nodiscard]] std::span<const PassBits> passes() const { return passes_; }
  [[nodiscard]] bool tabulated() const { return !table_.empty(); }

 private:
  [[nodiscard]] PassMask search(Pattern pattern) const;
  std::vector<PassBits> passes_;  // fixed after construction
  std::vector<PassMask> table_;
};

struct PassPlan {
  std::vector<WordSpec> from_words, to_words;
  std::vector<PairCondition> conditions;
  std::vector<Anchor> anchors;
  std::vector<DateLimit> limits;
  PassTable table;
};

// The fewest anchors such that every way to satisfy a pass contains one of them.
// Where several sets are as small, the one expected to bring fewer candidates from
// a reference of `reference_rows` rows.
// Fails: usage (2) if a pass has no exact term, or the list has too many conditions.
Result<PassPlan> compile_passes(const LinkStep& step, const Input& from, const Input& to, uint64_t reference_rows);

// Largest number of distinct values that a part of a field is expected to have, as
// one over the chance that two records agree on it by accident.
double expected_values(Kind kind, Part part);

// Conditions, anchors and passes as lines for `tessera explain`.
std::string describe(const PassPlan& plan);

}  // namespace tessera
