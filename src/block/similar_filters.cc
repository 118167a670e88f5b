// similar_filters.cc: which pairs of encoded filters are at least so alike? (see similar_filters.h)
//
//   both sides by their number of bits       a filter of 400 bits reaches 0.8 only with those of 267 to 600
//   tiles of both that stay in the cache     each filter of a piece against the groups of a tile (kernels/bits.h)
//
// Both measures follow from the bits in common and the sum of both: for each sum there is a least number in common.
#include "block/similar_filters.h"

#include <oneapi/tbb/parallel_for.h>

#include <algorithm>
#include <bit>
#include <cassert>
#include <cmath>
#include <numeric>

namespace tessera {
namespace {

constexpr size_t piece_filters = 128;            // of the from side: what one task has at a time
constexpr size_t tile_bytes = size_t{16} << 10;  // of the to side

// By the sum of two filters' bits: how many they must have in common, at least 1.
std::vector<uint32_t> least_in_common(const FilterQuery& query, size_t bits) {
  std::vector<uint32_t> out(2 * bits + 1, 1);
  for (size_t sum = 1; sum < out.size(); ++sum) {
    uint32_t common = std::max<uint32_t>(1, out[sum - 1] - 1);
    while (2 * common <= sum && similarity(query.measure, {.common = common, .sum = sum}) < query.at_least) ++common;
    out[sum] = common;
  }
  return out;
}

// Filters with a bit, by their number of bits.
struct ByBits {
  std::vector<uint32_t> rows;
  std::vector<uint32_t> bits;    // of each of them
  std::vector<uint32_t> starts;  // by number of bits: the first of so many or more

  ByBits(FilterSet set, size_t bits_max) : starts(bits_max + 2) {
    std::vector<uint32_t> of_row(set.count());
    for (size_t row = 0; row < of_row.size(); ++row)
      for (size_t word = 0; word < set.words_each; ++word)
        of_row[row] += static_cast<uint32_t>(std::popcount(set.words[row * set.words_each + word]));
    std::vector<uint32_t> counts(bits_max + 2);
    for (const uint32_t each : of_row) ++counts[each];
    counts[0] = 0;
    std::exclusive_scan(counts.begin(), counts.end(), starts.begin(), 0u);
    rows.resize(starts.back());
    bits.resize(starts.back());
    std::vector<uint32_t> next = starts;
    for (uint32_t row = 0; row < of_row.size(); ++row) {
      if (of_row[row] == 0) continue;
      const uint32_t at = next[of_row[row]]++;
      rows[at] = row;
      bits[at] = of_row[row];
    }
  }
};

class Search {
 public:
  Search(FilterSet from, FilterSet to, const FilterQuery& query)
      : query_(query),
        set_(from),
        bits_max_(from.words_each * 64),
        least_(least_in_common(query, bits_max_)),
        from_(from, bits_max_),
        to_(to, bits_max_),
        groups_(turn_over(to.words.data(), to.words_each, to_.rows)),
        kernel_(bit_kernel(kernels())) {}

  std::vector<SimilarPair> run() const {
    const size_t pieces = (from_.rows.size() + piece_filters - 1) / piece_filters;
    std::vector<std::vector<SimilarPair>> found(pieces);
    tbb::parallel_for(size_t{0}, pieces, [&](size_t piece) { found[piece] = search(piece); });
    // By the filter that they are from, then those of each sorted: rows come in order of bits, not of numbers.
    std::vector<size_t> starts(set_.count() + 1);
    for (const auto& each : found)
      for (const SimilarPair& pair : each) ++starts[pair.from + 1];
    std::inclusive_scan(starts.begin(), starts.end(), starts.begin());
    std::vector<SimilarPair> out(starts.back());
    std::vector<size_t> next(starts.begin(), starts.end() - 1);
    for (auto& each : found) {
      for (const SimilarPair& pair : each) out[next[pair.from]++] = pair;
      each = {};
    }
    tbb::parallel_for(size_t{0}, set_.count(), [&](size_t from) {
      std::sort(out.begin() + static_cast<ptrdiff_t>(starts[from]),
                out.begin() + static_cast<ptrdiff_t>(starts[from + 1]),
                [](const SimilarPair& a, const SimilarPair& b) { return a.to < b.to; });
    });
    return out;
  }

 private:
  // The numbers of bits with which a filter of so many can be alike enough: [first, last].
  [[nodiscard]] std::pair<size_t, size_t> fitting(size_t bits) const {
    const auto fits = [&](size_t other) { return least_[bits + other] <= std::min(bits, other); };
    size_t first = bits, last = bits;
    while (first > 1 && fits(first - 1)) --first;
    while (last < bits_max_ && fits(last + 1)) ++last;
    return {first, last};
  }

  // Where it is looked whether a pair has hope: at the first cut where two filters of so many bits, set anywhere, have
  // none, with three standard deviations of what they have in common to spare; the eight of a group must all have none.
  [[nodiscard]] size_t cut_of(size_t bits) const {
    const auto all = static_cast<double>(bits_max_), share = static_cast<double>(bits) / all;
    for (size_t cut = 0; cut < bit_cuts; ++cut) {
      const auto before = static_cast<double>(bit_cut(cut, set_.words_each) * 64);
      const double common = before * share * share, to_come = (all - before) * share;
      const double spare = 3 * std::sqrt(before * share * share * (1 - share * share));
      if (common + to_come + spare < least_[2 * bits]) return cut;
    }
    return bit_cuts;
  }

  [[nodiscard]] BitQuery query_of(size_t i) const {
    BitQuery out{.filter = set_.words.data() + from_.rows[i] * set_.words_each, .cut = cut_of(from_.bits[i])};
    for (size_t word = bit_cut(out.cut, set_.words_each); word < set_.words_each; ++word)
      out.later += static_cast<uint64_t>(std::popcount(out.filter[word]));
    return out;
  }

  [[nodiscard]] std::vector<SimilarPair> search(size_t piece) const {
    const size_t begin = piece * piece_filters, end = std::min(begin + piece_filters, from_.rows.size());
    const size_t words = set_.words_each;
    const size_t tile = std::max<size_t>(1, tile_bytes / (words * bit_lanes * sizeof(uint64_t)));
    // Filters of a piece have nearly the same number of bits. Within a set, those before a filter have met it already.
    const auto window = [&](size_t i) {
      const auto [first, last] = fitting(from_.bits[i]);
      return std::pair(std::max<size_t>(to_.starts[first], query_.within ? i + 1 : 0), size_t{to_.starts[last + 1]});
    };
    std::vector<std::pair<size_t, size_t>> windows;
    std::vector<BitQuery> queries;
    for (size_t i = begin; i < end; ++i) {
      windows.push_back(i > begin && from_.bits[i] == from_.bits[i - 1] && !query_.within ? windows.back() : window(i));
      queries.push_back(query_of(i));
    }
    size_t first_place = to_.rows.size(), last_place = 0;
    for (const auto& [first, last] : windows) {
      first_place = std::min(first_place, first);
      last_place = std::max(last_place, last);
    }
    std::vector<SimilarPair> out;
    std::vector<BitHit> hits(tile);
    std::vector<uint32_t> least(tile);
    for (size_t group = first_place / bit_lanes; group * bit_lanes < last_place; group += tile) {
      const size_t tile_end = std::min(group + tile, groups_.count());
      for (size_t i = begin; i < end; ++i) {
        const auto [first, last] = windows[i - begin];
        const size_t from_group = std::max(group, first / bit_lanes);
        const size_t to_group = std::min(tile_end, (last + bit_lanes - 1) / bit_lanes);
        // The least of a group is that of its first filter, which has the fewest bits.
        if (i == begin || from_.bits[i] != from_.bits[i - 1])
          for (size_t g = group; g < tile_end; ++g) least[g - group] = least_[from_.bits[i] + to_.bits[g * bit_lanes]];
        if (from_group >= to_group) continue;
        const size_t count =
            kernel_(queries[i - begin], groups_, from_group, to_group, &least[from_group - group], hits.data());
        for (size_t h = 0; h < count; ++h) keep(i, hits[h], first, last, out);
      }
    }
    if (query_.top > 0) keep_top(out);
    return out;
  }

  void keep(size_t i, const BitHit& hit, size_t first, size_t last, std::vector<SimilarPair>& out) const {
    for (uint32_t lanes = hit.lanes; lanes != 0; lanes &= lanes - 1) {
      const auto lane = static_cast<size_t>(std::countr_zero(lanes));
      const size_t place = hit.group * bit_lanes + lane;
      if (place < first || place >= last) continue;
      if (hit.common[lane] < least_[from_.bits[i] + to_.bits[place]]) continue;
      SimilarPair pair{.from = from_.rows[i],
                       .to = to_.rows[place],
                       .common = static_cast<uint16_t>(hit.common[lane]),
                       .from_bits = static_cast<uint16_t>(from_.bits[i]),
                       .to_bits = static_cast<uint16_t>(to_.bits[place])};
      if (query_.within && pair.from > pair.to) {
        std::swap(pair.from, pair.to);
        std::swap(pair.from_bits, pair.to_bits);
      }
      out.push_back(pair);
    }
  }

  // A piece has all pairs of its filters.
  void keep_top(std::vector<SimilarPair>& pairs) const {
    std::ranges::sort(pairs, {}, [&](const SimilarPair& p) {
      return std::tuple(
          p.from, -similarity(query_.measure, {.common = p.common, .sum = uint64_t{p.from_bits} + p.to_bits}), p.to);
    });
    size_t of_from = 0, kept = 0;
    for (size_t i = 0; i < pairs.size(); ++i) {
      of_from = kept > 0 && pairs[kept - 1].from == pairs[i].from ? of_from + 1 : 0;
      if (of_from < query_.top) pairs[kept++] = pairs[i];
    }
    pairs.resize(kept);
  }

  FilterQuery query_;
  FilterSet set_;
  size_t bits_max_;
  std::vector<uint32_t> least_;
  ByBits from_, to_;
  BitGroups groups_;
  BitKernel kernel_;
};

}  // namespace

std::vector<SimilarPair> similar_filters(FilterSet from, FilterSet to, const FilterQuery& query) {
  assert(from.words_each == to.words_each && from.words_each < bit_words_max);
  assert(!query.within || query.top == 0);
  if (from.count() == 0 || to.count() == 0) return {};
  return Search(from, to, query).run();
}

}  // namespace tessera
