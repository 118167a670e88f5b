// expressions.h: how tests write expressions and see what they come to.
#pragma once

#include <cmath>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "kernels/calendar.h"
#include "kernels/postcode.h"
#include "record/expression.h"
#include "record/words.h"

namespace tessera {

using Side = SideExpression;
using What = SideExpression::What;

inline Side of(What what, std::vector<Side> parts = {}, std::string text = {}, double number = 0) {
  return {.what = what, .text = std::move(text), .number = number, .parts = std::move(parts)};
}
inline Side field(std::string name) { return of(What::field, {}, std::move(name)); }
inline Side text(std::string value) { return of(What::text, {}, std::move(value)); }
inline Side number(double value) { return of(What::number, {}, {}, value); }
inline Side null() { return {}; }
inline Side part(std::string name, Side from) { return of(What::part, {std::move(from)}, std::move(name)); }
inline Side truth(bool value) { return of(What::equal, {number(1), number(value ? 1 : 0)}); }
inline Side unknown() { return of(What::equal, {number(1), null()}); }

// One person.
inline std::optional<Kind> kind_of(const std::string& name) {
  static const std::map<std::string, Kind> kinds = {
      {"given", Kind::name},   {"family", Kind::name},    {"gone", Kind::text},         {"dob", Kind::date},
      {"dod", Kind::date},     {"partial", Kind::date},   {"postcode", Kind::postcode}, {"abroad", Kind::postcode},
      {"age", Kind::integer},  {"size", Kind::integer},   {"sex", Kind::sex},           {"note", Kind::text},
      {"address", Kind::text}, {"nhs", Kind::nhs_number}, {"empty", Kind::text}};
  const auto found = kinds.find(name);
  return found == kinds.end() ? std::nullopt : std::optional(found->second);
}

inline FieldValue value_of(const std::string& name) {
  static const std::map<std::string, std::string> texts = {{"given", "ANNA MARIA"},
                                                           {"family", "OKAFOR"},
                                                           {"dob", "1985-03-21"},
                                                           {"dod", "2001-12-01"},
                                                           {"partial", "1985-03-00"},
                                                           {"postcode", "SW1A 2AA"},
                                                           {"abroad", "1234 AB"},
                                                           {"age", "9"},
                                                           {"size", "10"},
                                                           {"sex", "F"},
                                                           {"note", " héllo, Wörld "},
                                                           {"address", "1 MILL LANE MILL"},
                                                           {"nhs", "9434765919"},
                                                           {"empty", ""}};
  FieldValue out{.kind = *kind_of(name), .number = std::nan("")};
  const auto found = texts.find(name);
  if (found == texts.end()) return out;
  out.null = false;
  out.text = found->second;
  if (out.kind == Kind::date) {
    const auto digits = [&](size_t at, size_t size) {
      return static_cast<unsigned>(std::stoul(found->second.substr(at, size)));
    };
    out.word = date_word(digits(0, 4), digits(5, 2), digits(8, 2));
    out.number = days_since_1970({digits(0, 4), digits(5, 2), digits(8, 2)});
  }
  if (out.kind == Kind::integer) out.number = std::stod(found->second);
  if (out.kind == Kind::postcode) out.word = postcode(out.text).word;
  return out;
}

// "null", or the value as text; lists between brackets; "error: ..." where it cannot be.
inline std::string shown(const Side& e) {
  const auto compiled = Expression::compile(e, kind_of);
  if (!compiled) return "error: " + compiled.error().message;
  std::vector<FieldValue> fields;
  for (const std::string& name : compiled->fields()) fields.push_back(value_of(name));
  Scalar out{.null = false, .type = ValueType::list, .text = "left over", .number = 7, .truth = true, .items = {"x"}};
  compiled->evaluate(fields, out);
  if (out.null) return "null";
  if (out.type != compiled->type()) return "wrong type";
  switch (out.type) {
    case ValueType::text: return out.text;
    case ValueType::truth: return out.truth ? "true" : "false";
    case ValueType::number: {
      char buffer[64];
      std::snprintf(buffer, sizeof buffer, "%.10g", out.number);
      return buffer;
    }
    case ValueType::list: break;
  }
  std::string all;
  for (const std::string& item : out.items) all += (all.empty() ? "" : "|") + item;
  return "[" + all + "]";
}

}  // namespace tessera
