// expression_program.h: a compiled expression. Private to expression*.cc.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "kernels/time_format.h"
#include "record/expression.h"

namespace re2 {
class RE2;
}

namespace tessera {

struct ExpressionNode {
  using What = SideExpression::What;
  What what = What::null;
  ValueType type = ValueType::text;  // of its value; of null whatever is wanted
  std::vector<uint32_t> parts;       // nodes
  std::string text;
  double number = 0;
  uint32_t field = 0;            // in Program::fields
  Kind kind = Kind::text;        // of a field; of part: of what it is taken from
  bool field_as_number = false;  // of a field of kind date or integer
  Part part = Part::whole;       // of part
  std::shared_ptr<const re2::RE2> regexp;
  std::shared_ptr<const TimeFormat> format;
};

struct Expression::Program {
  std::vector<ExpressionNode> nodes;
  uint32_t root = 0;
  std::vector<std::string> fields;
};

// What each kind of expression is called and takes. Of `takes` one letter for each part:
//   t a text   n a number   v a text or a number   l a list   c a condition   x anything
//   s of one type with all others of s: texts, numbers or conditions; S: or lists
// ? after a letter: may be left out; + : once or more, only at the end.
struct ExpressionShape {
  SideExpression::What what;
  const char* name;
  const char* takes;
  ValueType type = ValueType::text;
  bool type_of_parts = false;  // instead: what the parts of s are
};
const ExpressionShape& shape_of(SideExpression::What what);

}  // namespace tessera
