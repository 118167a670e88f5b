#include "block/similar_filters.h"
#include <algorithm>
#include <bit>
namespace tessera {
double similarity(BitMeasure measure, const SimilarPair& pair) {
  const double common = pair.common, sum = double(pair.from_bits) + pair.to_bits;
  if (sum == 0) return 0;
  return measure == BitMeasure::dice ? 2 * common / sum : common / (sum - common);
}
std::vector<SimilarPair> similar_filters(FilterSet from, FilterSet to, const FilterQuery& q) {
  std::vector<SimilarPair> out;
  for (uint32_t a = 0; a < from.count(); ++a) {
    const size_t begin = out.size();
    for (uint32_t b = q.within ? a + 1 : 0; b < to.count(); ++b) {
      SimilarPair p{.from = a, .to = b};
      for (size_t i = 0; i < from.words_each; ++i) {
        const uint64_t x = from.words[a * from.words_each + i], y = to.words[b * from.words_each + i];
        p.common = uint16_t(p.common + std::popcount(x & y));
        p.from_bits = uint16_t(p.from_bits + std::popcount(x));
        p.to_bits = uint16_t(p.to_bits + std::popcount(y));
      }
      if (p.from_bits && p.to_bits && similarity(q.measure, p) >= q.at_least) out.push_back(p);
    }
    if (q.top && out.size() - begin > q.top) {
      std::stable_sort(out.begin() + ptrdiff_t(begin), out.end(),
                       [&](auto& x, auto& y) { return similarity(q.measure, x) > similarity(q.measure, y); });
      out.resize(begin + q.top);
      std::sort(out.begin() + ptrdiff_t(begin), out.end(), [](auto& x, auto& y) { return x.to < y.to; });
    }
  }
  return out;
}
}  // namespace tessera
