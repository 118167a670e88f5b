// model_emit.h: how do scored pairs, clusters and unlinked records become rows of the output?
//
//   links      from_id to_id weight probability match_key | similarity [ties] [close] carried ... [pattern] [one column a comparison]
//   clusters   id cluster_id size carried ...
//   unmatched  id carried ...
//
// Within several inputs every id has its input beside it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "services/emit.h"
#include "services/model_step.h"

namespace tessera {

// Of resolved links; both empty for pairs as they come.
struct LinkMarks {
  std::vector<uint32_t> ties;  // links of the record at the same weight, itself among them
  std::vector<uint8_t> close;  // another candidate is within the step's `close`
};

// Ids and carried columns of the records of one side. Thread-safe.
class RecordColumns {
 public:
  // `prefix`: "from_", "to_" or "".
  RecordColumns(const ModelSide& side, const std::string& prefix, bool carried);
  [[nodiscard]] const std::vector<OutColumn>& columns() const { return columns_; }
  [[nodiscard]] size_t id_columns() const { return inputs_named_ ? 2 : 1; }  // before the carried ones

  struct Gathered {
    std::vector<std::string_view> inputs;
    std::vector<GatheredColumn> values;
    std::deque<std::string> texts;
    std::vector<OutValues> out;  // as columns()
  };
  Status gather(std::span<const uint32_t> rows, Gathered& into) const;

 private:
  const ModelSide& side_;
  bool inputs_named_;
  bool ids_as_text_;
  std::vector<RawColumn::Form> forms_;
  std::vector<OutColumn> columns_;
};

// The texts of the rules into the run, once they are known: what match_key may be. The plan's rules stay as they are.
void note_match_keys(ModelRun& run);

class PairEmitter {
 public:
  // Requires: note_match_keys() of the run.
  explicit PairEmitter(const ModelRun& run, bool marks);
  [[nodiscard]] std::vector<OutColumn> columns() const;
  // Makes the chunk of the writer; thread-safe.
  Status prepare(ScoredPiece& piece, std::span<const uint16_t> rules, const LinkMarks& marks,
                 const TableWriter& writer) const;

 private:
  const ModelRun& run_;
  const bool marks_;
  RecordColumns left_, right_;
  std::vector<std::vector<std::string>> level_labels_;  // by comparison, by digit
};

}  // namespace tessera
