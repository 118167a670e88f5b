// model_read.cc: what does a step with a model know before it reads, and how do its records come in?
#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"

#include "services/model_step.h"

namespace tessera {

double ModelRun::total_pairs() const {
  const auto left_count = static_cast<double>(left.rows()), right_count = static_cast<double>(right.rows());
  if (!within()) return left_count * right_count;
  double pairs = left_count * (left_count - 1) / 2;
  if (!step.step->between_only) return pairs;
  for (size_t i = 0; i + 1 < left.starts.size(); ++i) {
    const auto rows = static_cast<double>(left.starts[i + 1] - left.starts[i]);
    pairs -= rows * (rows - 1) / 2;
  }
  return pairs;
}

Result<ModelStepPlan> plan_model_step(const Job& job, const LinkStep& step) {
  if (!step.refuse.empty())
    return fail(ErrorCode::usage,
                job.path +
                    ": \"refuse\" cannot stand beside a model or terms of likeness; leave it out, or use passes "
                    "with equal terms");
  ModelStepPlan out{.step = &step, .model = step.model.value_or(Model{})};
  out.left_names = step.within.empty() ? std::vector{step.from} : step.within;
  if (step.within.empty()) out.right_names = {step.to};
  for (const auto* names : {&out.left_names, &out.right_names})
    for (const std::string& name : *names) out.inputs.push_back(&input_called(job, name));
  TESSERA_ASSIGN(auto fields, common_fields(out.inputs));
  if (out.has_model()) {
    if (out.model.comparisons.empty()) out.model.comparisons = default_comparisons(fields);
    TESSERA_TRY(fill_default_levels(out.model, fields));
  }
  if (!out.model.nicknames.empty()) {
    TESSERA_ASSIGN(Nicknames read, Nicknames::read(out.model.nicknames));
    out.own_nicknames = std::make_unique<Nicknames>(std::move(read));
  }
  out.choose_rules = out.has_model() && out.model.block.empty();
  out.own_training_rules = !out.model.estimate.rules.empty();
  if (out.choose_rules) {
    // Filters that are alike are not equal: they bring nobody together.
    std::erase_if(fields, [](const auto& field) { return field.second == Kind::clk; });
    out.candidates = candidate_rules(fields);
    out.model.block = out.candidates.rules;
  }
  TESSERA_ASSIGN(const PassRules passes, pass_rules(step.similar ? step.similar->block : step.passes));
  for (const int rank : step.similar ? std::vector<int>{} : passes.ranks)
    out.pass_of_rule.push_back(
        static_cast<size_t>(std::ranges::find(step.passes, rank, &Pass::rank) - step.passes.begin()));
  std::vector<std::string> more = step.clusters.differ;
  if (step.similar) more.push_back(step.similar->field);
  if (!out.model.estimate.entity.empty()) more.push_back(out.model.estimate.entity);
  TESSERA_ASSIGN(out.plan, compile_model(out.model, out.inputs, passes.rules, more));
  if (step.similar)
    for (PlanRule& rule : out.plan.pass_rules) rule.text = joined(rule.fields, " + ");
  return out;
}

Status check_filters(const ModelPlan& plan, const ValueStore& values) {
  for (const PlanColumn& column : plan.columns) {
    if (!column.base || column.kind != Kind::clk) continue;
    const ValueDomain& domain = values.domains()[column.domain];
    for (Code code = 2; code < domain.size(); ++code)
      if (const size_t one = domain.text(1).size(), other = domain.text(code).size(); one != other)
        return fail(
            ErrorCode::data,
            fmt::format("the filters of \"{}\" have different lengths: {} and {} bits\nhelp: both sides are to be "
                        "encoded by the same schema",
                        column.expression.text, one * 8, other * 8));
  }
  return {};
}

Status read_model_records(ModelRun& run) {
  TESSERA_ASSIGN(run.values, ValueStore::make(run.step.plan));
  TESSERA_ASSIGN(auto left, open_model_inputs(run.job, run.step.left_names, run.step.plan));
  TESSERA_ASSIGN(run.left, read_model_side(std::move(left), run.step.plan, run.values, run.walk, run.rejects,
                                           run.spill_directory));
  if (!run.within()) {
    TESSERA_ASSIGN(auto right, open_model_inputs(run.job, run.step.right_names, run.step.plan));
    TESSERA_ASSIGN(run.right, read_model_side(std::move(right), run.step.plan, run.values, run.walk, run.rejects,
                                              run.spill_directory));
  }
  TESSERA_TRY(check_filters(run.step.plan, run.values));
  run.comparer = std::make_unique<PairComparer>(run.step.plan, run.values.domains(),
                                                run.step.own_nicknames ? *run.step.own_nicknames : Nicknames::ours());
  const ValueTable* tables[] = {&run.left.table, &run.right.table};
  run.comparer->weigh_items(std::span(tables).first(run.within() ? 1 : 2));
  run.shares =
      std::make_unique<ValueShares>(run.step.plan, std::span(tables).first(run.within() ? 1 : 2), run.values.domains());
  run.left_rows = run.comparer->rows_of(run.left.table);
  if (!run.within()) run.right_rows = run.comparer->rows_of(run.right.table);
  return {};
}

}  // namespace tessera
