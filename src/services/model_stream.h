// model_stream.h: how is a large side linked to a register by a model, and never held?
//
//   register ─ codes, keys of every rule ──────────────┐
//   from side ─ a million records at a time ─ codes ─ pairs ─ the best of each record ─ write ─ forget
//
// So memory is that of the register and of a million records, however many there are. That is possible where a record's
// links do not depend on other records of its side: where its parameters are given (train makes them), to records may
// have many links, and no weight asks how frequent a value is in both sides together.
#pragma once

#include "services/model_tables.h"

namespace tessera {

// Whether a step runs so. Its links do not depend on how the side is cut, but for what is said of large blocks: here the
// records of the register that share a key are limited, not the pairs.
bool can_stream(const ModelStepPlan& step);

// The register and all that comes before pairs are scored.
Status prepare_stream(ModelRun& run);

// Links by from record.
Status link_stream(ModelRun& run, ModelTables& tables);

}  // namespace tessera
