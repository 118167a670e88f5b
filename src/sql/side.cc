// side.cc: what does a part of an SQL expression say of one record? (see side.h)
//
// A value has a type, so that "a_l" = 5 compares numbers and "a_l" = 'x' texts. A field as it stands is a text, and
// where its kind or the SQL says so a number or a date.
#include "sql/side.h"

#include <cmath>
#include <span>

#include <fmt/format.h>

namespace tessera {
namespace {

using Side = SideExpression;
using What = SideExpression::What;
using N = SqlNode::What;

const char* name_of(SqlType type) {
  switch (type) {
    case SqlType::null: return "null";
    case SqlType::text: return "a text";
    case SqlType::number: return "a number";
    case SqlType::date: return "a date";
    case SqlType::time: return "a time";
    case SqlType::truth: return "a condition";
    case SqlType::list: return "a list";
  }
  return "";
}

bool one_of(std::string_view name, std::initializer_list<std::string_view> names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

std::optional<double> sql_constant(const SqlNode& node) {
  if (node.sides != 0) return std::nullopt;
  const auto part = [&](size_t i) { return sql_constant(node.parts[i]); };
  switch (node.what) {
    case SqlNode::What::number: return node.number;
    case SqlNode::What::negate: {
      const auto x = part(0);
      return x ? std::optional(-*x) : std::nullopt;
    }
    case SqlNode::What::binary: {
      const auto a = part(0), b = part(1);
      if (!a || !b) return std::nullopt;
      if (node.text == "+") return *a + *b;
      if (node.text == "-") return *a - *b;
      if (node.text == "*") return *a * *b;
      if (node.text == "/" && *b != 0) return *a / *b;
      return std::nullopt;
    }
    case SqlNode::What::call: {
      if (node.parts.size() != 1) return std::nullopt;
      const auto x = part(0);
      if (!x) return std::nullopt;
      if (node.text == "floor") return std::floor(*x);
      if (node.text == "ceil" || node.text == "ceiling") return std::ceil(*x);
      if (node.text == "abs") return std::abs(*x);
      return std::nullopt;
    }
    case SqlNode::What::cast:
      if (one_of(node.text, {"double", "float8", "numeric", "decimal"})) return part(0);
      return std::nullopt;
    default: return std::nullopt;
  }
}

SqlResult<SqlValue> SideReader::column(const SqlNode& node) const {
  const bool of_one = context_.dialect == SqlDialect::tessera;
  if (node.sides == 0 && !of_one)
    return sql_wrong(node, fmt::format("\"{}\" belongs to neither record", node.text),
                     "columns are written x_l and x_r, or l.x and r.x");
  const auto field = context_.field(node.text, node.sides == 2 ? SqlSide::right : SqlSide::left);
  if (!field)
    return sql_wrong(node, fmt::format("there is no field \"{}\"", node.text),
                     fmt::format("add it to \"fields\" of the input: \"{}\": {{\"column\": ..., \"kind\": \"token\"}}; "
                                 "the kind token keeps a text as it stands",
                                 node.text));
  SqlValue out{{.what = What::field, .text = field->name}, SqlType::text, field->kind};
  if (field->kind == Kind::date) out.type = SqlType::date;
  if (field->kind == Kind::integer) out.type = SqlType::number;
  return out;
}

SqlResult<SqlValue> SideReader::value(const SqlNode& node) const {
  switch (node.what) {
    case N::column: return column(node);
    case N::number: return SqlValue{side_number(node.number), SqlType::number};
    case N::text: return SqlValue{side_text(node.text), SqlType::text};
    case N::null: return SqlValue{{}, SqlType::null};
    case N::truth: return SqlValue{side_of(What::equal, {side_number(node.number), side_number(1)}), SqlType::truth};
    case N::call: return call(node);
    case N::cast: return cast(node);
    case N::negate: {
      auto part = number(node.parts[0]);
      if (!part) return std::unexpected(part.error());
      return SqlValue{side_of(What::negative, {std::move(*part)}), SqlType::number};
    }
    case N::binary:
      if (node.text == "||") {
        auto parts = texts(node.parts);
        if (!parts) return std::unexpected(parts.error());
        return SqlValue{side_of(What::concat, std::move(*parts)), SqlType::text};
      }
      if (one_of(node.text, {"+", "-", "*", "/", "%", "&&"})) return arithmetic(node);
      return test(node);
    case N::negation:
    case N::in:
    case N::like:
    case N::is_null: return test(node);
    case N::choice: return choice(node);
    case N::item: return item(node);
    case N::list: return sql_wrong(node, "a list of values cannot stand here");
    case N::lambda: return sql_wrong(node, "a function over the items of a list cannot stand here");
  }
  return sql_wrong(node, "this is not understood");
}

SqlResult<Side> SideReader::as_text(SqlResult<SqlValue> v, const SqlNode& node) {
  if (!v) return std::unexpected(v.error());
  if (v->field || v->type == SqlType::text || v->type == SqlType::null) return std::move(v->expression);
  if (v->type == SqlType::number) return side_of(What::to_text, {std::move(v->expression)});
  if (v->type == SqlType::date) return side_of(What::format_date, {std::move(v->expression)}, "%Y-%m-%d");
  return sql_wrong(node, fmt::format("{} stands where a text is needed", name_of(v->type)));
}

SqlResult<Side> SideReader::as_number(SqlResult<SqlValue> v, const SqlNode& node, bool bare) {
  if (!v) return std::unexpected(v.error());
  if (v->field && v->type == SqlType::number && bare) return std::move(v->expression);
  if (v->type == SqlType::text || (v->field && v->type == SqlType::number))
    return side_of(What::to_number, {std::move(v->expression)});
  if (v->type == SqlType::number || v->type == SqlType::null) return std::move(v->expression);
  return sql_wrong(node, fmt::format("{} stands where a number is needed", name_of(v->type)));
}

SqlResult<Side> SideReader::as_date(SqlResult<SqlValue> v, const SqlNode& node, bool bare) {
  if (node.what == SqlNode::What::text) {
    const auto days = days_of(node.text);
    if (!days) return sql_wrong(node, "this is not a date", "dates are written '1950-12-31'");
    return side_number(*days);
  }
  if (!v) return std::unexpected(v.error());
  if (v->field)
    return v->type == SqlType::date && bare ? std::move(v->expression)
                                            : side_of(What::date_of, {std::move(v->expression)});
  if (v->type == SqlType::text) return side_of(What::date_of, {std::move(v->expression)});
  if (v->type == SqlType::time) return side_of(What::floor, {std::move(v->expression)});
  if (v->type == SqlType::date || v->type == SqlType::null) return std::move(v->expression);
  return sql_wrong(node, fmt::format("{} stands where a date is needed", name_of(v->type)));
}

SqlResult<Side> SideReader::as_list(SqlResult<SqlValue> v, const SqlNode& node) {
  if (!v) return std::unexpected(v.error());
  if (v->field) return side_of(What::tokens, {std::move(v->expression)});
  if (v->type == SqlType::list) return std::move(v->expression);
  return sql_wrong(node, fmt::format("{} stands where a list is needed", name_of(v->type)));
}

SqlResult<Side> SideReader::as_truth(SqlResult<SqlValue> v, const SqlNode& node) {
  if (!v) return std::unexpected(v.error());
  if (v->type == SqlType::truth) return std::move(v->expression);
  return sql_wrong(node,
                   fmt::format("{} stands where a condition is needed", v->field ? "a column" : name_of(v->type)));
}

SqlResult<SideReader::Parts> SideReader::texts(std::span<const SqlNode> nodes) const {
  Parts out;
  for (const SqlNode& node : nodes) {
    auto part = text(node);
    if (!part) return std::unexpected(part.error());
    out.push_back(std::move(*part));
  }
  return out;
}

SqlResult<SideReader::Parts> SideReader::numbers(std::span<const SqlNode> nodes) const {
  Parts out;
  for (const SqlNode& node : nodes) {
    auto part = number(node);
    if (!part) return std::unexpected(part.error());
    out.push_back(std::move(*part));
  }
  return out;
}

SqlResult<std::pair<SideReader::Parts, SqlType>> SideReader::of_one_type(std::span<const SqlNode> nodes) const {
  // Times and dates win over numbers, those over texts; all fields as they stand keep the type that all share.
  bool all_fields = true, any_date = false, any_time = false, any_number = false, any_list = false, any_truth = false;
  bool any_text = false;
  std::optional<Kind> kind;
  std::vector<SqlValue> values;
  for (const SqlNode& node : nodes) {
    auto v = value(node);
    if (!v) return std::unexpected(v.error());
    values.push_back(*v);
    if (v->type == SqlType::null) continue;
    all_fields &= v->field.has_value() && (!kind || *kind == *v->field);
    if (v->field) kind = v->field;
    any_date |= v->type == SqlType::date;
    any_time |= v->type == SqlType::time;
    any_list |= v->type == SqlType::list;
    any_truth |= v->type == SqlType::truth;
    any_number |= v->type == SqlType::number;
    any_text |= v->type == SqlType::text && !v->field && node.what != SqlNode::What::text;
  }
  std::pair<Parts, SqlType> out;
  out.second = all_fields && !any_list && !any_truth ? SqlType::text
               : any_time                            ? SqlType::time
               : any_date && !any_text               ? SqlType::date
               : any_number && !any_text             ? SqlType::number
               : any_list                            ? SqlType::list
               : any_truth                           ? SqlType::truth
                                                     : SqlType::text;
  for (size_t i = 0; i < nodes.size(); ++i) {
    const SqlNode& node = nodes[i];
    SqlValue& v = values[i];
    if (out.second == SqlType::time && v.type != SqlType::time && v.type != SqlType::null)
      return sql_wrong(node, fmt::format("{} is compared with a time", name_of(v.type)));
    auto part = out.second == SqlType::date     ? as_date(std::move(v), node)
                : out.second == SqlType::number ? as_number(std::move(v), node)
                : out.second == SqlType::list   ? as_list(std::move(v), node)
                : out.second == SqlType::truth  ? as_truth(std::move(v), node)
                : out.second == SqlType::time   ? SqlResult<Side>(std::move(v.expression))
                                                : as_text(std::move(v), node);
    if (!part) return std::unexpected(part.error());
    out.first.push_back(std::move(*part));
  }
  return out;
}

SqlResult<std::pair<Side, Side>> SideReader::alike(const SqlNode& a, const SqlNode& b) const {
  const SqlNode both[] = {a, b};
  auto parts = of_one_type(both);
  if (!parts) return std::unexpected(parts.error());
  return std::pair(std::move(parts->first[0]), std::move(parts->first[1]));
}

SqlResult<SqlValue> SideReader::cast(const SqlNode& node) const {
  const SqlNode& part = node.parts[0];
  const std::string& type = node.text;
  if (one_of(type, {"varchar", "text", "string", "char", "character", "bpchar"})) {
    auto out = text(part);
    if (!out) return std::unexpected(out.error());
    return SqlValue{std::move(*out), SqlType::text};
  }
  if (type == "date") {
    auto out = date(part);
    if (!out) return std::unexpected(out.error());
    return SqlValue{std::move(*out), SqlType::date};
  }
  if (one_of(type, {"double", "float8", "decimal", "numeric"}) ||
      (one_of(type, {"float", "real", "float4"}) && part.what == SqlNode::What::number)) {
    auto out = number(part);
    if (!out) return std::unexpected(out.error());
    return SqlValue{std::move(*out), SqlType::number};
  }
  if (one_of(type, {"int", "integer", "bigint", "smallint", "tinyint", "int4", "int8", "long", "hugeint"})) {
    auto out = number(part);
    if (!out) return std::unexpected(out.error());
    if (part.what == SqlNode::What::number && part.number == std::floor(part.number))
      return SqlValue{std::move(*out), SqlType::number};
    if (context_.dialect == SqlDialect::spark || context_.dialect == SqlDialect::sqlite)  // they cut, the others round
      return SqlValue{side_of(What::choose, {side_of(What::less, {*out, side_number(0)}),
                                             side_of(What::ceiling, {*out}), side_of(What::floor, {*out})}),
                      SqlType::number};
    return SqlValue{side_of(What::round, {std::move(*out)}), SqlType::number};
  }
  return sql_wrong(node, fmt::format("a cast to {} is not understood", type), "text, date, integers and double are");
}

SqlResult<SqlValue> SideReader::arithmetic(const SqlNode& node) const {
  static constexpr std::pair<std::string_view, What> operators[] = {
      {"+", What::add}, {"-", What::subtract}, {"*", What::multiply}, {"/", What::divide}};
  for (const auto& [sign, what] : operators) {
    if (node.text != sign) continue;
    if (what == What::divide && context_.dialect != SqlDialect::duckdb && context_.dialect != SqlDialect::spark &&
        context_.dialect != SqlDialect::tessera && node.parts[0].what != SqlNode::What::cast)
      return sql_wrong(node, "a division of whole numbers is cut here, and of others is not",
                       "write cast(... as double) above the line");
    // Days may be added to a date, and two dates subtracted.
    auto a = value(node.parts[0]), b = value(node.parts[1]);
    const bool date_a = a && a->type == SqlType::date, date_b = b && b->type == SqlType::date;
    const bool dated = date_a && (what == What::add || what == What::subtract);
    auto left = dated ? as_date(std::move(a), node.parts[0]) : as_number(std::move(a), node.parts[0]);
    auto right = dated && date_b ? as_date(std::move(b), node.parts[1]) : as_number(std::move(b), node.parts[1]);
    if (!left) return std::unexpected(left.error());
    if (!right) return std::unexpected(right.error());
    return SqlValue{side_of(what, {std::move(*left), std::move(*right)}),
                    dated && !date_b ? SqlType::date : SqlType::number};
  }
  return sql_wrong(node, fmt::format("{} is not understood", node.text));
}

SqlResult<SqlValue> SideReader::test(const SqlNode& node) const {
  const auto made = [](What what, Parts parts, std::string text = {}) {
    return SqlValue{side_of(what, std::move(parts), std::move(text)), SqlType::truth};
  };
  if (node.what == N::is_null) {
    auto part = value(node.parts[0]);
    if (!part) return std::unexpected(part.error());
    return made(What::is_null, {std::move(part->expression)});
  }
  if (node.what == N::negation || (node.what == N::binary && (node.text == "and" || node.text == "or"))) {
    Parts parts;
    for (const SqlNode& each : node.parts) {
      auto part = truth(each);
      if (!part) return std::unexpected(part.error());
      parts.push_back(std::move(*part));
    }
    return made(node.what == N::negation ? What::negation
                : node.text == "and"     ? What::all_of
                                         : What::any_of,
                std::move(parts));
  }
  if (node.what == N::like) {
    if (node.parts[1].what != N::text) return sql_wrong(node.parts[1], "the pattern of LIKE must be a text");
    auto part = text(node.parts[0]);
    if (!part) return std::unexpected(part.error());
    const bool small = node.text == "ilike";
    std::string pattern = node.parts[1].text;
    if (small) {
      for (char& c : pattern)
        if (static_cast<unsigned char>(c) >= 0x80)
          return sql_wrong(node.parts[1], "ILIKE takes plain letters only here");
        else if (c >= 'A' && c <= 'Z')
          c = static_cast<char>(c + 32);
      part = side_of(What::lower, {std::move(*part)});
    }
    return made(What::like, {std::move(*part)}, std::move(pattern));
  }
  auto parts = of_one_type(node.parts);
  if (!parts) return std::unexpected(parts.error());
  if (node.what == N::in) return made(What::in, std::move(parts->first));
  static constexpr std::pair<std::string_view, What> operators[] = {{"=", What::equal},   {"<>", What::not_equal},
                                                                    {"<", What::less},    {"<=", What::less_equal},
                                                                    {">", What::greater}, {">=", What::greater_equal}};
  for (const auto& [sign, what] : operators)
    if (node.text == sign) return made(what, std::move(parts->first));
  return sql_wrong(node, fmt::format("{} is not understood", node.text));
}

SqlResult<SqlValue> SideReader::choice(const SqlNode& node) const {
  std::vector<SqlNode> values;
  Parts conditions;
  for (size_t i = 0; i < node.parts.size(); ++i) {
    const bool condition = i % 2 == 0 && i + 1 < node.parts.size();
    if (!condition) {
      values.push_back(node.parts[i]);
      continue;
    }
    auto part = truth(node.parts[i]);
    if (!part) return std::unexpected(part.error());
    conditions.push_back(std::move(*part));
  }
  auto typed = of_one_type(values);
  if (!typed) return std::unexpected(typed.error());
  Parts parts;
  for (size_t i = 0; i < typed->first.size(); ++i) {
    if (i < conditions.size()) parts.push_back(std::move(conditions[i]));
    parts.push_back(std::move(typed->first[i]));
  }
  return SqlValue{side_of(What::choose, std::move(parts)), typed->second};
}

// The first or last item of a list; of a text, DuckDB's x[1:3] is not understood.
SqlResult<SqlValue> SideReader::item(const SqlNode& node, bool from_one) const {
  auto of = value(node.parts[0]);
  if (!of) return std::unexpected(of.error());
  const auto at = sql_constant(node.parts[1]);
  const double first = from_one || context_.dialect != SqlDialect::spark ? 1 : 0;
  double index = 0;
  if (at && *at == std::floor(*at) && std::abs(*at) < 1000) index = *at >= first ? *at - first + 1 : *at;
  // Postgres: the item at array_length(x, 1).
  const SqlNode& place = node.parts[1];
  if (place.is_call("array_length", 2) && place.parts[0].same_as(node.parts[0])) index = -1;
  const bool backwards = index < 0 && at && !from_one && context_.dialect != SqlDialect::duckdb;
  if (index == 0 || backwards) return sql_wrong(node.parts[1], "this item of a list cannot be taken");
  std::string separator = " ";
  Side list = of->expression;
  if (!of->field && list.what == What::split && list.parts[1].what == What::text) {
    separator = list.parts[1].text;
    list = Side(list.parts[0]);
  } else if (!of->field) {
    return sql_wrong(node, "an item can be taken of a column, or of a text that is split");
  }
  return SqlValue{
      side_of(What::null_if,
              {side_of(What::split_part, {std::move(list), side_text(separator), side_number(index)}), side_text("")}),
      SqlType::text};
}

}  // namespace tessera
