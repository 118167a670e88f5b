// model_inputs.h: how do records come into memory for a model?
//
// A model looks inside values, again and again, so records are held as codes of values (record/values.h). Several
// inputs that are linked with one another lie end to end in one table.
//
//   cohort  rows 0 .. 999      pds  rows 1000 .. 80999      source 0 0 0 ... 1 1 1
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "block/block.h"
#include "decide/decide.h"
#include "services/row_store.h"
#include "services/side.h"
#include "services/value_store.h"
#include "services/walk.h"

namespace tessera {

// One input as it was read.
struct ModelInput {
  explicit ModelInput(Side with) : side(std::move(with)) {}
  Side side;
  RowStore store;
  std::vector<uint64_t> payload;  // by record: what stands for it in outputs
  InputReport report;
};

// The records of one side of a step.
struct ModelSide {
  std::vector<std::unique_ptr<ModelInput>> inputs;
  std::vector<size_t> starts;  // of each input, and the end
  ValueTable table;
  [[nodiscard]] size_t rows() const { return starts.empty() ? 0 : starts.back(); }
  [[nodiscard]] size_t input_of(size_t row) const {
    size_t input = 0;
    while (row >= starts[input + 1]) ++input;
    return input;
  }
  [[nodiscard]] uint64_t payload(size_t row) const {
    const size_t input = input_of(row);
    return inputs[input]->payload[row - starts[input]];
  }
};

// Standardisers and shapes of the inputs, for the fields that the plan reads. Looks at metadata only.
Result<std::vector<std::unique_ptr<ModelInput>>> open_model_inputs(const Job& job,
                                                                   const std::vector<std::string>& names,
                                                                   const ModelPlan& plan);

// Reads the inputs whole and makes their table of codes.
Result<ModelSide> read_model_side(std::vector<std::unique_ptr<ModelInput>> inputs, const ModelPlan& plan,
                                  ValueStore& values, const WalkOptions& walk, TableWriter* rejects,
                                  const std::string& spill_directory);

// The words of a side, stretch after stretch: of base columns of the plan, in their order.
struct SideWords {
  std::vector<std::vector<WordRuns>> words;  // by stretch, by word of its input
  std::vector<WordStretch> stretches;
};

// Reads the inputs whole, for a step that asks of words only whether they are equal: the table has no codes.
Result<ModelSide> read_side_words(std::vector<std::unique_ptr<ModelInput>> inputs, const ModelPlan& plan,
                                  const WalkOptions& walk, TableWriter* rejects, const std::string& spill_directory,
                                  SideWords& words);

// As read_model_side for an input that is too large to be held: `each` finds in `side` at most `rows_max` records, again and
// again, whose values are forgotten when it returns.
// Requires: side.inputs is one opened input.
Status read_model_chunks(ModelSide& side, const ModelPlan& plan, ValueStore& values, size_t rows_max,
                         const WalkOptions& walk, TableWriter* rejects, const std::string& spill_directory,
                         const std::function<Status()>& each);

}  // namespace tessera
