// shown.h: conditions in one line, for tests.
//
//   (levenshtein[bytes](surname, surname) <= 2 and left(given_name is null))
#pragma once

#include <string>

#include <fmt/format.h>

#include "sql/sql.h"

namespace tessera {

inline const char* shown(Measure::What what) {
  static constexpr const char* names[] = {"equal",
                                          "nickname",
                                          "initial",
                                          "prefix",
                                          "contains",
                                          "swapped_date",
                                          "jaro",
                                          "jaro_winkler",
                                          "levenshtein_ratio",
                                          "jaccard",
                                          "cosine",
                                          "token_likeness",
                                          "dice",
                                          "bits_jaccard",
                                          "levenshtein",
                                          "optimal_alignment",
                                          "damerau_levenshtein",
                                          "items_in_common",
                                          "items_jaccard",
                                          "items_subset",
                                          "difference",
                                          "absolute_difference",
                                          "percentage_difference",
                                          "days",
                                          "months",
                                          "years",
                                          "month_boundaries",
                                          "year_boundaries",
                                          "date_elements",
                                          "distance_km"};
  return names[static_cast<size_t>(what)];
}

inline std::string shown(const ModelCondition& c) {
  using What = ModelCondition::What;
  const auto joined_parts = [&](const char* between) {
    std::string out = "(";
    for (size_t i = 0; i < c.parts.size(); ++i) out += (i > 0 ? between : "") + shown(c.parts[i]);
    return out + ")";
  };
  switch (c.what) {
    case What::always: return "always";
    case What::all_of: return joined_parts(" and ");
    case What::any_of: return joined_parts(" or ");
    case What::negation: return "not " + shown(c.parts.at(0));
    case What::left: return "left " + expression_text(c.side);
    case What::right: return "right " + expression_text(c.side);
    case What::measure: break;
  }
  const Measure& m = c.measure;
  static constexpr const char* signs[] = {"=", "<>", "<", "<=", ">", ">="};
  std::string out = shown(m.what);
  if (m.bytes || m.best_of_items || m.q != 2)
    out += fmt::format("[{}{}{}]", m.bytes ? "bytes" : "", m.best_of_items ? " items" : "",
                       m.q != 2 ? fmt::format(" q{}", m.q) : "");
  out += fmt::format("({}, {}", expression_text(m.left), expression_text(m.right));
  if (m.left2) out += fmt::format("; {}, {}", expression_text(*m.left2), expression_text(*m.right2));
  out += ")";
  if (c.compare != Comparator::greater_equal || c.bound != 1 || m.what >= Measure::What::jaro)
    out += fmt::format(" {} {}", signs[static_cast<size_t>(c.compare)], c.bound);
  return out;
}

inline std::string shown(const BlockingRule& rule) {
  std::string out;
  for (const auto& e : rule.equal)
    out += fmt::format("{}{} = {}{}", out.empty() ? "" : " & ", expression_text(e.left), expression_text(e.right),
                       e.explode ? " (items)" : "");
  if (rule.also.what != ModelCondition::What::always) out += " if " + shown(rule.also);
  return out;
}

// Any name is a field; those called ...date or dob are dates, amount is a whole number.
inline SqlContext any_fields(SqlDialect dialect) {
  return {dialect, [](std::string_view name, SqlSide) -> std::optional<SqlField> {
            if (name.starts_with("no_")) return std::nullopt;
            const Kind kind = name.ends_with("date") ? Kind::date : name == "amount" ? Kind::integer : Kind::token;
            return SqlField{std::string(name), kind};
          }};
}

}  // namespace tessera
