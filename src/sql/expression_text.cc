// expression_text.cc: how is an expression of one record written in a job or a model file?
//
//   lower(substring(given_name, 1, 3))      part(postcode, 'sector')      (to_number(age) + 1)
//
// Each function is one kind of SideExpression, so that text and expression say the same and no more.
#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/text.h"
#include "sql/side.h"

namespace tessera {
namespace {

using Side = SideExpression;
using What = SideExpression::What;
using N = SqlNode::What;

// How a kind is written: f(parts), f(part, 'text', number), or between two parts.
enum class Form : uint8_t { call, with_text, with_group, infix };

struct Spelling {
  What what;
  std::string_view name;
  Form form;
  size_t least, most;  // parts
};

constexpr size_t any_count = 1000;
constexpr Spelling spellings[] = {{What::part, "part", Form::with_text, 1, 1},
                                  {What::lower, "lower", Form::call, 1, 1},
                                  {What::upper, "upper", Form::call, 1, 1},
                                  {What::trim, "trim", Form::call, 1, 1},
                                  {What::concat, "concat", Form::call, 1, any_count},
                                  {What::concat_words, "concat_words", Form::call, 1, any_count},
                                  {What::substring, "substring", Form::call, 2, 3},
                                  {What::left, "left", Form::call, 2, 2},
                                  {What::right, "right", Form::call, 2, 2},
                                  {What::replace, "replace", Form::call, 3, 3},
                                  {What::split_part, "split_part", Form::call, 3, 3},
                                  {What::regexp_extract, "regexp_extract", Form::with_group, 1, 1},
                                  {What::regexp_replace, "regexp_replace", Form::with_text, 2, 2},
                                  {What::double_metaphone, "double_metaphone", Form::call, 1, 1},
                                  {What::nysiis, "nysiis", Form::call, 1, 1},
                                  {What::to_text, "to_text", Form::call, 1, 1},
                                  {What::format_date, "format_date", Form::with_text, 1, 1},
                                  {What::length, "length", Form::call, 1, 1},
                                  {What::to_number, "to_number", Form::call, 1, 1},
                                  {What::parse_date, "parse_date", Form::with_text, 1, 1},
                                  {What::date_of, "date_of", Form::call, 1, 1},
                                  {What::seconds, "seconds", Form::call, 1, 1},
                                  {What::year, "year", Form::call, 1, 1},
                                  {What::month, "month", Form::call, 1, 1},
                                  {What::day, "day", Form::call, 1, 1},
                                  {What::add, "+", Form::infix, 2, 2},
                                  {What::subtract, "-", Form::infix, 2, 2},
                                  {What::multiply, "*", Form::infix, 2, 2},
                                  {What::divide, "/", Form::infix, 2, 2},
                                  {What::negative, "negative", Form::call, 1, 1},
                                  {What::absolute, "abs", Form::call, 1, 1},
                                  {What::round, "round", Form::call, 1, 2},
                                  {What::floor, "floor", Form::call, 1, 1},
                                  {What::ceiling, "ceiling", Form::call, 1, 1},
                                  {What::greatest, "greatest", Form::call, 1, any_count},
                                  {What::least, "least", Form::call, 1, any_count},
                                  {What::tokens, "tokens", Form::call, 1, 1},
                                  {What::split, "split", Form::call, 2, 2},
                                  {What::count_of, "count_of", Form::call, 1, 1},
                                  {What::coalesce, "coalesce", Form::call, 1, any_count},
                                  {What::null_if, "null_if", Form::call, 2, 2},
                                  {What::choose, "choose", Form::call, 2, any_count},
                                  {What::is_null, "is_null", Form::call, 1, 1},
                                  {What::equal, "=", Form::infix, 2, 2},
                                  {What::not_equal, "<>", Form::infix, 2, 2},
                                  {What::less, "<", Form::infix, 2, 2},
                                  {What::less_equal, "<=", Form::infix, 2, 2},
                                  {What::greater, ">", Form::infix, 2, 2},
                                  {What::greater_equal, ">=", Form::infix, 2, 2},
                                  {What::in, "one_of", Form::call, 2, any_count},
                                  {What::like, "matches", Form::with_text, 1, 1},
                                  {What::all_of, "all_of", Form::call, 1, any_count},
                                  {What::any_of, "any_of", Form::call, 1, any_count},
                                  {What::negation, "negation", Form::call, 1, 1}};

std::string quoted(std::string_view text, char quote) {
  std::string out(1, quote);
  for (const char c : text) {
    if (c == quote) out += c;
    out += c;
  }
  return out + quote;
}

// Field names of a job are letters, digits and _; some are words of SQL.
std::string field_text(const std::string& name) {
  static constexpr std::string_view words[] = {"and",   "or",       "not",      "in",       "is",   "null",    "like",
                                               "ilike", "case",     "when",     "then",     "else", "end",     "as",
                                               "from",  "for",      "true",     "false",    "date", "between", "left",
                                               "right", "interval", "distinct", "timestamp"};
  const bool plain = !name.empty() && (name[0] < '0' || name[0] > '9') &&
                     std::all_of(name.begin(), name.end(),
                                 [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; });
  return plain && std::find(std::begin(words), std::end(words), name) == std::end(words) ? name : quoted(name, '"');
}

class ExpressionReader {
 public:
  explicit ExpressionReader(const SqlContext& context) : context_(context) {}

  SqlResult<Side> read(const SqlNode& node) const {
    switch (node.what) {
      case N::column: {
        const auto field = node.table.empty() ? context_.field(node.text, SqlSide::left) : std::nullopt;
        if (!field) return sql_wrong(node, fmt::format("there is no field \"{}\"", node.text));
        return Side{.what = What::field, .text = field->name};
      }
      case N::number: return side_number(node.number);
      case N::text: return side_text(node.text);
      case N::null: return Side{};
      case N::negate: return made(What::negative, node);
      case N::negation: return made(What::negation, node);
      case N::is_null: return made(What::is_null, node);
      case N::choice: return made(What::choose, node);
      case N::in: return made(What::in, node);
      case N::like: {
        if (node.text != "like" || node.parts[1].what != N::text)
          return sql_wrong(node.parts[1], "the pattern of LIKE must be a text");
        auto of = read(node.parts[0]);
        return of ? SqlResult<Side>(side_of(What::like, {std::move(*of)}, node.parts[1].text)) : of;
      }
      case N::binary: return binary(node);
      case N::call: return call(node);
      default: return sql_wrong(node, "this has no meaning in an expression of Tessera");
    }
  }

 private:
  SqlResult<Side> made(What what, const SqlNode& node, std::string text = {}, size_t count = any_count,
                       double number = 0) const {
    std::vector<Side> parts;
    for (size_t i = 0; i < std::min(count, node.parts.size()); ++i) {
      auto part = read(node.parts[i]);
      if (!part) return part;
      parts.push_back(std::move(*part));
    }
    return side_of(what, std::move(parts), std::move(text), number);
  }

  SqlResult<Side> binary(const SqlNode& node) const {
    for (const Spelling& spelling : spellings)
      if (spelling.form == Form::infix && spelling.name == node.text) return made(spelling.what, node);
    if (node.text == "||" || node.text == "and" || node.text == "or") {
      SqlNode chain = node;
      while (chain.parts[0].is_binary(node.text) && !chain.parts[0].grouped) {
        std::vector<SqlNode> inner = chain.parts[0].parts;
        inner.insert(inner.end(), chain.parts.begin() + 1, chain.parts.end());
        chain.parts = std::move(inner);
      }
      return made(node.text == "||" ? What::concat : node.text == "and" ? What::all_of : What::any_of, chain);
    }
    return sql_wrong(node, fmt::format("{} has no meaning in an expression of Tessera", node.text));
  }

  SqlResult<Side> call(const SqlNode& node) const {
    for (const Spelling& spelling : spellings) {
      if (spelling.form == Form::infix || spelling.name != node.text) continue;
      const size_t count = node.parts.size();
      const size_t extra = spelling.form == Form::call ? 0 : 1;
      const bool grouped = spelling.form == Form::with_group && count == 3;
      if (count < spelling.least + extra || count > spelling.most + extra + (grouped ? 1 : 0))
        return sql_wrong(node, fmt::format("{} does not take {} values", node.text, count));
      if (extra == 0) return made(spelling.what, node);
      // f(x, 'text', ...): the text is of the expression, the rest are its parts.
      if (node.parts[1].what != SqlNode::What::text)
        return sql_wrong(node.parts[1], fmt::format("{} takes a text in quotes here", node.text));
      if (spelling.form == Form::with_group) {
        if (grouped && (node.parts[2].what != SqlNode::What::number || node.parts[2].number < 0))
          return sql_wrong(node.parts[2], "the group must be a number");
        return made(spelling.what, node, node.parts[1].text, 1, grouped ? node.parts[2].number : 0);
      }
      SqlNode parts = node;
      parts.parts.erase(parts.parts.begin() + 1);
      return made(spelling.what, parts, node.parts[1].text);
    }
    std::vector<std::string> known;
    for (const Spelling& spelling : spellings)
      if (spelling.form != Form::infix) known.emplace_back(spelling.name);
    const auto near = nearest(node.text, known);
    return sql_wrong(node, fmt::format("there is no function {}", node.text),
                     near ? fmt::format("did you mean {}?", *near) : "docs/model.md lists them");
  }

  const SqlContext& context_;
};

}  // namespace

SqlResult<std::pair<Side, Side>> read_expressions(std::string_view text, const SqlContext& context) {
  auto tree = parse_sql(text, SqlDialect::tessera, true);
  if (!tree) return std::unexpected(tree.error());
  const ExpressionReader left(context);
  const SqlContext right_context{SqlDialect::tessera,
                                 [&](std::string_view name, SqlSide) { return context.field(name, SqlSide::right); }};
  auto a = left.read(tree->front());
  if (!a) return std::unexpected(a.error());
  auto b = ExpressionReader(right_context).read(tree->back());
  if (!b) return std::unexpected(b.error());
  return std::pair(std::move(*a), std::move(*b));
}

std::string expression_text(const Side& e) {
  switch (e.what) {
    case What::null: return "null";
    case What::field: return field_text(e.text);
    case What::text: return quoted(e.text, '\'');
    case What::number: return fmt::format("{}", e.number);
    default: break;
  }
  for (const Spelling& spelling : spellings) {
    if (spelling.what != e.what) continue;
    std::vector<std::string> parts;
    for (const Side& part : e.parts) parts.push_back(expression_text(part));
    if (spelling.form == Form::infix) return "(" + joined(parts, fmt::format(" {} ", spelling.name)) + ")";
    if (spelling.form != Form::call && !parts.empty()) parts.insert(parts.begin() + 1, quoted(e.text, '\''));
    if (spelling.form == Form::with_group) parts.push_back(fmt::format("{}", e.number));
    return fmt::format("{}({})", spelling.name, joined(parts));
  }
  return "null";
}

}  // namespace tessera
