// compare.cc: on what does a pair of records agree?
#include "compare/compare.h"

#include <algorithm>
#include <cassert>
#include <cstdlib>

#include "kernels/date.h"

namespace tessera {

namespace {

constexpr size_t block_pairs = 256;  // two words of each of four slots: 16 KiB

uint64_t value(const WordRef& ref, uint64_t word) {
  if (ref.absent) return 0;
  return ref.derived ? derive_word(ref.kind, ref.part, word) : word;
}

constexpr uint64_t year_bits = ~uint64_t{511}, month_bits = 0x1e0, day_bits = 0x1f;

// Conditions on words as they are compared (derived already). Each is small enough to
// be inlined into its loop.
bool equal(uint64_t a, uint64_t b) { return a == b && a != 0; }
bool compatible(uint64_t a, uint64_t b) { return a == b || a == 0 || b == 0; }

bool date_swapped(uint64_t a, uint64_t b) {
  return (a & year_bits) == (b & year_bits) && full_date(a) && full_date(b) && month_of(a) == day_of(b) &&
         day_of(a) == month_of(b) && a != b;
}

bool date_partial(uint64_t a, uint64_t b) {
  const uint64_t differs = a ^ b;
  const int year = (differs & year_bits) == 0 && (a & year_bits) != 0;
  const int month = (differs & month_bits) == 0 && (a & month_bits) != 0;
  const int day = (differs & day_bits) == 0 && (a & day_bits) != 0;
  return year + month + day >= 2 || date_swapped(a, b);
}

bool within_days(uint64_t a, uint64_t b, int64_t bound) {
  return full_date(a) && full_date(b) && std::abs(int64_t{day_number(a)} - int64_t{day_number(b)}) <= bound;
}

bool within_years(uint64_t a, uint64_t b, int64_t bound) {
  return year_of(a) && year_of(b) && std::abs(int64_t{year_of(a)} - int64_t{year_of(b)}) <= bound;
}

bool within_number(uint64_t a, uint64_t b, int64_t bound) {
  return a && b && static_cast<int64_t>(a > b ? a - b : b - a) <= bound;
}

template <class Test>
void each(std::span<const uint64_t> a, std::span<const uint64_t> b, Pattern bit, Pattern* patterns, Test test) {
  for (size_t i = 0; i < a.size(); ++i) patterns[i] |= test(a[i], b[i]) ? bit : 0;
}

// Nearly all dates that meet are equal and whole, and then agree in part: asked of some together, without a closer look.
void each_partial_date(std::span<const uint64_t> a, std::span<const uint64_t> b, Pattern bit, Pattern* patterns) {
  constexpr size_t some = 16;
  size_t at = 0;
  for (; at + some <= a.size(); at += some) {
    const uint64_t *const x = a.data() + at, *const y = b.data() + at;
    uint64_t other = 0;
    for (size_t i = 0; i < some; ++i) other |= (x[i] ^ y[i]) | (full_date(x[i]) ? 0 : 1);
    if (other != 0)
      each(a.subspan(at, some), b.subspan(at, some), bit, patterns + at, date_partial);
    else
      for (size_t i = 0; i < some; ++i) patterns[at + i] |= bit;
  }
  each(a.subspan(at), b.subspan(at), bit, patterns + at, date_partial);
}

void apply(const PairCondition& c, std::span<const uint64_t> a, std::span<const uint64_t> b, Pattern bit,
           Pattern* patterns) {
  const int64_t bound = c.bound;
  switch (c.what) {
    case Condition::equal: return each(a, b, bit, patterns, equal);
    case Condition::compatible: return each(a, b, bit, patterns, compatible);
    case Condition::date_partial: return each_partial_date(a, b, bit, patterns);
    case Condition::date_swapped: return each(a, b, bit, patterns, date_swapped);
    case Condition::within_days:
      return each(a, b, bit, patterns, [=](uint64_t x, uint64_t y) { return within_days(x, y, bound); });
    case Condition::within_years:
      return each(a, b, bit, patterns, [=](uint64_t x, uint64_t y) { return within_years(x, y, bound); });
    case Condition::within_number:
      return each(a, b, bit, patterns, [=](uint64_t x, uint64_t y) { return within_number(x, y, bound); });
    case Condition::january_1:
      return each(a, b, bit, patterns, [](uint64_t x, uint64_t y) { return is_january_1(x) || is_january_1(y); });
    case Condition::pseudo_postcode:
      return each(a, b, bit, patterns,
                  [](uint64_t x, uint64_t y) { return is_pseudo_postcode(x) || is_pseudo_postcode(y); });
    case Condition::either_flag: return each(a, b, bit, patterns, [](uint64_t x, uint64_t y) { return (x | y) != 0; });
  }
}

// The column to compare: the gathered words, or what is derived from them.
std::span<const uint64_t> column(const WordRef& ref, std::span<const uint64_t> words, std::vector<uint64_t>& derived) {
  if (!ref.derived && !ref.absent) return words;
  derived.assign(words.size(), 0);
  if (ref.absent) return derived;
  if (ref.kind == Kind::date && ref.part == Part::whole) {
    for (size_t i = 0; i < words.size(); ++i) derived[i] = full_date(words[i]) ? words[i] : 0;
  } else if (ref.part == Part::whole) {
    return words;
  } else {
    for (size_t i = 0; i < words.size(); ++i) derived[i] = derive_word(ref.kind, ref.part, words[i]);
  }
  return derived;
}

// The slots that conditions look at on one side.
std::vector<uint32_t> slots_of(std::span<const PairCondition> conditions, WordRef PairCondition::* side) {
  std::vector<uint32_t> slots;
  for (const PairCondition& condition : conditions)
    if (!(condition.*side).absent) slots.push_back((condition.*side).slot);
  std::ranges::sort(slots);
  slots.erase(std::ranges::unique(slots).begin(), slots.end());
  return slots;
}

// Words of a block of pairs, one column a slot: those of the to side come from anywhere in memory, and are asked for
// some pairs ahead, over the end of the block.
void gather(std::span<const uint32_t> slots, const PackedRecords& to, std::span<const Pair> pairs, size_t at,
            size_t count, const std::byte** rows, uint64_t* columns) {
  constexpr size_t ahead = 40;  // more lines than the processor can wait for at once
  const size_t safe = pairs.size() - at > ahead ? std::min(count, pairs.size() - at - ahead) : 0;
  const PackedLayout& layout = to.layout();
  const Pair* block = pairs.data() + at;
  for (size_t i = 0; i < count; ++i) rows[i] = to.row(block[i].to);
  if (at == 0)
    for (size_t i = 0; i < std::min(ahead, pairs.size()); ++i) to.prefetch(pairs[i].to);
  const uint32_t first = slots.empty() ? 0 : slots[0];
  uint64_t* column = columns + first * block_pairs;
  for (size_t i = 0; i < safe; ++i) {
    to.prefetch(block[i + ahead].to);
    column[i] = layout.get(rows[i], first);
  }
  for (size_t i = safe; i < count; ++i) column[i] = layout.get(rows[i], first);
  for (const uint32_t slot : slots.subspan(std::min<size_t>(slots.size(), 1))) {
    column = columns + slot * block_pairs;
    for (size_t i = 0; i < count; ++i) column[i] = layout.get(rows[i], slot);
  }
}

}  // namespace

void compare_pairs(std::span<const PairCondition> conditions, const std::vector<std::vector<uint64_t>>& from,
                   const PackedRecords& to, std::span<const Pair> pairs, CompareScratch& scratch,
                   const UsePatterns& use) {
  const std::vector<uint32_t> from_slots = slots_of(conditions, &PairCondition::from);
  const std::vector<uint32_t> to_slots = slots_of(conditions, &PairCondition::to);
  scratch.from.resize(from.size() * block_pairs);
  scratch.to.resize(std::max<size_t>(to.layout().slots(), 1) * block_pairs);
  const std::byte* rows[block_pairs];
  Pattern patterns[block_pairs];
  for (size_t at = 0; at < pairs.size(); at += block_pairs) {
    const auto block = pairs.subspan(at, std::min(block_pairs, pairs.size() - at));
    for (const uint32_t slot : from_slots) {
      const uint64_t* words = from[slot].data();
      uint64_t* gathered = scratch.from.data() + slot * block_pairs;
      for (size_t i = 0; i < block.size(); ++i) gathered[i] = words[block[i].from];
    }
    gather(to_slots, to, pairs, at, block.size(), rows, scratch.to.data());
    std::fill_n(patterns, block.size(), Pattern{0});
    for (size_t c = 0; c < conditions.size(); ++c) {
      const PairCondition& condition = conditions[c];
      const std::span a(scratch.from.data() + condition.from.slot * block_pairs, block.size());
      const std::span b(scratch.to.data() + condition.to.slot * block_pairs, block.size());
      apply(condition, column(condition.from, a, scratch.derived_a), column(condition.to, b, scratch.derived_b),
            Pattern{1} << c, patterns);
    }
    use(at, {patterns, block.size()});
  }
}

bool holds(const PairCondition& condition, uint64_t from, uint64_t to) {
  const uint64_t a = value(condition.from, from);
  const uint64_t b = value(condition.to, to);
  Pattern pattern = 0;
  apply(condition, {&a, 1}, {&b, 1}, 1, &pattern);
  return pattern != 0;
}

bool beyond(const DateLimit& limit, uint64_t from, uint64_t to) {
  const uint64_t a = value(limit.from, from);
  const uint64_t b = value(limit.to, to);
  return full_date(a) && full_date(b) && day_number(a) > day_number(b) + limit.days;
}

}  // namespace tessera
