#include "services/filter_pairs.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cstring>

#include "base/base64.h"
#include "services/model_step.h"

namespace tessera {
namespace {

// The filters of the records of one side, decoded once for each distinct one.
class FilterReader {
 public:
  FilterReader(const ValueDomain& domain, const std::string& field) : domain_(domain), field_(field) {}

  // Sets `bytes`, of a filter, by the first that is seen. Counts the records that have one.
  Status read(const std::vector<Code>& codes, size_t& bytes, std::vector<uint64_t>& out, uint64_t& count) {
    std::string filter;
    for (const Code code : codes) {
      if (code == 0) continue;
      filter.clear();
      if (!read_base64(domain_.text(code), filter)) continue;  // the standardiser has looked at it
      if (bytes == 0) bytes = filter.size();
      break;
    }
    const size_t words = (bytes + 7) / 8;
    out.assign(codes.size() * words, 0);
    for (size_t row = 0; row < codes.size(); ++row) {
      if (codes[row] == 0) continue;
      filter.clear();
      (void)read_base64(domain_.text(codes[row]), filter);
      if (filter.size() != bytes)
        return fail(
            ErrorCode::data,
            fmt::format("the filters of \"{}\" have different lengths: {} and {} bits\nhelp: both sides are to be "
                        "encoded by the same schema",
                        field_, bytes * 8, filter.size() * 8));
      std::memcpy(out.data() + row * words, filter.data(), bytes);
      ++count;
    }
    return {};
  }

 private:
  const ValueDomain& domain_;
  const std::string& field_;
};

BitMeasure measure_of(Similar::How how) { return how == Similar::How::dice ? BitMeasure::dice : BitMeasure::jaccard; }

}  // namespace

Result<FilterPairs> FilterPairs::make(const ModelRun& run) {
  FilterPairs out;
  out.how_ = *run.step.step->similar;
  out.within_ = run.within();
  const auto& columns = run.step.plan.columns;
  const auto column =
      std::ranges::find_if(columns, [&](const PlanColumn& c) { return c.base && c.expression.text == out.how_.field; });
  const auto id = static_cast<size_t>(column - columns.begin());
  FilterReader reader(run.values.domains()[column->domain], out.how_.field);
  size_t bytes = 0;
  TESSERA_TRY(reader.read(run.left.table.columns[id], bytes, out.left_, out.left_count_));
  if (!out.within_) TESSERA_TRY(reader.read(run.right.table.columns[id], bytes, out.right_, out.right_count_));
  if (out.left_count_ == 0) out.left_.assign(run.left.rows() * ((bytes + 7) / 8), 0);
  out.bits_ = bytes * 8;
  out.words_ = (bytes + 7) / 8;
  return out;
}

double FilterPairs::similarity(RecordPair pair) const {
  const uint64_t* const a = left_.data() + pair.left * words_;
  const uint64_t* const b = right().words.data() + pair.right * words_;
  unsigned common = 0, of_a = 0, of_b = 0;
  for (size_t i = 0; i < words_; ++i) {
    common += static_cast<unsigned>(std::popcount(a[i] & b[i]));
    of_a += static_cast<unsigned>(std::popcount(a[i]));
    of_b += static_cast<unsigned>(std::popcount(b[i]));
  }
  return tessera::similarity(measure_of(how_.how), {.common = static_cast<uint16_t>(common),
                                                    .from_bits = static_cast<uint16_t>(of_a),
                                                    .to_bits = static_cast<uint16_t>(of_b)});
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
