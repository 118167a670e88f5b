// expression_text.cc: how is an expression shown to people? (see expression.h)
#include <charconv>

#include "record/expression_program.h"

namespace tessera {

namespace {

using What = SideExpression::What;

std::string shown_number(double number) {
  char buffer[64];
  return {buffer, std::to_chars(buffer, std::end(buffer), number).ptr};
}

std::string quoted(const std::string& text) {
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? std::string("''") : std::string(1, c);
  return out + "'";
}

bool is_infix(const SideExpression& e) {
  switch (e.what) {
    case What::equal:
    case What::not_equal:
    case What::less:
    case What::less_equal:
    case What::greater:
    case What::greater_equal:
    case What::add:
    case What::subtract:
    case What::multiply:
    case What::divide:
    case What::all_of:
    case What::any_of: return e.parts.size() > 1;
    default: return false;
  }
}

std::string with_brackets(const SideExpression& part) {
  return is_infix(part) ? "(" + to_text(part) + ")" : to_text(part);
}

}  // namespace

std::string to_text(const SideExpression& e) {
  const std::string name = shape_of(e.what).name;
  if (e.what == What::field) return e.text;
  if (e.what == What::text) return quoted(e.text);
  if (e.what == What::number) return shown_number(e.number);
  if (e.what == What::null) return name;
  std::string out;
  if (is_infix(e)) {
    for (const SideExpression& part : e.parts) out += (out.empty() ? "" : " " + name + " ") + with_brackets(part);
    return out;
  }
  if ((e.what == What::negative || e.what == What::negation) && e.parts.size() == 1)
    return name + (e.what == What::negation ? " " : "") + with_brackets(e.parts[0]);
  out = (e.what == What::part ? e.text : name) + "(";
  bool first = true;
  const auto add = [&](const std::string& part) {
    if (!first) out += ", ";
    out += part;
    first = false;
  };
  for (size_t i = 0; i < e.parts.size(); ++i) {
    add(to_text(e.parts[i]));
    if (e.what == What::regexp_replace && i == 0) add(quoted(e.text));
  }
  if (e.what == What::regexp_extract || e.what == What::format_date || e.what == What::parse_date ||
      e.what == What::like)
    add(quoted(e.text));
  if (e.what == What::regexp_extract && e.number != 0) add(shown_number(e.number));
  return out + ")";
}

}  // namespace tessera
