#include "services/filter_pairs.h"

#include <algorithm>
#include <cstring>

#include "services/model_step.h"

namespace tessera {
namespace {

// The filters of the records of one side, a row of words for each. Returns how many have one.
uint64_t rows_of(const ValueDomain& domain, const std::vector<Code>& codes, size_t words, std::vector<uint64_t>& out) {
  uint64_t count = 0;
  out.assign(codes.size() * words, 0);
  for (size_t row = 0; row < codes.size(); ++row) {
    if (codes[row] == 0) continue;
    const std::string_view filter = domain.text(codes[row]);
    std::memcpy(out.data() + row * words, filter.data(), filter.size());
    ++count;
  }
  return count;
}

BitMeasure measure_of(Similar::How how) { return how == Similar::How::dice ? BitMeasure::dice : BitMeasure::jaccard; }

}  // namespace

FilterPairs::FilterPairs(const ModelRun& run) : how_(*run.step.step->similar), within_(run.within()) {
  const auto& columns = run.step.plan.columns;
  const auto column =
      std::ranges::find_if(columns, [&](const PlanColumn& c) { return c.base && c.expression.text == how_.field; });
  const auto id = static_cast<size_t>(column - columns.begin());
  const ValueDomain& domain = run.values.domains()[column->domain];
  const size_t bytes = domain.size() > 1 ? domain.text(1).size() : 0;
  bits_ = bytes * 8;
  words_ = (bytes + 7) / 8;
  left_count_ = rows_of(domain, run.left.table.columns[id], words_, left_);
  if (!within_) right_count_ = rows_of(domain, run.right.table.columns[id], words_, right_);
}

double FilterPairs::similarity(RecordPair pair) const {
  const uint64_t* const a = left_.data() + pair.left * words_;
  const uint64_t* const b = right().words.data() + pair.right * words_;
  BitCounts counts;
  for (size_t i = 0; i < words_; ++i) counts.add(a[i], b[i]);
  return tessera::similarity(measure_of(how_.how), counts);
}

void FilterPairs::score(std::span<const RecordPair> pairs, double* out) const {
  constexpr size_t ahead = 8;
  for (size_t i = 0; i < pairs.size(); ++i) {
    if (i + ahead < pairs.size()) {
      __builtin_prefetch(left_.data() + pairs[i + ahead].left * words_);
      __builtin_prefetch(right().words.data() + pairs[i + ahead].right * words_);
    }
    out[i] = similarity(pairs[i]);
  }
}

std::vector<RecordPair> FilterPairs::search() const {
  if (words_ == 0) return {};
  const FilterQuery query{
      .measure = measure_of(how_.how), .at_least = how_.at_least, .top = how_.top, .within = within_};
  std::vector<RecordPair> out;
  for (const SimilarPair& pair : similar_filters(left(), right(), query)) out.push_back({pair.from, pair.to});
  return out;
}

}  // namespace tessera
