// pair_block.cc: how are some hundred pairs compared together? (see pair_block.h)
#include "compare/pair_block.h"

#include <algorithm>
#include <bit>

namespace tessera {

namespace {

constexpr size_t prefetch_pairs = 32;

}  // namespace

template <size_t words>
void PairBlock::gather_words(const CodeRows& left, const CodeRows& right, std::span<const RecordPair> pairs) {
  const std::span<const CodeLayout::Word> layout = comparer_.layout_.words();
  const size_t count = words == 0 ? layout.size() : words;
  for (size_t i = 0; i < std::min(prefetch_pairs, count_); ++i) {
    left.prefetch(pairs[i].left);
    right.prefetch(pairs[i].right);
  }
  for (size_t i = 0; i < count_; ++i) {
    const RecordPair ahead = pairs[std::min(i + prefetch_pairs, pairs.size() - 1)];
    left.prefetch(ahead.left);
    right.prefetch(ahead.right);
    const uint64_t *a = left.row(pairs[i].left), *b = right.row(pairs[i].right);
    for (size_t w = 0; w < count; ++w) {
      PairComparer::Scratch::Gathered& to = scratch_.gathered[w];
      to.own_left[i] = a[w];
      to.own_right[i] = b[w];
    }
  }
  for (PairComparer::Scratch::Gathered& each : scratch_.gathered) {
    each.left = each.own_left.data();
    each.right = each.own_right.data();
  }
  find_agreements();
}

void PairBlock::find_agreements() {
  ++scratch_.turn;
  for (size_t w = 0; w < scratch_.gathered.size(); ++w) {
    PairComparer::Scratch::Gathered& of = scratch_.gathered[w];
    const CodeLayout::Word& word = comparer_.layout_.words()[w];
    find_agreement({of.left, of.right, of.known.data(), of.agree.data()}, word.code_bits, word.free_bits, count_);
  }
}

void PairBlock::gather(const CodeRows& left, const CodeRows& right, std::span<const RecordPair> pairs) {
  count_ = std::min(pairs.size(), block_pairs_model);
  switch (comparer_.layout_.words().size()) {
    case 1: return gather_words<1>(left, right, pairs);
    case 2: return gather_words<2>(left, right, pairs);
    case 3: return gather_words<3>(left, right, pairs);
    default: return gather_words<0>(left, right, pairs);
  }
}

void PairBlock::load(const CodeRows& left, const CodeRows& right, const RecordGrid& grid) {
  count_ = records_ = grid.left.size();
  // `of`: what a row has, to its place.
  const auto take = [this](PairComparer::Scratch::OfGrid& to, auto of_left, auto of_right) {
    for (size_t i = 0; i < records_; ++i) {
      to.left[i] = of_left(i);
      to.right[i] = to.right[records_ + i] = of_right(i);
    }
  };
  for (size_t i = 0; i < records_; ++i) {
    left.prefetch(grid.left[i]);
    right.prefetch(grid.right[i]);
  }
  for (size_t w = 0; w < scratch_.grid_words.size(); ++w)
    take(
        scratch_.grid_words[w], [&](size_t i) { return left.row(grid.left[i])[w]; },
        [&](size_t i) { return right.row(grid.right[i])[w]; });
  for (const PairComparer::Ladder& ladder : comparer_.ladders_) {
    const MeasureFilter* const filter = ladder.levels == 0 ? nullptr : &comparer_.filters_[ladder.measure];
    if (filter == nullptr || filter->empty()) continue;
    const PlanMeasure& m = comparer_.plan_.measures[ladder.measure];
    const CodeLayout::Place &a = comparer_.layout_.place(m.left), &b = comparer_.layout_.place(m.right);
    const PairComparer::Scratch::OfGrid &a_words = scratch_.grid_words[a.word], &b_words = scratch_.grid_words[b.word];
    for (size_t i = 0; i < records_; ++i) {
      filter->prefetch(a.code_of(a_words.left[i]));
      filter->prefetch(b.code_of(b_words.right[i]));
    }
    take(
        scratch_.grid_marks[ladder.measure], [&](size_t i) { return filter->mark(a.code_of(a_words.left[i])); },
        [&](size_t i) { return filter->mark(b.code_of(b_words.right[i])); });
  }
}

void PairBlock::take_turn(size_t turn) {
  turn_ = turn;
  for (size_t w = 0; w < scratch_.gathered.size(); ++w) {
    scratch_.gathered[w].left = scratch_.grid_words[w].left.data();
    scratch_.gathered[w].right = scratch_.grid_words[w].right.data() + turn;
  }
  find_agreements();
}

PairBlock::Codes PairBlock::left(ColumnId column) const {
  const CodeLayout::Place& place = comparer_.layout_.place(column);
  return {scratch_.gathered[place.word].left, place};
}

PairBlock::Codes PairBlock::right(ColumnId column) const {
  const CodeLayout::Place& place = comparer_.layout_.place(column);
  return {scratch_.gathered[place.word].right, place};
}

void PairBlock::add_digits(size_t number, Pattern* patterns) {
  const PlanComparison& comparison = comparer_.plan_.comparisons[number];
  const PairComparer::Opening& opening = comparer_.openings_[number];
  const PairComparer::Ladder& ladder = comparer_.ladders_[number];
  const Pattern otherwise = opening.closes ? opening.otherwise : ladder.closes ? ladder.digits.back() : 0;
  open_with(opening, otherwise, patterns);
  if (opening.closes) return;
  if (ladder.levels > 0) climb(ladder, otherwise, patterns);
  if (ladder.closes) return;
  std::vector<uint16_t>& open = scratch_.open;
  list(scratch_.open_bits);
  for (const PlanLevel& level : std::span(comparison.levels).subspan(opening.levels + ladder.levels)) {
    if (open.empty()) return;
    const Pattern digit = Pattern{level.digit} << comparison.shift;
    if (level.condition.nodes[0].what == ModelCondition::What::always) {
      for (const uint16_t i : open) patterns[i] |= digit;
      return;
    }
    scratch_.truth.resize(open.size());
    evaluate(level.condition, 0, open, scratch_.truth.data(), 0);
    size_t left = 0;
    for (size_t k = 0; k < open.size(); ++k) {
      const uint16_t i = open[k];
      const bool taken = scratch_.truth[k] == yes;
      patterns[i] |= taken ? digit : 0;
      open[left] = i;
      left += !taken;
    }
    open.resize(left);
  }
  // No level took them, and there is no "else": they say nothing, as null.
}

FreeBit PairBlock::free_bit(Bits words, ColumnId column) const {
  const CodeLayout::Place& place = comparer_.layout_.place(column);
  return {(scratch_.gathered[place.word].*words).data(), place.free_bit()};
}

// The opening levels; leaves in `open_bits` the pairs that they have not taken, which have the digit `otherwise`.
void PairBlock::open_with(const PairComparer::Opening& opening, Pattern otherwise, Pattern* patterns) {
  scratch_.open_bits.fill(0);
  if (opening.left == opening.right) {
    OpeningLevels levels{.otherwise = otherwise};
    if (opening.null) levels.known = free_bit(&PairComparer::Scratch::Gathered::known, opening.left);
    scratch_.equalities.clear();
    for (const auto& equality : opening.equalities)
      scratch_.equalities.push_back({free_bit(&PairComparer::Scratch::Gathered::agree, equality.left), equality.digit});
    levels.equalities = scratch_.equalities;
    return open_levels(levels, count_, patterns, scratch_.open_bits.data());
  }
  const Codes a = left(opening.left), b = right(opening.right);
  const bool equal = !opening.equalities.empty();  // at most one
  const Pattern digit = equal ? opening.equalities[0].digit : 0;
  for (size_t i = 0; i < count_; ++i) {
    const bool known = a[i] != 0 && b[i] != 0, taken = equal && known && a[i] == b[i];
    const bool stays = !taken && (known || !opening.null);
    patterns[i] |= taken ? digit : stays ? otherwise : 0;
    scratch_.open_bits[i / 64] |= uint64_t{stays} << i % 64;
  }
}

// The pairs of the ones among the bits, into `open`.
void PairBlock::list(std::span<const uint64_t> bits) {
  scratch_.open.resize(block_pairs_model);
  size_t count = 0;
  for (size_t w = 0; w < bits.size(); ++w)
    for (uint64_t rest = bits[w]; rest != 0; rest &= rest - 1)
      scratch_.open[count++] = static_cast<uint16_t>(64 * w + static_cast<size_t>(std::countr_zero(rest)));
  scratch_.open.resize(count);
}

// The open pairs whose texts may be near enough, into `open`.
void PairBlock::list_near(uint32_t measure) {
  const MeasureFilter& filter = comparer_.filters_[measure];
  if (filter.empty()) return list(scratch_.open_bits);
  scratch_.near_bits.fill(0);
  if (records_ > 0) {
    const PairComparer::Scratch::OfGrid& marks = scratch_.grid_marks[measure];
    filter.near(marks.left.data(), marks.right.data() + turn_, count_, scratch_.near_bits.data());
    for (size_t w = 0; w < scratch_.near_bits.size(); ++w) scratch_.near_bits[w] &= scratch_.open_bits[w];
    return list(scratch_.near_bits);
  }
  list(scratch_.open_bits);
  std::vector<uint16_t>& open = scratch_.open;
  const PlanMeasure& m = comparer_.plan_.measures[measure];
  const Codes a = left(m.left), b = right(m.right);
  for (const uint16_t i : open) {
    filter.prefetch(a[i]);
    filter.prefetch(b[i]);
  }
  for (size_t k = 0; k < open.size(); ++k) {
    scratch_.left_marks[k] = filter.mark(a[open[k]]);
    scratch_.right_marks[k] = filter.mark(b[open[k]]);
  }
  filter.near(scratch_.left_marks.data(), scratch_.right_marks.data(), open.size(), scratch_.near_bits.data());
  size_t kept = 0;
  for (size_t w = 0; w < scratch_.near_bits.size(); ++w)
    for (uint64_t rest = scratch_.near_bits[w]; rest != 0; rest &= rest - 1)
      open[kept++] = open[64 * w + static_cast<size_t>(std::countr_zero(rest))];
  open.resize(kept);
}

// The levels of a ladder: whom one takes is open no more, and has its digit in place of `otherwise`.
void PairBlock::climb(const PairComparer::Ladder& ladder, Pattern otherwise, Pattern* patterns) {
  list_near(ladder.measure);
  const std::vector<uint16_t>& open = scratch_.open;
  const size_t count = open.size();
  if (count == 0) return;
  const PlanMeasure& m = comparer_.plan_.measures[ladder.measure];
  const Codes a = left(m.left), b = right(m.right);
  scratch_.wanted.resize(count);
  for (size_t k = 0; k < count; ++k) scratch_.wanted[k] = {a[open[k]], b[open[k]]};
  measure_wanted(ladder.measure, m, nullptr);

  // The place of the first bound that holds; unknown values pass none. Bounds need not be in order.
  const double* const values = scratch_.results.data();
  const size_t bounds = ladder.bounds.size();
  const auto each = [&](auto holds) {
    for (size_t k = 0; k < count; ++k) {
      size_t place = bounds;
      for (size_t i = bounds; i-- > 0;) place = holds(values[k], ladder.bounds[i]) ? i : place;
      const uint16_t i = open[k];
      patterns[i] ^= ladder.digits[place] ^ otherwise;
      scratch_.open_bits[i / 64] &= ~(uint64_t{place != bounds} << i % 64);
    }
  };
  if (ladder.at_most)
    each([](double value, double bound) { return value <= bound; });
  else
    each([](double value, double bound) { return value >= bound; });
}

// results[k] of wanted[k]. `filter`: of the measure, unless it has been asked already.
void PairBlock::measure_wanted(uint32_t index, const PlanMeasure& m, const MeasureFilter* filter) {
  scratch_.results.resize(scratch_.wanted.size());
  const PlanColumn& column = comparer_.plan_.columns[m.left];
  MeasureContext context{.domain = comparer_.domains_[column.domain],
                         .nicknames = comparer_.nicknames_,
                         .least = comparer_.least_[index],
                         .most = comparer_.most_[index],
                         .filter = filter && !filter->empty() ? filter : nullptr};
  if (column.type == ValueType::list) {
    context.items = &comparer_.domains_[column.item_domain];
    context.item_weights = comparer_.item_weights_[column.item_domain];
  }
  measure_pairs(m, context, scratch_.wanted, scratch_.results.data(), scratch_.measure);
}

}  // namespace tessera
