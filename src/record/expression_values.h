// expression_values.h: what is made of values that are there? Private to expression*.cc.
#pragma once

#include <compare>
#include <span>

#include "record/expression_program.h"

namespace tessera {

// Of two values of one type, neither null. Texts by their bytes, which is by their characters.
[[nodiscard]] std::partial_ordering order_of_scalars(const Scalar& a, const Scalar& b);

// The value of a node, of which `out` has the first part and `others` the rest. Sets out.null where there is none.
void value_of_parts(const ExpressionNode& node, std::span<const Scalar> others, Scalar& out);

// The same of What::part; `field`: the field that it is taken from, nullptr: from the text in `out`.
void part_of_value(const ExpressionNode& node, const FieldValue* field, Scalar& out);

}  // namespace tessera
