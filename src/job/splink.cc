// splink.cc: what does a saved model of Splink mean here?
//
// Order counts: the first level that holds. A level never seen in training has no m or u, and then Splink's defaults
// are meant, which depend on its place among the levels: see default_m and default_u. A missing weight of the term
// frequency is 1, even where 0 was saved. Salting changes nothing of the result.
#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "job/model.h"
#include "job/names.h"

namespace tessera {
namespace {

using Type = Node::Type;

constexpr Named<SqlDialect> dialect_names[] = {{"duckdb", SqlDialect::duckdb},    {"spark", SqlDialect::spark},
                                               {"databricks", SqlDialect::spark}, {"postgres", SqlDialect::postgres},
                                               {"sqlite", SqlDialect::sqlite},    {"athena", SqlDialect::athena},
                                               {"presto", SqlDialect::athena}};
constexpr std::string_view not_observed = "level not observed in training dataset";
constexpr double not_observed_share = 1e-6;

// Of n levels that are not null, counted from 0, the last as Splink counts: "else".
double default_m(size_t value, size_t n) { return value + 1 == n ? 0.95 : (1 - 0.95) / static_cast<double>(n - 1); }
double default_u(size_t value, size_t n) {
  double weight = 10;
  if (value + 1 < n) {
    if (n == 2) {
      weight = -5;
    } else {
      const double step = (3.0 - -5.0) / static_cast<double>(n - 2);
      weight = -5 + static_cast<double>(value) * step;
    }
  }
  return default_m(value, n) / std::exp2(weight);
}

class SplinkReader {
 public:
  explicit SplinkReader(const ModelReading& reading) : reading_(reading) {}

  Model read(const Node& root) {
    Model out;
    if (const Node* dialect = root.find("sql_dialect"); dialect != nullptr && dialect->type != Type::null)
      if (dialect->type != Type::string || !look_up(dialect_names, dialect->text, dialect_))
        tell(*dialect, "this dialect of SQL is not known",
             suggestion(dialect->text, names_in(dialect_names), "it is one of"));
    if (const Node* link_type = root.find("link_type", Type::string)) check_link_type(*link_type);
    if (const Node* lambda = root.find("probability_two_random_records_match")) {
      out.lambda = lambda->number;
      if (lambda->number <= 0 || lambda->number >= 1) tell(*lambda, "it must lie between 0 and 1");
    } else {
      out.lambda = 1e-4;
    }
    if (const Node* rounds = root.find("max_iterations", Type::integer))
      out.estimate.rounds_max = static_cast<unsigned>(rounds->integer);
    if (const Node* change = root.find("em_convergence")) out.estimate.tolerance = change->number;
    if (const Node* comparisons = root.find("comparisons", Type::array)) {
      for (const Node& item : comparisons->items)
        if (item.type == Type::object) read_splink_comparison(item, out);
      if (comparisons->items.empty()) tell(*comparisons, "the model has no comparisons");
    }
    if (const Node* rules = root.find("blocking_rules_to_generate_predictions", Type::array))
      for (const Node& item : rules->items) read_splink_rule(item, out);
    out.close_frequency = false;  // Splink's own term frequency
    out.empty_texts = true;
    return out;
  }

 private:
  void tell(const Node& node, std::string what, std::string help = {}) const {
    reading_.mistakes.add(node.place, std::move(what), std::move(help));
  }

  void check_link_type(const Node& node) const {
    const ModelSides& sides = reading_.sides;
    const bool several = sides.left.size() > 1;
    if (node.text == "dedupe_only" && !(sides.within && !several))
      tell(node, "this model is for the records of one input with each other, and the step links several",
           "use it in a step with \"within\": one input");
    if (node.text == "link_only" && sides.within && !(several && sides.between_only))
      tell(node, "this model is for records of different inputs, and the step links those of one input too",
           "use it in a step with \"from\" and \"to\", or with \"within\": several inputs and \"pairs\": \"between\"");
    if (node.text == "link_and_dedupe" && !(sides.within && several && !sides.between_only))
      tell(node, "this model is for several inputs, within and between them",
           "use it in a step with \"within\": several inputs, without \"pairs\": \"between\"");
  }

  std::optional<double> share(const Node& level, const char* key) const {
    const Node* value = level.find(key);
    if (value == nullptr || value->type == Type::null) return std::nullopt;
    if (value->type == Type::string && value->text == not_observed) return not_observed_share;
    if (value->type != Type::integer && value->type != Type::real) {
      tell(*value, fmt::format("\"{}\" must be a number", key));
      return std::nullopt;
    }
    if (!(value->number >= 0 && value->number <= 1)) {
      tell(*value, fmt::format("\"{}\" is out of range", key), "from 0 to 1");
      return std::nullopt;
    }
    return std::max(value->number, 1e-300);
  }

  std::optional<Level> read_splink_level(const Node& node, const std::string& where) const {
    const Node* condition = node.find("sql_condition", Type::string);
    if (condition == nullptr) return std::nullopt;
    Level out;
    const auto read = read_sql_condition(condition->text, reading_.sql(dialect_));
    const Node* label = node.find("label_for_charts", Type::string);
    out.label = label != nullptr ? label->text : condition->text;
    if (!read) {
      tell_sql(*condition, read.error(), reading_,
               fmt::format("{}, level \"{}\", column {} of its SQL: ", where, out.label, read.error().begin + 1));
      return std::nullopt;
    }
    out.condition = *read;
    if (const Node* null_level = node.find("is_null_level", Type::boolean)) out.null_level = null_level->boolean;
    if (out.null_level) return out;
    out.m = share(node, "m_probability");
    out.u = share(node, "u_probability");
    if (const Node* fix = node.find("fix_m_probability", Type::boolean)) out.fix_m = fix->boolean;
    if (const Node* fix = node.find("fix_u_probability", Type::boolean)) out.fix_u = fix->boolean;
    const Node* frequency = node.find("tf_adjustment_column");
    if (frequency == nullptr || frequency->type == Type::null) return out;
    if (frequency->type != Type::string) {
      tell(*frequency, "\"tf_adjustment_column\" must be a string");
      return std::nullopt;
    }
    out.term_frequency = read_splink_frequency(node, *frequency, where);
    return out;
  }

  std::optional<TermFrequency> read_splink_frequency(const Node& level, const Node& column,
                                                     const std::string& where) const {
    // The name may stand in quotes.
    std::string name = column.text;
    if (name.size() > 2 && name.front() == name.back() && (name.front() == '"' || name.front() == '`'))
      name = name.substr(1, name.size() - 2);
    const auto field = reading_.sql(dialect_).field(name, SqlSide::left);
    const auto other = reading_.sql(dialect_).field(name, SqlSide::right);
    if (!field || !other) {
      tell(column, fmt::format("{}: there is no field \"{}\" for the term frequency", where, name),
           "add it to \"fields\" of the input; the kind token keeps a text as it stands");
      return std::nullopt;
    }
    TermFrequency out;
    out.value = {.what = SideExpression::What::field, .text = field->name};
    if (const Node* weight = level.find("tf_adjustment_weight")) out.weight = weight->number;
    if (const Node* least = level.find("tf_minimum_u_value")) out.minimum_u = least->number;
    if (const Node* disable = level.find("disable_tf_exact_match_detection", Type::boolean))
      out.exact_detection = !disable->boolean;
    return out;
  }

  void read_splink_comparison(const Node& node, Model& model) const {
    const Node* levels = node.find("comparison_levels", Type::array);
    if (levels == nullptr) return;
    Comparison out;
    if (const Node* name = node.find("output_column_name", Type::string)) out.name = name->text;
    if (out.name.empty()) out.name = fmt::format("comparison {}", model.comparisons.size() + 1);
    if (const Node* description = node.find("comparison_description", Type::string))
      out.description = description->text;
    const std::string where = fmt::format("comparison \"{}\"", out.name);
    bool good = true;
    std::vector<Place> places;
    for (const Node& item : levels->items) {
      if (item.type != Type::object) continue;
      auto level = read_splink_level(item, where);
      good &= level.has_value();
      if (!level) continue;
      out.levels.push_back(std::move(*level));
      places.push_back(item.place);
    }
    if (!good) return;
    const auto scored = static_cast<size_t>(
        std::count_if(out.levels.begin(), out.levels.end(), [](const Level& l) { return !l.null_level; }));
    if (scored < 2) return tell(*levels, fmt::format("{} has fewer than two levels that are not null", where));
    size_t value = scored;
    for (Level& level : out.levels) {
      if (level.null_level) continue;
      --value;
      if (!level.m || !level.u)
        reading_.note(fmt::format("{}, level \"{}\": not trained, so Splink's default stands for {}", where,
                                  level.label,
                                  level.m   ? "u"
                                  : level.u ? "m"
                                            : "m and u"));
      if (!level.m) level.m = default_m(value, scored);
      if (!level.u) level.u = default_u(value, scored);
    }
    if (out.levels.back().condition.what != ModelCondition::What::always)
      tell(*levels, fmt::format("{} does not end with ELSE", where), "a pair of which no level holds has no weight");
    check_levels(out, places, levels->place, reading_);
    for (const Comparison& other : model.comparisons)
      if (other.name == out.name) tell(node, fmt::format("two comparisons are called \"{}\"", out.name));
    model.comparisons.push_back(std::move(out));
  }

  void read_splink_rule(const Node& node, Model& model) const {
    const Node* text = node.type == Type::object ? node.find("blocking_rule", Type::string) : &node;
    if (text == nullptr || text->type != Type::string) return;
    std::vector<std::string> exploded;
    if (node.type == Type::object) {
      if (const Node* arrays = node.find("arrays_to_explode", Type::array)) exploded = strings_of(*arrays);
      if (const Node* salt = node.find("salting_partitions"); salt != nullptr && salt->type != Type::null)
        reading_.note(fmt::format("blocking rule {}: salting is not needed and left out", model.block.size() + 1));
    }
    auto rules = read_sql_rule(text->text, exploded, reading_.sql(dialect_));
    if (!rules)
      return tell_sql(
          *text, rules.error(), reading_,
          fmt::format("blocking rule {}, column {} of its SQL: ", model.block.size() + 1, rules.error().begin + 1));
    if (rules->size() > 1)
      reading_.note(
          fmt::format("blocking rule {} is taken as {} rules, for its \"or\"", model.block.size() + 1, rules->size()));
    for (BlockingRule& rule : *rules) model.block.push_back(std::move(rule));
  }

  const ModelReading& reading_;
  SqlDialect dialect_ = SqlDialect::duckdb;
};

}  // namespace

Model read_splink(const Node& root, const ModelReading& reading) { return SplinkReader(reading).read(root); }

}  // namespace tessera
