// nouns.cc: conditions put together (see measure.h)
#include "sql/measure.h"

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
