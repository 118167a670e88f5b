// model_equal.h: how are passes run that link inputs within themselves by equal fields and nothing else?
//
//   read words ─ pairs that agree on a pass ─ write links ─ clusters ─ write clusters
//
// Nothing looks inside values, so they are not coded and their texts not kept. The links are those of model_passes.h.
#pragma once

#include "services/model_tables.h"

namespace tessera {

// Whether a step runs so: passes without a model, and of them only terms that are equal, of whole fields.
bool only_equal_fields(const ModelStepPlan& step);

Status prepare_equal(ModelRun& run);
Status link_equal(ModelRun& run, ModelTables& tables);

}  // namespace tessera
