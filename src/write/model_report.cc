// model_report.cc: what did a model do, as JSON?
#include <nlohmann/json.hpp>

#include "write/model_report.h"

namespace tessera {
namespace {
using Json = nlohmann::ordered_json;
}

nlohmann::ordered_json model_report_json(const ModelReport& model) {
  Json rules = Json::array(), comparisons = Json::array();
  for (const ModelReport::Rule& rule : model.rules)
    rules.push_back({{"rule", rule.text}, {"pairs", rule.pairs}, {"kept", rule.kept}, {"left_out", rule.left_out}});
  for (const ModelReport::Comparison& comparison : model.comparisons) {
    Json levels = Json::array();
    for (const ModelReport::Level& level : comparison.levels) {
      if (level.null_level) continue;
      levels.push_back({{"level", level.label}, {"m", level.m}, {"u", level.u}, {"weight", level.weight}});
    }
    comparisons.push_back({{"comparison", comparison.name}, {"levels", std::move(levels)}});
  }
  Json clusters;
  if (model.clusters > 0 || model.clustered > 0)
    clusters = {{"threshold_weight", model.cluster_weight},
                {"clusters", model.clusters},
                {"records", model.clustered},
                {"largest", model.largest_cluster},
                {"refused", model.refused}};
  if (!model.similarity.empty()) {
    Json out{{"similarity", model.similarity}, {"blocking", std::move(rules)},
             {"pairs", model.pairs},           {"kept", model.kept},
             {"links", model.links},           {"ties", model.ties},
             {"close", model.close},           {"warnings", model.warnings}};
    if (!clusters.empty()) out["clusters"] = std::move(clusters);
    return out;
  }
  Json out{{"source", model.source},
           {"lambda", model.lambda},
           {"threshold_weight", model.threshold_weight},
           {"threshold_probability", model.threshold_probability},
           {"comparisons", std::move(comparisons)},
           {"blocking", std::move(rules)},
           {"pairs", model.pairs},
           {"kept", model.kept},
           {"links", model.links},
           {"ties", model.ties},
           {"close", model.close},
           {"random_pairs", model.random_pairs},
           {"estimated", model.estimated},
           {"converged", model.converged},
           {"rounds", model.rounds},
           {"warnings", model.warnings}};
  if (model.related > 0) out["related"] = model.related;
  if (model.estimated_met) out["estimated_met"] = *model.estimated_met;
  if (!clusters.empty()) out["clusters"] = std::move(clusters);
  return out;
}

}  // namespace tessera
