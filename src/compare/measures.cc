// measures.cc: what is measured on pairs of values? (see measures.h)
#include "compare/measures.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstring>
#include <limits>
#include <numeric>

#include "compare/measure_filter.h"
#include "kernels/bits.h"
#include "kernels/calendar.h"
#include "kernels/letters.h"
#include "kernels/qgrams.h"
#include "kernels/sets.h"
#include "kernels/similarity.h"
#include "kernels/similarity_batch.h"

namespace tessera {

namespace {

using What = Measure::What;
constexpr double not_known = std::numeric_limits<double>::quiet_NaN();

bool is_distance(What what) {
  return what == What::levenshtein || what == What::optimal_alignment || what == What::damerau_levenshtein;
}

// Of a text with itself.
double of_equal_texts(What what) { return is_distance(what) ? 0 : 1; }

double of_texts(const PlanMeasure& m, std::string_view a, std::string_view b, const Nicknames& nicknames) {
  switch (m.what) {
    case What::jaro: return jaro(a, b, m.bytes);
    case What::jaro_winkler: return jaro_winkler(a, b, m.bytes);
    case What::levenshtein: return static_cast<double>(levenshtein(a, b, m.bytes));
    case What::levenshtein_ratio: return levenshtein_ratio(a, b, m.bytes);
    case What::optimal_alignment: return static_cast<double>(optimal_alignment(a, b, m.bytes));
    case What::damerau_levenshtein: return static_cast<double>(damerau_levenshtein(a, b, m.bytes));
    case What::jaccard: return jaccard(a, b, m.q, m.bytes);
    case What::cosine: return cosine(a, b, m.q, m.bytes);
    case What::nickname: return nicknames.alike(a, b) ? 1 : 0;
    case What::initial: return is_initial_of(a, b) || is_initial_of(b, a) ? 1 : 0;
    case What::prefix: return is_prefix_of(a, b) || is_prefix_of(b, a) ? 1 : 0;
    case What::contains: return a.find(b) != a.npos || b.find(a) != b.npos ? 1 : 0;
    default: return not_known;
  }
}

// Whether a batch kernel takes this measure.
bool in_batches(What what) {
  return what == What::jaro || what == What::jaro_winkler || what == What::levenshtein ||
         what == What::optimal_alignment || what == What::levenshtein_ratio;
}

size_t length_of(const ShortText& text) {
  size_t n = 0;
  while (n < sizeof text.bytes && text.bytes[n] != 0) ++n;
  return n;
}

// values[i] of the texts left[i] and right[i].
void run_batch(const PlanMeasure& m, double* values, MeasureScratch& scratch) {
  const size_t count = scratch.left.size();
  switch (m.what) {
    case What::jaro: jaro_batch(scratch.left, scratch.right, values); break;
    case What::jaro_winkler: jaro_winkler_batch(scratch.left, scratch.right, values); break;
    default:
      scratch.distances.resize(count);
      if (m.what == What::optimal_alignment)
        optimal_alignment_batch(scratch.left, scratch.right, scratch.distances.data());
      else
        levenshtein_batch(scratch.left, scratch.right, scratch.distances.data());
      for (size_t i = 0; i < count; ++i) values[i] = scratch.distances[i];
      if (m.what == What::levenshtein_ratio)
        for (size_t i = 0; i < count; ++i) {
          const auto longer = static_cast<double>(std::max(length_of(scratch.left[i]), length_of(scratch.right[i])));
          values[i] = 1 - values[i] / longer;
        }
  }
}

// Whether two texts are by their letters alone less alike than `least`.
bool too_unlike(const ValueDomain::OtherText& a, const ValueDomain::OtherText& b, double least) {
  if (a.letters == 0 || b.letters == 0) return false;
  size_t prefix = 0;
  while (prefix < std::min({a.text.size(), b.text.size(), size_t{4}}) && a.text[prefix] == b.text[prefix]) ++prefix;
  return jaro_winkler_most(a.text.size(), b.text.size(), a.letters, b.letters, prefix) < least;
}

// Whether a value is in a batch of longer texts: ASCII without NUL, of 32 characters at most.
bool fits_halved(const ValueDomain& domain, Code code) {
  if (domain.is_short(code)) return true;
  const ValueDomain::OtherText other = domain.other_text(code);
  return other.letters != 0 && other.text.size() <= halved_text_bytes;
}

void put_halved(const ValueDomain& domain, Code code, ShortText& first, ShortText& rest) {
  if (!domain.is_short(code)) return put_halved_text(domain.other_text(code).text, first, rest);
  first = domain.short_text(code);
  rest = {};
}

// Those of Jaro whose texts are longer than a ShortText, at `places`.
void run_halved_batch(const PlanMeasure& m, const ValueDomain& domain, std::span<const CodePair> pairs, double* out,
                      HalvedPairs& halved) {
  const size_t count = halved.places.size();
  if (count == 0) return;
  for (auto* texts : {&halved.left_first, &halved.left_rest, &halved.right_first, &halved.right_rest})
    texts->resize(count);
  halved.values.resize(count);
  for (size_t k = 0; k < count; ++k) {
    const auto [a, b] = pairs[halved.places[k]];
    put_halved(domain, a, halved.left_first[k], halved.left_rest[k]);
    put_halved(domain, b, halved.right_first[k], halved.right_rest[k]);
  }
  const HalvedTexts left{halved.left_first.data(), halved.left_rest.data()};
  const HalvedTexts right{halved.right_first.data(), halved.right_rest.data()};
  m.what == What::jaro ? jaro_halved_batch(left, right, count, halved.values.data())
                       : jaro_winkler_halved_batch(left, right, count, halved.values.data());
  for (size_t k = 0; k < count; ++k) out[halved.places[k]] = halved.values[k];
}

// The pairs that have to be measured, by place; the others get a value beyond the limit.
std::span<const uint32_t> near_pairs(const PlanMeasure& m, const MeasureContext& context,
                                     std::span<const CodePair> pairs, double* out, MeasureScratch& scratch) {
  scratch.near.resize(pairs.size());
  if (!context.filter) {
    std::iota(scratch.near.begin(), scratch.near.end(), 0u);
    return scratch.near;
  }
  std::fill_n(out, pairs.size(), is_distance(m.what) ? std::numeric_limits<double>::infinity() : 0);
  return std::span(scratch.near).first(context.filter->keep(pairs, scratch.near.data()));
}

// `domain`: of the texts.
void measure_texts(const PlanMeasure& m, const ValueDomain& domain, const MeasureContext& context,
                   std::span<const CodePair> pairs, double* out, MeasureScratch& scratch) {
  const bool batches = in_batches(m.what);
  const bool likeness = m.what == What::jaro || m.what == What::jaro_winkler, bounded = likeness && context.least > 0;
  const std::span<const uint32_t> near = near_pairs(m, context, pairs, out, scratch);
  scratch.left.resize(near.size());
  scratch.right.resize(near.size());
  scratch.places.resize(near.size());
  scratch.halved.places.clear();
  size_t batched = 0;
  const auto text = [&](Code code) { return domain.is_short(code) ? domain.text(code) : domain.other_text(code).text; };
  constexpr size_t ahead = 24, far_ahead = 2 * ahead;  // a place, then what it points to
  for (size_t k = 0; k < near.size(); ++k) {
    if (k + far_ahead < near.size()) {
      const auto [a, b] = pairs[near[k + far_ahead]];
      domain.prefetch_short(a);
      domain.prefetch_short(b);
    }
    if (k + ahead < near.size()) {
      const auto [a, b] = pairs[near[k + ahead]];
      domain.prefetch_other(a);
      domain.prefetch_other(b);
    }
    const uint32_t i = near[k];
    const auto [a, b] = pairs[i];
    if (a == b && (domain.is_short(a) || !text(a).empty())) {
      out[i] = of_equal_texts(m.what);
    } else if (batches && domain.is_short(a) && domain.is_short(b)) {
      scratch.left[batched] = domain.short_text(a);
      scratch.right[batched] = domain.short_text(b);
      scratch.places[batched++] = i;
    } else if (likeness && fits_halved(domain, a) && fits_halved(domain, b)) {
      scratch.halved.places.push_back(i);
    } else if (bounded && !domain.is_short(a) && !domain.is_short(b) &&
               too_unlike(domain.other_text(a), domain.other_text(b), context.least)) {
      out[i] = 0;
    } else {
      out[i] = of_texts(m, text(a), text(b), context.nicknames);
    }
  }
  run_halved_batch(m, domain, pairs, out, scratch.halved);
  if (batched == 0) return;
  scratch.left.resize(batched);
  scratch.right.resize(batched);
  if (batched == pairs.size()) return run_batch(m, out, scratch);
  scratch.values.resize(batched);
  run_batch(m, scratch.values.data(), scratch);
  for (size_t i = 0; i < batched; ++i) out[scratch.places[i]] = scratch.values[i];
}

// The highest likeness or the least distance of an item of one list and one of the other; of an empty list: unknown.
// Items are measured together, those of some pairs at a time, and their values taken back in the same order.
void measure_items(const PlanMeasure& m, const MeasureContext& context, std::span<const CodePair> pairs, double* out,
                   MeasureScratch& scratch) {
  constexpr size_t together = 4096;  // or those of one pair, if they are more
  const auto items_of = [&](Code list) { return context.domain.items(list); };
  for (size_t begin = 0, end = 0; begin < pairs.size(); begin = end) {
    scratch.items.clear();
    for (; end < pairs.size() && scratch.items.size() < together; ++end)
      for (const Code a : items_of(pairs[end].left))
        for (const Code b : items_of(pairs[end].right)) scratch.items.push_back({a, b});
    scratch.item_values.resize(scratch.items.size());
    measure_texts(m, *context.items, context, scratch.items, scratch.item_values.data(), scratch);
    const double* value = scratch.item_values.data();
    for (size_t i = begin; i < end; ++i) {
      const size_t count = items_of(pairs[i].left).size() * items_of(pairs[i].right).size();
      const std::span<const double> values(value, count);
      out[i] = count == 0            ? not_known
               : is_distance(m.what) ? *std::ranges::min_element(values)
                                     : *std::ranges::max_element(values);
      value += count;
    }
  }
}

// Of encoded filters: bytes of one length.
double of_filters(What what, std::string_view a, std::string_view b) {
  assert(a.size() == b.size());
  BitCounts counts;
  for (size_t at = 0; at < a.size(); at += sizeof(uint64_t)) {
    uint64_t left = 0, right = 0;
    const size_t bytes = std::min(a.size() - at, sizeof left);
    std::memcpy(&left, a.data() + at, bytes);
    std::memcpy(&right, b.data() + at, bytes);
    counts.add(left, right);
  }
  return similarity(what == What::dice ? BitMeasure::dice : BitMeasure::jaccard, counts);
}

double of_dates(What what, double a, double b) {
  if (what == What::date_elements) return date_elements(a, b);
  if (what == What::swapped_date) return swapped_day_and_month(a, b) ? 1 : 0;
  if (what == What::month_boundaries) return std::abs(month_boundaries(a, b));
  return std::abs(year_boundaries(a, b));
}

double of_numbers(What what, double a, double b) {
  if (std::isnan(a) || std::isnan(b)) return not_known;
  switch (what) {
    case What::difference: return a - b;
    case What::absolute_difference:
    case What::days: return std::abs(a - b);
    case What::percentage_difference: return std::abs(a - b) / std::max(a, b);
    case What::months: return std::abs(a - b) / days_of_month;
    case What::years: return std::abs(a - b) / days_of_year;
    default: return of_dates(what, a, b);
  }
}

double of_lists(What what, const MeasureContext& context, Code a, Code b) {
  const auto left = context.domain.items(a), right = context.domain.items(b);
  if (what == What::items_in_common) return static_cast<double>(items_in_common(left, right));
  if (what == What::items_jaccard) return items_jaccard(left, right);
  if (what == What::items_subset) return items_in_common(left, right) == std::min(left.size(), right.size()) ? 1 : 0;
  return token_likeness(left, right, context.item_weights);
}

}  // namespace

void measure_pairs(const PlanMeasure& measure, const MeasureContext& context, std::span<const CodePair> pairs,
                   double* out, MeasureScratch& scratch) {
  if (measure.best_of_items) return measure_items(measure, context, pairs, out, scratch);
  switch (measure.what) {
    case What::items_in_common:
    case What::items_jaccard:
    case What::items_subset:
    case What::token_likeness:
      for (size_t i = 0; i < pairs.size(); ++i) out[i] = of_lists(measure.what, context, pairs[i].left, pairs[i].right);
      return;
    case What::dice:
    case What::bits_jaccard:
      for (size_t i = 0; i < pairs.size(); ++i)
        out[i] = of_filters(measure.what, context.domain.text(pairs[i].left), context.domain.text(pairs[i].right));
      return;
    case What::difference:
    case What::absolute_difference:
    case What::percentage_difference:
    case What::days:
    case What::months:
    case What::years:
    case What::month_boundaries:
    case What::year_boundaries:
    case What::date_elements:
    case What::swapped_date:
      for (size_t i = 0; i < pairs.size(); ++i)
        out[i] = of_numbers(measure.what, context.domain.number(pairs[i].left), context.domain.number(pairs[i].right));
      return;
    case What::equal:
    case What::distance_km: assert(false && "not measured here"); return;
    default: measure_texts(measure, context.domain, context, pairs, out, scratch);
  }
}

double measure_distance(double latitude1, double longitude1, double latitude2, double longitude2) {
  return distance_km(latitude1, longitude1, latitude2, longitude2);
}

}  // namespace tessera
