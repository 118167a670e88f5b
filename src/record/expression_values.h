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

// The same of What::part, of the text in `out`.
void part_of_value(const ExpressionNode& node, Scalar& out);

// The same of a field whose word says it: of dates and British postcodes. False: it does not.
bool part_of_word(const ExpressionNode& node, uint64_t word, Scalar& out);

}  // namespace tessera
