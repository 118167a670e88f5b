// train.cc: how is a model estimated and kept?
//
//   compile ─ read records ─ choose rules ─ estimate ─ write the model file
#include <fmt/format.h>
#include <oneapi/tbb/global_control.h>
#include <oneapi/tbb/info.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>

#include "base/cpu.h"
#include "base/memory.h"
#include "base/private.h"
#include "base/publish.h"
#include "job/job.h"
#include "services/model_tables.h"

namespace tessera {

namespace {

// The step of the job that has a model.
Result<const LinkStep*> model_step_of(const Job& job) {
  const LinkStep* found = nullptr;
  for (const LinkStep& step : job.link) {
    if (!step.model) continue;
    if (found) return fail(ErrorCode::usage, job.path + ": two steps have a model; train them with a job each");
    found = &step;
  }
  if (!found)
    return fail(ErrorCode::usage,
                job.path + ": no step has a model; write \"model\": \"auto\", or the comparisons of one");
  return found;
}

// A model may stand in place of an older one, but not of what it is made from.
Status check_model_place(const Job& job, const std::string& path) {
  std::error_code ignored;
  const auto same = [&](const std::string& other) { return std::filesystem::equivalent(path, other, ignored); };
  bool taken = same(job.path);
  for (const Input& input : job.inputs) taken |= std::ranges::any_of(input.paths, same);
  for (const LinkStep& step : job.link)
    if (step.model) taken |= same(step.model->estimate.labels) || same(step.model->nicknames);
  if (!taken) return {};
  return fail(ErrorCode::usage, path + " is the job file or one of its inputs; choose another place for the model");
}

// What is worth knowing of a fit, kept in the model file beside its parameters.
std::string fit_diagnostics(const ModelRun& run) {
  using Json = nlohmann::ordered_json;
  const Fit& fit = *run.fit;
  Json rules = Json::array(), comparisons = Json::array();
  const auto& trained = run.step.plan.training_rules.empty() ? run.step.plan.rules : run.step.plan.training_rules;
  for (const RuleFit& rule : fit.rules)
    rules.push_back({{"rule", trained[rule.rule].text},
                     {"pairs", rule.pairs},
                     {"matches", rule.matches},
                     {"caught", rule.caught},
                     {"rounds", rule.rounds},
                     {"converged", rule.converged}});
  for (size_t c = 0; c < fit.levels.size(); ++c) {
    Json levels = Json::array();
    const auto& model_levels = run.step.model.comparisons[c].levels;
    for (size_t l = 0; l < model_levels.size(); ++l) {
      const unsigned digit = run.step.plan.comparisons[c].levels[l].digit;
      if (digit == 0) continue;
      const LevelFit& level = fit.levels[c][digit];
      levels.push_back({{"level", model_levels[l].label},
                        {"m_from", name_of(level.m_from)},
                        {"u_from", name_of(level.u_from)},
                        {"matches", level.matches},
                        {"random_pairs", level.random}});
    }
    comparisons.push_back({{"comparison", run.step.model.comparisons[c].name}, {"levels", std::move(levels)}});
  }
  const Json out{{"converged", fit.converged},
                 {"rounds", fit.rounds},
                 {"random_pairs", run.report.random_pairs},
                 {"rules", std::move(rules)},
                 {"comparisons", std::move(comparisons)},
                 {"warnings", fit.warnings}};
  return out.dump();
}

const char* splink_link_type(const ModelStepPlan& plan) {
  if (!plan.within() || plan.step->between_only) return "link_only";
  return plan.left_names.size() > 1 ? "link_and_dedupe" : "dedupe_only";
}

}  // namespace

Result<LinkReport> run_train(const Job& job, const std::string& path, const RunOptions& asked,
                             const std::string& splink_path) {
  const auto start = std::chrono::steady_clock::now();
  RunOptions options = asked;
  if (options.threads == 0) options.threads = static_cast<unsigned>(tbb::info::default_concurrency());
  const tbb::global_control threads(tbb::global_control::max_allowed_parallelism, options.threads);
  keep_private();
  TESSERA_TRY(check_kernels());
  for (const std::string& file : {path, splink_path})
    if (!file.empty()) TESSERA_TRY(check_model_place(job, file));
  if (path == splink_path) return fail(ErrorCode::usage, "the model and Splink's settings need a file each");
  TESSERA_ASSIGN(const LinkStep* const step, model_step_of(job));
  TESSERA_ASSIGN(ModelStepPlan plan, plan_model_step(job, *step));
  plan.estimate_again = true;
  // That it can be written is known before a row is read.
  TESSERA_ASSIGN(OutputFileInPlace file, OutputFileInPlace::begin(path, options.force, "\"tessera_model\""));
  std::optional<OutputFileInPlace> splink_file;
  if (!splink_path.empty()) {
    TESSERA_ASSIGN(splink_file, OutputFileInPlace::begin(splink_path, options.force, "\"link_type\""));
  }
  ModelRun run{.job = job,
               .step = plan,
               .walk = {.threads = options.threads,
                        .show_progress = progress_wanted(options),
                        .strict = options.strict,
                        .read = {.batch_bytes = options.batch_bytes, .batch_rows = options.batch_rows}}};
  TESSERA_TRY(prepare_model(run));
  if (run.no_pairs)
    return fail(ErrorCode::data,
                job.path + ": there is no pair of records to learn from: each side needs a record, or one input two");

  if (!splink_path.empty()) {
    TESSERA_ASSIGN(const std::string settings, splink_json(plan.model, splink_link_type(plan)));
    TESSERA_TRY(splink_file->publish(settings));
    if (!plan.model.dependences.empty() || plan.model.related)
      run.report.warnings.push_back(
          fmt::format("{}: Splink's settings have no place for what comparisons say twice "
                      "and for pairs of one home; weights there differ by that",
                      splink_path));
  }
  // The file appears whole or not at all.
  TESSERA_TRY(file.publish(model_json(plan.model, fit_diagnostics(run))));
  LinkReport report{.job = job.name, .kernels = name_of(kernels()), .threads = options.threads};
  for (const ModelSide* side : {&run.left, &run.right})
    for (const auto& input : side->inputs) report.inputs.push_back(std::move(input->report));
  StepReport of_step;
  of_step.model = std::move(run.report);
  report.steps.push_back(std::move(of_step));
  report.timings = std::move(run.timings);
  report.peak_memory_bytes = peak_memory_bytes();
  report.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return report;
}

}  // namespace tessera
