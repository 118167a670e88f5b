// levels.cc: which levels does a comparison of a model have?
#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "job/model.h"
#include "job/names.h"

namespace tessera {
namespace {

using Type = Node::Type;
using What = ModelCondition::What;
using SideWhat = SideExpression::What;

constexpr double sum_tolerance = 0.01;

ModelCondition null_condition(const SidePair& values) {
  ModelCondition out;
  out.what = What::any_of;
  for (const bool left : {true, false}) {
    ModelCondition test;
    test.what = left ? What::left : What::right;
    test.side = {.what = SideWhat::is_null, .parts = {left ? values.first : values.second}};
    out.parts.push_back(std::move(test));
  }
  return out;
}

// The pairs of values that a condition measures, each once.
void values_of(const ModelCondition& condition, std::vector<SidePair>& out) {
  for (const ModelCondition& part : condition.parts) values_of(part, out);
  if (condition.what != What::measure) return;
  SidePair pair{condition.measure.left, condition.measure.right};
  if (std::find(out.begin(), out.end(), pair) == out.end()) out.push_back(std::move(pair));
}

// Null where nothing could be compared: of several values, where each lacks a side.
std::optional<ModelCondition> null_of(const Comparison& comparison, const std::optional<SidePair>& field) {
  if (field) return null_condition(*field);
  std::vector<SidePair> values;
  for (const Level& level : comparison.levels) values_of(level.condition, values);
  if (values.empty()) return std::nullopt;
  if (values.size() == 1) return null_condition(values.front());
  ModelCondition out;
  out.what = What::all_of;
  for (const SidePair& pair : values) out.parts.push_back(null_condition(pair));
  return out;
}

std::optional<TermFrequency> read_frequency(const Node& node, const Level& level, const std::optional<SidePair>& field,
                                            const ModelReading& reading) {
  if (node.type == Type::boolean && !node.boolean) return std::nullopt;
  TermFrequency out;
  std::vector<SidePair> values;
  values_of(level.condition, values);
  const Node* of = node.type == Type::object ? node.find("of", Type::string) : nullptr;
  if (of != nullptr) {
    auto pair = read_expression_pair(*of, reading);
    if (!pair) return std::nullopt;
    out.value = std::move(pair->first);
  } else if (values.size() == 1 || field) {
    out.value = values.size() == 1 ? values.front().first : field->first;
  } else {
    reading.mistakes.add(node.place, "whose frequency? this level compares several values",
                         "write \"term_frequency\": {\"of\": \"family_name\"}");
    return std::nullopt;
  }
  if (node.type != Type::object) return out;
  if (const Node* weight = node.find("weight")) out.weight = weight->number;
  if (const Node* least = node.find("minimum_u")) out.minimum_u = least->number;
  if (const Node* exact = node.find("exact_detection", Type::boolean)) out.exact_detection = exact->boolean;
  return out;
}

std::optional<Level> read_level(const Node& node, const std::optional<SidePair>& field, const ModelReading& reading) {
  Level level;
  const Node* how = node.type == Type::object ? node.find("how", Type::string) : &node;
  const std::string_view word = how != nullptr && how->type == Type::string ? std::string_view(how->text) : "";
  if (node.type == Type::string && word != "else" && word != "null") {
    auto condition = read_named_condition(node, field, reading);
    if (!condition) return std::nullopt;
    level.condition = std::move(*condition);
  } else if (node.type == Type::string && word == "null") {
    if (!field) {
      reading.mistakes.add(node.place, "null of which field?", "write {\"how\": \"null\", \"field\": \"given_name\"}");
      return std::nullopt;
    }
    level.condition = null_condition(*field);
  } else if (node.type == Type::object) {
    auto condition = read_condition(node, field, reading);
    if (!condition) return std::nullopt;
    level.condition = std::move(*condition);
  } else if (node.type != Type::string) {
    return std::nullopt;
  }
  level.null_level = word == "null";
  level.label = level.null_level ? "null" : label_of(level.condition);
  if (node.type == Type::string) return level;
  const auto share = [&](const char* key, std::optional<double>& into) {
    const Node* value = node.find(key);
    if (value != nullptr && (value->type == Type::integer || value->type == Type::real)) into = value->number;
  };
  share("m", level.m);
  share("u", level.u);
  if (const Node* null_level = node.find("null_level", Type::boolean)) level.null_level = null_level->boolean;
  if (const Node* label = node.find("label", Type::string)) level.label = label->text;
  if (const Node* fix = node.find("fix_m", Type::boolean)) level.fix_m = fix->boolean;
  if (const Node* fix = node.find("fix_u", Type::boolean)) level.fix_u = fix->boolean;
  if (const Node* frequency = node.find("term_frequency"))
    level.term_frequency = read_frequency(*frequency, level, field, reading);
  if (level.null_level)
    for (const char* key : {"m", "u", "fix_m", "fix_u", "term_frequency"})
      if (const Node* found = node.find(key))
        reading.mistakes.add(found->place, fmt::format("a null level has no \"{}\"", key),
                             "its weight is 0: remove it");
  return level;
}

// Levels that follow from a kind are there for whole fields.
bool is_plain(const Node& field, const ModelReading& reading) {
  if (field.text.find_first_of(":~ \t") == std::string::npos) return true;
  reading.mistakes.add(field.place, "only a whole field has levels of its own accord", "add \"levels\"");
  return false;
}

// Whether what satisfies `b` also satisfies `a`, so that b after a is never reached.
bool covers(const ModelCondition& a, const ModelCondition& b) {
  if (a.what != What::measure || b.what != What::measure || !(a.measure == b.measure)) return false;
  using enum Comparator;
  const bool a_up = a.compare == greater_equal || a.compare == greater;
  const bool b_up = b.compare == greater_equal || b.compare == greater;
  const bool a_down = a.compare == less_equal || a.compare == less;
  const bool b_down = b.compare == less_equal || b.compare == less;
  const bool strict = a.compare != b.compare && (a.compare == greater || a.compare == less);
  if (a_up && b_up) return strict ? b.bound > a.bound : b.bound >= a.bound;
  if (a_down && b_down) return strict ? b.bound < a.bound : b.bound <= a.bound;
  return a.compare == b.compare && a.bound == b.bound;
}

}  // namespace

void check_levels(const Comparison& comparison, std::span<const Place> places, Place place,
                  const ModelReading& reading) {
  const auto& levels = comparison.levels;
  for (size_t i = 0; i < levels.size(); ++i) {
    for (size_t j = 0; j < i; ++j) {
      if (levels[j].condition.what == What::always) {
        reading.mistakes.add(places[i], "a level after \"else\"", "\"else\" always holds: put it last");
        return;
      }
      if (!reading.splink && covers(levels[j].condition, levels[i].condition)) {
        reading.mistakes.add(
            places[i], fmt::format("this level can never be true: \"{}\" before it takes its pairs", levels[j].label),
            "put the stricter level first");
        break;
      }
    }
  }
  for (const bool is_m : {true, false}) {
    double sum = 0;
    bool all = true;
    for (const Level& level : levels) {
      if (level.null_level) continue;
      const auto& share = is_m ? level.m : level.u;
      all &= share.has_value();
      sum += share.value_or(0);
    }
    if (!all || std::abs(sum - 1) <= sum_tolerance) continue;
    std::string what =
        fmt::format("{} of the levels of \"{}\" adds up to {:.4g}, not to 1", is_m ? "m" : "u", comparison.name, sum);
    if (reading.strict_sums)
      reading.mistakes.add(place, std::move(what), "every pair falls into one of the levels that are not null");
    else
      reading.note(std::move(what));
  }
}

std::optional<Comparison> read_comparison(const Node& node, const ModelReading& reading) {
  Comparison out;
  if (node.type == Type::string) {
    if (!read_field_pair(node, reading) || !is_plain(node, reading)) return std::nullopt;
    out.name = node.text;
    return out;
  }
  if (node.type != Type::object) return std::nullopt;
  std::optional<SidePair> field;
  const Node* named = node.find("field", Type::string);
  const Node* of = node.find("of", Type::string);
  if (named != nullptr || of != nullptr) {
    field = read_values(node, std::nullopt, reading);
    if (!field) return std::nullopt;
    out.name = (named != nullptr ? named : of)->text;
  }
  if (const Node* name = node.find("name", Type::string)) {
    out.name = name->text;
    if (name->text.empty()) reading.mistakes.add(name->place, "\"name\" is empty");
  }
  if (const Node* description = node.find("description", Type::string)) out.description = description->text;
  const Node* levels = node.find("levels", Type::array);
  if (out.name.empty()) {
    reading.mistakes.add(node.place, "a comparison needs a name", "add \"field\", or \"name\" where levels say theirs");
    return std::nullopt;
  }
  if (levels == nullptr) {
    if (node.find("levels") != nullptr) return std::nullopt;
    if (named == nullptr || of != nullptr) {
      reading.mistakes.add(node.place, "only a comparison of a field has levels of its own accord", "add \"levels\"");
      return std::nullopt;
    }
    if (!is_plain(*named, reading)) return std::nullopt;
    // The engine finds the field by the name.
    if (out.name != named->text)
      reading.mistakes.add(node.find("name")->place, "a comparison without levels is named by its field", "remove it");
    return out;
  }
  std::vector<Place> places;
  bool good = true;
  for (const Node& item : levels->items) {
    auto level = read_level(item, field, reading);
    good &= level.has_value();
    if (!level) continue;
    places.push_back(item.place);
    out.levels.push_back(std::move(*level));
  }
  if (levels->items.empty()) {
    reading.mistakes.add(levels->place, "\"levels\" is empty", "leave it out for those of the kind of the field");
    return std::nullopt;
  }
  if (!good) return std::nullopt;
  const bool any_null = std::any_of(out.levels.begin(), out.levels.end(), [](const Level& l) { return l.null_level; });
  const Node* own_null = node.find("null_level", Type::boolean);
  if (!any_null && (own_null == nullptr || own_null->boolean))
    if (auto condition = null_of(out, field)) {
      out.levels.insert(out.levels.begin(), Level{"null", true, std::move(*condition), {}, {}, false, false, {}});
      places.insert(places.begin(), node.place);
    }
  if (std::none_of(out.levels.begin(), out.levels.end(),
                   [](const Level& l) { return l.condition.what == What::always; })) {
    out.levels.push_back(Level{"else", false, {}, {}, {}, false, false, {}});
    places.push_back(node.place);
  }
  if (std::count_if(out.levels.begin(), out.levels.end(), [](const Level& l) { return !l.null_level; }) < 2)
    reading.mistakes.add(levels->place, "a comparison needs a level beside \"else\"");
  check_levels(out, places, levels->place, reading);
  return out;
}

}  // namespace tessera
