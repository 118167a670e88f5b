// tree.cc: how do the parts of an SQL expression hang together? (see tree.h)
//
//   either   = both { or both }            sum     = product { (+ | -) product }
//   both     = denied { and denied }       product = factor { (* | / | %) factor }
//   denied   = not denied | test           factor  = - factor | postfix
//   test     = joined [ = < <= ... joined  postfix = primary { :: type | [ either ] }
//            | is null | in | between | like ]
//   joined   = sum { || sum }
#include "sql/tree.h"

#include <algorithm>

#include <fmt/format.h>

#include "sql/token_reader.h"

namespace tessera {
namespace {

using N = SqlNode::What;
using Parsed = SqlResult<SqlNode>;

constexpr int sql_depth_max = 100;

class TreeParser : TokenReader {
 public:
  TreeParser(std::vector<SqlToken> tokens, SqlDialect dialect) : TokenReader(std::move(tokens)), dialect_(dialect) {}

  SqlResult<std::vector<SqlNode>> whole(bool two) {
    std::vector<SqlNode> out;
    for (;;) {
      auto node = either();
      if (!node) return std::unexpected(node.error());
      out.push_back(std::move(*node));
      if (!two || out.size() == 2 || !take("~")) break;
    }
    if (now().type != SqlToken::Type::end)
      return sql_mistake(now().begin, now().end, fmt::format("this does not follow here: {}", now().text));
    return out;
  }

 private:
  // A row of operators that bind alike, from left to right.
  Parsed row(Parsed (TreeParser::*inner)(), std::initializer_list<std::string_view> operators) {
    auto left = (this->*inner)();
    while (left) {
      const auto op = std::find_if(operators.begin(), operators.end(), [&](auto o) { return take(o); });
      if (op == operators.end()) break;
      auto right = (this->*inner)();
      if (!right) return right;
      left = joined(std::move(*left), std::string(*op), std::move(*right));
    }
    return left;
  }

  Parsed either() {
    if (++depth_ > sql_depth_max) return wrong("this SQL is nested too deeply");
    auto node = row(&TreeParser::both, {"or"});
    --depth_;
    return node;
  }
  Parsed both() { return row(&TreeParser::denied, {"and"}); }
  Parsed denied() {
    const size_t begin = now().begin;
    bool negated = false, any = false;
    while (take("not")) {
      negated = !negated;
      any = true;
    }
    auto node = test();
    if (!node || !any) return node;
    SqlNode out = made(N::negation, begin, {}, {});
    out.sides = node->sides;
    out.parts.push_back(std::move(*node));
    if (negated) return out;
    SqlNode twice = made(N::negation, begin, {}, {});
    twice.sides = out.sides;
    twice.parts.push_back(std::move(out));
    return twice;
  }

  Parsed test() {
    auto left = joins();
    while (left) {
      std::string op;
      for (const std::string_view o : {"=", "==", "<>", "!=", "<=", ">=", "<", ">"})
        if (op.empty() && sign(o)) op = o;
      if (!op.empty()) {
        ++at_;
        auto right = joins();
        if (!right) return right;
        left = joined(std::move(*left), op == "==" ? "=" : op == "!=" ? "<>" : op, std::move(*right));
      } else if (word("is")) {
        left = is_test(std::move(*left));
      } else if (word("not") && (word("in", 1) || word("like", 1) || word("ilike", 1) || word("between", 1))) {
        ++at_;
        left = word_test(std::move(*left), true);
      } else if (word("in") || word("like") || word("ilike") || word("between")) {
        left = word_test(std::move(*left), false);
      } else {
        break;
      }
    }
    return left;
  }

  Parsed is_test(SqlNode left) {
    const size_t begin = left.begin;
    ++at_;
    const bool negated = take("not");
    if (take("distinct")) {
      if (auto from = need("from"); !from) return std::unexpected(from.error());
      auto right = joins();
      return right ? Parsed(denial(not_distinct(left, *right), !negated)) : right;
    }
    std::vector<SqlNode> parts;
    parts.push_back(std::move(left));
    if (take("null")) return denial(made(N::is_null, begin, {}, std::move(parts)), negated);
    return wrong("IS takes NULL, NOT NULL or DISTINCT FROM here");
  }

  Parsed word_test(SqlNode left, bool negated) {
    const size_t begin = left.begin;
    const std::string op = now().lower;
    ++at_;
    std::vector<SqlNode> parts;
    if (op == "between") {
      auto low = joins();
      if (!low) return low;
      if (auto a = need("and"); !a) return std::unexpected(a.error());
      auto high = joins();
      if (!high) return high;
      SqlNode first = joined(left, ">=", std::move(*low));
      SqlNode second = joined(std::move(left), "<=", std::move(*high));
      return denial(joined(std::move(first), "and", std::move(second)), negated);
    }
    parts.push_back(std::move(left));
    if (op == "in") {
      if (auto open = need("("); !open) return std::unexpected(open.error());
      if (auto rest = arguments(parts, ")"); !rest) return std::unexpected(rest.error());
      return denial(made(N::in, begin, {}, std::move(parts)), negated);
    }
    auto pattern = joins();
    if (!pattern) return pattern;
    parts.push_back(std::move(*pattern));
    return denial(made(N::like, begin, op, std::move(parts)), negated);
  }

  Parsed joins() { return row(&TreeParser::sum, {"||", "&&"}); }
  Parsed sum() { return row(&TreeParser::product, {"+", "-"}); }
  Parsed product() { return row(&TreeParser::factor, {"*", "/", "%"}); }
  Parsed factor() {
    const size_t begin = now().begin;
    if (take("+")) return factor();
    if (!take("-")) return postfix();
    if (++depth_ > sql_depth_max) return wrong("this SQL is nested too deeply");
    auto node = factor();
    --depth_;
    if (!node) return node;
    if (node->what == N::number && !node->grouped) {
      node->number = -node->number;
      node->begin = begin;
      return node;
    }
    std::vector<SqlNode> parts;
    parts.push_back(std::move(*node));
    return made(N::negate, begin, {}, std::move(parts));
  }

  Parsed postfix() {
    auto node = primary();
    while (node) {
      const size_t begin = node->begin;
      std::vector<SqlNode> parts;
      if (take("::")) {
        auto type = type_name();
        if (!type) return std::unexpected(type.error());
        parts.push_back(std::move(*node));
        node = made(N::cast, begin, *type, std::move(parts));
      } else if (take("[")) {
        auto index = either();
        if (!index) return index;
        if (auto close = need("]"); !close) return std::unexpected(close.error());
        parts.push_back(std::move(*node));
        parts.push_back(std::move(*index));
        node = made(N::item, begin, {}, std::move(parts));
      } else {
        break;
      }
    }
    return node;
  }

  // Up to and with the closing sign.
  SqlResult<bool> arguments(std::vector<SqlNode>& parts, std::string_view close) {
    if (take(close)) return true;
    for (;;) {
      auto part = argument();
      if (!part) return std::unexpected(part.error());
      parts.push_back(std::move(*part));
      if (take(close)) return true;
      if (auto comma = need(","); !comma) return wrong(fmt::format("\",\" or \"{}\" should stand here", close));
    }
  }

  // An expression, or x -> body, or (x, y) -> body.
  Parsed argument() {
    const size_t begin = now().begin;
    size_t length = 0;
    std::string names;
    if (now().type == SqlToken::Type::name && sign("->", 1)) {
      names = now().text;
      length = 2;
    } else if (sign("(") && now(1).type == SqlToken::Type::name && sign(",", 2) &&
               now(3).type == SqlToken::Type::name && sign(")", 4) && sign("->", 5)) {
      names = now(1).text + "," + now(3).text;
      length = 6;
    }
    if (length == 0) return either();
    at_ += length;
    auto body = either();
    if (!body) return body;
    std::vector<SqlNode> parts;
    parts.push_back(std::move(*body));
    return made(N::lambda, begin, std::move(names), std::move(parts));
  }

  Parsed primary() {
    const SqlToken token = now();
    switch (token.type) {
      case SqlToken::Type::number: {
        ++at_;
        SqlNode node = made(N::number, token.begin, {}, {});
        node.number = token.number;
        return node;
      }
      case SqlToken::Type::text: ++at_; return made(N::text, token.begin, token.text, {});
      case SqlToken::Type::name: return named(token);
      case SqlToken::Type::sign: break;
      case SqlToken::Type::end: return wrong("a value should stand here");
    }
    if (take("(")) {
      auto node = either();
      if (!node) return node;
      if (auto close = need(")"); !close) return std::unexpected(close.error());
      node->grouped = true;
      node->begin = token.begin;
      node->end = tokens_[at_ - 1].end;
      return node;
    }
    if (take("[")) {
      std::vector<SqlNode> parts;
      if (auto rest = arguments(parts, "]"); !rest) return std::unexpected(rest.error());
      return made(N::list, token.begin, {}, std::move(parts));
    }
    return wrong(fmt::format("a value should stand here, not {}", token.text));
  }

  Parsed named(const SqlToken& token) {
    if (token.lower == "case") return choice();
    if (token.lower == "null" && !sign("(", 1)) {
      ++at_;
      return made(N::null, token.begin, {}, {});
    }
    if (token.lower == "true" || token.lower == "false") {
      ++at_;
      SqlNode node = made(N::truth, token.begin, {}, {});
      node.number = token.lower == "true" ? 1 : 0;
      return node;
    }
    if (sign("(", 1) && !token.lower.empty() && (!is_keyword(token))) return call(token);
    if (is_keyword(token)) return wrong(fmt::format("a value should stand here, not {}", token.text));
    if ((token.lower == "date" || token.lower == "timestamp") && now(1).type == SqlToken::Type::text) {
      const SqlToken value = now(1);
      at_ += 2;
      SqlNode text = made(N::text, value.begin, value.text, {});
      std::vector<SqlNode> parts;
      parts.push_back(std::move(text));
      return made(N::cast, token.begin, token.lower, std::move(parts));
    }
    return column(token);
  }

  // l.x, r.x, x_l, x_r; of one record, x.
  Parsed column(const SqlToken& first) {
    ++at_;
    std::string table, name = first.text;
    if (take(".")) {
      if (now().type != SqlToken::Type::name) return wrong("the name of a column should stand here");
      table = name;
      name = now().text;
      ++at_;
    }
    SqlNode node = made(N::column, first.begin, name, {});
    node.table = table;
    if (dialect_ == SqlDialect::tessera) return node;
    const auto is = [](const std::string& text, char small) { return text.size() == 1 && (text[0] | 0x20) == small; };
    if (!table.empty()) {
      if (!is(table, 'l') && !is(table, 'r'))
        return sql_mistake(first.begin, first.end,
                           fmt::format("there is no table \"{}\": the two records are l and r", table));
      node.sides = is(table, 'l') ? 1 : 2;
    } else if (name.size() > 2 && name[name.size() - 2] == '_') {
      const char side = static_cast<char>(name.back() | 0x20);
      if (side == 'l' || side == 'r') {
        node.sides = side == 'l' ? 1 : 2;
        node.text.resize(name.size() - 2);
      }
    }
    return node;
  }

  Parsed choice() {
    const size_t begin = now().begin;
    ++at_;
    std::vector<SqlNode> parts;
    if (!word("when")) return wrong("CASE goes on with WHEN; CASE x WHEN is written CASE WHEN x = ...");
    const auto keep = [&]() -> SqlResult<bool> {
      auto node = either();
      if (!node) return std::unexpected(node.error());
      parts.push_back(std::move(*node));
      return true;
    };
    while (take("when")) {
      if (auto condition = keep(); !condition) return std::unexpected(condition.error());
      if (auto then = need("then"); !then) return std::unexpected(then.error());
      if (auto value = keep(); !value) return std::unexpected(value.error());
    }
    if (take("else"))
      if (auto value = keep(); !value) return std::unexpected(value.error());
    if (auto end = need("end"); !end) return std::unexpected(end.error());
    return made(N::choice, begin, {}, std::move(parts));
  }

  Parsed call(const SqlToken& token) {
    at_ += 2;
    std::vector<SqlNode> parts;
    const std::string& name = token.lower;
    if (name == "cast" || name == "try_cast") {
      auto value = either();
      if (!value) return value;
      if (auto as = need("as"); !as) return std::unexpected(as.error());
      auto type = type_name();
      if (!type) return std::unexpected(type.error());
      if (auto close = need(")"); !close) return std::unexpected(close.error());
      parts.push_back(std::move(*value));
      return made(N::cast, token.begin, *type, std::move(parts));
    }
    // extract(epoch from x) is epoch(x), extract(year from x) year(x).
    if (name == "extract" && now().type == SqlToken::Type::name && word("from", 1)) {
      const std::string part = now().lower.empty() ? now().text : now().lower;
      at_ += 2;
      if (auto rest = arguments(parts, ")"); !rest) return std::unexpected(rest.error());
      return made(N::call, token.begin, part, std::move(parts));
    }
    if (name == "substring" || name == "substr") {
      auto value = sign(")") ? Parsed(wrong("a value should stand here")) : either();
      if (!value) return value;
      const bool from_form = take("from");
      if (!from_form && !sign(",") && !sign(")")) return wrong("\",\" should stand here");
      parts.push_back(std::move(*value));
      if (from_form) {
        auto start = either();
        if (!start) return start;
        parts.push_back(std::move(*start));
        if (take("for")) {
          auto length = either();
          if (!length) return length;
          parts.push_back(std::move(*length));
        }
        if (auto close = need(")"); !close) return std::unexpected(close.error());
      } else if (take(",")) {
        if (auto rest = arguments(parts, ")"); !rest) return std::unexpected(rest.error());
      } else {
        ++at_;
      }
      return made(N::call, token.begin, "substring", std::move(parts));
    }
    if (auto rest = arguments(parts, ")"); !rest) return std::unexpected(rest.error());
    return made(N::call, token.begin, name, std::move(parts));
  }

  SqlDialect dialect_;
  int depth_ = 0;
};

}  // namespace

SqlResult<std::vector<SqlNode>> parse_sql(std::string_view text, SqlDialect dialect, bool two) {
  auto tokens = sql_tokens(text, dialect);
  if (!tokens) return std::unexpected(tokens.error());
  return TreeParser(std::move(*tokens), dialect).whole(two);
}

}  // namespace tessera
