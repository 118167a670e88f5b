// all_filters.h: which filters are alike, told by looking at every pair?
//
// The slow twin of similar_filters(): bits one by one.
#pragma once

#include <algorithm>
#include <tuple>
#include <vector>

#include "block/similar_filters.h"

namespace tessera::reference {

inline unsigned bits_of(std::span<const uint64_t> filter, std::span<const uint64_t> other) {
  unsigned count = 0;
  for (size_t bit = 0; bit < filter.size() * 64; ++bit)
    count += (filter[bit / 64] >> (bit % 64) & 1) != 0 && (other[bit / 64] >> (bit % 64) & 1) != 0;
  return count;
}

inline std::vector<SimilarPair> similar_filters(FilterSet from, FilterSet to, const FilterQuery& query) {
  std::vector<SimilarPair> out;
  const auto filter = [](FilterSet set, uint32_t i) { return set.words.subspan(i * set.words_each, set.words_each); };
  const auto alike = [&](const SimilarPair& p) {
    const double common = p.common, a = p.from_bits, b = p.to_bits;
    return query.measure == BitMeasure::dice ? 2 * common / (a + b) : common / (a + b - common);
  };
  for (uint32_t a = 0; a < from.count(); ++a) {
    std::vector<SimilarPair> of_from;
    for (uint32_t b = query.within ? a + 1 : 0; b < to.count(); ++b) {
      const auto x = filter(from, a), y = filter(to, b);
      const SimilarPair pair{.from = a,
                             .to = b,
                             .common = static_cast<uint16_t>(bits_of(x, y)),
                             .from_bits = static_cast<uint16_t>(bits_of(x, x)),
                             .to_bits = static_cast<uint16_t>(bits_of(y, y))};
      if (pair.common > 0 && alike(pair) >= query.at_least) of_from.push_back(pair);
    }
    if (query.top > 0 && of_from.size() > query.top) {
      std::ranges::sort(of_from, {}, [&](const SimilarPair& p) { return std::tuple(-alike(p), p.to); });
      of_from.resize(query.top);
      std::ranges::sort(of_from, {}, &SimilarPair::to);
    }
    out.insert(out.end(), of_from.begin(), of_from.end());
  }
  return out;
}

}  // namespace tessera::reference
