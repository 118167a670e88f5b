// functions.cc: which functions of SQL have a counterpart over one record?
//
// Names are in small letters; where databases differ under one name, the dialect decides.
#include <algorithm>
#include <cmath>
#include <span>

#include <fmt/format.h>

#include "base/text.h"
#include "sql/side.h"

namespace tessera {
namespace {

using Side = SideExpression;
using What = SideExpression::What;

bool named(std::string_view name, std::initializer_list<std::string_view> names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// Whether a regular expression has a group that is kept.
bool has_group(std::string_view expression) {
  for (size_t i = 0; i < expression.size(); ++i) {
    if (expression[i] == '\\')
      ++i;
    else if (expression[i] == '(' && !expression.substr(i + 1).starts_with("?"))
      return true;
  }
  return false;
}

std::unexpected<SqlMistake> wrong_count(const SqlNode& node) {
  return sql_wrong(node, fmt::format("{} does not take {} values here", node.text, node.parts.size()));
}

}  // namespace

SqlResult<SqlValue> SideReader::call(const SqlNode& node) const {
  const std::string& f = node.text;
  if (named(f, {"coalesce", "ifnull", "nvl", "nullif", "greatest", "least", "if", "iff"})) return choice_call(node);
  if (named(f, {"abs", "round", "floor", "ceil", "ceiling", "length", "len", "char_length", "character_length",
                "strlen", "octet_length", "array_length", "size", "cardinality", "list_count", "array_size"}))
    return number_call(node);
  if (named(f, {"strptime",           "try_strptime", "to_date",     "to_timestamp",
                "try_to_timestamp",   "try_to_date",  "date",        "try_cast_date",
                "try_cast_timestamp", "year",         "month",       "day",
                "dayofmonth",         "date_part",    "datepart",    "epoch",
                "unix_timestamp",     "strftime",     "date_format", "to_char"}))
    return date_call(node);
  if (named(f, {"split", "string_split", "str_split", "string_to_array", "array_distinct", "list_distinct",
                "element_at", "list_extract", "array_extract"}))
    return list_call(node);
  return text_call(node);
}

SqlResult<SqlValue> SideReader::substring(const SqlNode& node) const {
  auto of = text(node.parts.empty() ? node : node.parts[0]);
  if (!of) return std::unexpected(of.error());
  if (node.parts.size() == 2 && node.parts[1].what == SqlNode::What::text) {  // Postgres: substring(x from 're')
    if (context_.dialect != SqlDialect::postgres) return sql_wrong(node, "the place of substring must be a number");
    const std::string& expression = node.parts[1].text;
    Side found = side_of(What::regexp_extract, {std::move(*of)}, expression, has_group(expression) ? 1 : 0);
    return SqlValue{side_of(What::null_if, {std::move(found), side_text("")}), SqlType::text};
  }
  if (node.parts.size() < 2 || node.parts.size() > 3) return wrong_count(node);
  const auto start = sql_constant(node.parts[1]);
  if (start && *start < 0 && *start == std::floor(*start) && node.parts.size() == 2 &&
      context_.dialect != SqlDialect::postgres)
    return SqlValue{side_of(What::right, {std::move(*of), side_number(-*start)}), SqlType::text};
  if (start && *start < 0) return sql_wrong(node.parts[1], "a place before the beginning is not understood here");
  std::vector<Side> parts{std::move(*of)};
  const bool from_zero = start && *start == 0 && context_.dialect == SqlDialect::spark;  // 0 is 1 there
  for (size_t i = 1; i < node.parts.size(); ++i) {
    auto part = i == 1 && from_zero ? SqlResult<Side>(side_number(1)) : number(node.parts[i]);
    if (!part) return std::unexpected(part.error());
    parts.push_back(std::move(*part));
  }
  return SqlValue{side_of(What::substring, std::move(parts)), SqlType::text};
}

// regexp_extract(x, 're', [group])
SqlResult<SqlValue> SideReader::extract(const SqlNode& node) const {
  if (node.parts.size() < 2 || node.parts.size() > 3) return wrong_count(node);
  if (node.parts[1].what != SqlNode::What::text) return sql_wrong(node.parts[1], "the expression must be a text");
  double group = context_.dialect == SqlDialect::spark ? 1 : 0;
  if (node.parts.size() == 3) {
    const auto given = sql_constant(node.parts[2]);
    if (!given || *given < 0 || *given != std::floor(*given))
      return sql_wrong(node.parts[2], "the group must be a whole number");
    group = *given;
  }
  auto of = text(node.parts[0]);
  if (!of) return std::unexpected(of.error());
  return SqlValue{side_of(What::regexp_extract, {std::move(*of)}, node.parts[1].text, group), SqlType::text};
}

SqlResult<SqlValue> SideReader::text_call(const SqlNode& node) const {
  const std::string& f = node.text;
  const size_t count = node.parts.size();
  if (f == "substring") return substring(node);
  if (f == "regexp_extract") return extract(node);
  const auto of_texts = [&](What what, size_t wanted) -> SqlResult<SqlValue> {
    if (count != wanted) return wrong_count(node);
    auto parts = texts(node.parts);
    if (!parts) return std::unexpected(parts.error());
    return SqlValue{side_of(what, std::move(*parts)), SqlType::text};
  };
  if (named(f, {"lower", "lcase"})) return of_texts(What::lower, 1);
  if (named(f, {"upper", "ucase"})) return of_texts(What::upper, 1);
  if (f == "trim") return of_texts(What::trim, 1);
  if (f == "replace") return of_texts(What::replace, 3);
  if (f == "left" || f == "right") {
    if (count != 2) return wrong_count(node);
    auto of = text(node.parts[0]);
    auto length = number(node.parts[1]);
    if (!of) return std::unexpected(of.error());
    if (!length) return std::unexpected(length.error());
    if (const auto constant = sql_constant(node.parts[1]); constant && *constant < 0)
      return sql_wrong(node.parts[1], "a length below 0 is not understood");
    return SqlValue{side_of(f == "left" ? What::left : What::right, {std::move(*of), std::move(*length)}),
                    SqlType::text};
  }
  if (f == "split_part") {
    if (count != 3) return wrong_count(node);
    auto parts = texts(std::span(node.parts).first(2));
    auto index = number(node.parts[2]);
    if (!parts) return std::unexpected(parts.error());
    if (!index) return std::unexpected(index.error());
    parts->push_back(std::move(*index));
    return SqlValue{side_of(What::split_part, std::move(*parts)), SqlType::text};
  }
  if (f == "concat") {
    auto parts = texts(node.parts);
    if (!parts) return std::unexpected(parts.error());
    // DuckDB and Postgres take null for an empty text there.
    if (context_.dialect == SqlDialect::duckdb || context_.dialect == SqlDialect::postgres)
      for (Side& part : *parts)
        if (part.what != What::text) part = side_of(What::coalesce, {Side(part), side_text("")});
    return SqlValue{side_of(What::concat, std::move(*parts)), SqlType::text};
  }
  if (f == "concat_ws") {
    if (count < 2 || node.parts[0].what != SqlNode::What::text || node.parts[0].text != " ")
      return sql_wrong(node, "concat_ws is understood with a space between");
    auto parts = texts(std::span(node.parts).subspan(1));
    if (!parts) return std::unexpected(parts.error());
    return SqlValue{side_of(What::coalesce, {side_of(What::concat_words, std::move(*parts)), side_text("")}),
                    SqlType::text};
  }
  if (f == "regexp_replace") {
    if (count != 3) return wrong_count(node);
    if (context_.dialect == SqlDialect::spark)
      return sql_wrong(node, "Spark's regexp_replace replaces every match, and ours the first");
    if (node.parts[1].what != SqlNode::What::text) return sql_wrong(node.parts[1], "the expression must be a text");
    auto of = text(node.parts[0]), by = text(node.parts[2]);
    if (!of) return std::unexpected(of.error());
    if (!by) return std::unexpected(by.error());
    return SqlValue{side_of(What::regexp_replace, {std::move(*of), std::move(*by)}, node.parts[1].text), SqlType::text};
  }
  if (named(f, {"starts_with", "startswith", "prefix", "contains", "ends_with", "endswith", "suffix"}) && count == 2 &&
      node.parts[1].what == SqlNode::What::text) {
    const std::string& piece = node.parts[1].text;
    if (piece.find_first_of("%_\\") != std::string::npos)
      return sql_wrong(node.parts[1], "% and _ are not understood here");
    auto of = text(node.parts[0]);
    if (!of) return std::unexpected(of.error());
    const bool begins = f[0] == 's' && f != "suffix", holds = f == "contains";
    std::string pattern = (begins || f == "prefix" ? "" : "%") + piece + (begins || f == "prefix" || holds ? "%" : "");
    return SqlValue{side_of(What::like, {std::move(*of)}, std::move(pattern)), SqlType::truth};
  }
  if (named(f, {"regexp_matches", "regexp_like", "rlike"})) {
    if (count != 2) return wrong_count(node);
    if (node.parts[1].what != SqlNode::What::text) return sql_wrong(node.parts[1], "the expression must be a text");
    auto of = text(node.parts[0]);
    if (!of) return std::unexpected(of.error());
    // Where it matches, something else can be put in its place.
    Side changed = side_of(What::regexp_replace, {*of, side_text("\x1f")}, node.parts[1].text);
    return SqlValue{side_of(What::not_equal, {std::move(changed), std::move(*of)}), SqlType::truth};
  }
  static const std::vector<std::string> known = {
      "lower",  "upper",          "trim",           "replace",   "left",     "right",  "split_part",
      "concat", "regexp_extract", "regexp_replace", "substring", "coalesce", "nullif", "abs",
      "round",  "length",         "year",           "month",     "day"};
  const auto near = nearest(f, known);
  return sql_wrong(node, fmt::format("the function {} is not known here", f),
                   near ? fmt::format("did you mean {}?", *near) : "docs/splink.md lists the functions that are");
}

SqlResult<SqlValue> SideReader::number_call(const SqlNode& node) const {
  const std::string& f = node.text;
  const size_t count = node.parts.size();
  if (count == 0) return wrong_count(node);
  if (f == "strlen" || f == "octet_length") return sql_wrong(node, "lengths in bytes are not understood", "use length");
  if (named(f, {"abs", "round", "floor", "ceil", "ceiling"})) {
    if (count > (f == "round" ? 2u : 1u)) return wrong_count(node);
    auto parts = numbers(node.parts);
    if (!parts) return std::unexpected(parts.error());
    const What what = f == "abs"     ? What::absolute
                      : f == "round" ? What::round
                      : f == "floor" ? What::floor
                                     : What::ceiling;
    return SqlValue{side_of(what, std::move(*parts)), SqlType::number};
  }
  auto of = value(node.parts[0]);
  if (!of) return std::unexpected(of.error());
  const bool of_list =
      of->type == SqlType::list || named(f, {"array_length", "size", "cardinality", "list_count", "array_size"});
  if (count != 1 && !(f == "array_length" && sql_constant(node.parts[1]) == 1.0)) return wrong_count(node);
  // The words of a field with their repeats; the items of a list are a set only where lists are compared.
  if (of_list && of->field)
    of = SqlValue{side_of(What::split, {std::move(of->expression), side_text(" ")}), SqlType::list};
  if (named(node.parts[0].text, {"array_distinct", "list_distinct"}) && of && of->expression.what == What::split)
    return sql_wrong(node, "distinct items of a text that is split cannot be counted here");
  auto part = of_list ? as_list(std::move(of), node.parts[0]) : as_text(std::move(of), node.parts[0]);
  if (!part) return std::unexpected(part.error());
  return SqlValue{side_of(of_list ? What::count_of : What::length, {std::move(*part)}), SqlType::number};
}

SqlResult<SqlValue> SideReader::choice_call(const SqlNode& node) const {
  const std::string& f = node.text;
  if (f == "greatest" || f == "least") {
    auto parts = numbers(node.parts);
    if (!parts) return std::unexpected(parts.error());
    return SqlValue{side_of(f == "least" ? What::least : What::greatest, std::move(*parts)), SqlType::number};
  }
  if (f == "if" || f == "iff") {
    if (node.parts.size() != 3) return wrong_count(node);
    return choice(node);
  }
  if (node.parts.empty() || (f == "nullif" && node.parts.size() != 2)) return wrong_count(node);
  auto typed = of_one_type(node.parts);
  if (!typed) return std::unexpected(typed.error());
  return SqlValue{side_of(f == "nullif" ? What::null_if : What::coalesce, std::move(typed->first)), typed->second};
}

SqlResult<SqlValue> SideReader::list_call(const SqlNode& node) const {
  const std::string& f = node.text;
  if (named(f, {"element_at", "list_extract", "array_extract"})) {
    if (node.parts.size() != 2) return wrong_count(node);
    return item(node, true);  // these count from 1 everywhere, and backwards from -1
  }
  if (named(f, {"array_distinct", "list_distinct"})) {
    if (node.parts.size() != 1) return wrong_count(node);
    auto of = list(node.parts[0]);
    if (!of) return std::unexpected(of.error());
    return SqlValue{std::move(*of), SqlType::list};
  }
  if (node.parts.size() != 2) return wrong_count(node);
  if (context_.dialect == SqlDialect::spark && node.parts[1].what == SqlNode::What::text &&
      node.parts[1].text.find_first_of("\\[](){}.*+?^$|") != std::string::npos)
    return sql_wrong(node.parts[1], "Spark splits by a regular expression, and we by a text");
  auto parts = texts(node.parts);
  if (!parts) return std::unexpected(parts.error());
  return SqlValue{side_of(What::split, std::move(*parts)), SqlType::list};
}

SqlResult<SqlValue> SideReader::parsed(const SqlNode& node, const SqlNode& of, const std::string& pattern,
                                       bool date_only) const {
  const std::string format = strptime_format(pattern, context_.dialect);
  if (format.empty()) return sql_wrong(node, fmt::format("the layout {} of a date is not understood", pattern));
  auto v = value(of);
  if (!v) return std::unexpected(v.error());
  const bool time = has_time(format) && !date_only;
  // A field of kind date has been read by the job; its layout there is what counts.
  if (v->type == SqlType::date || v->type == SqlType::time) {
    auto out = as_date(std::move(v), of);
    if (!out) return std::unexpected(out.error());
    return SqlValue{std::move(*out), SqlType::date};
  }
  auto text_of = as_text(std::move(v), of);
  if (!text_of) return std::unexpected(text_of.error());
  // Spark asks for all digits, and Postgres does not look beyond the end of the layout.
  if (const auto width = fixed_width(format)) {
    if (context_.dialect == SqlDialect::spark)
      text_of = side_of(What::choose,
                        {side_of(What::equal, {side_of(What::length, {*text_of}), side_number(*width)}), *text_of});
    if (context_.dialect == SqlDialect::postgres)
      text_of = side_of(What::left, {std::move(*text_of), side_number(*width)});
  }
  Side out = side_of(What::parse_date, {std::move(*text_of)}, format);
  if (has_time(format) && date_only) out = side_of(What::floor, {Side(out)});
  return SqlValue{std::move(out), time ? SqlType::time : SqlType::date};
}

SqlResult<SqlValue> SideReader::date_call(const SqlNode& node) const {
  const std::string& f = node.text;
  const size_t count = node.parts.size();
  if (count == 0) return wrong_count(node);
  const bool formatted = count == 2 && node.parts[1].what == SqlNode::What::text;
  if (named(f, {"strptime", "try_strptime", "to_timestamp", "try_to_timestamp", "try_cast_timestamp"})) {
    if (!formatted) return sql_wrong(node, fmt::format("{} needs a layout here", f));
    return parsed(node.parts[1], node.parts[0], node.parts[1].text, false);
  }
  if (named(f, {"to_date", "try_to_date", "try_cast_date"}) && formatted)
    return parsed(node.parts[1], node.parts[0], node.parts[1].text, true);
  if (f == "unix_timestamp" && formatted) {
    SqlNode inner = node;
    inner.text = "to_timestamp";
    SqlNode outer = node;
    outer.parts = {inner};
    return date_call(outer);
  }
  if (named(f, {"to_date", "try_to_date", "date"})) {
    if (count != 1) return wrong_count(node);
    auto out = date(node.parts[0]);
    if (!out) return std::unexpected(out.error());
    return SqlValue{std::move(*out), SqlType::date};
  }
  if (named(f, {"epoch", "unix_timestamp"})) {
    if (count != 1) return wrong_count(node);
    auto v = value(node.parts[0]);
    if (!v) return std::unexpected(v.error());
    const bool time = v->type == SqlType::time;
    auto out = time ? SqlResult<Side>(std::move(v->expression)) : as_date(std::move(v), node.parts[0]);
    if (!out) return std::unexpected(out.error());
    return SqlValue{side_of(What::seconds, {std::move(*out)}), SqlType::number};
  }
  if (named(f, {"strftime", "date_format", "to_char"})) {
    if (!formatted) return wrong_count(node);
    const std::string format = strptime_format(node.parts[1].text, context_.dialect);
    if (format.empty()) return sql_wrong(node.parts[1], "this layout of a date is not understood");
    auto out = date(node.parts[0]);
    if (!out) return std::unexpected(out.error());
    return SqlValue{side_of(What::format_date, {std::move(*out)}, format), SqlType::text};
  }
  std::string part = f;
  size_t of = 0;
  if (f == "date_part" || f == "datepart") {
    if (!(count == 2 && node.parts[0].what == SqlNode::What::text)) return wrong_count(node);
    part = node.parts[0].text;
    of = 1;
  } else if (count != 1) {
    return wrong_count(node);
  }
  if (!named(part, {"year", "month", "day", "dayofmonth"}))
    return sql_wrong(node, fmt::format("the part {} of a date is not understood", part));
  auto out = date(node.parts[of]);
  if (!out) return std::unexpected(out.error());
  return SqlValue{side_of(part == "year"    ? What::year
                          : part == "month" ? What::month
                                            : What::day,
                          {std::move(*out)}),
                  SqlType::number};
}

}  // namespace tessera
