// expression.cc: what does an expression make of one record? (see expression.h)
//
// Each kind of value has its function: it evaluates the parts that it needs and leaves its value in `out`, whose
// buffers it uses for the first part. A function of texts is null as soon as a part is; truths have three values.
#include "record/expression.h"

#include <algorithm>
#include <cmath>

#include "record/expression_program.h"
#include "record/expression_values.h"

namespace tessera {

namespace {

using What = SideExpression::What;

class Evaluator {
 public:
  Evaluator(const Expression::Program& program, std::span<const FieldValue> fields)
      : program_(program), fields_(fields) {}

  void evaluate(uint32_t at, Scalar& out) const {
    const ExpressionNode& node = program_.nodes[at];
    out.null = false;
    out.type = node.type;
    switch (node.what) {
      case What::null: out.null = true; return;
      case What::field: field(node, out); return;
      case What::text: out.text = node.text; return;
      case What::number: out.number = node.number; return;
      case What::coalesce: coalesce(node, out); return;
      case What::null_if: null_if(node, out); return;
      case What::choose: choose(node, out); return;
      case What::is_null:
        evaluate(node.parts[0], out);
        out.truth = out.null;
        out.null = false;
        out.type = ValueType::truth;
        return;
      case What::equal:
      case What::not_equal:
      case What::less:
      case What::less_equal:
      case What::greater:
      case What::greater_equal: compare(node, out); return;
      case What::in: in(node, out); return;
      case What::all_of: all_of(node, out, true); return;
      case What::any_of: all_of(node, out, false); return;
      case What::greatest:
      case What::least: extreme(node, out); return;
      case What::concat_words: concat_words(node, out); return;
      case What::part: part(node, out); return;
      default: strict(node, out); return;
    }
  }

 private:
  void field(const ExpressionNode& node, Scalar& out) const {
    const FieldValue& value = fields_[node.field];
    out.null = value.null;
    if (value.null) return;
    if (!node.field_as_number) {
      out.text.assign(value.text);
      return;
    }
    out.number = value.number;
    out.null = std::isnan(value.number);
  }

  void coalesce(const ExpressionNode& node, Scalar& out) const {
    for (const uint32_t part : node.parts) {
      evaluate(part, out);
      if (!out.null) return;
    }
  }

  // Null only where the two are known to be equal.
  void null_if(const ExpressionNode& node, Scalar& out) const {
    Scalar other;
    evaluate(node.parts[0], out);
    evaluate(node.parts[1], other);
    if (!out.null && !other.null && order_of_scalars(out, other) == std::partial_ordering::equivalent) out.null = true;
  }

  void choose(const ExpressionNode& node, Scalar& out) const {
    size_t i = 0;
    for (; i + 1 < node.parts.size(); i += 2) {
      evaluate(node.parts[i], out);
      if (!out.null && out.truth) return evaluate(node.parts[i + 1], out);
    }
    if (i < node.parts.size()) return evaluate(node.parts[i], out);
    out.null = true;
    out.type = node.type;
  }

  void compare(const ExpressionNode& node, Scalar& out) const {
    Scalar right;
    evaluate(node.parts[0], out);
    evaluate(node.parts[1], right);
    const bool known = !out.null && !right.null;
    const auto order = known ? order_of_scalars(out, right) : std::partial_ordering::unordered;
    out.null = !known;
    out.type = ValueType::truth;
    switch (node.what) {
      case What::equal: out.truth = order == 0; return;
      case What::not_equal: out.truth = order != 0; return;
      case What::less: out.truth = order < 0; return;
      case What::less_equal: out.truth = order <= 0; return;
      case What::greater: out.truth = order > 0; return;
      default: out.truth = order >= 0; return;
    }
  }

  // Unknown where no choice is equal and one is null.
  void in(const ExpressionNode& node, Scalar& out) const {
    Scalar value, choice;
    evaluate(node.parts[0], value);
    bool found = false, any_null = value.null;
    for (size_t i = 1; i < node.parts.size() && !found && !value.null; ++i) {
      evaluate(node.parts[i], choice);
      any_null |= choice.null;
      found = !choice.null && order_of_scalars(value, choice) == 0;
    }
    out.truth = found;
    out.null = !found && any_null;
    out.type = ValueType::truth;
  }

  // Of "and" the value that decides is false, of "or" true; without one, null makes it unknown.
  void all_of(const ExpressionNode& node, Scalar& out, bool all) const {
    bool any_null = false;
    for (const uint32_t part : node.parts) {
      evaluate(part, out);
      if (!out.null && out.truth != all) return;
      any_null |= out.null;
    }
    out.truth = all;
    out.null = any_null;
    out.type = ValueType::truth;
  }

  void extreme(const ExpressionNode& node, Scalar& out) const {
    std::optional<double> best;
    for (const uint32_t part : node.parts) {
      evaluate(part, out);
      if (out.null) continue;
      best = !best                         ? out.number
             : node.what == What::greatest ? std::max(*best, out.number)
                                           : std::min(*best, out.number);
    }
    out.type = ValueType::number;
    out.null = !best;
    if (best) out.number = *best;
  }

  void concat_words(const ExpressionNode& node, Scalar& out) const {
    Scalar part;
    bool any = false;
    out.text.clear();
    for (const uint32_t each : node.parts) {
      evaluate(each, part);
      if (part.null) continue;
      if (any) out.text += ' ';
      out.text += part.text;
      any = true;
    }
    out.null = !any;
  }

  // Of a field it is often known from the word: the text is not asked for.
  void part(const ExpressionNode& node, Scalar& out) const {
    const ExpressionNode& from = program_.nodes[node.parts[0]];
    const FieldValue* const field = from.what == What::field ? &fields_[from.field] : nullptr;
    if (field == nullptr || field->null || !part_of_word(node, field->word, out)) {
      evaluate(node.parts[0], out);
      if (!out.null) part_of_value(node, out);
    }
    out.type = node.type;
  }

  // What is null as soon as one part is.
  void strict(const ExpressionNode& node, Scalar& out) const {
    evaluate(node.parts[0], out);
    Scalar others[2];
    const size_t count = node.what == What::concat ? 1 : node.parts.size();
    for (size_t i = 1; i < count && !out.null; ++i) {
      evaluate(node.parts[i], others[i - 1]);
      if (others[i - 1].null) out.null = true;
    }
    for (size_t i = 1; i < node.parts.size() && node.what == What::concat && !out.null; ++i) {
      evaluate(node.parts[i], others[0]);
      out.null = others[0].null;
      if (!out.null) out.text += others[0].text;
    }
    if (!out.null && node.what != What::concat) value_of_parts(node, std::span(others, count - 1), out);
    out.type = node.type;
  }

  const Expression::Program& program_;
  std::span<const FieldValue> fields_;
};

}  // namespace

void Expression::evaluate(std::span<const FieldValue> fields, Scalar& out) const {
  Evaluator(*program_, fields).evaluate(program_->root, out);
  // A number that is none is null wherever it arose.
  if (!out.null && out.type == ValueType::number && std::isnan(out.number)) out.null = true;
}

}  // namespace tessera
