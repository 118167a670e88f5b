// model.cc: what does a model say, in a job or in a file of its own?
//
//   "auto"                       nothing: all follows from the kinds of the fields and the data
//   {"compare": [...], ...}      a model written in place
//   "out/model.json"             a file: of Tessera (it says tessera_model), or the settings of Splink
#include <algorithm>
#include <filesystem>

#include <fmt/format.h>

#include "base/text.h"
#include "job/model.h"
#include "job/names.h"
#include "job/shape.h"
#include "record/model_plan.h"

namespace tessera {
namespace {

using Type = Node::Type;

std::string path_beside(const std::string& file, std::string_view written) {
  return (std::filesystem::path(file).parent_path() / written).lexically_normal().string();
}

bool is_list(const SideExpression& side) {
  return side.what == SideExpression::What::tokens || side.what == SideExpression::What::split;
}

// "dob", {"field": "tags", "explode": true}, {"of": "lower(city)"}
std::optional<BlockingRule::Equality> read_agreement(const Node& node, const ModelReading& reading) {
  auto values = node.type == Type::string ? read_field_pair(node, reading) : read_values(node, std::nullopt, reading);
  if (!values) return std::nullopt;
  BlockingRule::Equality out{std::move(values->first), std::move(values->second), false};
  const Node* explode = node.type == Type::object ? node.find("explode", Type::boolean) : nullptr;
  if (explode == nullptr || !explode->boolean) return out;
  out.explode = true;
  for (SideExpression* side : {&out.left, &out.right})
    if (!is_list(*side)) *side = {.what = SideExpression::What::tokens, .parts = {SideExpression(*side)}};
  return out;
}

std::string text_of(const Node& node) {
  if (node.type == Type::string) return node.text;
  const Node* named = node.find("field", Type::string);
  if (named == nullptr) named = node.find("of", Type::string);
  return named == nullptr ? "" : named->text;
}

std::optional<BlockingRule> read_rule(const Node& node, const ModelReading& reading) {
  BlockingRule out;
  const bool object = node.type == Type::object;
  const Node* agree = object ? node.find("agree") : &node;
  if (agree == nullptr || (agree->type != Type::array && agree->type != Type::string)) return std::nullopt;
  const auto items = agree->type == Type::array ? std::span(agree->items) : std::span(agree, 1);
  if (items.empty()) {
    reading.mistakes.add(agree->place, "an empty blocking rule: every record would meet every other",
                         "name a field that must be equal, as [\"dob\"]");
    return std::nullopt;
  }
  bool good = true;
  std::vector<std::string> texts;
  for (const Node& item : items) {
    auto equality = read_agreement(item, reading);
    good &= equality.has_value();
    if (equality) out.equal.push_back(std::move(*equality));
    texts.push_back(text_of(item));
  }
  out.text = joined(texts, " + ");
  if (const Node* also = object ? node.find("also") : nullptr) {
    auto condition = read_condition(*also, std::nullopt, reading);
    good &= condition.has_value();
    if (condition) {
      out.text += " + " + label_of(*condition);
      out.also = std::move(*condition);
    }
  }
  if (const Node* text = object ? node.find("text", Type::string) : nullptr) out.text = text->text;
  return good ? std::optional(std::move(out)) : std::nullopt;
}

std::vector<BlockingRule> read_rules(const Node& list, const ModelReading& reading) {
  std::vector<BlockingRule> out;
  if (list.type != Type::array) return out;
  if (list.items.empty())
    reading.mistakes.add(list.place, "a list without rules", "leave it out, and rules are chosen from the data");
  for (const Node& item : list.items) {
    if (item.type == Type::string && item.text == "auto") {
      reading.mistakes.add(item.place, "\"auto\" stands alone", "write \"block\": \"auto\", or the rules");
      continue;
    }
    auto rule = read_rule(item, reading);
    if (!rule) continue;
    const auto same = [&](const BlockingRule& other) { return other.text == rule->text; };
    if (std::any_of(out.begin(), out.end(), same))
      reading.mistakes.add(item.place, fmt::format("the rule \"{}\" is given twice", rule->text));
    else
      out.push_back(std::move(*rule));
  }
  return out;
}

void read_estimate(const Node& node, EstimateOptions& out, const ModelReading& reading) {
  if (const Node* method = node.find("method", Type::string)) look_up(estimate_names, method->text, out.method);
  if (const Node* seed = node.find("seed", Type::integer)) out.seed = static_cast<uint64_t>(seed->integer);
  if (const Node* pairs = node.find("random_pairs", Type::integer))
    out.random_pairs = static_cast<uint64_t>(pairs->integer);
  if (const Node* rounds = node.find("rounds", Type::integer)) out.rounds_max = static_cast<unsigned>(rounds->integer);
  if (const Node* tolerance = node.find("tolerance")) out.tolerance = tolerance->number;
  if (const Node* rules = node.find("rules")) out.rules = read_rules(*rules, reading);
  const Node* certain = node.find("certain");
  if (certain != nullptr) out.certain = read_rules(*certain, reading);
  if (const Node* recall = node.find("recall")) {
    out.certain_recall = recall->number;
    if (certain == nullptr)
      reading.mistakes.add(recall->place, "\"recall\" is that of the certain rules, and there are none",
                           "add \"certain\", or remove it");
    else if (recall->number <= 0)
      reading.mistakes.add(recall->place, "\"recall\" must be above 0");
  }
  if (const Node* labels = node.find("labels", Type::string)) out.labels = path_beside(reading.path, labels->text);
  const Node* entity = node.find("entity", Type::string);
  if (entity == nullptr) return;
  out.entity = entity->text;
  for (const SqlSide side : {SqlSide::left, SqlSide::right})
    if (reading.field(entity->text, side) == nullptr) reading.tell_absent(entity->text, side, entity->place);
}

// Only these keys of a file tell what it is.
bool is_splink(const Node& root) {
  static constexpr std::string_view keys[] = {"comparisons", "link_type", "blocking_rules_to_generate_predictions",
                                              "probability_two_random_records_match"};
  return std::any_of(std::begin(keys), std::end(keys), [&](std::string_view key) { return root.find(key) != nullptr; });
}

std::optional<size_t> comparison_called(std::string_view name, const Model& model) {
  for (size_t c = 0; c < model.comparisons.size(); ++c)
    if (model.comparisons[c].name == name) return c;
  return std::nullopt;
}

std::optional<size_t> read_comparison_name(const Node& node, std::string_view name, const Model& model,
                                           Mistakes& mistakes) {
  const auto found = comparison_called(name, model);
  std::vector<std::string> known;
  for (const Comparison& comparison : model.comparisons) known.push_back(comparison.name);
  if (!found)
    mistakes.add(node.place, fmt::format("there is no comparison \"{}\"", name),
                 suggestion(name, known, "the comparisons are"));
  return found;
}

void read_dependence(const Node& node, Model& out, Mistakes& mistakes) {
  const Node *names = node.find("comparisons", Type::array), *extra = node.find("extra", Type::array);
  if (names == nullptr || extra == nullptr) return;
  if (names->items.size() != 2) return mistakes.add(names->place, "a dependence is of two comparisons", "name both");
  const auto first = read_comparison_name(names->items[0], names->items[0].text, out, mistakes);
  const auto second = read_comparison_name(names->items[1], names->items[1].text, out, mistakes);
  if (!first || !second) return;
  if (*first >= *second)
    return mistakes.add(names->place, "the two comparisons are not in the order of the model", "exchange them");
  const std::vector<unsigned> rows = digits_of_levels(out.comparisons[*first]);
  const std::vector<unsigned> columns = digits_of_levels(out.comparisons[*second]);
  bool fits = extra->items.size() == rows.size() && !columns.empty() && !rows.empty();
  for (const Node& line : extra->items) fits &= line.items.size() == columns.size();
  if (!fits)
    return mistakes.add(extra->place, fmt::format("\"extra\" must have {} rows of {} numbers, one for each level",
                                                  rows.size(), columns.size()));
  const unsigned width = std::ranges::max(columns) + 1;
  Dependence made{.first = *first, .second = *second};
  made.extra.resize(size_t{std::ranges::max(rows) + 1} * width);
  for (size_t r = 0; r < rows.size(); ++r)
    for (size_t c = 0; c < columns.size(); ++c)
      if (rows[r] != 0 && columns[c] != 0) made.extra[rows[r] * width + columns[c]] = extra->items[r].items[c].number;
  if (const Node* shared = node.find("shared")) made.shared = shared->number;
  out.dependences.push_back(std::move(made));
}

void read_related(const Node& node, Model& out, Mistakes& mistakes) {
  const Node *share = node.find("share"), *levels = node.find("levels", Type::object);
  if (share == nullptr || levels == nullptr) return;
  if (share->number + out.lambda.value_or(0) >= 1)
    mistakes.add(share->place, "\"share\" and lambda together must be below 1");
  Related made{.share = share->number};
  made.levels.resize(out.comparisons.size());
  for (size_t i = 0; i < levels->items.size(); ++i) {
    const Node& shares = levels->items[i];
    const std::string& name = levels->keys[i].text;
    const auto found = read_comparison_name(levels->keys[i], name, out, mistakes);
    if (!found) continue;
    const size_t wanted = out.comparisons[*found].levels.size();
    if (shares.items.size() != wanted)
      mistakes.add(shares.place, fmt::format("comparison \"{}\" has {} levels, and here are {} shares", name, wanted,
                                             shares.items.size()));
    for (const Node& item : shares.items) made.levels[*found].push_back(item.number);
  }
  out.related = std::move(made);
}

}  // namespace

const FieldSpec* ModelReading::field(std::string_view name, SqlSide side) const {
  const FieldSpec* out = nullptr;
  for (const Input* input : side == SqlSide::left ? sides.left : sides.right) {
    const FieldSpec* found = find_field(*input, name);
    if (found == nullptr) return nullptr;
    if (out == nullptr) out = found;
  }
  return out;
}

void ModelReading::tell_absent(std::string_view name, SqlSide side, Place place) const {
  for (const Input* input : side == SqlSide::left ? sides.left : sides.right) {
    if (find_field(*input, name) != nullptr) continue;
    std::vector<std::string> known;
    for (const FieldSpec& field : input->fields) known.push_back(field.name);
    return mistakes.add(place, fmt::format("input \"{}\" has no field \"{}\"", input->name, name),
                        suggestion(name, known, "its fields are"));
  }
}

SqlContext ModelReading::sql(SqlDialect dialect) const {
  return {dialect, [this](std::string_view name, SqlSide side) -> std::optional<SqlField> {
            const FieldSpec* found = field(name, side);
            // Databases take names in either case.
            const auto& inputs = side == SqlSide::left ? sides.left : sides.right;
            if (found == nullptr && splink && !inputs.empty())
              for (const FieldSpec& each : inputs.front()->fields)
                if (found == nullptr && each.name.size() == name.size() &&
                    std::equal(name.begin(), name.end(), each.name.begin(), [](char a, char b) {
                      return std::tolower(static_cast<unsigned char>(a)) == std::tolower(static_cast<unsigned char>(b));
                    }))
                  found = field(each.name, side);
            if (found == nullptr) return std::nullopt;
            return SqlField{found->name, found->kind};
          }};
}

Model read_model_object(const Node& node, const ModelReading& reading) {
  Model out;
  if (const Node* compare = node.find("compare", Type::array)) {
    for (const Node& item : compare->items) {
      auto comparison = read_comparison(item, reading);
      if (!comparison) continue;
      const auto same = [&](const Comparison& other) { return other.name == comparison->name; };
      if (std::any_of(out.comparisons.begin(), out.comparisons.end(), same))
        reading.mistakes.add(item.place, fmt::format("two comparisons are called \"{}\"", comparison->name),
                             "give one of them another \"name\"");
      out.comparisons.push_back(std::move(*comparison));
    }
    if (compare->items.empty())
      reading.mistakes.add(compare->place, "\"compare\" is empty", "leave it out for comparisons of all fields");
  }
  if (const Node* block = node.find("block")) out.block = read_rules(*block, reading);
  if (const Node* most = node.find("block_pairs_max", Type::integer))
    out.block_pairs_max = static_cast<uint64_t>(most->integer);
  if (const Node* most = node.find("block_size_max", Type::integer))
    out.block_size_max = static_cast<uint64_t>(most->integer);
  if (const Node* lambda = node.find("lambda")) {
    out.lambda = lambda->number;
    if ((lambda->type == Type::integer || lambda->type == Type::real) && (lambda->number <= 0 || lambda->number >= 1))
      reading.mistakes.add(lambda->place, "\"lambda\" must lie between 0 and 1",
                           "it is the probability that two random records are of one person");
  }
  if (const Node* dependences = node.find("dependences", Type::array))
    for (const Node& item : dependences->items)
      if (item.type == Type::object) read_dependence(item, out, reading.mistakes);
  if (const Node* related = node.find("related", Type::object)) read_related(*related, out, reading.mistakes);
  if (const Node* estimate = node.find("estimate", Type::object)) read_estimate(*estimate, out.estimate, reading);
  if (const Node* threshold = node.find("threshold", Type::object)) read_threshold(*threshold, out, reading.mistakes);
  if (const Node* close = node.find("close_frequency", Type::boolean)) out.close_frequency = close->boolean;
  if (const Node* empty = node.find("empty_texts", Type::boolean)) out.empty_texts = empty->boolean;
  if (const Node* nicknames = node.find("nicknames", Type::string))
    out.nicknames = path_beside(reading.path, nicknames->text);
  return out;
}

void read_threshold(const Node& node, Model& model, Mistakes& mistakes) {
  const Node *probability = node.find("probability"), *weight = node.find("weight");
  if ((probability != nullptr) == (weight != nullptr))
    mistakes.add(node.place, "a threshold is a probability or a weight",
                 "write {\"probability\": 0.95} or {\"weight\": 5}");
  model.threshold_probability = probability != nullptr ? std::optional(probability->number) : std::nullopt;
  model.threshold_weight = weight != nullptr ? std::optional(weight->number) : std::nullopt;
}

Result<Model> parse_model(const std::string& path, std::string text, const ModelSides& sides,
                          std::vector<std::string>* notes) {
  if (text.starts_with("\xEF\xBB\xBF")) text.replace(0, 3, "   ");
  Mistakes mistakes(path, text);
  const std::optional<Node> root = read_tree(text, mistakes);
  if (!root) return std::unexpected(mistakes.error());
  Model out;
  ModelReading reading{sides, mistakes, path, notes};
  if (root->type != Type::object) {
    mistakes.add(root->place, "a model is an object", "it begins with { and ends with }");
  } else if (is_splink(*root) && root->find("tessera_model") == nullptr) {
    reading.splink = true;
    check_object(*root, splink_shape(), mistakes);
    out = read_splink(*root, reading);
    out.origin = Model::Origin::splink;
  } else if (root->find("tessera_model") == nullptr && root->find("compare") == nullptr) {
    mistakes.add(root->place, "this is neither a model of Tessera nor one of Splink",
                 "a model of Tessera has \"tessera_model\" and \"compare\", and one of Splink \"comparisons\"");
  } else {
    check_object(*root, model_file_object_shape, mistakes);
    out = read_model_object(*root, reading);
    out.origin = Model::Origin::file;
  }
  out.path = path;
  if (mistakes.count() > 0) return std::unexpected(mistakes.error());
  return out;
}

}  // namespace tessera
