// expression_shapes.cc: what is each kind of expression called, and what does it take? (see expression_program.h)
#include <algorithm>
#include <array>
#include <cassert>

#include "record/expression_program.h"

namespace tessera {

namespace {

using What = SideExpression::What;
constexpr ValueType gives_number = ValueType::number, gives_truth = ValueType::truth, gives_list = ValueType::list,
                    gives_text = ValueType::text;

constexpr ExpressionShape shapes[] = {
    {What::null, "null", ""},
    {What::field, "field", ""},
    {What::text, "text", ""},
    {What::number, "number", "", gives_number},
    {What::part, "part", "t"},
    {What::lower, "lower", "t"},
    {What::upper, "upper", "t"},
    {What::trim, "trim", "t"},
    {What::concat, "concat", "t+"},
    {What::concat_words, "concat_words", "t+"},
    {What::substring, "substring", "tnn?"},
    {What::left, "left", "tn"},
    {What::right, "right", "tn"},
    {What::replace, "replace", "ttt"},
    {What::split_part, "split_part", "ttn"},
    {What::regexp_extract, "regexp_extract", "t"},
    {What::regexp_replace, "regexp_replace", "tt"},
    {What::double_metaphone, "double_metaphone", "t"},
    {What::nysiis, "nysiis", "t"},
    {What::to_text, "to_text", "v"},
    {What::format_date, "format_date", "n"},
    {What::length, "length", "t", gives_number},
    {What::to_number, "to_number", "v", gives_number},
    {What::parse_date, "parse_date", "t", gives_number},
    {What::date_of, "date_of", "v", gives_number},
    {What::seconds, "seconds", "n", gives_number},
    {What::year, "year", "n", gives_number},
    {What::month, "month", "n", gives_number},
    {What::day, "day", "n", gives_number},
    {What::add, "+", "nn", gives_number},
    {What::subtract, "-", "nn", gives_number},
    {What::multiply, "*", "nn", gives_number},
    {What::divide, "/", "nn", gives_number},
    {What::negative, "-", "n", gives_number},
    {What::absolute, "abs", "n", gives_number},
    {What::round, "round", "nn?", gives_number},
    {What::floor, "floor", "n", gives_number},
    {What::ceiling, "ceiling", "n", gives_number},
    {What::greatest, "greatest", "n+", gives_number},
    {What::least, "least", "n+", gives_number},
    {What::tokens, "tokens", "t", gives_list},
    {What::split, "split", "tt", gives_list},
    {What::count_of, "count_of", "l", gives_number},
    {What::coalesce, "coalesce", "S+", gives_text, true},
    {What::null_if, "null_if", "ss", gives_text, true},
    {What::choose, "choose", "S+", gives_text, true},
    {What::is_null, "is_null", "x", gives_truth},
    {What::equal, "=", "ss", gives_truth},
    {What::not_equal, "<>", "ss", gives_truth},
    {What::less, "<", "ss", gives_truth},
    {What::less_equal, "<=", "ss", gives_truth},
    {What::greater, ">", "ss", gives_truth},
    {What::greater_equal, ">=", "ss", gives_truth},
    {What::in, "in", "s+", gives_truth},
    {What::like, "like", "t", gives_truth},
    {What::all_of, "and", "c+", gives_truth},
    {What::any_of, "or", "c+", gives_truth},
    {What::negation, "not", "c", gives_truth},
};
static_assert(std::size(shapes) == static_cast<size_t>(What::negation) + 1);

}  // namespace

const ExpressionShape& shape_of(What what) {
  const ExpressionShape& shape = shapes[static_cast<size_t>(what)];
  assert(shape.what == what && "shapes are in the order of the enumeration");
  return shape;
}

}  // namespace tessera
