// explain.cc: what would a job do?
#include <fmt/format.h>
#include <oneapi/tbb/info.h>

#include <algorithm>

#include "base/text.h"
#include "job/job.h"
#include "services/bind_tokens.h"
#include "services/filter_rows.h"
#include "services/model_step.h"
#include "services/step.h"
#include "services/token_rows.h"

namespace tessera {

namespace {

std::string describe_side(const char* role, const Side& side) {
  const InputShape& shape = side.shape;
  std::string text =
      fmt::format("{}  {}: {} file{}, {}{} rows, {}\n  id {}\n", role, side.input->name, side.input->paths.size(),
                  side.input->paths.size() == 1 ? "" : "s", shape.rows_exact ? "" : "about ", human_count(shape.rows),
                  human_bytes(shape.bytes), side.input->id);
  for (const WordSpec& word : side.words) {
    const auto field = std::ranges::find(side.input->fields, word.field, &FieldSpec::name);
    std::string columns;
    for (const std::string& column : field->columns) columns += (columns.empty() ? "" : " + ") + column;
    for (const std::string* column : {&field->day, &field->month, &field->year})
      if (!column->empty()) columns += (columns.empty() ? "" : " / ") + *column;
    text += fmt::format("  {}{}{} from {} as {}\n", word.field, word.part == Part::whole ? "" : ":",
                        word.part == Part::whole ? "" : name_of(word.part), columns,
                        word.list.empty() ? name_of(field->kind) : "on list \"" + word.list + "\"");
  }
  if (!side.carried.empty()) {
    text += "  carried to the output:";
    for (const std::string& column : side.carried) text += " " + column;
    text += "\n";
  }
  for (const std::string& group : side.groups) text += fmt::format("  grouped by {}, in a walk of its own\n", group);
  return text;
}

std::string describe_resolve(const Resolve& how) {
  return fmt::format("resolve\n  each from record links to {}, each to record to {}; ties: {}\n",
                     name_of(how.each_from), name_of(how.each_to), name_of(how.ties));
}

}  // namespace

Result<std::string> explain_link(const Job& asked_job, const RunOptions& asked) {
  RunOptions options = asked;
  if (options.threads == 0) options.threads = static_cast<unsigned>(tbb::info::default_concurrency());
  TESSERA_ASSIGN(const BoundJob bound, bind_tokens(asked_job));
  const Job& job = bound.job;
  std::string text = fmt::format("job {}\n", job.name);
  if (job.pseudonyms) {
    TESSERA_ASSIGN(const TokenPlan tokens, plan_tokens(job.pseudonyms->passes, job.pseudonyms->forbid));
    text += describe_tokens(job, tokens);
  }
  if (job.encode) {
    TESSERA_ASSIGN(std::string schema_text, read_job_text(job.encode->schema));
    TESSERA_ASSIGN(const FilterSchema schema, parse_filter_schema(job.encode->schema, std::move(schema_text)));
    text += describe_filters(*job.encode, schema);
  }
  if (job.bridge && job.link.empty())
    text += fmt::format("\nbridge the ids of {} from domain {} to domain {}: nothing is compared\n",
                        job.inputs.front().name, job.bridge->from->domain, job.bridge->to->domain);
  for (const LinkStep& step : job.link) {
    if (step.via) {
      text += fmt::format("\nlink {} to {} through the bridging file {}\n", step.from, step.to, step.via->bridge);
      continue;
    }
    if (by_model(step)) {
      TESSERA_ASSIGN(const std::string described, explain_model_step(job, step));
      text += described;
      continue;
    }
    TESSERA_ASSIGN(const StepPlan plan, plan_step(job, step, options));
    text += fmt::format("\nlink {} to {}{}{}\n\n", step.from, step.to, step.passes_name.empty() ? "" : " by ",
                        step.passes_name);
    for (const std::string& note : step.notes) text += "note: " + note + "\n";
    if (!step.notes.empty()) text += "\n";
    text += describe_side("from", plan.from) + describe_side("to  ", plan.to) + "\n";
    text += describe(plan.passes) + describe_resolve(step.resolve) + "\n" + forecast_text(plan.forecast);
  }
  return text;
}

}  // namespace tessera
