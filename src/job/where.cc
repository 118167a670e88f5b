// where.cc: which rows of an input does a job want?
//
//   ADMIMETH = '21' and (SEX in ('1', '2') or DISDATE is null) and not AGE < 18
//
//   either  = both { "or" both }
//   both    = one { "and" one }
//   one     = "not" one | "(" either ")" | test
//   test    = COLUMN ( = | != | <> | < | <= | > | >= ) literal
//           | COLUMN [ "not" ] "in" "(" literal { "," literal } ")"
//           | COLUMN "is" [ "not" ] "null"
//
// As in SQL a comparison with null is neither true nor false, and a row counts only
// when the whole is true. So `not` is pushed down to the tests while reading
// (not (A = 1 or B < 2)  ->  A != 1 and B >= 2), and what evaluates the filter may
// take "unknown" for false everywhere and still agree with SQL.
#include <algorithm>
#include <cctype>

#include <fmt/format.h>

#include "job/parts.h"

namespace tessera {
namespace {

constexpr int nesting_max = 64;

struct Token {
  enum class Type : uint8_t { end, name, text, number, symbol, bad } type = Type::end;
  std::string value;  // names: as written; words are compared without case
  bool quoted = false;
  size_t begin = 0, end = 0;
};

bool name_start(char c) {
  return std::isalpha(static_cast<unsigned char>(c)) != 0 || c == '_' || static_cast<unsigned char>(c) >= 0x80;
}
bool digit(char c) { return c >= '0' && c <= '9'; }

class Lexer {
 public:
  explicit Lexer(std::string_view text) : text_(text) {}

  Token next() {
    while (at_ < text_.size() && std::isspace(static_cast<unsigned char>(text_[at_])) != 0) ++at_;
    Token token;
    token.begin = at_;
    if (at_ == text_.size()) {
      token.end = at_;
      return token;
    }
    const char c = text_[at_];
    if (c == '\'' || c == '"') {
      quoted(token, c);
    } else if (name_start(c)) {
      while (at_ < text_.size() && (name_start(text_[at_]) || digit(text_[at_]) || text_[at_] == '.')) ++at_;
      token.type = Token::Type::name;
      token.value = text_.substr(token.begin, at_ - token.begin);
    } else if (digit(c) || ((c == '-' || c == '+') && at_ + 1 < text_.size() && digit(text_[at_ + 1]))) {
      number(token);
    } else {
      token.type = Token::Type::symbol;
      const std::string_view two = text_.substr(at_, 2);
      const size_t length =
          two == "!=" || two == "<>" || two == "<=" || two == ">=" || two == "==" || two == "&&" || two == "||" ? 2 : 1;
      token.value = text_.substr(at_, length);
      at_ += length;
    }
    token.end = at_;
    return token;
  }

 private:
  // '...' is a literal, "..." a column; the quote itself is written twice.
  void quoted(Token& token, char quote) {
    token.type = quote == '"' ? Token::Type::name : Token::Type::text;
    token.quoted = true;
    ++at_;
    for (;;) {
      if (at_ == text_.size()) {
        token.type = Token::Type::bad;
        return;
      }
      if (text_[at_] == quote) {
        if (at_ + 1 < text_.size() && text_[at_ + 1] == quote)
          ++at_;
        else
          break;
      }
      token.value += text_[at_++];
    }
    ++at_;
  }

  void number(Token& token) {
    token.type = Token::Type::number;
    if (!digit(text_[at_])) ++at_;
    while (at_ < text_.size() && digit(text_[at_])) ++at_;
    if (at_ + 1 < text_.size() && text_[at_] == '.' && digit(text_[at_ + 1])) {
      ++at_;
      while (at_ < text_.size() && digit(text_[at_])) ++at_;
    }
    // 21A is neither a number nor a name.
    if (at_ < text_.size() && name_start(text_[at_])) token.type = Token::Type::bad;
    token.value = text_.substr(token.begin, at_ - token.begin);
  }

  std::string_view text_;
  size_t at_ = 0;
};

class Parser {
 public:
  Parser(const Node& node, size_t input, Reading& reading)
      : node_(node), input_(input), reading_(reading), lexer_(node.text) {
    token_ = lexer_.next();
  }

  std::optional<Filter> whole() {
    auto filter = either(false, 0);
    if (filter && token_.type != Token::Type::end) return wrong("this does not follow", "join tests with and, or");
    return filter;
  }

 private:
  using Op = Filter::Op;

  std::nullopt_t wrong(std::string what, std::string help = {}) {
    if (!failed_) {
      if (token_.type == Token::Type::bad && node_.text[token_.begin] == '\'')
        what = "a ' is never closed";
      else if (token_.type == Token::Type::bad && node_.text[token_.begin] == '"')
        what = "a \" is never closed";
      else if (token_.type == Token::Type::end)
        what = "\"where\" ends too early: " + what;
      else
        what = "\"where\": " + what;
      reading_.mistakes.add(node_.within(token_.begin, token_.end), std::move(what), std::move(help));
    }
    failed_ = true;
    return std::nullopt;
  }

  [[nodiscard]] bool word(std::string_view wanted) const {
    return token_.type == Token::Type::name && !token_.quoted && token_.value.size() == wanted.size() &&
           std::equal(wanted.begin(), wanted.end(), token_.value.begin(),
                      [](char a, char b) { return a == std::tolower(static_cast<unsigned char>(b)); });
  }
  [[nodiscard]] bool symbol(std::string_view wanted) const {
    return token_.type == Token::Type::symbol && token_.value == wanted;
  }
  void take() { token_ = lexer_.next(); }

  // `negated`: the opposite is wanted. or <-> and, by de Morgan.
  std::optional<Filter> either(bool negated, int depth) {
    return sequence(negated, depth, "or", negated ? Op::all_of : Op::any_of, &Parser::both);
  }
  std::optional<Filter> both(bool negated, int depth) {
    return sequence(negated, depth, "and", negated ? Op::any_of : Op::all_of, &Parser::one);
  }
  std::optional<Filter> sequence(bool negated, int depth, std::string_view separator, Op op,
                                 std::optional<Filter> (Parser::*part)(bool, int)) {
    auto first = (this->*part)(negated, depth);
    if (!first || !word(separator)) return first;
    Filter filter;
    filter.op = op;
    filter.children.push_back(std::move(*first));
    while (word(separator)) {
      take();
      auto more = (this->*part)(negated, depth);
      if (!more) return std::nullopt;
      filter.children.push_back(std::move(*more));
    }
    return filter;
  }

  std::optional<Filter> one(bool negated, int depth) {
    if (depth > nesting_max) return wrong("nested too deeply");
    if (word("not")) {
      take();
      return one(!negated, depth + 1);
    }
    if (!symbol("(")) return test(negated);
    take();
    auto inner = either(negated, depth + 1);
    if (!inner) return std::nullopt;
    if (!symbol(")")) return wrong("a ) is missing here");
    take();
    return inner;
  }

  std::optional<Filter> test(bool negated) {
    if (token_.type != Token::Type::name || word("and") || word("or") || word("in") || word("is"))
      return wrong("a column is expected here", "tests begin with a column: SEX = '1', AGE >= 18, DISDATE is null");
    Filter filter;
    filter.column = token_.value;
    reading_.parsed.columns.push_back({input_, token_.value, node_.within(token_.begin, token_.end)});
    take();
    if (word("is")) return null_test(std::move(filter), negated);
    bool flipped = negated;
    if (word("not")) {
      flipped = !flipped;
      take();
      if (!word("in")) return wrong("only in can follow not here", "write not (A = 'x'), or A not in ('x', 'y')");
    }
    if (word("in")) return in_test(std::move(filter), flipped);
    return comparison(std::move(filter), negated);
  }

  std::optional<Filter> null_test(Filter filter, bool negated) {
    take();
    if (word("not")) {
      negated = !negated;
      take();
    }
    if (!word("null")) return wrong("only null or not null can follow is");
    take();
    filter.op = negated ? Op::is_not_null : Op::is_null;
    return filter;
  }

  // Not in is false for null: it stands with a test that the value is there.
  std::optional<Filter> in_test(Filter filter, bool negated) {
    take();
    if (!symbol("(")) return wrong("in needs a list: in ('1', '2')");
    filter.op = Op::in;
    do {
      take();
      if (!literal(filter)) return std::nullopt;
    } while (symbol(","));
    if (!symbol(")")) return wrong("a , or ) is missing here");
    take();
    if (!negated) return filter;
    Filter present, inverse, both;
    present.op = Op::is_not_null;
    present.column = filter.column;
    inverse.op = Op::negate;
    inverse.children.push_back(std::move(filter));
    both.op = Op::all_of;
    both.children.push_back(std::move(present));
    both.children.push_back(std::move(inverse));
    return both;
  }

  std::optional<Filter> comparison(Filter filter, bool negated) {
    struct Symbol {
      const char* text;
      Op op, opposite;
    };
    static constexpr Symbol symbols[] = {{"=", Op::eq, Op::ne}, {"!=", Op::ne, Op::eq}, {"<>", Op::ne, Op::eq},
                                         {"<", Op::lt, Op::ge}, {"<=", Op::le, Op::gt}, {">", Op::gt, Op::le},
                                         {">=", Op::ge, Op::lt}};
    const auto found =
        std::find_if(std::begin(symbols), std::end(symbols), [&](const Symbol& s) { return symbol(s.text); });
    if (found == std::end(symbols)) {
      if (symbol("==")) return wrong("== is not known", "equality is written =");
      return wrong("a comparison is expected here", "=, !=, <, <=, >, >=, in (...), is null");
    }
    filter.op = negated ? found->opposite : found->op;
    take();
    if (word("null")) return wrong("a comparison with null is never true", "write is null or is not null");
    if (!literal(filter)) return std::nullopt;
    return filter;
  }

  bool literal(Filter& filter) {
    if (token_.type != Token::Type::text && token_.type != Token::Type::number) {
      wrong("a value is expected here",
            "texts stand in single quotes ('21'), numbers without; columns cannot be compared");
      return false;
    }
    filter.values.push_back(token_.value);
    filter.numeric.push_back(token_.type == Token::Type::number);
    take();
    return true;
  }

  const Node& node_;
  size_t input_;
  Reading& reading_;
  Lexer lexer_;
  Token token_;
  bool failed_ = false;
};

}  // namespace

std::optional<Filter> read_where(const Node& where, size_t input, Reading& reading) {
  return Parser(where, input, reading).whole();
}

}  // namespace tessera
