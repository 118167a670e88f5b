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

Result<Scorer> Scorer::make(const Model& model, const ModelPlan& plan, const ValueShares& shares) {
  TESSERA_ASSIGN(WeightTable table, WeightTable::build(model, plan));
  return Scorer(plan, shares, std::move(table));
}

void Scorer::score(const ComparedSides& sides, std::span<const RecordPair> pairs, std::span<const Pattern> patterns,
                   double least, double* weights) const {
  // Buffers: of pairs that may reach `least`, and of those of them whose level has a term frequency, by place.
  thread_local std::vector<uint32_t> open, places;
  thread_local std::vector<double> related;
  open.resize(pairs.size());
  places.resize(pairs.size());
  related.resize(pairs.size());
  // Without a branch: whether two names are equal is as good as random.
  size_t count = 0;
  for (size_t i = 0; i < pairs.size(); ++i) {
    double most = weights[i] = table_.weight(patterns[i]);
    for (const Counted& counted : counted_)
      most += counted.most[plan_->comparisons[counted.comparison].digit(patterns[i])];
    open[count] = static_cast<uint32_t>(i);
    count += most >= least;
  }
  const auto reaching = std::span(open).first(count);
  const bool third = table_.has_related();
  if (third)
    for (const uint32_t i : reaching) related[i] = table_.related_weight(patterns[i]);
  for (const Counted& counted : counted_) {
    const PlanComparison& comparison = plan_->comparisons[counted.comparison];
    size_t adjusted = 0;
    for (const uint32_t i : reaching) {
      places[adjusted] = i;
      adjusted += counted.column[comparison.digit(patterns[i])] != Counted::none;
    }
    const bool shared = third && table_.is_shared(counted.comparison);
    for (const uint32_t i : std::span(places).first(adjusted)) {
      const unsigned digit = comparison.digit(patterns[i]);
      const ColumnId column = counted.column[digit];
      const double adjustment = table_.adjustment_of_logs(
          counted.comparison, digit, shares_->log_share(column, sides.comparer.code(sides.left, pairs[i].left, column)),
          shares_->log_share(column, sides.comparer.code(sides.right, pairs[i].right, column)));
      weights[i] += adjustment;
      if (shared) related[i] += adjustment;
    }
  }
  if (!third) return;
  for (const uint32_t i : reaching)
    if (weights[i] >= least) weights[i] = WeightTable::against_related(weights[i], related[i]);  // never more
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
