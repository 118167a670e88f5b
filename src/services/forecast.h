// forecast.h: how much memory and disk will a step take?
#pragma once

#include "decide/decide.h"
#include "services/side.h"
#include "tessera/engine.h"

namespace tessera {

// Fails: resource (4), with what would help, if the budget is below what any run needs.
Result<Forecast> forecast_step(const LinkStep& step, const PassPlan& plan, const Side& from, const Side& to,
                               const Output& output, const RunOptions& options);

std::string forecast_text(const Forecast& forecast);

}  // namespace tessera
