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

uint64_t MeasureFilter::mark_of(std::string_view text, uint64_t letters) {
  if (text.empty() || text.size() > length_max) return 0;
  const uint64_t first = static_cast<unsigned char>(text[0]) & 31u;
  return (letters & letter_bits) | uint64_t{text.size()} << length_shift | first << first_shift;
}

MeasureFilter::MeasureFilter(const ValueDomain& domain, Measure::What what, double least, double most) {
  const Limit limit{what, least, most};
  if ((least <= 0 && std::isinf(most)) || !common_needed(limit, 1, 1, false)) return;
  for (size_t a = 1; a <= length_max; ++a)
    for (size_t b = 1; b <= length_max; ++b)
      for (const bool same_start : {false, true})
        needed_[a | b << 5 | size_t{same_start} << 10] = static_cast<uint8_t>(*common_needed(limit, a, b, same_start));
  marks_.resize(domain.size(), 0);
  tbb::parallel_for(tbb::blocked_range<Code>(1, static_cast<Code>(domain.size()), 4096), [&](const auto& range) {
    for (Code code = range.begin(); code < range.end(); ++code) {
      if (domain.is_short(code)) {
        const std::string_view text = domain.text(code);
        marks_[code] = mark_of(text, letters_of(text));
      } else if (const auto [text, letters] = domain.other_text(code); letters != 0) {
        marks_[code] = mark_of(text, letters);
      }
    }
  });
}

size_t MeasureFilter::keep(std::span<const CodePair> pairs, uint32_t* places) const {
  constexpr size_t ahead = 32;
  size_t kept = 0;
  for (size_t i = 0; i < pairs.size(); ++i) {
    const CodePair later = pairs[std::min(i + ahead, pairs.size() - 1)];
    __builtin_prefetch(&mark(later.left));
    __builtin_prefetch(&mark(later.right));
    const uint64_t a = mark(pairs[i].left), b = mark(pairs[i].right);
    const auto of_a = (a >> length_shift & length_max) - static_cast<unsigned>(std::popcount(a & ~b & letter_bits));
    const auto of_b = (b >> length_shift & length_max) - static_cast<unsigned>(std::popcount(b & ~a & letter_bits));
    places[kept] = static_cast<uint32_t>(i);
    kept += std::min(of_a, of_b) >= needed_[place(a, b)];
  }
  return kept;
}

}  // namespace tessera
