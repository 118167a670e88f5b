// similar_filters.cc: which pairs of encoded filters are at least so alike? (see similar_filters.h)
//
//   both sides by their number of bits     a filter of 400 bits reaches 0.8 only with those of 267 to 600
//   pieces of one, groups of the other     who can be near enough to anybody of a group (kernels/near_filters.h)
//   bits in common of those                counted, and held against the least that their sum asks for
//
// Both measures follow from the bits in common and the sum of both: for each sum there is a least number in common, and
// so a distance beyond which no two are alike enough: the sum less twice that number.
#include "block/similar_filters.h"

#include <oneapi/tbb/enumerable_thread_specific.h>
#include <oneapi/tbb/parallel_for.h>

#include <algorithm>
#include <bit>
#include <cassert>
#include <numeric>

#include "block/telling_bits.h"
#include "kernels/near_filters.h"

namespace tessera {
namespace {

// Of the from side: what one task has at a time. Tables of a group are made anew for each piece.
constexpr size_t piece_groups_max = 64, pieces_wanted = 8;

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

  [[nodiscard]] size_t most() const { return bits.empty() ? 0 : bits.back(); }
  [[nodiscard]] size_t usual() const { return bits.empty() ? 0 : bits[bits.size() / 2]; }
};

// Copies of some filters: they are looked at over and over.
std::vector<uint64_t> side_by_side(FilterSet set, std::span<const uint32_t> rows) {
  std::vector<uint64_t> out;
  out.reserve(rows.size() * set.words_each);
  for (const uint32_t row : rows) {
    const auto filter = set.words.subspan(row * set.words_each, set.words_each);
    out.insert(out.end(), filter.begin(), filter.end());
  }
  return out;
}

// One of a piece, and one of a group, that can be near enough.
struct Candidate {
  uint32_t from = 0, lane = 0;
};

// The distance beyond which no two filters with so many bits together are alike enough; 0 also where none are.
size_t furthest(const std::vector<uint32_t>& least, size_t sum) { return sum - std::min<size_t>(sum, 2 * least[sum]); }

// What near_filters() is asked, by the sum of bits of two filters.
struct Bounds {
  unsigned shift = 0;
  std::vector<uint8_t> of_sum;

  // `sum_max`: of two filters that there are.
  Bounds(const std::vector<uint32_t>& least, size_t sum_max) {
    size_t most = 0;
    for (size_t sum = 0; sum <= sum_max; ++sum) most = std::max(most, furthest(least, sum));
    while (most >> shift >= 255) ++shift;
    of_sum.resize(sum_max + 1);
    for (size_t sum = 0; sum <= sum_max; ++sum)
      if (2 * least[sum] <= sum) of_sum[sum] = static_cast<uint8_t>((furthest(least, sum) >> shift) + 1);
  }
};

class Search {
 public:
  Search(FilterSet from, FilterSet to, const FilterQuery& query)
      : query_(query),
        from_set_(from),
        to_set_(to),
        bits_max_(from.words_each * 64),
        least_(least_in_common(query, bits_max_)),
        from_(from, bits_max_),
        to_(to, bits_max_),
        from_groups_(turn_over(from.words.data(), from.words_each, from_.rows)),
        to_groups_(turn_over(to.words.data(), to.words_each, to_.rows)),
        bounds_(least_, from_.most() + to_.most()),
        order_(telling_bits(from_groups_, to_groups_, furthest(least_, from_.usual() + to_.usual()))),
        kernel_(near_kernel(kernels())) {}

  std::vector<SimilarPair> run() const {
    const size_t each = table_filters * std::clamp<size_t>(from_groups_.count() / pieces_wanted, 1, piece_groups_max);
    const size_t pieces = (from_.rows.size() + each - 1) / each;
    std::vector<std::vector<SimilarPair>> found(pieces);
    tbb::enumerable_thread_specific<NearRoom> rooms;
    tbb::parallel_for(size_t{0}, pieces, [&](size_t piece) {
      found[piece] = search(piece * each, std::min((piece + 1) * each, from_.rows.size()), rooms.local());
    });
    // By the filter that they are from, then those of each sorted: rows come in order of bits, not of numbers.
    std::vector<size_t> starts(from_set_.count() + 1);
    for (const auto& of_piece : found)
      for (const SimilarPair& pair : of_piece) ++starts[pair.from + 1];
    std::inclusive_scan(starts.begin(), starts.end(), starts.begin());
    std::vector<SimilarPair> out(starts.back());
    std::vector<size_t> next(starts.begin(), starts.end() - 1);
    for (auto& of_piece : found) {
      for (const SimilarPair& pair : of_piece) out[next[pair.from]++] = pair;
      of_piece = {};
    }
    tbb::parallel_for(size_t{0}, from_set_.count(), [&](size_t from) {
      std::sort(out.begin() + static_cast<ptrdiff_t>(starts[from]),
                out.begin() + static_cast<ptrdiff_t>(starts[from + 1]),
                [](const SimilarPair& a, const SimilarPair& b) { return a.to < b.to; });
    });
    return out;
  }

 private:
  // Places of the to side, [first, last).
  struct Window {
    size_t first = 0, last = 0;
  };

  // Of the i-th filter of the from side: those whose number of bits allows it. Within a set, those before it have met it
  // already. Neither end goes back from one filter to the next.
  [[nodiscard]] Window window_of(size_t i) const {
    const size_t bits = from_.bits[i];
    const auto fits = [&](size_t other) { return least_[bits + other] <= std::min(bits, other); };
    size_t first = bits, last = bits;
    while (first > 1 && fits(first - 1)) --first;
    while (last < bits_max_ && fits(last + 1)) ++last;
    return {std::max<size_t>(to_.starts[first], query_.within ? i + 1 : 0), to_.starts[last + 1]};
  }

  // How near the filters of a group, places [first, last), have to be to one with so many bits.
  [[nodiscard]] uint8_t bound(size_t bits, size_t first, size_t last) const {
    const auto sums = bounds_.of_sum.begin() + static_cast<ptrdiff_t>(bits);
    return *std::max_element(sums + to_.bits[first], sums + to_.bits[last - 1] + 1);
  }

  // The pairs of the from side's filters [begin, end).
  [[nodiscard]] std::vector<SimilarPair> search(size_t begin, size_t end, NearRoom& room) const {
    const std::span rows = std::span(from_.rows).subspan(begin, end - begin);
    const size_t words = from_set_.words_each;
    const FieldFilters piece = cut_into_fields(from_groups_, begin / table_filters, rows.size(), order_);
    const std::vector<uint64_t> filters = side_by_side(from_set_, rows);
    std::vector<Window> windows;
    for (size_t i = begin; i < end; ++i)
      windows.push_back(i > begin && from_.bits[i] == from_.bits[i - 1] && !query_.within ? windows.back()
                                                                                          : window_of(i));
    NearLimits limits{.bounds = std::vector<uint8_t>(rows.size()), .shift = bounds_.shift};
    std::vector<SimilarPair> out;
    std::vector<Candidate> candidates;
    const size_t places_end = windows.back().last;
    size_t from = 0, to = 0;  // those of the piece whose window has places of the group
    for (size_t group = windows.front().first / table_filters; group * table_filters < places_end; ++group) {
      const size_t first = group * table_filters, last = std::min(first + table_filters, to_.rows.size());
      while (from < windows.size() && windows[from].last <= first) ++from;
      while (to < windows.size() && windows[to].first < last) ++to;
      for (size_t i = from; i < to; ++i)
        limits.bounds[i] = i > from && from_.bits[begin + i] == from_.bits[begin + i - 1]
                               ? limits.bounds[i - 1]
                               : bound(from_.bits[begin + i], first, last);
      if (from >= to) continue;
      const auto near = kernel_(to_groups_.group(group), order_, piece, from, to, limits, room);
      const auto others = side_by_side(to_set_, std::span(to_.rows).subspan(first, last - first));
      candidates.clear();
      for (size_t i = from; i < to; ++i)
        for (uint64_t lanes = near[i - from]; lanes != 0; lanes &= lanes - 1)
          candidates.push_back({static_cast<uint32_t>(i), static_cast<uint32_t>(std::countr_zero(lanes))});
      for (const Candidate& each : candidates)
        keep(begin + each.from, filters.data() + each.from * words, first + each.lane,
             others.data() + each.lane * words, windows[each.from], out);
    }
    if (query_.top > 0) keep_top(out);
    return out;
  }

  // Keeps the pair of the i-th filter and that of a place, `a` and `b`, if they are alike enough.
  void keep(size_t i, const uint64_t* a, size_t place, const uint64_t* b, Window window,
            std::vector<SimilarPair>& out) const {
    if (place < window.first || place >= window.last) return;
    const uint64_t common = bits_in_common(a, b, to_set_.words_each);
    if (common < least_[from_.bits[i] + to_.bits[place]]) return;
    SimilarPair pair{.from = from_.rows[i],
                     .to = to_.rows[place],
                     .common = static_cast<uint16_t>(common),
                     .from_bits = static_cast<uint16_t>(from_.bits[i]),
                     .to_bits = static_cast<uint16_t>(to_.bits[place])};
    if (query_.within && pair.from > pair.to) {
      std::swap(pair.from, pair.to);
      std::swap(pair.from_bits, pair.to_bits);
    }
    out.push_back(pair);
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
  FilterSet from_set_, to_set_;
  size_t bits_max_;
  std::vector<uint32_t> least_;  // bits in common, by the sum of both
  ByBits from_, to_;
  FilterGroups from_groups_, to_groups_;
  Bounds bounds_;
  BitOrder order_;
  NearKernel kernel_;
};

}  // namespace

std::vector<SimilarPair> similar_filters(FilterSet from, FilterSet to, const FilterQuery& query) {
  assert(from.words_each == to.words_each && from.words_each * 64 < size_t{UINT16_MAX});
  assert(!query.within || query.top == 0);
  if (from.count() == 0 || to.count() == 0) return {};
  return Search(from, to, query).run();
}

}  // namespace tessera
