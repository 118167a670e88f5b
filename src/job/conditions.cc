// conditions.cc: what does a model ask of a pair of values?
//
//   {"how": "jaro_winkler", "at_least": 0.92}                      of the field of the comparison
//   {"how": "levenshtein", "field": "postcode:sector", "at_most": 1}
//   {"how": "exact", "of": "lower(city)"}                          of an expression (sql/)
//   {"all_of": ["given_name ~ family_name", "family_name ~ given_name"]}
//   {"either": "given_name is null"}
#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"
#include "job/model.h"
#include "job/names.h"
#include "job/shape.h"

namespace tessera {
namespace {

using Type = Node::Type;
using What = ModelCondition::What;
using SideWhat = SideExpression::What;

struct Stretch {
  std::string_view text;
  size_t begin = 0;
};

Stretch without_spaces(std::string_view text, size_t begin) {
  const size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {{}, begin};
  return {text.substr(first, text.find_last_not_of(" \t") - first + 1), begin + first};
}

bool of_letters(Kind kind) {
  return kind == Kind::name || kind == Kind::text || kind == Kind::code || kind == Kind::token;
}

// Parts that are no words of passes: each is an expression of its own.
constexpr Named<SideWhat> text_parts[] = {
    {"double-metaphone", SideWhat::double_metaphone}, {"nysiis", SideWhat::nysiis}, {"tokens", SideWhat::tokens}};

std::vector<std::string> parts_known(Kind kind) {
  std::vector<std::string> out;
  for (const auto& entry : part_names)
    if (part_fits(kind, entry.value)) out.emplace_back(entry.name);
  if (of_letters(kind))
    for (const auto& entry : text_parts) out.emplace_back(entry.name);
  return out;
}

// One "field:part"; `kind` is set to the kind of the field.
std::optional<SideExpression> one_field(const Node& node, Stretch piece, SqlSide side, Kind& kind,
                                        const ModelReading& reading) {
  const size_t colon = piece.text.find(':');
  const Stretch name = without_spaces(piece.text.substr(0, colon), piece.begin);
  const Place place = node.within(name.begin, name.begin + name.text.size());
  const FieldSpec* field = reading.field(name.text, side);
  if (field == nullptr) {
    reading.tell_absent(name.text, side, place);
    return std::nullopt;
  }
  kind = field->kind;
  SideExpression out{.what = SideWhat::field, .text = field->name};
  if (colon == std::string_view::npos) return out;
  const Stretch part = without_spaces(piece.text.substr(colon + 1), piece.begin + colon + 1);
  SideWhat what = SideWhat::part;
  Part known = Part::whole;
  if (of_letters(kind) && look_up(text_parts, part.text, what)) return SideExpression{.what = what, .parts = {out}};
  if (!look_up(part_names, part.text, known) || !part_fits(kind, known)) {
    reading.mistakes.add(node.within(part.begin, part.begin + part.text.size()),
                         fmt::format("a {} has no part \"{}\"", name_of(kind), part.text),
                         suggestion(part.text, parts_known(kind), "its parts are"));
    return std::nullopt;
  }
  if (known == Part::whole) return out;
  return SideExpression{.what = SideWhat::part, .text = std::string(part.text), .parts = {out}};
}

void check_fits(const Node& node, const Measure& m, const ModelReading& reading) {
  using enum Measure::What;
  const auto kind = [&](const SideExpression& side, SqlSide of) -> std::optional<Kind> {
    const FieldSpec* field = side.what == SideWhat::field ? reading.field(side.text, of) : nullptr;
    return field == nullptr ? std::nullopt : std::optional(field->kind);
  };
  const auto left = kind(m.left, SqlSide::left), right = kind(m.right, SqlSide::right);
  const Node* how = node.type == Type::object ? node.find("how") : &node;
  const Place place = (how != nullptr ? *how : node).place;
  const auto name = name_in(measure_table, m.what);
  if (is_of_filters(m.what) && (left != Kind::clk || right != Kind::clk))
    reading.mistakes.add(place, fmt::format("\"{}\" is for fields of kind clk", name),
                         "other texts have jaccard, cosine and their like");
  if (!is_of_filters(m.what) && m.what != equal && (left == Kind::clk || right == Kind::clk))
    reading.mistakes.add(place, fmt::format("\"{}\" is not for encoded filters", name),
                         "those are compared by dice or bits_jaccard");
  if (!left) return;
  const bool dates = m.what == days || m.what == months || m.what == years || m.what == month_boundaries ||
                     m.what == year_boundaries || m.what == date_elements || m.what == swapped_date;
  if (dates && *left != Kind::date && *left != Kind::text && *left != Kind::token && *left != Kind::clk)
    reading.mistakes.add(place, fmt::format("\"{}\" is for dates, and this is a {}", name, name_of(*left)));
}

// All bounds of an object, as conditions on one measure.
std::optional<ModelCondition> with_bounds(const Node& node, ModelCondition measured, const ModelReading& reading) {
  const Measure::What what = measured.measure.what;
  std::vector<ModelCondition> all;
  for (const auto& bound : bound_table) {
    const Node* value = node.find(bound.name);
    if (value == nullptr || (value->type != Type::integer && value->type != Type::real)) continue;
    if (is_truth(what)) {
      reading.mistakes.add(value->place,
                           fmt::format("\"{}\" is true or not, and has no bound", name_in(measure_table, what)),
                           "remove it");
      return std::nullopt;
    }
    ModelCondition each = measured;
    each.compare = bound.value;
    each.bound = value->number == 0 ? 0 : value->number;
    const double n = each.bound;
    const double most = is_likeness(what) ? 1 : what == Measure::What::date_elements ? 3 : 1e300;
    const double least = what == Measure::What::difference || what == Measure::What::percentage_difference ? -1e300 : 0;
    using enum Comparator;
    const bool never = (bound.value == greater_equal && n > most) || (bound.value == greater && n >= most) ||
                       (bound.value == less_equal && n < least) || (bound.value == less && n <= least) ||
                       (bound.value == equal && (n > most || n < least));
    if (never) {
      reading.mistakes.add(value->place,
                           fmt::format("this can never be true: \"{}\" lies {}", name_in(measure_table, what),
                                       most == 1   ? "from 0 to 1"
                                       : most == 3 ? "from 0 to 3"
                                                   : "at 0 or above"));
      return std::nullopt;
    }
    all.push_back(std::move(each));
  }
  if (all.size() == 1) return std::move(all.front());
  if (is_truth(what)) return measured;
  if (all.empty()) {
    const Node* how = node.find("how");
    reading.mistakes.add(how->place, fmt::format("\"{}\" needs a bound", how->text),
                         is_likeness(what) ? "add \"at_least\": 0.9" : "add \"at_most\": 1");
    return std::nullopt;
  }
  ModelCondition out;
  out.what = What::all_of;
  out.parts = std::move(all);
  return out;
}

std::optional<ModelCondition> read_measure(const Node& node, const Node& how, const std::optional<SidePair>& field,
                                           const ModelReading& reading) {
  ModelCondition out;
  out.what = What::measure;
  Measure& m = out.measure;
  if (!look_up(measure_table, how.text, m.what)) return std::nullopt;
  auto values = read_values(node, field, reading);
  if (!values) return std::nullopt;
  m.left = std::move(values->first);
  m.right = std::move(values->second);
  if (const Node* unit = node.find("unit", Type::string)) m.bytes = unit->text == "bytes";
  if (const Node* q = node.find("q", Type::integer)) m.q = static_cast<unsigned>(q->integer);
  if (const Node* items = node.find("best_of_items", Type::boolean)) m.best_of_items = items->boolean;
  const Node* longitude = node.find("longitude", Type::string);
  if ((longitude != nullptr) != (m.what == Measure::What::distance_km)) {
    reading.mistakes.add((longitude != nullptr ? *longitude : how).place,
                         longitude != nullptr ? "only distance_km has a longitude" : "distance_km needs two fields",
                         longitude != nullptr ? "remove it" : "\"field\" is the latitude: add \"longitude\"");
    return std::nullopt;
  }
  if (longitude != nullptr) {
    auto pair = read_expression_pair(*longitude, reading);
    if (!pair) return std::nullopt;
    m.left2 = std::move(pair->first);
    m.right2 = std::move(pair->second);
  }
  check_fits(node, m, reading);
  return with_bounds(node, std::move(out), reading);
}

std::optional<ModelCondition> read_parts(const Node& list, What what, const std::optional<SidePair>& field,
                                         const ModelReading& reading) {
  ModelCondition out;
  out.what = what;
  bool good = true;
  for (const Node& item : list.items) {
    auto part = read_condition(item, field, reading);
    good &= part.has_value();
    if (part) out.parts.push_back(std::move(*part));
  }
  if (list.items.empty()) {
    reading.mistakes.add(list.place, "an empty list of conditions");
    return std::nullopt;
  }
  return good ? std::optional(std::move(out)) : std::nullopt;
}

// "given_name is null", of one record.
std::optional<ModelCondition> read_side(const Node& node, What what, const ModelReading& reading) {
  auto read = read_expressions(node.text, reading.sql(SqlDialect::tessera));
  if (!read) {
    tell_sql(node, read.error(), reading);
    return std::nullopt;
  }
  ModelCondition out;
  out.what = what;
  out.side = what == What::left ? std::move(read->first) : std::move(read->second);
  return out;
}

ModelCondition joined_conditions(What what, ModelCondition a, ModelCondition b) {
  ModelCondition out;
  out.what = what;
  out.parts.push_back(std::move(a));
  out.parts.push_back(std::move(b));
  return out;
}

}  // namespace

void tell_sql(const Node& node, const SqlMistake& mistake, const ModelReading& reading, const std::string& where) {
  const size_t begin = std::min(mistake.begin, node.text.size());
  const size_t end = std::clamp(mistake.end, begin, node.text.size());
  reading.mistakes.add(node.within(begin, end), where + mistake.what, mistake.help);
}

std::optional<SidePair> read_field_pair(const Node& node, const ModelReading& reading) {
  if (node.type != Type::string) return std::nullopt;
  const std::string_view text = node.text;
  const size_t tilde = text.find('~');
  const bool crossed = tilde != std::string_view::npos;
  const Stretch left = without_spaces(text.substr(0, tilde), 0);
  const Stretch right = crossed ? without_spaces(text.substr(tilde + 1), tilde + 1) : left;
  Kind a = Kind::text, b = Kind::text;
  auto l = one_field(node, left, SqlSide::left, a, reading);
  auto r = one_field(node, right, SqlSide::right, b, reading);
  if (!l || !r) return std::nullopt;
  if (a != b) {
    reading.mistakes.add(node.place, fmt::format("a {} cannot be compared with a {}", name_of(a), name_of(b)),
                         "give both fields the same \"kind\"");
    return std::nullopt;
  }
  return SidePair{std::move(*l), std::move(*r)};
}

std::optional<SidePair> read_expression_pair(const Node& node, const ModelReading& reading) {
  if (node.type != Type::string) return std::nullopt;
  auto read = read_expressions(node.text, reading.sql(SqlDialect::tessera));
  if (read) return std::move(*read);
  tell_sql(node, read.error(), reading);
  return std::nullopt;
}

std::optional<SidePair> read_values(const Node& node, const std::optional<SidePair>& otherwise,
                                    const ModelReading& reading) {
  const bool object = node.type == Type::object;
  const Node* field = object ? node.find("field") : nullptr;
  const Node* of = object ? node.find("of") : nullptr;
  if (field != nullptr && of != nullptr) {
    reading.mistakes.add(of->place, "\"field\" and \"of\" both say what is compared", "keep one of them");
    return std::nullopt;
  }
  if (field != nullptr) return read_field_pair(*field, reading);
  if (of != nullptr) return read_expression_pair(*of, reading);
  if (!otherwise) reading.mistakes.add(node.place, "it does not say what is compared", "add \"field\": \"given_name\"");
  return otherwise;
}

std::optional<ModelCondition> read_named_condition(const Node& node, const std::optional<SidePair>& field,
                                                   const ModelReading& reading) {
  ModelCondition out;
  out.what = What::measure;
  if (!look_up(measure_table, node.text, out.measure.what)) {
    std::vector<std::string> known = {"else", "null"};
    for (const auto& entry : measure_table)
      if (is_truth(entry.value)) known.emplace_back(entry.name);
    reading.mistakes.add(node.place, fmt::format("there is no level \"{}\"", node.text),
                         suggestion(node.text, known, "a string may be"));
    return std::nullopt;
  }
  if (!is_truth(out.measure.what)) {
    reading.mistakes.add(node.place, fmt::format("\"{}\" needs a bound", node.text),
                         fmt::format("write {{\"how\": \"{}\", \"{}\": {}}}", node.text,
                                     is_likeness(out.measure.what) ? "at_least" : "at_most",
                                     is_likeness(out.measure.what) ? "0.9" : "1"));
    return std::nullopt;
  }
  auto values = read_values(node, field, reading);
  if (!values) return std::nullopt;
  out.measure.left = std::move(values->first);
  out.measure.right = std::move(values->second);
  check_fits(node, out.measure, reading);
  return out;
}

std::optional<ModelCondition> read_condition(const Node& node, const std::optional<SidePair>& field,
                                             const ModelReading& reading) {
  if (node.type == Type::string) {  // a field that is equal
    auto pair = read_field_pair(node, reading);
    if (!pair) return std::nullopt;
    ModelCondition out;
    out.what = What::measure;
    out.measure.left = std::move(pair->first);
    out.measure.right = std::move(pair->second);
    return out;
  }
  if (node.type != Type::object) return std::nullopt;
  static constexpr std::string_view ways[] = {"how",   "all_of", "any_of", "not", "left",
                                              "right", "either", "both",   "sql"};
  const Node* way = nullptr;
  std::string_view name;
  for (const std::string_view each : ways)
    if (const Node* found = node.find(each)) {
      if (way != nullptr) {
        reading.mistakes.add(found->place, fmt::format("\"{}\" and \"{}\" in one condition", name, each),
                             "write all_of: [{...}, {...}]");
        return std::nullopt;
      }
      way = found;
      name = each;
    }
  if (way == nullptr) {
    reading.mistakes.add(node.place, "this condition says nothing",
                         "it needs \"how\", \"all_of\", \"any_of\", \"not\", \"either\", \"both\" or \"sql\"");
    return std::nullopt;
  }
  if (name != "how")
    for (const std::string_view key : {"field", "of", "at_least", "at_most", "above", "below", "equals", "differs_from",
                                       "unit", "q", "longitude", "best_of_items"})
      if (const Node* found = node.find(key)) {
        reading.mistakes.add(found->place, fmt::format("\"{}\" belongs to \"how\"", key),
                             fmt::format("write it within \"{}\"", name));
        return std::nullopt;
      }
  if (name == "all_of" || name == "any_of") {
    if (way->type != Type::array) return std::nullopt;
    return read_parts(*way, name == "all_of" ? What::all_of : What::any_of, field, reading);
  }
  if (name == "not") {
    auto part = read_condition(*way, field, reading);
    if (!part) return std::nullopt;
    ModelCondition out;
    out.what = What::negation;
    out.parts.push_back(std::move(*part));
    return out;
  }
  if (way->type != Type::string) return std::nullopt;
  if (name == "sql") {
    auto read = read_sql_condition(way->text, reading.sql(SqlDialect::duckdb));
    if (read) return std::move(*read);
    tell_sql(*way, read.error(), reading);
    return std::nullopt;
  }
  if (name == "left") return read_side(*way, What::left, reading);
  if (name == "right") return read_side(*way, What::right, reading);
  if (name == "either" || name == "both") {
    auto left = read_side(*way, What::left, reading), right = read_side(*way, What::right, reading);
    if (!left || !right) return std::nullopt;
    return joined_conditions(name == "either" ? What::any_of : What::all_of, std::move(*left), std::move(*right));
  }
  if (way->text == "else") return ModelCondition{};
  if (way->text == "null") {
    auto values = read_values(node, field, reading);
    if (!values) return std::nullopt;
    ModelCondition left, right;
    left.what = What::left;
    left.side = {.what = SideWhat::is_null, .parts = {std::move(values->first)}};
    right.what = What::right;
    right.side = {.what = SideWhat::is_null, .parts = {std::move(values->second)}};
    return joined_conditions(What::any_of, std::move(left), std::move(right));
  }
  return read_measure(node, *way, field, reading);
}

std::string label_of(const ModelCondition& condition) {
  static constexpr const char* signs[] = {"=", "<>", "<", "<=", ">", ">="};
  std::vector<std::string> parts;
  for (const ModelCondition& part : condition.parts) parts.push_back(label_of(part));
  switch (condition.what) {
    case What::always: return "else";
    case What::all_of: return joined(parts, " and ");
    case What::any_of: return joined(parts, " or ");
    case What::negation: return "not " + parts.front();
    case What::left:
    case What::right: return expression_text(condition.side);
    case What::measure: break;
  }
  const Measure& m = condition.measure;
  std::string out = name_in(measure_table, m.what);
  if (m.left != m.right) out += fmt::format(" of {} and {}", expression_text(m.left), expression_text(m.right));
  if (!is_truth(m.what)) out += fmt::format(" {} {}", signs[static_cast<size_t>(condition.compare)], condition.bound);
  return out;
}

}  // namespace tessera
