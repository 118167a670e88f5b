// model_labels.h: which pairs are known to be one person?
//
// A table of true pairs (two columns of ids: from_id and to_id, id_l and id_r, or the first two), or a field that names
// the person. Their patterns give m without any estimation.
#pragma once

#include "services/model_step.h"

namespace tessera {

// Patterns of the labelled pairs; empty if the model names none.
// Fails: data (3) for a table that cannot be read, or none of whose ids is known. Ids that are not known are counted
// in a warning.
Status count_labelled(ModelRun& run, PatternCounts& counts);

// Rows of ids as they are written in outputs, by a hash of the text. Equal ids: the first row.
class IdRows {
 public:
  explicit IdRows(const ModelSide& side);
  // The row of an id; SIZE_MAX: there is none.
  [[nodiscard]] size_t find(std::string_view id) const;
  [[nodiscard]] Status status() const { return status_; }

 private:
  CodeMap rows_;  // row + 1 by hash
  Status status_;
};

}  // namespace tessera
