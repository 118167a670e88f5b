// evaluate.cc: tessera evaluate --links L --truth T
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "cli/command.h"
#include "services/services.h"

namespace tessera {
namespace {

using Json = nlohmann::ordered_json;

std::string rates_text(const Rates& rates) {
  return fmt::format("{:>14} {:>14} {:>10.4f} {:>8.4f} {:>8.4f}", grouped_count(rates.links),
                     grouped_count(rates.right), rates.precision(), rates.recall(), rates.f1());
}

double share(uint64_t part, uint64_t whole) {
  return whole ? static_cast<double>(part) / static_cast<double>(whole) : 0;
}

std::string links_table(const Evaluation& of) {
  const std::string head =
      fmt::format("{:>14} {:>14} {:>10} {:>8} {:>8}\n", "links", "right", "precision", "recall", "F1");
  const char* score = of.by_probability ? "probability" : "weight";
  std::string out = fmt::format("{:<18}{}{:<18}{}\n", "", head, "all links", rates_text(of.all));
  if (of.best)
    out += fmt::format("{:<18}{}\n", fmt::format("best F1, {:.4g}", of.best->at_least), rates_text(of.best->rates));
  out += fmt::format("\n{} true pairs\n", grouped_count(of.all.truth));
  if (of.unknown_ids) out += fmt::format("{} records of links are not in the truth\n", grouped_count(of.unknown_ids));
  if (of.unjudged) out += fmt::format("{} links of such records were left out\n", grouped_count(of.unjudged));
  if (of.repeated) out += fmt::format("{} links are given again and count once\n", grouped_count(of.repeated));
  if (of.self_links)
    out += fmt::format("{} links of a record with itself were left out\n", grouped_count(of.self_links));
  if (!of.thresholds.empty()) {
    out += fmt::format("\n{:<18}{}", fmt::format("{} at least", score), head);
    for (const ThresholdRow& row : of.thresholds)
      out += fmt::format("{:<18.4g}{}\n", row.at_least, rates_text(row.rates));
  }
  if (!of.calibration.empty()) {
    out += fmt::format("\n{:<18}{:>14} {:>14} {:>10}\n", "probability", "links", "predicted", "observed");
    for (const CalibrationBand& band : of.calibration)
      out += fmt::format("{:<18}{:>14} {:>14.4f} {:>10.4f}\n", fmt::format("{:g} to {:g}", band.low, band.high),
                         grouped_count(band.links), band.predicted, share(band.right, band.links));
    out += fmt::format("mean difference of predicted and observed: {:.4f}\n", of.calibration_error);
  }
  if (!of.ranks.empty()) {
    out += fmt::format("\n{:<18}{:>14} {:>14} {:>10} {:>8}\n", "rank", "links", "right", "precision", "recall");
    for (const RankRow& row : of.ranks)
      out +=
          fmt::format("{:<18}{:>14} {:>14} {:>10.4f} {:>8.4f}\n", row.rank, grouped_count(row.rates.links),
                      grouped_count(row.rates.right), row.rates.precision(), share(row.right_so_far, row.rates.truth));
  }
  if (!of.groups.empty()) {
    out += fmt::format("\n{:<32}{:>14} {:>14} {:>10}\n", "value", "links", "right", "precision");
    for (const GroupRow& row : of.groups)
      out += fmt::format("{:<32}{:>14} {:>14} {:>10.4f}\n", row.value.empty() ? "(none)" : row.value,
                         grouped_count(row.links), grouped_count(row.right), share(row.right, row.links));
  }
  return out;
}

std::string clusters_table(const ClusterScores& of) {
  std::string out = fmt::format("{:<18}{:>10} {:>8} {:>8}\n", "clusters", "precision", "recall", "F1");
  out += fmt::format("{:<18}{:>10.4f} {:>8.4f} {:>8.4f}\n", "pairwise", of.pairs.precision(), of.pairs.recall(),
                     of.pairs.f1());
  out += fmt::format("{:<18}{:>10.4f} {:>8.4f} {:>8.4f}\n", "B-cubed", of.b_cubed_precision, of.b_cubed_recall,
                     of.b_cubed_f1());
  out += fmt::format("\n{} records, {} clusters, {} entities\n", grouped_count(of.records), grouped_count(of.clusters),
                     grouped_count(of.entities));
  if (of.unknown) out += fmt::format("{} records are not in the truth and were left out\n", grouped_count(of.unknown));
  return out;
}

Json rates_json(const Rates& rates) {
  return {{"links", rates.links},
          {"right", rates.right},
          {"precision", rates.precision()},
          {"recall", rates.recall()},
          {"f1", rates.f1()}};
}

Json links_json(const Evaluation& of) {
  Json out = rates_json(of.all);
  out["true_pairs"] = of.all.truth;
  out["unknown_ids"] = of.unknown_ids;
  out["unjudged"] = of.unjudged;
  out["repeated"] = of.repeated;
  out["self_links"] = of.self_links;
  const auto row_json = [](const ThresholdRow& row) {
    Json one{{"at_least", row.at_least}};
    one.update(rates_json(row.rates));
    return one;
  };
  if (of.best) {
    out["thresholds_are"] = of.by_probability ? "probability" : "weight";
    out["best"] = row_json(*of.best);
    for (const ThresholdRow& row : of.thresholds) out["thresholds"].push_back(row_json(row));
    out["calibration_error"] = of.calibration_error;
  }
  for (const CalibrationBand& band : of.calibration)
    out["calibration"].push_back({{"low", band.low},
                                  {"high", band.high},
                                  {"links", band.links},
                                  {"predicted", band.predicted},
                                  {"observed", share(band.right, band.links)}});
  for (const RankRow& row : of.ranks)
    out["ranks"].push_back({{"rank", row.rank},
                            {"links", row.rates.links},
                            {"right", row.rates.right},
                            {"precision", row.rates.precision()},
                            {"recall", share(row.right_so_far, row.rates.truth)}});
  for (const GroupRow& row : of.groups)
    out["by"].push_back(
        {{"value", row.value}, {"links", row.links}, {"right", row.right}, {"precision", share(row.right, row.links)}});
  return out;
}

Json clusters_json(const ClusterScores& of) {
  return {{"records", of.records},
          {"clusters", of.clusters},
          {"entities", of.entities},
          {"unknown", of.unknown},
          {"pairwise", {{"precision", of.pairs.precision()}, {"recall", of.pairs.recall()}, {"f1", of.pairs.f1()}}},
          {"b_cubed", {{"precision", of.b_cubed_precision}, {"recall", of.b_cubed_recall}, {"f1", of.b_cubed_f1()}}}};
}

Status run(const Arguments& arguments) {
  EvaluateOptions asked;
  asked.links = arguments.values("links");
  asked.truth = arguments.values("truth");
  asked.clusters = arguments.values("clusters");
  asked.by = arguments.value("by");
  asked.between = arguments.has("between");
  asked.from = arguments.value("from");
  asked.to = arguments.value("to");
  if (asked.truth.empty())
    return fail(ErrorCode::usage, "evaluate needs --truth\nhelp: tessera evaluate --links LINKS --truth TRUTH");
  if (!asked.by.empty() && asked.links.empty()) return fail(ErrorCode::usage, "--by needs --links");
  TESSERA_ASSIGN(const Evaluation of, evaluate(asked));
  if (arguments.value("format") == "json") {
    Json out = Json::object();
    if (of.has_links) out["links"] = links_json(of);
    if (of.clusters) out["clusters"] = clusters_json(*of.clusters);
    return print(out.dump(2) + "\n");
  }
  std::string text = of.has_links ? links_table(of) : "";
  if (of.clusters) text += (text.empty() ? "" : "\n") + clusters_table(*of.clusters);
  return print(text);
}

}  // namespace

Command evaluate_command() {
  return {"evaluate",
          "",
          0,
          0,
          "tell how good links and clusters are, beside a known truth",
          "Reads links (from_id and to_id, or id_l and id_r; weight, probability and rank if they are there), clusters "
          "(id and cluster_id) or both, and a truth: pairs of ids, or a table of id and entity. Prints precision, "
          "recall and F1, thresholds, calibration by band of probability, ranks, and pairwise and B-cubed figures of "
          "clusters. No id is printed.",
          {{"links", "FILE", "links: CSV, JSON lines or Parquet; may be given again", {}, true},
           {"truth", "FILE", "true pairs, or a table of id and entity; may be given again", {}, true},
           {"clusters", "FILE", "clusters; may be given again", {}, true},
           {"by", "COLUMN", "tell links apart by a column of theirs, of 100 values at most"},
           {"between", "", "the two ids of a pair are of two inputs: equal ids are different records"},
           {"from", "INPUT", "name in the truth of the input on the left of links; default the first"},
           {"to", "INPUT", "name in the truth of the input on their right; default the second"},
           {"format", "table|json", "how the figures are printed; default table", {"table", "json"}}},
          run};
}

}  // namespace tessera
