// tokens.cc: which words, names, texts and signs stand in an SQL text? (see tokens.h)
#include "sql/tokens.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

namespace tessera {
namespace {

constexpr size_t sql_tokens_max = 20'000;

bool begins_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || static_cast<unsigned char>(c) >= 0x80;
}
bool is_digit(char c) { return c >= '0' && c <= '9'; }

class Tokens {
 public:
  Tokens(std::string_view text, SqlDialect dialect) : text_(text), dialect_(dialect) {}

  SqlResult<std::vector<SqlToken>> all() {
    std::vector<SqlToken> out;
    for (;;) {
      if (auto skipped = skip(); !skipped) return std::unexpected(skipped.error());
      SqlToken token;
      token.begin = at_;
      if (at_ < text_.size())
        if (auto read = next(token); !read) return std::unexpected(read.error());
      token.end = at_;
      out.push_back(std::move(token));
      if (out.back().type == SqlToken::Type::end) return out;
      if (out.size() > sql_tokens_max) return sql_mistake(0, text_.size(), "this SQL is too long");
    }
  }

 private:
  [[nodiscard]] char peek(size_t ahead = 0) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0'; }

  // White space and comments.
  SqlResult<bool> skip() {
    for (;;) {
      const char c = peek();
      if (at_ < text_.size() && (c == ' ' || c == '\t' || c == '\n' || c == '\r')) {
        ++at_;
      } else if (c == '-' && peek(1) == '-') {
        at_ = std::min(text_.find('\n', at_), text_.size());
      } else if (c == '/' && peek(1) == '*') {
        const size_t close = text_.find("*/", at_ + 2);
        if (close == std::string_view::npos) return sql_mistake(at_, at_ + 2, "a comment is never closed");
        at_ = close + 2;
      } else {
        return true;
      }
    }
  }

  SqlResult<bool> next(SqlToken& token) {
    const char c = peek();
    // Spark takes "..." for a text, the others for a name.
    if (c == '\'' || (c == '"' && dialect_ == SqlDialect::spark)) return quoted(token, c, SqlToken::Type::text);
    if (c == '"' || c == '`') return quoted(token, c, SqlToken::Type::name);
    if (begins_name(c)) {
      while (begins_name(peek()) || is_digit(peek()) || (peek() == '$' && dialect_ != SqlDialect::tessera)) ++at_;
      token.type = SqlToken::Type::name;
      token.text = text_.substr(token.begin, at_ - token.begin);
      token.lower = token.text;
      std::transform(token.lower.begin(), token.lower.end(), token.lower.begin(),
                     [](char x) { return x >= 'A' && x <= 'Z' ? static_cast<char>(x - 'A' + 'a') : x; });
      return true;
    }
    if (is_digit(c) || (c == '.' && is_digit(peek(1)))) return number(token);
    token.type = SqlToken::Type::sign;
    for (const std::string_view sign : {"<=", ">=", "<>", "!=", "==", "||", "&&", "::", "->"})
      if (text_.substr(at_).starts_with(sign)) {
        token.text = sign;
        at_ += sign.size();
        return true;
      }
    if (!std::string_view("()[],.+-*/%=<>~:").contains(c))
      return sql_mistake(at_, at_ + 1,
                         fmt::format("{} means nothing in SQL here", c < ' ' ? "this" : std::string(1, c)));
    token.text = std::string(1, c);
    ++at_;
    return true;
  }

  SqlResult<bool> quoted(SqlToken& token, char quote, SqlToken::Type type) {
    token.type = type;
    ++at_;
    for (;; ++at_) {
      if (at_ >= text_.size())
        return sql_mistake(token.begin, token.begin + 1, fmt::format("a {} is never closed", quote));
      // Spark's texts know escapes by a backslash.
      if (text_[at_] == '\\' && type == SqlToken::Type::text && dialect_ == SqlDialect::spark &&
          at_ + 1 < text_.size()) {
        escaped(token);
        continue;
      }
      if (text_[at_] == quote) {
        if (peek(1) != quote) break;
        ++at_;
      }
      token.text += text_[at_];
    }
    ++at_;
    return true;
  }

  void escaped(SqlToken& token) {
    const char c = text_[++at_];
    switch (c) {
      case 'n': token.text += '\n'; break;
      case 't': token.text += '\t'; break;
      case 'r': token.text += '\r'; break;
      case '\\':
      case '\'':
      case '"': token.text += c; break;
      default: token.text += {'\\', c}; break;  // kept for a regular expression, as \d
    }
  }

  SqlResult<bool> number(SqlToken& token) {
    token.type = SqlToken::Type::number;
    const char* begin = text_.data() + at_;
    const auto read = std::from_chars(begin, text_.data() + text_.size(), token.number);
    if (read.ec != std::errc{}) return sql_mistake(at_, at_ + 1, "this number is out of range");
    at_ += static_cast<size_t>(read.ptr - begin);
    if (begins_name(peek())) return sql_mistake(token.begin, at_ + 1, "a number runs into a name");
    token.text = text_.substr(token.begin, at_ - token.begin);
    return true;
  }

  std::string_view text_;
  SqlDialect dialect_;
  size_t at_ = 0;
};

}  // namespace

SqlResult<std::vector<SqlToken>> sql_tokens(std::string_view text, SqlDialect dialect) {
  return Tokens(text, dialect).all();
}

}  // namespace tessera
