// model_text.cc: how is a model written into a file?
//
// As read_model_object reads it, every number in its shortest form that reads back to the same bits, keys in a fixed
// order. Conditions are written out: no default of the reader is relied on but those of a Measure.
#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "job/job.h"
#include "job/names.h"
#include "record/model_plan.h"
#include "sql/sql.h"

namespace tessera {
namespace {

using Json = nlohmann::ordered_json;
using What = ModelCondition::What;
using SideWhat = SideExpression::What;

// A number as JSON: whole numbers without a point.
Json number_of(double x) {
  if (x == static_cast<double>(static_cast<int64_t>(x)) && x > -1e15 && x < 1e15) return static_cast<int64_t>(x);
  return x;
}

std::string pair_text(const SideExpression& left, const SideExpression& right) {
  return left == right ? expression_text(left) : expression_text(left) + " ~ " + expression_text(right);
}

// A field as it stands has a shorter spelling.
void put_values(Json& out, const SideExpression& left, const SideExpression& right) {
  const bool plain = left.what == SideWhat::field && right.what == SideWhat::field &&
                     left.text.find_first_of(":~ \t") == std::string::npos &&
                     right.text.find_first_of(":~ \t") == std::string::npos;
  if (plain)
    out["field"] = left == right ? left.text : left.text + " ~ " + right.text;
  else
    out["of"] = pair_text(left, right);
}

void put_condition(Json& out, const ModelCondition& c);

Json condition_json(const ModelCondition& c) {
  Json out = Json::object();
  put_condition(out, c);
  return out;
}

void put_condition(Json& out, const ModelCondition& c) {
  switch (c.what) {
    case What::always: out["how"] = "else"; return;
    case What::all_of:
    case What::any_of: {
      Json parts = Json::array();
      for (const ModelCondition& part : c.parts) parts.push_back(condition_json(part));
      out[c.what == What::all_of ? "all_of" : "any_of"] = std::move(parts);
      return;
    }
    case What::negation: out["not"] = condition_json(c.parts.front()); return;
    case What::left: out["left"] = expression_text(c.side); return;
    case What::right: out["right"] = expression_text(c.side); return;
    case What::measure: break;
  }
  const Measure& m = c.measure;
  out["how"] = name_in(measure_table, m.what);
  put_values(out, m.left, m.right);
  if (m.left2 && m.right2) out["longitude"] = pair_text(*m.left2, *m.right2);
  if (m.bytes) out["unit"] = "bytes";
  if (m.q != 2) out["q"] = m.q;
  if (m.best_of_items) out["best_of_items"] = true;
  if (!is_truth(m.what)) out[name_in(bound_table, c.compare)] = number_of(c.bound);
}

Json level_json(const Level& level) {
  Json out = Json::object();
  out["label"] = level.label;
  put_condition(out, level.condition);
  if (level.null_level) out["null_level"] = true;
  if (level.m) out["m"] = *level.m;
  if (level.u) out["u"] = *level.u;
  if (level.fix_m) out["fix_m"] = true;
  if (level.fix_u) out["fix_u"] = true;
  if (level.term_frequency) {
    const TermFrequency& f = *level.term_frequency;
    Json frequency{{"of", expression_text(f.value)}};
    if (f.weight != 1) frequency["weight"] = number_of(f.weight);
    if (f.minimum_u != 0) frequency["minimum_u"] = f.minimum_u;
    if (!f.exact_detection) frequency["exact_detection"] = false;
    out["term_frequency"] = std::move(frequency);
  }
  return out;
}

Json rules_json(const std::vector<BlockingRule>& rules) {
  Json out = Json::array();
  for (const BlockingRule& rule : rules) {
    Json agree = Json::array();
    for (const BlockingRule::Equality& equality : rule.equal) {
      Json each = Json::object();
      put_values(each, equality.left, equality.right);
      if (equality.explode) each["explode"] = true;
      agree.push_back(each.size() == 1 && each.contains("field") ? each["field"] : each);
    }
    Json one{{"text", rule.text}, {"agree", std::move(agree)}};
    if (rule.also.what != ModelCondition::What::always) one["also"] = condition_json(rule.also);
    out.push_back(std::move(one));
  }
  return out;
}

// Rows by the levels of the first comparison, columns by those of the second, in their order.
Json dependences_json(const Model& model) {
  Json out = Json::array();
  for (const Dependence& dependence : model.dependences) {
    const Comparison &a = model.comparisons[dependence.first], &b = model.comparisons[dependence.second];
    const std::vector<unsigned> rows = digits_of_levels(a), columns = digits_of_levels(b);
    const unsigned width = std::ranges::max(columns) + 1;
    Json extra = Json::array();
    for (const unsigned row : rows) {
      Json line = Json::array();
      for (const unsigned column : columns) line.push_back(dependence.extra[row * width + column]);
      extra.push_back(std::move(line));
    }
    out.push_back({{"comparisons", {a.name, b.name}}, {"shared", dependence.shared}, {"extra", std::move(extra)}});
  }
  return out;
}

Json related_json(const Model& model) {
  Json levels = Json::object();
  for (size_t c = 0; c < model.related->levels.size(); ++c)
    if (!model.related->levels[c].empty()) levels[model.comparisons[c].name] = model.related->levels[c];
  return {{"share", model.related->share}, {"levels", std::move(levels)}};
}

Json estimate_json(const EstimateOptions& e) {
  Json out{{"method", name_in(estimate_names, e.method)}, {"seed", e.seed}, {"random_pairs", e.random_pairs}};
  if (!e.rules.empty()) out["rules"] = rules_json(e.rules);
  if (!e.certain.empty()) {
    out["certain"] = rules_json(e.certain);
    out["recall"] = e.certain_recall;
  }
  if (!e.labels.empty()) out["labels"] = e.labels;
  if (!e.entity.empty()) out["entity"] = e.entity;
  out["rounds"] = e.rounds_max;
  out["tolerance"] = e.tolerance;
  return out;
}

}  // namespace

std::string model_json(const Model& model, std::string_view fit) {
  Json out{{"tessera_model", 1}};
  if (model.lambda) out["lambda"] = *model.lambda;
  if (model.threshold_probability) out["threshold"] = Json{{"probability", *model.threshold_probability}};
  if (model.threshold_weight) out["threshold"] = Json{{"weight", *model.threshold_weight}};
  if (!model.comparisons.empty()) {
    Json comparisons = Json::array();
    for (const Comparison& comparison : model.comparisons) {
      Json one = Json::object();
      if (comparison.levels.empty()) {
        one["field"] = comparison.name;
      } else {
        one["name"] = comparison.name;
        if (!comparison.description.empty()) one["description"] = comparison.description;
        Json levels = Json::array();
        bool any_null = false;
        for (const Level& level : comparison.levels) {
          levels.push_back(level_json(level));
          any_null |= level.null_level;
        }
        if (!any_null) one["null_level"] = false;
        one["levels"] = std::move(levels);
      }
      comparisons.push_back(std::move(one));
    }
    out["compare"] = std::move(comparisons);
  }
  if (!model.dependences.empty()) out["dependences"] = dependences_json(model);
  if (model.related) out["related"] = related_json(model);
  if (!model.block.empty()) out["block"] = rules_json(model.block);
  if (model.block_pairs_max > 0) out["block_pairs_max"] = model.block_pairs_max;
  if (model.block_size_max > 0) out["block_size_max"] = model.block_size_max;
  if (!model.close_frequency) out["close_frequency"] = false;
  if (model.empty_texts) out["empty_texts"] = true;
  if (!model.nicknames.empty()) out["nicknames"] = model.nicknames;
  out["estimate"] = estimate_json(model.estimate);
  if (!fit.empty()) out["fit"] = Json::parse(fit);
  return out.dump(2) + "\n";
}

Result<std::string> splink_json(const Model& model, std::string_view link_type) {
  Json comparisons = Json::array();
  for (const Comparison& comparison : model.comparisons) {
    Json levels = Json::array();
    for (const Level& level : comparison.levels) {
      const bool otherwise = level.condition.what == ModelCondition::What::always;
      const auto sql = otherwise ? std::optional<std::string>("ELSE") : duckdb_condition(level.condition);
      if (!sql)
        return fail(ErrorCode::usage, fmt::format("comparison \"{}\", level \"{}\" has no form in Splink's SQL\nhelp: "
                                                  "keep the model in Tessera's own format",
                                                  comparison.name, level.label));
      Json one{{"sql_condition", *sql}, {"label_for_charts", level.label}};
      if (level.null_level) one["is_null_level"] = true;
      if (level.m) one["m_probability"] = *level.m;
      if (level.u) one["u_probability"] = *level.u;
      one["fix_m_probability"] = level.fix_m;
      one["fix_u_probability"] = level.fix_u;
      if (level.term_frequency) {
        const TermFrequency& f = *level.term_frequency;
        if (f.value.what != SideWhat::field)
          return fail(ErrorCode::usage, fmt::format("comparison \"{}\", level \"{}\": Splink takes term frequencies of "
                                                    "columns, and this is of an expression",
                                                    comparison.name, level.label));
        one["tf_adjustment_column"] = f.value.text;
        one["tf_adjustment_weight"] = f.weight;
        if (f.minimum_u != 0) one["tf_minimum_u_value"] = f.minimum_u;
        if (!f.exact_detection) one["disable_tf_exact_match_detection"] = true;
      }
      levels.push_back(std::move(one));
    }
    comparisons.push_back(
        Json{{"output_column_name", comparison.name},
             {"comparison_description", comparison.description.empty() ? comparison.name : comparison.description},
             {"comparison_levels", std::move(levels)}});
  }
  Json rules = Json::array();
  for (const BlockingRule& rule : model.block) {
    const auto sql = duckdb_rule(rule);
    if (!sql)
      return fail(ErrorCode::usage, fmt::format("the blocking rule \"{}\" has no form in Splink's SQL", rule.text));
    Json one{{"blocking_rule", *sql}, {"sql_dialect", "duckdb"}};
    Json exploded = Json::array();
    for (const BlockingRule::Equality& equality : rule.equal)
      if (equality.explode) exploded.push_back(equality.left.parts.front().text);
    if (!exploded.empty()) one["arrays_to_explode"] = std::move(exploded);
    rules.push_back(std::move(one));
  }
  const Json out{{"link_type", link_type},
                 {"probability_two_random_records_match", model.lambda.value_or(1e-4)},
                 {"sql_dialect", "duckdb"},
                 {"em_convergence", model.estimate.tolerance},
                 {"max_iterations", model.estimate.rounds_max},
                 {"unique_id_column_name", "unique_id"},
                 {"source_dataset_column_name", "source_dataset"},
                 {"comparisons", std::move(comparisons)},
                 {"blocking_rules_to_generate_predictions", std::move(rules)}};
  return out.dump(2) + "\n";
}

}  // namespace tessera
