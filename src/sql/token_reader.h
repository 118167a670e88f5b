// token_reader.h: what comes next in an SQL text, and the nodes that are made of it? Private to the room.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "sql/tokens.h"
#include "sql/tree.h"

namespace tessera {

inline constexpr std::string_view sql_keywords[] = {
    "and",  "or",   "not", "in", "is",   "null", "like", "ilike", "between",  "case",    "when",
    "then", "else", "end", "as", "from", "for",  "true", "false", "distinct", "interval"};

inline bool is_keyword(const SqlToken& token) {
  return std::find(std::begin(sql_keywords), std::end(sql_keywords), token.lower) != std::end(sql_keywords);
}

class TokenReader {
 protected:
  using What = SqlNode::What;
  explicit TokenReader(std::vector<SqlToken> tokens) : tokens_(std::move(tokens)) {}

  [[nodiscard]] const SqlToken& now(size_t ahead = 0) const {
    return tokens_[std::min(at_ + ahead, tokens_.size() - 1)];
  }
  [[nodiscard]] bool sign(std::string_view s, size_t ahead = 0) const {
    return now(ahead).type == SqlToken::Type::sign && now(ahead).text == s;
  }
  [[nodiscard]] bool word(std::string_view w, size_t ahead = 0) const {
    return now(ahead).type == SqlToken::Type::name && now(ahead).lower == w;
  }
  bool take(std::string_view s) {
    if (!sign(s) && !word(s)) return false;
    ++at_;
    return true;
  }
  std::unexpected<SqlMistake> wrong(std::string what) const {
    if (now().type == SqlToken::Type::end) what = "it ends too early: " + what;
    return sql_mistake(now().begin, now().end, std::move(what));
  }
  SqlResult<bool> need(std::string_view s) {
    if (take(s)) return true;
    return wrong(fmt::format("\"{}\" should stand here", s));
  }

  SqlNode made(What what, size_t begin, std::string text, std::vector<SqlNode> parts) const {
    SqlNode node;
    node.what = what;
    node.text = std::move(text);
    node.begin = begin;
    node.end = at_ > 0 ? tokens_[at_ - 1].end : begin;
    for (const SqlNode& part : parts) node.sides |= part.sides;
    node.parts = std::move(parts);
    return node;
  }
  SqlNode joined(SqlNode left, std::string text, SqlNode right) const {
    const size_t begin = left.begin;
    std::vector<SqlNode> parts;
    parts.push_back(std::move(left));
    parts.push_back(std::move(right));
    return made(What::binary, begin, std::move(text), std::move(parts));
  }

  SqlNode denial(SqlNode node, bool negated) const {
    if (!negated) return node;
    const size_t begin = node.begin;
    std::vector<SqlNode> parts;
    parts.push_back(std::move(node));
    return made(What::negation, begin, {}, std::move(parts));
  }

  // a IS NOT DISTINCT FROM b, in other words of SQL: never unknown.
  SqlNode not_distinct(const SqlNode& a, const SqlNode& b) const {
    const auto null = [this](const SqlNode& x, bool negated) {
      return denial(made(What::is_null, x.begin, {}, {x}), negated);
    };
    for (const auto& [x, other] : {std::pair(&a, &b), std::pair(&b, &a)})
      if (x->what == What::text || x->what == What::number || x->what == What::truth)
        return joined(null(*other, true), "and", joined(a, "=", b));
    SqlNode known = joined(null(a, true), "and", null(b, true));
    return joined(joined(null(a, false), "and", null(b, false)), "or",
                  joined(std::move(known), "and", joined(a, "=", b)));
  }

  SqlResult<std::string> type_name() {
    if (now().type != SqlToken::Type::name || now().lower.empty()) return wrong("a type should stand here");
    std::string type = now().lower;
    ++at_;
    while (type == "double" && take("precision")) {
    }
    while (type == "character" && take("varying")) {
    }
    if (take("("))  // decimal(10, 2)
      while (!take(")")) {
        if (now().type == SqlToken::Type::end) return wrong("\")\" should stand here");
        ++at_;
      }
    if (take("[")) {
      if (auto close = need("]"); !close) return std::unexpected(close.error());
      type += "[]";
    }
    return type;
  }

  std::vector<SqlToken> tokens_;
  size_t at_ = 0;
};

}  // namespace tessera
