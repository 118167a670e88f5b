// defaults.cc: how are fields compared when a job does not say? (see defaults.h)
#include "decide/defaults.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>

#include "tessera/error.h"

namespace tessera {

namespace {

using What = Measure::What;
using Condition = ModelCondition;

SideExpression field_of(const std::string& name) { return {.what = SideExpression::What::field, .text = name}; }
SideExpression part_of(const std::string& name, const char* part) {
  return {.what = SideExpression::What::part, .text = part, .parts = {field_of(name)}};
}

Condition measured(What what, const SideExpression& value, Comparator compare = Comparator::greater_equal,
                   double bound = 1) {
  return {.what = Condition::What::measure,
          .measure = {.what = what, .left = value, .right = value},
          .compare = compare,
          .bound = bound};
}
Condition crossed(const std::string& left, const std::string& right) {
  return {.what = Condition::What::measure,
          .measure = {.what = What::equal, .left = field_of(left), .right = field_of(right)}};
}
Condition all_of(std::vector<Condition> parts) { return {.what = Condition::What::all_of, .parts = std::move(parts)}; }
Condition any_of(std::vector<Condition> parts) { return {.what = Condition::What::any_of, .parts = std::move(parts)}; }

Condition null_on(Condition::What side, const std::string& field) {
  return {.what = side, .side = {.what = SideExpression::What::is_null, .parts = {field_of(field)}}};
}

// Collects levels from the closest to "else".
struct Levels {
  const std::string& field;
  std::vector<Level> made;

  explicit Levels(const std::string& name) : field(name) {
    made.push_back(
        {.label = "null",
         .null_level = true,
         .condition = any_of({null_on(Condition::What::left, name), null_on(Condition::What::right, name)})});
  }
  Levels& when(std::string label, Condition condition, bool frequency = false) {
    Level level{.label = std::move(label), .condition = std::move(condition)};
    if (frequency) level.term_frequency = TermFrequency{.value = field_of(field), .minimum_u = 3e-4};
    made.push_back(std::move(level));
    return *this;
  }
  Levels& equal(bool frequency) { return when("equal", measured(What::equal, field_of(field)), frequency); }
  Levels& one_edit() {
    return when("one edit", measured(What::damerau_levenshtein, field_of(field), Comparator::less_equal, 1));
  }
  Levels& at_least(What what, const char* name, double bound, bool frequency = false) {
    return when(fmt::format("{} >= {:.2f}", name, bound),
                measured(what, field_of(field), Comparator::greater_equal, bound), frequency);
  }
  Levels& equal_part(const char* part) {
    return when(fmt::format("{} equal", part), measured(What::equal, part_of(field, part)));
  }
  std::vector<Level> end() {
    made.push_back({.label = "else"});
    return std::move(made);
  }
};

// A field's name without its separators, in lower case.
std::string plain(std::string_view name) {
  std::string made;
  for (const char c : name)
    if (c != '_' && c != '-' && c != ' ' && c != '.')
      made += static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
  return made;
}

bool has_any(std::string_view name, std::span<const std::string_view> words) {
  return std::ranges::any_of(words, [&](std::string_view word) { return name.find(word) != std::string_view::npos; });
}

constexpr std::array<std::string_view, 6> given_words = {"given", "first", "forename", "fname", "prenom", "christian"};
constexpr std::array<std::string_view, 5> family_words = {"family", "sur", "last", "lname", "secondname"};
constexpr std::array<std::string_view, 8> place_words = {"address", "street", "suburb", "city",
                                                         "town",    "place",  "county", "state"};
constexpr std::array<std::string_view, 1> email_words = {"email"};
constexpr std::array<std::string_view, 3> telephone_words = {"phone", "mobile", "landline"};
constexpr std::array<std::string_view, 2> address_words = {"address", "street"};
constexpr std::array<std::string_view, 2> birth_words = {"birth", "born"};

std::vector<Level> given_name_levels(const std::string& field, const std::string& family) {
  Levels levels(field);
  levels.equal(true);
  if (!family.empty())
    levels.when("given and family name exchanged", all_of({crossed(field, family), crossed(family, field)}));
  return levels.when("nickname", measured(What::nickname, field_of(field)))
      .at_least(What::jaro_winkler, "Jaro-Winkler", 0.92, true)
      .at_least(What::jaro_winkler, "Jaro-Winkler", 0.88, true)
      .when("initial", measured(What::initial, field_of(field)))
      .at_least(What::jaro_winkler, "Jaro-Winkler", 0.70)
      .end();
}

std::vector<Level> levels_of(const FieldKind& field, const std::string& family) {
  const std::string& name = field.first;
  Levels levels(name);
  switch (role_of(field)) {
    case FieldRole::given_name: return given_name_levels(name, family);
    case FieldRole::family_name:
    case FieldRole::other_name:
      return levels.equal(true)
          .at_least(What::jaro_winkler, "Jaro-Winkler", 0.92, true)
          .at_least(What::jaro_winkler, "Jaro-Winkler", 0.88, true)
          .at_least(What::jaro_winkler, "Jaro-Winkler", 0.70)
          .end();
    case FieldRole::date:
      return levels.equal(false)
          .one_edit()
          .when("two of year, month and day, or exchanged",
                any_of({measured(What::swapped_date, field_of(name)),
                        measured(What::date_elements, field_of(name), Comparator::greater_equal, 2)}))
          .when("within a year", measured(What::years, field_of(name), Comparator::less_equal, 1))
          .end();
    case FieldRole::sex: return levels.equal(false).end();
    case FieldRole::nhs_number:
    case FieldRole::code:
      return field.second == Kind::pseudonym ? levels.equal(false).end() : levels.equal(false).one_edit().end();
    case FieldRole::filter:
      return levels.at_least(What::dice, "Dice", 0.95)
          .at_least(What::dice, "Dice", 0.85)
          .at_least(What::dice, "Dice", 0.75)
          .at_least(What::dice, "Dice", 0.65)
          .end();
    case FieldRole::postcode:
      return levels.equal(true).one_edit().equal_part("sector").equal_part("district").equal_part("area").end();
    case FieldRole::place:
      return levels.equal(true)
          .when("alike",
                any_of({measured(What::jaro_winkler, field_of(name), Comparator::greater_equal, 0.92),
                        measured(What::token_likeness, field_of(name), Comparator::greater_equal, 0.8)}),
                true)
          .when("alike in part",
                any_of({measured(What::jaro_winkler, field_of(name), Comparator::greater_equal, 0.8),
                        measured(What::token_likeness, field_of(name), Comparator::greater_equal, 0.5)}))
          .end();
    case FieldRole::email:
      return levels.equal(true)
          .at_least(What::jaro_winkler, "Jaro-Winkler", 0.92, true)
          .at_least(What::jaro_winkler, "Jaro-Winkler", 0.80)
          .end();
    case FieldRole::text:
      return levels.equal(true)
          .at_least(What::jaro_winkler, "Jaro-Winkler", 0.92, true)
          .at_least(What::levenshtein_ratio, "Levenshtein ratio", 0.70)
          .end();
  }
  return levels.end();
}

// Shares of matches at the top level and at "else".
struct Expected {
  double top, rest;
};
Expected expected_of(FieldRole role) {
  switch (role) {
    case FieldRole::nhs_number: return {0.97, 0.01};
    case FieldRole::sex: return {0.98, 0.02};
    case FieldRole::date: return {0.90, 0.03};
    case FieldRole::given_name: return {0.80, 0.07};
    case FieldRole::family_name:
    case FieldRole::other_name: return {0.82, 0.08};
    case FieldRole::postcode: return {0.65, 0.20};
    case FieldRole::code: return {0.80, 0.15};
    case FieldRole::filter: return {0.60, 0.05};
    case FieldRole::place: return {0.60, 0.20};
    case FieldRole::email: return {0.75, 0.15};
    case FieldRole::text: return {0.60, 0.25};
  }
  return {0.8, 0.1};
}

}  // namespace

FieldRole role_of(const FieldKind& field) {
  const std::string name = plain(field.first);
  switch (field.second) {
    case Kind::nhs_number: return FieldRole::nhs_number;
    case Kind::date: return FieldRole::date;
    case Kind::sex: return FieldRole::sex;
    case Kind::postcode: return FieldRole::postcode;
    case Kind::code:
    case Kind::integer:
    case Kind::token:
    case Kind::pseudonym:
    case Kind::flag: return FieldRole::code;
    case Kind::clk: return FieldRole::filter;
    case Kind::name:
      if (has_any(name, given_words)) return FieldRole::given_name;
      return has_any(name, family_words) ? FieldRole::family_name : FieldRole::other_name;
    case Kind::text:
      if (has_any(name, email_words)) return FieldRole::email;
      return has_any(name, place_words) ? FieldRole::place : FieldRole::text;
  }
  return FieldRole::text;
}

Comparison default_comparison(const FieldKind& field, const std::string& family) {
  return {.name = field.first, .levels = levels_of(field, family)};
}

namespace {
// The family name that belongs to a given name: the only one there is; empty otherwise.
std::string family_beside(const FieldKind& field, std::span<const FieldKind> fields) {
  if (role_of(field) != FieldRole::given_name) return {};
  std::string found;
  for (const FieldKind& other : fields) {
    if (role_of(other) == FieldRole::given_name && other.first != field.first) return {};
    if (role_of(other) != FieldRole::family_name) continue;
    if (!found.empty()) return {};
    found = other.first;
  }
  return found;
}
}  // namespace

std::vector<Comparison> default_comparisons(std::span<const FieldKind> fields) {
  std::vector<Comparison> made;
  for (const FieldKind& field : fields) made.push_back(default_comparison(field, family_beside(field, fields)));
  return made;
}

Status fill_default_levels(Model& model, std::span<const FieldKind> fields) {
  if (model.comparisons.empty()) model.comparisons = default_comparisons(fields);
  for (Comparison& comparison : model.comparisons) {
    if (!comparison.levels.empty()) continue;
    const auto field = std::ranges::find(fields, comparison.name, &FieldKind::first);
    if (field == fields.end())
      return fail(ErrorCode::usage, fmt::format("comparison \"{}\" has no levels, and there is no field of that name "
                                                "to choose them by",
                                                comparison.name));
    comparison.levels = levels_of(*field, family_beside(*field, fields));
  }
  return {};
}

AtHome at_home(const FieldKind& field) {
  const std::string name = plain(field.first);
  switch (role_of(field)) {
    case FieldRole::postcode: return AtHome::names_it;
    case FieldRole::family_name:
    case FieldRole::email: return AtHome::shared;
    case FieldRole::code: return has_any(name, telephone_words) ? AtHome::names_it : AtHome::no;
    case FieldRole::place:
      if (has_any(name, birth_words)) return AtHome::no;
      return has_any(name, address_words) ? AtHome::names_it : AtHome::shared;
    default: return AtHome::no;
  }
}

std::vector<AtHome> at_home(const ModelPlan& plan) {
  std::vector<AtHome> made;
  for (const PlanComparison& comparison : plan.comparisons) {
    auto least = AtHome::names_it;
    for (const PlanColumn& column : plan.columns)
      if (column.base && std::ranges::count(comparison.fields, column.expression.text) > 0)
        least = std::min(least, at_home(FieldKind{column.expression.text, column.kind}));
    made.push_back(comparison.fields.empty() ? AtHome::no : least);
  }
  return made;
}

LevelShares prior_m(const ModelPlan& plan) {
  LevelShares made = zeros(plan);
  for (size_t c = 0; c < made.size(); ++c) {
    const size_t levels = made[c].size() - 1;
    if (levels == 0) continue;
    Expected expected{0.8, 0.1};
    for (const PlanColumn& column : plan.columns)
      if (column.base && std::ranges::count(plan.comparisons[c].fields, column.expression.text) > 0) {
        expected = expected_of(role_of({column.expression.text, column.kind}));
        break;
      }
    if (levels == 1) {
      made[c][1] = 1;
      continue;
    }
    if (levels == 2) expected.rest = 1 - expected.top;
    made[c][levels] = expected.top;
    made[c][1] = expected.rest;
    double parts = 0;
    for (size_t d = levels - 1; d > 1; --d) parts += std::exp2(-static_cast<double>(levels - d));
    for (size_t d = levels - 1; d > 1; --d)
      made[c][d] = (1 - expected.top - expected.rest) * std::exp2(-static_cast<double>(levels - d)) / parts;
  }
  return made;
}

}  // namespace tessera
