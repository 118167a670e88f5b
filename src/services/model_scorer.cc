// model_scorer.cc: what is a pair worth? (see model_scorer.h)
#include "services/model_scorer.h"

#include <oneapi/tbb/parallel_for.h>

#include <algorithm>
#include <cmath>

namespace tessera {

ValueShares::ValueShares(const ModelPlan& plan, std::span<const ValueTable* const> tables,
                         std::span<const ValueDomain> domains)
    : shares_(plan.columns.size()), logs_(plan.columns.size()), log_min_(plan.columns.size(), 0) {
  std::vector<ColumnId> columns;
  for (const PlanComparison& comparison : plan.comparisons)
    for (const PlanFrequency& frequency : comparison.frequencies) columns.push_back(frequency.column);
  std::ranges::sort(columns);
  columns.erase(std::ranges::unique(columns).begin(), columns.end());
  tbb::parallel_for(size_t{0}, columns.size(), [&](size_t i) {
    const ColumnId column = columns[i];
    std::vector<uint64_t> counts(domains[plan.columns[column].domain].size(), 0);
    for (const ValueTable* table : tables)
      for (const Code code : table->columns[column]) ++counts[code];
    counts[0] = 0;
    uint64_t all = 0;
    for (const uint64_t count : counts) all += count;
    std::vector<double>& shares = shares_[column];
    shares.resize(counts.size());
    for (size_t c = 0; c < counts.size(); ++c)
      shares[c] = all == 0 ? 0 : static_cast<double>(counts[c]) / static_cast<double>(all);
    logs_[column].resize(shares.size());
    for (size_t c = 0; c < shares.size(); ++c) {
      logs_[column][c] = std::log2(shares[c]);
      if (shares[c] > 0) log_min_[column] = std::min(log_min_[column], logs_[column][c]);
    }
  });
}

Scorer::Scorer(const ModelPlan& plan, const ValueShares& shares, WeightTable table)
    : plan_(&plan), shares_(&shares), table_(std::move(table)) {
  for (const uint32_t c : table_.frequency_comparisons()) {
    const PlanComparison& comparison = plan.comparisons[c];
    Counted& counted = counted_.emplace_back(Counted{.comparison = c, .column = {}, .most = {}});
    for (unsigned digit = 0; digit < comparison.digits; ++digit) {
      const int frequency = table_.frequency_of(c, digit);
      counted.column.push_back(frequency < 0 ? Counted::none
                                             : comparison.frequencies[static_cast<size_t>(frequency)].column);
      // An adjustment grows or falls with the logarithm: it is greatest at an end.
      double most = 0;
      if (frequency >= 0)
        for (const double log_share : {shares.log_share_min(counted.column.back()), 0.0})
          most = std::max(most, table_.adjustment_of_logs(c, digit, log_share, log_share));
      counted.most.push_back(most);
    }
  }
}

const ColumnId* Scorer::Counted::one_column() const {
  const ColumnId* one = nullptr;
  for (const ColumnId& of : column) {
    if (of == none) continue;
    if (one && *one != of) return nullptr;
    one = &of;
  }
  return one;
}

Result<Scorer> Scorer::make(const Model& model, const ModelPlan& plan, const ValueShares& shares) {
  TESSERA_ASSIGN(WeightTable table, WeightTable::build(model, plan));
  return Scorer(plan, shares, std::move(table));
}

Scorer::OfPattern Scorer::of_pattern(Pattern pattern) const {
  OfPattern out{.known = true, .pattern = pattern, .weight = table_.weight(pattern)};
  if (table_.has_related()) out.related = table_.related_weight(pattern);
  out.most = out.weight;
  for (size_t k = 0; k < counted_.size(); ++k) {
    const unsigned digit = plan_->comparisons[counted_[k].comparison].digit(pattern);
    if (counted_[k].column[digit] == Counted::none) continue;
    out.most += counted_[k].most[digit];
    out.counted |= uint64_t{1} << k;
  }
  return out;
}

void Scorer::score(const ComparedSides& sides, std::span<const RecordPair> pairs, std::span<const Pattern> patterns,
                   double least, double* weights, Scratch& scratch) const {
  constexpr unsigned known_bits = 12;
  scratch.known.resize(size_t{1} << known_bits);
  scratch.open.resize(pairs.size());
  scratch.places.resize(pairs.size());
  scratch.counted.resize(pairs.size());
  scratch.related.resize(pairs.size());
  size_t count = 0;  // without a branch: whether a pair may reach it is as good as random
  for (size_t i = 0; i < pairs.size(); ++i) {
    OfPattern& of = scratch.known[patterns[i] * 0x9e3779b97f4a7c15 >> (64 - known_bits)];
    if (of.pattern != patterns[i] || !of.known) [[unlikely]]
      of = of_pattern(patterns[i]);
    weights[i] = of.weight;
    scratch.related[i] = of.related;
    scratch.counted[i] = of.counted;
    scratch.open[count] = static_cast<uint32_t>(i);
    count += of.most >= least;
  }
  const auto open = std::span(scratch.open).first(count);
  const bool third = table_.has_related();
  for (size_t k = 0; k < counted_.size(); ++k) {
    const Counted& counted = counted_[k];
    const PlanComparison& comparison = plan_->comparisons[counted.comparison];
    size_t adjusted = 0;
    for (const uint32_t i : open) {
      scratch.places[adjusted] = i;
      adjusted += scratch.counted[i] >> k & 1;
    }
    const bool shared = third && table_.is_shared(counted.comparison);
    // Of one column, which nearly all have, it is found once where the values are.
    const ColumnId* const one = counted.one_column();
    const CodeLayout::Place* const place = one ? &sides.comparer.place(*one) : nullptr;
    for (const uint32_t i : std::span(scratch.places).first(adjusted)) {
      const unsigned digit = comparison.digit(patterns[i]);
      const ColumnId column = one ? *one : counted.column[digit];
      const CodeLayout::Place& at = place ? *place : sides.comparer.place(column);
      const Code left = at.code(sides.left.row(pairs[i].left)), right = at.code(sides.right.row(pairs[i].right));
      const double left_log = shares_->log_share(column, left);
      const double adjustment = table_.adjustment_of_logs(counted.comparison, digit, left_log,
                                                          left == right ? left_log : shares_->log_share(column, right));
      weights[i] += adjustment;
      if (shared) scratch.related[i] += adjustment;
    }
  }
  if (!third) return;
  for (const uint32_t i : open)
    if (weights[i] >= least) weights[i] = WeightTable::against_related(weights[i], scratch.related[i]);  // never more
}

std::pair<double, double> Scorer::shares_of(const ComparedSides& sides, RecordPair pair, Pattern pattern,
                                            size_t comparison) const {
  const PlanComparison& of = plan_->comparisons[comparison];
  const int frequency = table_.frequency_of(comparison, of.digit(pattern));
  if (frequency < 0) return {0, 0};
  const ColumnId column = of.frequencies[static_cast<size_t>(frequency)].column;
  return {shares_->share(column, sides.comparer.code(sides.left, pair.left, column)),
          shares_->share(column, sides.comparer.code(sides.right, pair.right, column))};
}

}  // namespace tessera
