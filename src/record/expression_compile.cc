// expression_compile.cc: are the types of an expression right, and which fields does it read? (see expression.h)
#include <re2/re2.h>

#include <algorithm>
#include <cmath>

#include "record/expression_program.h"
#include "record/text_parts.h"

namespace tessera {

namespace {

using What = SideExpression::What;

const char* name_of_type(ValueType type) {
  switch (type) {
    case ValueType::text: return "a text";
    case ValueType::number: return "a number";
    case ValueType::truth: return "a condition";
    case ValueType::list: return "a list";
  }
  return "";
}

bool is_order(What what) {
  return what == What::less || what == What::less_equal || what == What::greater || what == What::greater_equal;
}

// One letter of ExpressionShape::takes for each part.
Result<std::string> letters_of(const SideExpression& e) {
  const std::string_view takes = shape_of(e.what).takes;
  std::string all, needed;
  bool any_number = false;
  for (const char c : takes) {
    if (c == '?')
      needed.pop_back();
    else if (c == '+')
      any_number = true;
    else
      all += c, needed += c;
  }
  const size_t least = e.what == What::choose || e.what == What::in ? 2 : needed.size();
  const size_t most = any_number ? std::max(e.parts.size(), all.size()) : all.size();
  if (e.parts.size() < least || e.parts.size() > most)
    return fail(ErrorCode::usage, to_text(e) + " has " + std::to_string(e.parts.size()) + " parts; it takes " +
                                      std::to_string(least) +
                                      (any_number      ? " or more"
                                       : most != least ? " or " + std::to_string(most)
                                                       : ""));
  all.resize(e.parts.size(), all.empty() ? '\0' : all.back());
  if (e.what == What::choose)  // condition, value, condition, value ..., otherwise
    for (size_t i = 0; i + 1 < all.size(); i += 2) all[i] = 'c';
  return all;
}

class ExpressionCompiler {
 public:
  using KindOf = std::function<std::optional<Kind>(const std::string&)>;
  ExpressionCompiler(const KindOf& kind_of, Expression::Program& program) : kind_of_(kind_of), program_(program) {}

  Result<uint32_t> compile(const SideExpression& e) {
    if (++depth_ > depth_max) return fail(ErrorCode::usage, "an expression is nested too deeply");
    TESSERA_ASSIGN(const std::string letters, letters_of(e));
    ExpressionNode node{.what = e.what, .type = shape_of(e.what).type, .text = e.text, .number = e.number};
    for (const SideExpression& part : e.parts) {
      TESSERA_ASSIGN(const uint32_t compiled, compile(part));
      node.parts.push_back(compiled);
    }
    TESSERA_TRY(fit_parts(e, letters, node));
    TESSERA_TRY(make_ready(e, node));
    --depth_;
    program_.nodes.push_back(std::move(node));
    return static_cast<uint32_t>(program_.nodes.size() - 1);
  }

 private:
  static constexpr int depth_max = 1000;

  ExpressionNode& at(uint32_t node) { return program_.nodes[node]; }
  static bool has_number(const ExpressionNode& node) {
    return node.what == What::field && (node.kind == Kind::date || node.kind == Kind::integer);
  }
  void take_as_number(ExpressionNode& node) {
    node.field_as_number = true;
    node.type = ValueType::number;
  }
  // Null fits wherever any value does.
  void be(ExpressionNode& node, ValueType type) {
    node.type = type;
    if (shape_of(node.what).type_of_parts)
      for (const uint32_t part : node.parts)
        if (is_unknown(at(part))) be(at(part), type);
  }
  // Whether it is null whatever the record is, so that it can be of any type.
  bool is_unknown(const ExpressionNode& node) {
    if (node.what == What::null) return true;
    if (node.what != What::coalesce && node.what != What::null_if) return false;
    return std::ranges::all_of(node.parts, [this](uint32_t part) { return is_unknown(at(part)); });
  }

  static std::unexpected<Error> wrong(const SideExpression& whole, const SideExpression& part, ValueType has,
                                      const std::string& wants) {
    std::string help;
    if (has == ValueType::text && wants == name_of_type(ValueType::number)) help = "; write to_number(...)";
    if (has == ValueType::number && wants == name_of_type(ValueType::text)) help = "; write to_text(...)";
    if (has == ValueType::text && wants == name_of_type(ValueType::list)) help = "; write tokens(...)";
    return fail(ErrorCode::usage,
                to_text(whole) + ": " + to_text(part) + " is " + name_of_type(has) + ", not " + wants + help);
  }

  Status fit(const SideExpression& whole, const SideExpression& part, ExpressionNode& node, ValueType type) {
    if (is_unknown(node)) {
      be(node, type);
    } else if (node.type != type) {
      if (type != ValueType::number || !has_number(node)) return wrong(whole, part, node.type, name_of_type(type));
      take_as_number(node);
    }
    return {};
  }

  Status fit_parts(const SideExpression& e, const std::string& letters, ExpressionNode& node) {
    for (size_t i = 0; i < letters.size(); ++i) {
      ExpressionNode& part = at(node.parts[i]);
      switch (letters[i]) {
        case 't': TESSERA_TRY(fit(e, e.parts[i], part, ValueType::text)); break;
        case 'n': TESSERA_TRY(fit(e, e.parts[i], part, ValueType::number)); break;
        case 'l': TESSERA_TRY(fit(e, e.parts[i], part, ValueType::list)); break;
        case 'c': TESSERA_TRY(fit(e, e.parts[i], part, ValueType::truth)); break;
        case 'v':
          if (e.what == What::date_of && part.what == What::field && part.kind == Kind::date) take_as_number(part);
          if (part.type != ValueType::text && part.type != ValueType::number)
            return wrong(e, e.parts[i], part.type, "a text or a number");
          break;
        default: break;  // anything, or one of those that must be alike
      }
    }
    return fit_alike(e, letters, node);
  }

  // The parts of s and S become of one type: that of those which are no field, else text.
  Status fit_alike(const SideExpression& e, const std::string& letters, const ExpressionNode& whole) {
    std::optional<ValueType> type;
    bool all_have_numbers = true, any = false, lists = false;
    for (size_t i = 0; i < letters.size(); ++i) {
      if (letters[i] != 's' && letters[i] != 'S') continue;
      any = true;
      lists = letters[i] == 'S';
      const ExpressionNode& part = at(whole.parts[i]);
      if (is_unknown(part)) continue;
      const bool has = has_number(part);
      all_have_numbers &= has;
      if (!type || (!has && *type == ValueType::text)) type = part.type;
    }
    if (!any) return {};
    if (!type) type = ValueType::text;
    if (is_order(e.what) && all_have_numbers) type = ValueType::number;  // 9 < 10, though "10" < "9"
    for (size_t i = 0; i < letters.size(); ++i) {
      if (letters[i] != 's' && letters[i] != 'S') continue;
      if (*type == ValueType::list && !lists) return wrong(e, e.parts[i], *type, "a text, a number or a condition");
      TESSERA_TRY(fit(e, e.parts[i], at(whole.parts[i]), *type));
    }
    alike_ = *type;
    return {};
  }

  // What is made once: numbers of fields, regular expressions, formats.
  Status make_ready(const SideExpression& e, ExpressionNode& node) {
    if (shape_of(e.what).type_of_parts) node.type = alike_;
    switch (e.what) {
      case What::field: return make_field(e, node);
      case What::part: return make_part(e, node);
      case What::number:
        if (std::isnan(e.number)) return fail(ErrorCode::usage, "a constant is not a number");
        return {};
      case What::regexp_extract:
      case What::regexp_replace: return make_regexp(e, node);
      case What::format_date:
      case What::parse_date: {
        auto format = TimeFormat::compile(e.text);
        if (!format) return fail(ErrorCode::usage, to_text(e) + ": " + format.error().message);
        node.format = std::make_shared<const TimeFormat>(std::move(*format));
        return {};
      }
      default: return {};
    }
  }

  Status make_field(const SideExpression& e, ExpressionNode& node) {
    const auto kind = kind_of_(e.text);
    if (!kind) return fail(ErrorCode::usage, "there is no field " + e.text);
    node.kind = *kind;
    const auto found = std::ranges::find(program_.fields, e.text);
    node.field = static_cast<uint32_t>(found - program_.fields.begin());
    if (found == program_.fields.end()) program_.fields.push_back(e.text);
    return {};
  }

  Status make_part(const SideExpression& e, ExpressionNode& node) {
    const auto part = part_named(e.text);
    if (!part) return fail(ErrorCode::usage, "there is no part \"" + e.text + "\"");
    const ExpressionNode& of = at(node.parts[0]);
    node.kind = of.what == What::field ? of.kind : Kind::text;
    node.part = *part;
    if (!has_part(node.kind, *part)) return fail(ErrorCode::usage, to_text(e.parts[0]) + " has no part " + e.text);
    return {};
  }

  Status make_regexp(const SideExpression& e, ExpressionNode& node) {
    RE2::Options options;
    options.set_log_errors(false);
    auto regexp = std::make_shared<RE2>(e.text, options);
    if (!regexp->ok()) return fail(ErrorCode::usage, to_text(e) + ": " + regexp->error());
    if (e.what == What::regexp_extract) {
      const int groups = regexp->NumberOfCapturingGroups();
      if (e.number < 0 || e.number > groups || e.number != std::floor(e.number))
        return fail(ErrorCode::usage, to_text(e) + ": the expression has " + std::to_string(groups) + " groups");
    } else if (e.parts[1].what == What::text) {
      std::string why;
      if (!regexp->CheckRewriteString(e.parts[1].text, &why)) return fail(ErrorCode::usage, to_text(e) + ": " + why);
    }
    node.regexp = std::move(regexp);
    return {};
  }

  const KindOf& kind_of_;
  Expression::Program& program_;
  ValueType alike_ = ValueType::text;  // of the node that was fitted last
  int depth_ = 0;
};

}  // namespace

Result<Expression> Expression::compile(const SideExpression& expression,
                                       const std::function<std::optional<Kind>(const std::string&)>& kind_of) {
  auto program = std::make_shared<Program>();
  TESSERA_ASSIGN(program->root, ExpressionCompiler(kind_of, *program).compile(expression));
  Expression made;
  made.program_ = std::move(program);
  return made;
}

const std::vector<std::string>& Expression::fields() const { return program_->fields; }
ValueType Expression::type() const { return program_->nodes[program_->root].type; }

}  // namespace tessera
