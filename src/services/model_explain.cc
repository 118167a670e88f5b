// model_explain.cc: what would a step with a model do?
#include <fmt/format.h>

#include "base/text.h"
#include "services/model_step.h"

namespace tessera {

namespace {

std::string describe_input(const Input& input, const InputShape& shape) {
  std::string text = fmt::format("  {}: {}{} rows, {}; id {}\n", input.name, shape.rows_exact ? "" : "about ",
                                 human_count(shape.rows), human_bytes(shape.bytes), input.id);
  for (const FieldSpec& field : input.fields) {
    std::string columns;
    for (const std::string& column : field.columns) columns += (columns.empty() ? "" : " + ") + column;
    text += fmt::format("    {} from {} as {}\n", field.name, columns.empty() ? "day, month and year" : columns,
                        name_of(field.kind));
  }
  return text;
}

std::string describe_level(const Level& level) {
  std::string text = "    " + level.label;
  if (level.null_level) return text + "\n";
  if (level.m && level.u) text += fmt::format("   m {:.4g}, u {:.4g}", *level.m, *level.u);
  if (level.term_frequency) text += ", by term frequency";
  return text + "\n";
}

std::string describe_threshold(const Model& model) {
  if (model.threshold_weight) return fmt::format("weight {}", *model.threshold_weight);
  if (model.threshold_probability) return fmt::format("probability {}", *model.threshold_probability);
  return "probability 0.5, by default";
}

}  // namespace

bool by_model(const LinkStep& step) {
  return step.model.has_value() || step.similar.has_value() || !step.within.empty() || has_likeness(step.passes);
}

Result<std::string> explain_model_step(const Job& job, const LinkStep& step) {
  TESSERA_ASSIGN(const ModelStepPlan plan, plan_model_step(job, step));
  std::string names;
  for (const std::string& name : plan.left_names) names += (names.empty() ? "" : ", ") + name;
  std::string text = plan.within() ? fmt::format("\nwithin {}\n\n", names)
                                   : fmt::format("\nlink {} to {}\n\n", names, plan.right_names[0]);
  for (const std::string& note : step.notes) text += "note: " + note + "\n";
  text += "records\n";
  for (const Input* input : plan.inputs) {
    TESSERA_ASSIGN(const InputShape shape, look_at(*input));
    text += describe_input(*input, shape);
  }
  if (plan.has_passes()) {
    text += "passes\n";
    for (size_t r = 0; r < plan.plan.pass_rules.size(); ++r)
      text += fmt::format(
          "  {}: records meet by {}{}\n", plan.plan.pass_rules[r].text, joined(plan.plan.pass_rules[r].fields, " + "),
          plan.plan.pass_rules[r].also.nodes[0].what == ModelCondition::What::always ? "" : ", and further terms hold");
  }
  if (step.similar) {
    text +=
        fmt::format("filters\n  {} of {} at least {}{}\n", step.similar->how == Similar::How::dice ? "Dice" : "Jaccard",
                    step.similar->field, step.similar->at_least,
                    step.similar->top > 0 ? fmt::format(", the best {} of each", step.similar->top) : "");
    if (plan.plan.pass_rules.empty()) text += "  all are compared that could be so alike by their number of bits\n";
    for (const PlanRule& rule : plan.plan.pass_rules) text += fmt::format("  compared by {}\n", rule.text);
  }
  if (!plan.has_model()) return text;
  text += "comparisons\n";
  for (const Comparison& comparison : plan.model.comparisons) {
    text += fmt::format("  {}\n", comparison.name);
    for (const Level& level : comparison.levels) text += describe_level(level);
  }
  if (plan.choose_rules) {
    text += fmt::format("blocking rules\n  chosen from the data, of {} candidates (tessera forecast says which)\n",
                        plan.plan.rules.size());
  } else {
    text += "blocking rules\n";
    for (const PlanRule& rule : plan.plan.rules) text += fmt::format("  {}\n", rule.text);
  }
  return text + fmt::format("threshold\n  {}\n", describe_threshold(plan.model));
}

}  // namespace tessera
