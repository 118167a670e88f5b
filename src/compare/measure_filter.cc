// measure_filter.cc: how many characters must two texts have in common? (see measure_filter.h)
#include "compare/measure_filter.h"

#include <oneapi/tbb/blocked_range.h>
#include <oneapi/tbb/parallel_for.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <optional>

#include "kernels/letters.h"

namespace tessera {

namespace {

using What = Measure::What;

struct Limit {
  What what;
  double least, most;
};

// The least number of common characters with which texts of two lengths may be within the limit; more than they have:
// never. Nothing for measures that common characters do not bound.
std::optional<size_t> common_needed(const Limit& limit, size_t a, size_t b, bool same_start) {
  const size_t shorter = std::min(a, b), longer = std::max(a, b);
  const auto first_with = [&](auto holds) {
    size_t common = 0;
    while (common <= shorter && !holds(common)) ++common;
    return common;
  };
  // A character that an edit does not touch, or only swaps, is one in common: no distance is below what is left over.
  const auto least_distance = [longer](size_t common) { return static_cast<double>(longer - common); };
  switch (limit.what) {
    case What::jaro:
    case What::jaro_winkler: {
      const size_t prefix = same_start ? std::min<size_t>(shorter, 4) : 0;
      return first_with([&](size_t common) { return jaro_winkler_most(a, b, common, prefix) >= limit.least; });
    }
    case What::levenshtein:
    case What::optimal_alignment:
      return first_with([&](size_t common) { return least_distance(common) <= limit.most; });
    case What::levenshtein_ratio:
      return first_with([&](size_t common) {
        return 1 - least_distance(common) / static_cast<double>(longer) + 1e-9 >= limit.least;
      });
    default: return std::nullopt;
  }
}

}  // namespace

MeasureFilter::MeasureFilter(const ValueDomain& domain, Measure::What what, double least, double most) {
  const Limit limit{what, least, most};
  if ((least <= 0 && std::isinf(most)) || !common_needed(limit, 1, 1, false)) return;
  // One edit of texts of one length is one place, or the two of an exchange.
  if (most == 1 && what == What::levenshtein) places_most_ = 1;
  if (most == 1 && what == What::optimal_alignment) places_most_ = 2;
  constexpr size_t longest = CommonNeeded::length_max;
  if (places_most_ == 0)
    for (size_t a = 1; a <= longest; ++a)
      for (size_t b = 1; b <= longest; ++b)
        for (const bool same_start : {false, true})
          needed_.set(a, b, same_start, static_cast<uint8_t>(*common_needed(limit, a, b, same_start)));
  marks_.resize(domain.size(), 0);
  tbb::parallel_for(tbb::blocked_range<Code>(1, static_cast<Code>(domain.size()), 4096), [&](const auto& range) {
    for (Code code = range.begin(); code < range.end(); ++code) {
      if (domain.is_short(code)) {
        const std::string_view text = domain.text(code);
        marks_[code] = places_most_ > 0 ? place_mark(text) : letter_mark(text, letters_of(text));
      } else if (const auto [text, letters] = domain.other_text(code); letters != 0 && places_most_ == 0) {
        marks_[code] = letter_mark(text, letters);
      }
    }
  });
}

void MeasureFilter::near(const uint64_t* left, const uint64_t* right, size_t count, uint64_t* bits) const {
  const MarkKernels& kernel = mark_kernels(kernels());
  if (places_most_ > 0)
    kernel.places(left, right, count, places_most_, bits);
  else
    kernel.letters(left, right, count, needed_, bits);
}

size_t MeasureFilter::keep(std::span<const CodePair> pairs, uint32_t* places) const {
  constexpr size_t ahead = 32, together = 64;
  uint64_t left[together] = {}, right[together] = {};
  size_t kept = 0;
  for (size_t begin = 0; begin < pairs.size(); begin += together) {
    const size_t count = std::min(together, pairs.size() - begin);
    for (size_t i = 0; i < count; ++i) {
      const CodePair later = pairs[std::min(begin + i + ahead, pairs.size() - 1)];
      prefetch(later.left);
      prefetch(later.right);
      left[i] = mark(pairs[begin + i].left);
      right[i] = mark(pairs[begin + i].right);
    }
    uint64_t bits = 0;
    near(left, right, count, &bits);
    for (; bits != 0; bits &= bits - 1)
      places[kept++] = static_cast<uint32_t>(begin) + static_cast<uint32_t>(std::countr_zero(bits));
  }
  return kept;
}

}  // namespace tessera
