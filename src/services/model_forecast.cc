// model_forecast.cc: what will a model's blocking rules bring, and what does one pair say?
//
// The forecast counts keys, and makes no pair. The explanation of a pair estimates the model as link would.
#include <fmt/format.h>
#include <oneapi/tbb/global_control.h>
#include <oneapi/tbb/info.h>

#include <algorithm>

#include "base/cpu.h"
#include "base/memory.h"
#include "base/private.h"
#include "base/text.h"
#include "services/model_labels.h"
#include "services/model_tables.h"

namespace tessera {

namespace {

constexpr double pairs_a_second = 10e6;  // compared and scored by a thread, about

std::string listed(const std::vector<uint64_t>& counts) {
  std::string out;
  for (const uint64_t count : counts) out += (out.empty() ? "" : ", ") + grouped_count(count);
  return out;
}

std::string forecast_rules(const ModelRun& run, const Blocks& blocks, unsigned threads) {
  std::string text;
  uint64_t all = 0;
  for (size_t r = 0; r < run.step.plan.rules.size(); ++r) {
    const RuleForecast& forecast = blocks.forecast()[r];
    all += forecast.pairs;
    text += fmt::format("  rule {:<2} {}\n          {}{} pairs from {} keys; largest blocks {}\n", r + 1,
                        run.step.plan.rules[r].text, forecast.exact ? "" : "at most ", grouped_count(forecast.pairs),
                        grouped_count(forecast.keys), forecast.largest.empty() ? "-" : listed(forecast.largest));
    if (forecast.narrowed_keys > 0)
      text += fmt::format("          {} keys had too many pairs (the largest {}) and are narrowed: {} pairs left out\n",
                          grouped_count(forecast.narrowed_keys), grouped_count(forecast.largest_narrowed),
                          grouped_count(forecast.left_out));
  }
  for (size_t r = 0; r < run.step.plan.rules.size(); ++r)
    if (const RuleForecast& forecast = blocks.forecast()[r];
        std::max(forecast.candidates, forecast.pairs + forecast.left_out) > rule_pairs_max)
      text += fmt::format("  rule {} is refused by link: more than {} pairs share its keys; add a field to it\n", r + 1,
                          human_count(rule_pairs_max));
  text += fmt::format(
      "  together at most {} pairs of {} possible ({:.2g} %): a pair that several rules bring counts once\n",
      grouped_count(all), human_count(static_cast<uint64_t>(run.total_pairs())),
      100 * static_cast<double>(all) / std::max(1.0, run.total_pairs()));
  text += fmt::format("  time       about {} to score them\n",
                      human_seconds(static_cast<double>(all) / pairs_a_second / threads));
  text +=
      fmt::format("  memory     {} so far, {} for values and blocks\n", human_bytes(peak_memory_bytes()),
                  human_bytes(run.values.bytes() + blocks.bytes() + run.left_rows.bytes() + run.right_rows.bytes()));
  return text;
}

struct Prepared {
  tbb::global_control threads;
  RunOptions options;
  explicit Prepared(const RunOptions& asked)
      : threads(tbb::global_control::max_allowed_parallelism,
                asked.threads ? asked.threads : static_cast<size_t>(tbb::info::default_concurrency())),
        options(asked) {
    if (options.threads == 0) options.threads = static_cast<unsigned>(tbb::info::default_concurrency());
    keep_private();
  }
  [[nodiscard]] WalkOptions walk() const {
    return {.threads = options.threads,
            .show_progress = progress_wanted(options),
            .read = {.batch_bytes = options.batch_bytes, .batch_rows = options.batch_rows}};
  }
};

Status no_model(const Job& job) {
  return fail(ErrorCode::usage, job.path + ": no step has a model; tessera explain tells of passes");
}

}  // namespace

Result<std::string> forecast_job(const Job& job, const RunOptions& asked) {
  const Prepared prepared(asked);
  TESSERA_TRY(check_kernels());
  std::string text = fmt::format("job {}\n", job.name);
  bool any = false;
  for (const LinkStep& step : job.link) {
    if (!step.model) continue;
    any = true;
    TESSERA_ASSIGN(ModelStepPlan plan, plan_model_step(job, step));
    ModelRun run{.job = job, .step = plan, .walk = prepared.walk()};
    TESSERA_TRY(read_model_records(run));
    if (run.total_pairs() > 0)
      TESSERA_TRY(choose_model_rules(run));
    else if (plan.choose_rules)
      plan.plan.rules.clear();  // candidates of which none has a pair
    const Blocks blocks = any_blocks_of(run, plan.plan.rules);
    text += fmt::format("\n{} {} records{}\n", plan.within() ? "within" : "link", grouped_count(run.left.rows()),
                        plan.within() ? "" : fmt::format(" to {}", grouped_count(run.right.rows())));
    text += forecast_rules(run, blocks, prepared.options.threads);
  }
  if (!any) TESSERA_TRY(no_model(job));
  return text;
}

Result<std::string> explain_pair(const Job& job, const std::string& left_id, const std::string& right_id,
                                 const RunOptions& asked) {
  const Prepared prepared(asked);
  TESSERA_TRY(check_kernels());
  const auto step = std::ranges::find_if(job.link, [](const LinkStep& s) { return s.model.has_value(); });
  if (step == job.link.end()) TESSERA_TRY(no_model(job));
  TESSERA_ASSIGN(ModelStepPlan plan, plan_model_step(job, *step));
  ModelRun run{.job = job, .step = plan, .walk = prepared.walk()};
  TESSERA_TRY(prepare_model(run));
  if (run.no_pairs) return fail(ErrorCode::data, job.path + ": there are no two records to explain");
  const IdRows left(run.left), right(run.right_side());
  TESSERA_TRY(left.status());
  TESSERA_TRY(right.status());
  RecordPair pair;
  const auto row_of = [](const IdRows& rows, const std::string& id, const char* which) -> Result<uint32_t> {
    const size_t row = rows.find(id);
    if (row == SIZE_MAX)
      return fail(ErrorCode::usage, fmt::format("the {} id is not among the records that the job uses", which));
    return static_cast<uint32_t>(row);
  };
  TESSERA_ASSIGN(pair.left, row_of(left, left_id, "first"));
  TESSERA_ASSIGN(pair.right, row_of(right, right_id, "second"));
  if (run.within() && pair.left == pair.right) return fail(ErrorCode::usage, "the two ids are of one record");
  if (run.within() && pair.left > pair.right) std::swap(pair.left, pair.right);
  const ComparedSides sides = run.sides();
  ExplainedPair explained;
  run.comparer->compare(sides.left, sides.right, std::span(&pair, 1), &explained.pattern, *run.comparer->scratch());
  for (size_t c = 0; c < plan.plan.comparisons.size(); ++c)
    explained.shares.push_back(run.scorer->shares_of(sides, pair, explained.pattern, c));
  TESSERA_ASSIGN(const Blocks blocks, blocks_of(run, plan.plan.rules));
  std::vector<RecordPair> pairs;
  for (size_t unit = 0; unit < blocks.units() && !explained.rule; ++unit) {
    pairs.clear();
    blocks.pairs(unit, pairs);
    if (std::ranges::find(pairs, pair) != pairs.end()) explained.rule = blocks.rule(unit);
  }
  return explain_pair(plan.model, plan.plan, run.scorer->table(), explained, run.report.threshold_weight);
}

}  // namespace tessera
