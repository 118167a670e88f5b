// pair_conditions.cc: for which pairs of a block does a condition hold? (see pair_block.h)
//
// A condition is a tree; each node is asked of the pairs that the nodes before it have left open, so a measure is taken
// only where it decides.
#include <bit>
#include <cmath>

#include "compare/pair_block.h"

namespace tessera {

namespace {

// out[k] = of(value of pair open[k] beside the bound); NaN is unknown.
template <class Compares>
void compare_values(const double* values, std::span<const uint16_t> open, uint8_t* out, Compares compares) {
  for (size_t k = 0; k < open.size(); ++k) {
    const double value = values[open[k]];
    out[k] = static_cast<uint8_t>(std::isnan(value) ? 2 : compares(value) ? 1 : 0);
  }
}

}  // namespace

void PairBlock::test(const PlanCondition& condition, uint8_t* out) {
  std::vector<uint16_t>& open = scratch_.open;
  open.resize(count_);
  for (size_t i = 0; i < count_; ++i) open[i] = static_cast<uint16_t>(i);
  evaluate(condition, 0, open, out, 0);
  for (size_t i = 0; i < count_; ++i) out[i] = out[i] == yes;
}

void PairBlock::evaluate(const PlanCondition& condition, uint32_t at, std::span<const uint16_t> open, uint8_t* out,
                         size_t depth) {
  const PlanCondition::Node& node = condition.nodes[at];
  switch (node.what) {
    case ModelCondition::What::always: std::fill_n(out, open.size(), yes); return;
    case ModelCondition::What::all_of: return combine(condition, node, open, out, depth, no);
    case ModelCondition::What::any_of: return combine(condition, node, open, out, depth, yes);
    case ModelCondition::What::negation:
      evaluate(condition, node.parts[0], open, out, depth + 1);
      for (size_t k = 0; k < open.size(); ++k) out[k] = out[k] == unknown ? unknown : out[k] == yes ? no : yes;
      return;
    case ModelCondition::What::left: return one_side(node, left(node.side), open, out);
    case ModelCondition::What::right: return one_side(node, right(node.side), open, out);
    case ModelCondition::What::measure: return measured(node, open, out);
  }
}

void PairBlock::one_side(const PlanCondition::Node& node, const Codes& codes, std::span<const uint16_t> open,
                         uint8_t* out) {
  if (node.null_test) {
    for (size_t k = 0; k < open.size(); ++k) out[k] = codes[open[k]] == 0;
    return;
  }
  for (size_t k = 0; k < open.size(); ++k) {  // codes of truths: 0 null, 1 no, 2 yes
    const Code code = codes[open[k]];
    out[k] = code == 0 ? unknown : code == 2 ? yes : no;
  }
}

// all_of: `decided` is no; any_of: yes. Parts are tried only where the earlier ones have not decided.
void PairBlock::combine(const PlanCondition& condition, const PlanCondition::Node& node, std::span<const uint16_t> open,
                        uint8_t* out, size_t depth, Truth decided) {
  if (scratch_.spare_truth.size() <= depth) {
    scratch_.spare_truth.resize(depth + 1);
    scratch_.spare_open.resize(depth + 1);
    scratch_.spare_place.resize(depth + 1);
  }
  // Vectors of one depth are in use by this call only; deeper calls may move the outer vector, not these buffers.
  std::vector<uint16_t> pairs = std::move(scratch_.spare_open[depth]);
  std::vector<uint16_t> place = std::move(scratch_.spare_place[depth]);
  std::vector<uint8_t> truth = std::move(scratch_.spare_truth[depth]);
  pairs.assign(open.begin(), open.end());
  place.resize(open.size());
  for (size_t k = 0; k < place.size(); ++k) place[k] = static_cast<uint16_t>(k);
  std::fill_n(out, open.size(), decided == no ? yes : no);
  for (const uint32_t part : node.parts) {
    truth.resize(pairs.size());
    evaluate(condition, part, pairs, truth.data(), depth + 1);
    size_t kept = 0;
    for (size_t k = 0; k < pairs.size(); ++k) {
      if (truth[k] == unknown || truth[k] == decided) out[place[k]] = truth[k];
      pairs[kept] = pairs[k];
      place[kept] = place[k];
      kept += truth[k] != decided;
    }
    pairs.resize(kept);
    place.resize(kept);
    if (kept == 0) break;
  }
  scratch_.spare_open[depth] = std::move(pairs);
  scratch_.spare_place[depth] = std::move(place);
  scratch_.spare_truth[depth] = std::move(truth);
}

void PairBlock::equal(const PlanMeasure& m, std::span<const uint16_t> open, uint8_t* out) {
  if (m.left != m.right) {
    const Codes a = left(m.left), b = right(m.right);
    for (size_t k = 0; k < open.size(); ++k) {
      const Code x = a[open[k]], y = b[open[k]];
      out[k] = x == 0 || y == 0 ? unknown : x == y ? yes : no;
    }
    return;
  }
  const CodeLayout::Place& place = comparer_.layout_.place(m.left);
  const auto& gathered = scratch_.gathered[place.word];
  const int free_bit = std::countr_zero(place.free_bit());
  static_assert(no == 0 && yes == 1 && unknown == 2);
  for (size_t k = 0; k < open.size(); ++k) {
    const uint64_t known = gathered.known[open[k]] >> free_bit & 1, agree = gathered.agree[open[k]] >> free_bit & 1;
    out[k] = static_cast<uint8_t>(agree | (known ^ 1) << 1);
  }
}

void PairBlock::measured(const PlanCondition::Node& node, std::span<const uint16_t> open, uint8_t* out) {
  const PlanMeasure& m = comparer_.plan_.measures[node.measure];
  if (m.what == Measure::What::equal) return equal(m, open, out);
  compute(node.measure, m, open);
  const double* const values = scratch_.values[node.measure].data();
  const double bound = node.bound;
  switch (node.compare) {
    case Comparator::equal: return compare_values(values, open, out, [=](double v) { return v == bound; });
    case Comparator::not_equal: return compare_values(values, open, out, [=](double v) { return v != bound; });
    case Comparator::less: return compare_values(values, open, out, [=](double v) { return v < bound; });
    case Comparator::less_equal: return compare_values(values, open, out, [=](double v) { return v <= bound; });
    case Comparator::greater: return compare_values(values, open, out, [=](double v) { return v > bound; });
    case Comparator::greater_equal: return compare_values(values, open, out, [=](double v) { return v >= bound; });
  }
}

// Measures what has not been measured in this block.
void PairBlock::compute(uint32_t index, const PlanMeasure& m, std::span<const uint16_t> open) {
  std::vector<double>& values = scratch_.values[index];
  std::vector<uint32_t>& done = scratch_.measured[index];
  const Codes a = left(m.left), b = right(m.right);
  scratch_.wanted.resize(open.size());
  scratch_.wanted_pair.resize(open.size());
  size_t count = 0;
  for (const uint16_t i : open) {
    if (done[i] == scratch_.turn) continue;
    done[i] = scratch_.turn;
    const CodePair codes{a[i], b[i]};
    if (codes.left == 0 || codes.right == 0) {
      values[i] = std::nan("");
      continue;
    }
    scratch_.wanted[count] = codes;
    scratch_.wanted_pair[count++] = i;
  }
  scratch_.wanted.resize(count);
  scratch_.wanted_pair.resize(count);
  if (count == 0) return;
  if (m.what == Measure::What::distance_km) {
    distances(m, values);
    return;
  }
  measure_wanted(index, m, &comparer_.filters_[index]);
  for (size_t k = 0; k < count; ++k) values[scratch_.wanted_pair[k]] = scratch_.results[k];
}

void PairBlock::distances(const PlanMeasure& m, std::vector<double>& values) {
  const ValueDomain& latitude = comparer_.domains_[comparer_.plan_.columns[m.left].domain];
  const ValueDomain& longitude = comparer_.domains_[comparer_.plan_.columns[m.left2].domain];
  const Codes a = left(m.left2), b = right(m.right2);
  for (size_t k = 0; k < scratch_.wanted.size(); ++k) {
    const uint16_t i = scratch_.wanted_pair[k];
    const CodePair at = scratch_.wanted[k];
    values[i] = a[i] == 0 || b[i] == 0 ? std::nan("")
                                       : measure_distance(latitude.number(at.left), longitude.number(a[i]),
                                                          latitude.number(at.right), longitude.number(b[i]));
  }
}

}  // namespace tessera
