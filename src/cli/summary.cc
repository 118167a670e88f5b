// summary.cc: what does a person, or a machine, read when a link is done? (see summary.h)
#include "cli/summary.h"

#include <algorithm>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "write/write.h"

namespace tessera {
namespace {

using Row = std::vector<std::string>;

// Columns as wide as their widest cell; the first to the left, the others to the right.
std::string table(const std::vector<Row>& rows) {
  std::vector<size_t> widths;
  for (const Row& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  std::string out;
  for (const Row& row : rows) {
    std::string line = "  ";
    for (size_t i = 0; i < row.size(); ++i)
      line += i == 0 ? fmt::format("{:<{}}", row[i], widths[i]) : fmt::format("  {:>{}}", row[i], widths[i]);
    line.erase(line.find_last_not_of(' ') + 1);
    out += line + "\n";
  }
  return out;
}

std::string share(uint64_t part, uint64_t whole) {
  return whole == 0 ? "-" : fmt::format("{:.2f} %", 100.0 * static_cast<double>(part) / static_cast<double>(whole));
}

std::string inputs_part(const LinkReport& report) {
  std::vector<Row> rows{{"input", "rows", "left out", "rejected"}};
  for (const InputReport& input : report.inputs)
    rows.push_back(
        {input.name, grouped_count(input.rows), grouped_count(input.filtered), grouped_count(input.rejected)});
  return table(rows);
}

uint64_t rows_of(const LinkReport& report, const std::string& input) {
  const auto found =
      std::find_if(report.inputs.begin(), report.inputs.end(), [&](const InputReport& i) { return i.name == input; });
  return found == report.inputs.end() ? 0 : found->rows;
}

std::string step_part(const StepReport& step, const LinkReport& report) {
  std::vector<Row> rows{{"rank", "links", "share", "ties", "refused"}};
  uint64_t links = 0, ties = 0, refused = 0;
  for (const RankCount& rank : step.ranks) links += rank.links;
  for (const RankCount& rank : step.ranks) {
    rows.push_back({std::to_string(rank.rank), grouped_count(rank.links), share(rank.links, links),
                    grouped_count(rank.ties), grouped_count(rank.refused)});
    ties += rank.ties;
    refused += rank.refused;
  }
  rows.push_back(
      {"all", grouped_count(links), links == 0 ? "-" : "100.00 %", grouped_count(ties), grouped_count(refused)});
  const uint64_t from_rows = rows_of(report, step.from), to_rows = rows_of(report, step.to);
  std::string out = table(rows);
  out += fmt::format("\n  linked  {} of {} {} ({}), {} of {} {} ({})\n", grouped_count(step.linked_from),
                     grouped_count(from_rows), step.from, share(step.linked_from, from_rows),
                     grouped_count(step.linked_to), grouped_count(to_rows), step.to, share(step.linked_to, to_rows));
  if (step.partitions > 1)
    out += fmt::format("  in {} partitions, {} spilled\n", step.partitions, human_bytes(step.spill_bytes));
  return out;
}

std::string number(double value) { return fmt::format("{:.4g}", value); }

std::string parameters_part(const ModelReport& model) {
  std::vector<Row> rows{{"comparison", "level", "m", "u", "weight"}};
  for (const ModelReport::Comparison& comparison : model.comparisons) {
    std::string name = comparison.name;
    for (const ModelReport::Level& level : comparison.levels) {
      if (level.null_level) continue;
      rows.push_back({name, level.label, number(level.m), number(level.u), fmt::format("{:+.2f}", level.weight)});
      name.clear();
    }
  }
  return table(rows);
}

std::string warnings_part(const ModelReport& model) {
  std::string out;
  for (const std::string& warning : model.warnings) out += "  warning: " + warning + "\n";
  return out.empty() ? out : "\n" + out;
}

std::string rules_part(const ModelReport& model) {
  std::vector<Row> rows{{"blocking rule", "pairs", "kept"}};
  for (const ModelReport::Rule& rule : model.rules)
    rows.push_back({rule.text, grouped_count(rule.pairs), grouped_count(rule.kept)});
  rows.push_back({"all", grouped_count(model.pairs), grouped_count(model.kept)});
  return table(rows);
}

// "one pair in 23.6 k is a match, one in 31.5 k of one home"
std::string classes_text(const ModelReport& model) {
  const auto one_in = [](double share) { return human_count(static_cast<uint64_t>(1 / std::max(share, 1e-18))); };
  std::string out = fmt::format("one pair in {} is a match", one_in(model.lambda));
  if (model.related > 0) out += fmt::format(", one in {} of two people of one home", one_in(model.related));
  return out;
}

// Parameters, threshold and what the rules bring.
std::string model_lines(const ModelReport& model) {
  if (!model.similarity.empty()) return fmt::format("  similarity  {}\n", model.similarity);
  std::string out = fmt::format("  parameters  {}; {}\n", model.source, classes_text(model));
  out += fmt::format("  threshold   weight {:.2f}, probability {:.4g}\n", model.threshold_weight,
                     model.threshold_probability);
  if (model.estimated_met)
    out += fmt::format("  met         the rules bring {:.1f} % of the true pairs at most, by estimate\n",
                       100 * *model.estimated_met);
  return out;
}

std::string model_part(const StepReport& step, const LinkReport& report) {
  const ModelReport& model = *step.model;
  std::string out;
  if (!step.ranks.empty()) {
    std::vector<Row> ranks{{"rank", "links", "ties"}};
    for (const RankCount& rank : step.ranks)
      ranks.push_back({std::to_string(rank.rank), grouped_count(rank.links), grouped_count(rank.ties)});
    out += table(ranks) + "\n";
  }
  if (!model.rules.empty()) out += rules_part(model) + "\n" + model_lines(model);
  if (step.to.empty()) {
    out += fmt::format("  links       {}\n", grouped_count(model.links));
    if (model.makes_clusters)
      out += fmt::format("  clusters    {} of two records or more, with {} records; the largest has {}\n",
                         grouped_count(model.clusters), grouped_count(model.clustered),
                         grouped_count(model.largest_cluster));
  } else {
    const uint64_t from_rows = rows_of(report, step.from), to_rows = rows_of(report, step.to);
    out += fmt::format("  links       {}: {} of {} {} ({}), {} of {} {} ({})\n", grouped_count(model.links),
                       grouped_count(step.linked_from), grouped_count(from_rows), step.from,
                       share(step.linked_from, from_rows), grouped_count(step.linked_to), grouped_count(to_rows),
                       step.to, share(step.linked_to, to_rows));
  }
  return out + warnings_part(model);
}

}  // namespace

std::string train_table(const LinkReport& report, const std::string& path) {
  const ModelReport& model = *report.steps.at(0).model;
  std::string out = fmt::format("{}\n\n{}\n{}", report.job, inputs_part(report), parameters_part(model));
  out += fmt::format("\n  {}; {} rounds; {}\n", classes_text(model), model.rounds, human_seconds(report.seconds));
  return out + warnings_part(model) + fmt::format("written to {}\n", path);
}

std::string summary_table(const Job& job, const LinkReport& report) {
  uint64_t rows = 0;
  for (const InputReport& input : report.inputs) rows += input.rows + input.filtered + input.rejected;
  std::string out = fmt::format("{}\n\n{}", report.job, inputs_part(report));
  for (const StepReport& step : report.steps)
    out += step.model ? fmt::format("\n{}{}{}\n\n{}", step.to.empty() ? "within " : "", step.from,
                                    step.to.empty() ? "" : " to " + step.to, model_part(step, report))
                      : fmt::format("\n{} to {}\n\n{}", step.from, step.to, step_part(step, report));
  out += fmt::format(
      "\n{} rows in {}: {} rows/s; peak memory {}; {} {}, kernels {}\n", grouped_count(rows),
      human_seconds(report.seconds),
      human_count(report.seconds > 0 ? static_cast<uint64_t>(static_cast<double>(rows) / report.seconds) : rows),
      human_bytes(report.peak_memory_bytes), report.threads, report.threads == 1 ? "thread" : "threads",
      report.kernels);
  out += fmt::format("written to {}\n", job.output.directory);
  return out;
}

std::string summary_json(const LinkReport& report) {
  using Json = nlohmann::ordered_json;
  Json inputs = Json::array(), steps = Json::array(), outputs = Json::array(), timings = Json::array();
  for (const InputReport& input : report.inputs)
    inputs.push_back(
        {{"name", input.name}, {"rows", input.rows}, {"filtered", input.filtered}, {"rejected", input.rejected}});
  for (const StepReport& step : report.steps) {
    Json ranks = Json::array();
    for (const RankCount& rank : step.ranks)
      ranks.push_back({{"rank", rank.rank}, {"links", rank.links}, {"ties", rank.ties}, {"refused", rank.refused}});
    steps.push_back({{"from", step.from},
                     {"to", step.to},
                     {"ranks", std::move(ranks)},
                     {"linked_from", step.linked_from},
                     {"linked_to", step.linked_to},
                     {"candidates", step.candidates},
                     {"probes", step.probes},
                     {"partitions", step.partitions},
                     {"spill_bytes", step.spill_bytes},
                     {"reference_bytes", step.reference_bytes}});
    if (step.model) steps.back()["model"] = model_report_json(*step.model);
  }
  for (const OutputFile& file : report.outputs)
    outputs.push_back({{"name", file.name}, {"rows", file.rows}, {"bytes", file.bytes}, {"digest", file.digest}});
  for (const Timing& timing : report.timings) timings.push_back({{"stage", timing.stage}, {"seconds", timing.seconds}});
  const Json out{{"job", report.job},
                 {"inputs", std::move(inputs)},
                 {"steps", std::move(steps)},
                 {"outputs", std::move(outputs)},
                 {"timings", std::move(timings)},
                 {"kernels", report.kernels},
                 {"threads", report.threads},
                 {"peak_memory_bytes", report.peak_memory_bytes},
                 {"seconds", report.seconds}};
  return out.dump(2) + "\n";
}

}  // namespace tessera
