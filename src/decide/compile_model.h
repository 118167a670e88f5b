// compile_model.h: which columns, measures and rules does a model come to?
//
// Every distinct expression becomes one column, every distinct measure one measure; columns that are compared
// share a domain, so that equality is equality of codes. See record/model_plan.h for a picture.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>

#include "record/model_plan.h"
#include "tessera/error.h"
#include "tessera/job.h"

namespace tessera {

inline constexpr unsigned pattern_bits_max = 64;

// The fields that both sides can have, by name. Fails: usage (2) where two inputs give a field different kinds.
Result<std::vector<std::pair<std::string, Kind>>> common_fields(std::span<const Input* const> inputs);

// `passes`: what ranked passes come to (pass_rules.h). `more`: fields that are wanted as columns though the model does not look at them.
// Requires: every comparison of the model has levels.
// Fails: usage (2) for an expression that cannot be, a field that no input has, values that cannot be compared,
// too many levels; names the comparison and level, or the rule.
Result<ModelPlan> compile_model(const Model& model, std::span<const Input* const> inputs,
                                std::span<const BlockingRule> passes = {}, std::span<const std::string> more = {});

}  // namespace tessera
