// plan.cc: what does a step know before it reads a row?
#include "services/step.h"

namespace tessera {

Result<StepPlan> plan_step(const Job& job, const LinkStep& step, const RunOptions& options) {
  const Input& from = input_called(job, step.from);
  const Input& to = input_called(job, step.to);
  TESSERA_ASSIGN(InputShape from_shape, look_at(from));
  TESSERA_ASSIGN(InputShape to_shape, look_at(to));
  TESSERA_ASSIGN(PassPlan passes, compile_passes(step, from, to, to_shape.rows));
  TESSERA_ASSIGN(Side from_side, make_side(job, from, std::move(from_shape), passes.from_words));
  TESSERA_ASSIGN(Side to_side, make_side(job, to, std::move(to_shape), passes.to_words));
  for (const DateLimit& limit : passes.limits)
    if (!limit.group.empty()) from_side.groups.push_back(limit.group);
  TESSERA_ASSIGN(const Forecast forecast, forecast_step(step, passes, from_side, to_side, job.output, options));
  PackedLayout layout(to_side.words, to_side.kinds);
  return StepPlan{.step = &step,
                  .passes = std::move(passes),
                  .from = std::move(from_side),
                  .to = std::move(to_side),
                  .to_layout = std::move(layout),
                  .forecast = forecast};
}

}  // namespace tessera
