// nouns.cc: conditions put together (see measure.h)
#include "sql/measure.h"

#include <bit>
#include <cmath>

namespace tessera {

Comparator turned(Comparator op) {
  switch (op) {
    case Comparator::less: return Comparator::greater;
    case Comparator::less_equal: return Comparator::greater_equal;
    case Comparator::greater: return Comparator::less;
    case Comparator::greater_equal: return Comparator::less_equal;
    default: return op;
  }
}

ModelCondition measure_condition(Measure measure, Comparator op, double bound) {
  ModelCondition out;
  out.what = ModelCondition::What::measure;
  out.measure = std::move(measure);
  out.compare = op;
  out.bound = bound == 0 ? 0 : bound;  // no -0
  return out;
}
ModelCondition rounded_condition(const Measure& measure, Comparator op, double bound) {
  switch (op) {
    case Comparator::equal:
      return all_conditions({rounded_condition(measure, Comparator::less_equal, bound),
                             rounded_condition(measure, Comparator::greater_equal, bound)});
    case Comparator::not_equal: return not_condition(rounded_condition(measure, Comparator::equal, bound));
    default: break;
  }
  // The last float that is still below the bound (or at it); what is rounded to it lies below the middle between it
  // and the next, or there if it is even.
  const bool with_bound = op == Comparator::less_equal || op == Comparator::greater;
  auto last = static_cast<float>(bound);
  if (last > bound || (last == bound && !with_bound)) last = std::nextafter(last, -HUGE_VALF);
  const double middle = (double{last} + double{std::nextafter(last, HUGE_VALF)}) / 2;
  const bool even = std::bit_cast<uint32_t>(last) % 2 == 0;
  if (is_least(op)) return measure_condition(measure, even ? Comparator::less_equal : Comparator::less, middle);
  return measure_condition(measure, even ? Comparator::greater : Comparator::greater_equal, middle);
}
ModelCondition all_conditions(std::vector<ModelCondition> parts) {
  ModelCondition out;
  out.what = ModelCondition::What::all_of;
  out.parts = std::move(parts);
  return out;
}
ModelCondition any_condition(std::vector<ModelCondition> parts) {
  ModelCondition out;
  out.what = ModelCondition::What::any_of;
  out.parts = std::move(parts);
  return out;
}
ModelCondition not_condition(ModelCondition part) {
  ModelCondition out;
  out.what = ModelCondition::What::negation;
  out.parts.push_back(std::move(part));
  return out;
}
ModelCondition side_condition(SqlSide side, SideExpression truth) {
  ModelCondition out;
  out.what = side == SqlSide::left ? ModelCondition::What::left : ModelCondition::What::right;
  out.side = std::move(truth);
  return out;
}

}  // namespace tessera
