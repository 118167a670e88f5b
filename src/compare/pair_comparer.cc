// pair_comparer.cc: which level of each comparison does a pair reach? (see pair_comparer.h)
#include "compare/pair_comparer.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>

#include "compare/measures.h"

namespace tessera {

namespace {

constexpr size_t block_pairs_model = 512;  // codes of both sides for sixteen columns: 64 KiB
constexpr size_t prefetch_pairs = 16;

enum Truth : uint8_t { no = 0, yes = 1, unknown = 2 };

bool compares(Comparator how, double value, double bound) {
  switch (how) {
    case Comparator::equal: return value == bound;
    case Comparator::not_equal: return value != bound;
    case Comparator::less: return value < bound;
    case Comparator::less_equal: return value <= bound;
    case Comparator::greater: return value > bound;
    case Comparator::greater_equal: return value >= bound;
  }
  return false;
}

}  // namespace

CodeRows::CodeRows(const ValueTable& table, std::span<const ColumnId> columns)
    : stride_(std::max<size_t>(1, columns.size())), codes_(table.rows * stride_) {
  for (size_t at = 0; at < table.rows; at += 1024) {  // a piece of rows at a time stays in the cache
    const size_t end = std::min(table.rows, at + 1024);
    for (size_t c = 0; c < columns.size(); ++c) {
      const std::vector<Code>& from = table.columns[columns[c]];
      for (size_t row = at; row < end; ++row) codes_[row * stride_ + c] = from[row];
    }
  }
}

class PairComparer::Scratch {
 public:
  std::vector<Code> left, right;                // [slot][pair]
  std::vector<uint16_t> open, part_open;        // pairs that no level has taken yet
  std::vector<uint8_t> truth;                   // of a level, by place in `open`
  std::vector<std::vector<double>> values;      // by measure, by pair
  std::vector<std::vector<uint32_t>> measured;  // by measure, by pair: the turn in which it was computed
  uint32_t turn = 0;
  std::vector<CodePair> wanted;
  std::vector<uint16_t> wanted_pair;
  std::vector<double> results;
  MeasureScratch measure;
  std::vector<std::vector<uint8_t>> spare_truth;  // by depth of the condition
  std::vector<std::vector<uint16_t>> spare_open, spare_place;
};

void PairComparer::ScratchDeleter::operator()(Scratch* scratch) const { delete scratch; }

PairComparer::ScratchPtr PairComparer::scratch() const {
  auto made = ScratchPtr(new Scratch);
  made->values.resize(plan_.measures.size());
  made->measured.resize(plan_.measures.size());
  for (size_t i = 0; i < plan_.measures.size(); ++i) {
    made->values[i].resize(block_pairs_model);
    made->measured[i].resize(block_pairs_model);
  }
  made->left.resize(columns_.size() * block_pairs_model);
  made->right.resize(columns_.size() * block_pairs_model);
  return made;
}

PairComparer::PairComparer(const ModelPlan& plan, std::span<const ValueDomain> domains, const Nicknames& nicknames)
    : plan_(plan), domains_(domains), nicknames_(nicknames), item_weights_(domains.size()) {
  least_.assign(plan_.measures.size(), std::numeric_limits<double>::infinity());
  const auto look_at = [this](const PlanCondition& condition) {
    for (const PlanCondition::Node& node : condition.nodes) {
      if (node.what == ModelCondition::What::left || node.what == ModelCondition::What::right)
        columns_.push_back(node.side);
      if (node.what != ModelCondition::What::measure) continue;
      const PlanMeasure& m = plan_.measures[node.measure];
      const bool at_least = node.compare == Comparator::greater_equal || node.compare == Comparator::greater;
      least_[node.measure] = at_least ? std::min(least_[node.measure], node.bound) : 0;
      columns_.insert(columns_.end(), {m.left, m.right});
      if (m.what == Measure::What::distance_km) columns_.insert(columns_.end(), {m.left2, m.right2});
    }
  };
  for (const PlanComparison& comparison : plan.comparisons) {
    for (const PlanLevel& level : comparison.levels) look_at(level.condition);
    for (const PlanFrequency& frequency : comparison.frequencies) columns_.push_back(frequency.column);
  }
  for (const auto* rules : {&plan.rules, &plan.training_rules, &plan.certain_rules, &plan.pass_rules})
    for (const PlanRule& rule : *rules) look_at(rule.also);
  std::ranges::sort(columns_);
  columns_.erase(std::ranges::unique(columns_).begin(), columns_.end());
  slot_.assign(plan.columns.size(), 0);
  for (uint32_t i = 0; i < columns_.size(); ++i) slot_[columns_[i]] = i;
  for (const PlanComparison& comparison : plan.comparisons) openings_.push_back(opening_of(comparison));
}

PairComparer::Opening PairComparer::opening_of(const PlanComparison& comparison) const {
  Opening out;
  const auto tests_null = [](const PlanCondition::Node& node, ModelCondition::What side) {
    return node.what == side && node.null_test;
  };
  const auto& levels = comparison.levels;
  if (!levels.empty() && levels[0].null_level) {
    const auto& nodes = levels[0].condition.nodes;
    if (nodes[0].what == ModelCondition::What::any_of && nodes[0].parts.size() == 2) {
      const PlanCondition::Node &a = nodes[nodes[0].parts[0]], &b = nodes[nodes[0].parts[1]];
      if (tests_null(a, ModelCondition::What::left) && tests_null(b, ModelCondition::What::right))
        out = {.null = true, .left = a.side, .right = b.side};
    }
    if (!out.null) return out;
  }
  if (levels.size() <= out.levels()) return out;
  const PlanLevel& next = levels[out.levels()];
  const PlanCondition::Node& node = next.condition.nodes[0];
  if (node.what != ModelCondition::What::measure) return out;
  const PlanMeasure& measure = plan_.measures[node.measure];
  if (measure.what != Measure::What::equal || node.compare != Comparator::greater_equal || node.bound != 1) return out;
  if (out.null && (measure.left != out.left || measure.right != out.right)) return out;
  out.equal = true;
  out.left = measure.left;
  out.right = measure.right;
  out.digit = Pattern{next.digit} << comparison.shift;
  return out;
}

void PairComparer::weigh_items(std::span<const ValueTable* const> tables) {
  for (const PlanMeasure& m : plan_.measures) {
    if (m.what != Measure::What::token_likeness) continue;
    const PlanColumn& column = plan_.columns[m.left];
    std::vector<double>& weights = item_weights_[column.item_domain];
    if (!weights.empty()) continue;
    const ValueDomain& lists = domains_[column.domain];
    std::vector<uint64_t> of_list(lists.size(), 0), of_item(domains_[column.item_domain].size(), 0);
    uint64_t rows = 0;
    for (ColumnId c = 0; c < plan_.columns.size(); ++c) {
      if (plan_.columns[c].domain != column.domain) continue;
      for (const ValueTable* table : tables)
        for (const Code code : table->columns[c]) ++of_list[code], rows += code != 0;
    }
    for (Code list = 1; list < lists.size(); ++list)
      for (const Code item : lists.items(list)) of_item[item] += of_list[list];
    weights.resize(of_item.size());
    for (size_t i = 0; i < weights.size(); ++i)
      weights[i] = std::log2(1.0 + static_cast<double>(rows) / static_cast<double>(std::max<uint64_t>(1, of_item[i])));
  }
}

// A block of pairs: their codes, and the conditions on them.
class PairComparer::Block {
 public:
  Block(const PairComparer& comparer, Scratch& scratch) : comparer_(comparer), scratch_(scratch) {}

  void gather(const CodeRows& left, const CodeRows& right, std::span<const RecordPair> pairs) {
    count_ = pairs.size();
    const size_t columns = comparer_.columns_.size();
    for (size_t i = 0; i < std::min(prefetch_pairs, count_); ++i) {
      left.prefetch(pairs[i].left);
      right.prefetch(pairs[i].right);
    }
    for (size_t i = 0; i < count_; ++i) {
      if (i + prefetch_pairs < count_) {
        left.prefetch(pairs[i + prefetch_pairs].left);
        right.prefetch(pairs[i + prefetch_pairs].right);
      }
      const Code *a = left.row(pairs[i].left), *b = right.row(pairs[i].right);
      for (size_t c = 0; c < columns; ++c) {
        scratch_.left[c * block_pairs_model + i] = a[c];
        scratch_.right[c * block_pairs_model + i] = b[c];
      }
    }
    ++scratch_.turn;
  }

  void add_digits(const PlanComparison& comparison, const Opening& opening, Pattern* patterns) {
    std::vector<uint16_t>& open = scratch_.open;
    open.resize(count_);
    open_with(opening, patterns);
    for (const PlanLevel& level : std::span(comparison.levels).subspan(opening.levels())) {
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
      if (left == 0) return;
    }
    // No level took them, and there is no "else": they say nothing, as null.
  }

  void test(const PlanCondition& condition, uint8_t* out) {
    std::vector<uint16_t>& open = scratch_.open;
    open.resize(count_);
    for (size_t i = 0; i < count_; ++i) open[i] = static_cast<uint16_t>(i);
    evaluate(condition, 0, open, out, 0);
    for (size_t i = 0; i < count_; ++i) out[i] = out[i] == yes;
  }

 private:
  // The opening levels; leaves in `open` the pairs that they have not taken.
  void open_with(const Opening& opening, Pattern* patterns) {
    uint16_t* open = scratch_.open.data();
    if (opening.levels() == 0) {
      for (size_t i = 0; i < count_; ++i) open[i] = static_cast<uint16_t>(i);
      return;
    }
    const Code *a = left(opening.left), *b = right(opening.right);
    size_t kept = 0;
    for (size_t i = 0; i < count_; ++i) {
      const bool null = a[i] == 0 || b[i] == 0, equal = a[i] == b[i];
      patterns[i] |= !null && equal ? opening.digit : 0;
      open[kept] = static_cast<uint16_t>(i);
      kept += !(null && opening.null) && (null || !equal || !opening.equal);
    }
    scratch_.open.resize(kept);
  }

  const Code* left(ColumnId column) const {
    return scratch_.left.data() + size_t{comparer_.slot_[column]} * block_pairs_model;
  }
  const Code* right(ColumnId column) const {
    return scratch_.right.data() + size_t{comparer_.slot_[column]} * block_pairs_model;
  }

  // out[k]: the truth of a node for pair open[k].
  void evaluate(const PlanCondition& condition, uint32_t at, std::span<const uint16_t> open, uint8_t* out,
                size_t depth) {
    const PlanCondition::Node& node = condition.nodes[at];
    switch (node.what) {
      case ModelCondition::What::always: std::fill_n(out, open.size(), yes); return;
      case ModelCondition::What::all_of: return combine(condition, node, open, out, depth, no);
      case ModelCondition::What::any_of: return combine(condition, node, open, out, depth, yes);
      case ModelCondition::What::negation:
        evaluate(condition, node.parts[0], open, out, depth + 1);
        for (size_t k = 0; k < open.size(); ++k) out[k] = out[k] == unknown ? unknown : out[k] == yes ? no : yes;
        return;
      case ModelCondition::What::left: return one_side(node, left(node.side), open, out);
      case ModelCondition::What::right: return one_side(node, right(node.side), open, out);
      case ModelCondition::What::measure: return measured(node, open, out);
    }
  }

  void one_side(const PlanCondition::Node& node, const Code* codes, std::span<const uint16_t> open, uint8_t* out) {
    if (node.null_test) {
      for (size_t k = 0; k < open.size(); ++k) out[k] = codes[open[k]] == 0;
      return;
    }
    for (size_t k = 0; k < open.size(); ++k) {  // codes of truths: 0 null, 1 no, 2 yes
      const Code code = codes[open[k]];
      out[k] = code == 0 ? unknown : code == 2 ? yes : no;
    }
  }

  // all_of: `decided` is no; any_of: yes. Parts are tried only where the earlier ones have not decided.
  void combine(const PlanCondition& condition, const PlanCondition::Node& node, std::span<const uint16_t> open,
               uint8_t* out, size_t depth, Truth decided) {
    if (scratch_.spare_truth.size() <= depth) {
      scratch_.spare_truth.resize(depth + 1);
      scratch_.spare_open.resize(depth + 1);
      scratch_.spare_place.resize(depth + 1);
    }
    // Vectors of one depth are in use by this call only; deeper calls may move the outer vector, not these buffers.
    std::vector<uint16_t> pairs = std::move(scratch_.spare_open[depth]);
    std::vector<uint16_t> place = std::move(scratch_.spare_place[depth]);
    std::vector<uint8_t> truth = std::move(scratch_.spare_truth[depth]);
    pairs.assign(open.begin(), open.end());
    place.resize(open.size());
    for (size_t k = 0; k < place.size(); ++k) place[k] = static_cast<uint16_t>(k);
    std::fill_n(out, open.size(), decided == no ? yes : no);
    for (const uint32_t part : node.parts) {
      truth.resize(pairs.size());
      evaluate(condition, part, pairs, truth.data(), depth + 1);
      size_t kept = 0;
      for (size_t k = 0; k < pairs.size(); ++k) {
        if (truth[k] == unknown || truth[k] == decided) out[place[k]] = truth[k];
        pairs[kept] = pairs[k];
        place[kept] = place[k];
        kept += truth[k] != decided;
      }
      pairs.resize(kept);
      place.resize(kept);
      if (kept == 0) break;
    }
    scratch_.spare_open[depth] = std::move(pairs);
    scratch_.spare_place[depth] = std::move(place);
    scratch_.spare_truth[depth] = std::move(truth);
  }

  void measured(const PlanCondition::Node& node, std::span<const uint16_t> open, uint8_t* out) {
    const PlanMeasure& m = comparer_.plan_.measures[node.measure];
    if (m.what == Measure::What::equal) {
      const Code *a = left(m.left), *b = right(m.right);
      for (size_t k = 0; k < open.size(); ++k) {
        const Code x = a[open[k]], y = b[open[k]];
        out[k] = x == 0 || y == 0 ? unknown : x == y ? yes : no;
      }
      return;
    }
    compute(node.measure, m, open);
    const std::vector<double>& values = scratch_.values[node.measure];
    for (size_t k = 0; k < open.size(); ++k) {
      const double value = values[open[k]];
      out[k] = std::isnan(value) ? unknown : compares(node.compare, value, node.bound) ? yes : no;
    }
  }

  // Measures what has not been measured in this block.
  void compute(uint32_t index, const PlanMeasure& m, std::span<const uint16_t> open) {
    std::vector<double>& values = scratch_.values[index];
    std::vector<uint32_t>& done = scratch_.measured[index];
    const Code *a = left(m.left), *b = right(m.right);
    scratch_.wanted.clear();
    scratch_.wanted_pair.clear();
    for (const uint16_t i : open) {
      if (done[i] == scratch_.turn) continue;
      done[i] = scratch_.turn;
      if (a[i] == 0 || b[i] == 0) {
        values[i] = std::nan("");
        continue;
      }
      scratch_.wanted.push_back({a[i], b[i]});
      scratch_.wanted_pair.push_back(i);
    }
    scratch_.results.resize(scratch_.wanted.size());
    const PlanColumn& column = comparer_.plan_.columns[m.left];
    if (m.what == Measure::What::distance_km) {
      distances(m, values);
      return;
    }
    MeasureContext context{.domain = comparer_.domains_[column.domain],
                           .nicknames = comparer_.nicknames_,
                           .least = comparer_.least_[index]};
    if (column.type == ValueType::list) {
      context.items = &comparer_.domains_[column.item_domain];
      context.item_weights = comparer_.item_weights_[column.item_domain];
    }
    measure_pairs(m, context, scratch_.wanted, scratch_.results.data(), scratch_.measure);
    for (size_t k = 0; k < scratch_.wanted.size(); ++k) values[scratch_.wanted_pair[k]] = scratch_.results[k];
  }

  void distances(const PlanMeasure& m, std::vector<double>& values) {
    const ValueDomain& latitude = comparer_.domains_[comparer_.plan_.columns[m.left].domain];
    const ValueDomain& longitude = comparer_.domains_[comparer_.plan_.columns[m.left2].domain];
    const Code *a = left(m.left2), *b = right(m.right2);
    for (size_t k = 0; k < scratch_.wanted.size(); ++k) {
      const uint16_t i = scratch_.wanted_pair[k];
      const CodePair at = scratch_.wanted[k];
      values[i] = a[i] == 0 || b[i] == 0 ? std::nan("")
                                         : measure_distance(latitude.number(at.left), longitude.number(a[i]),
                                                            latitude.number(at.right), longitude.number(b[i]));
    }
  }

  const PairComparer& comparer_;
  Scratch& scratch_;
  size_t count_ = 0;
};

void PairComparer::compare(const CodeRows& left, const CodeRows& right, std::span<const RecordPair> pairs,
                           Pattern* patterns, Scratch& scratch) const {
  std::fill_n(patterns, pairs.size(), Pattern{0});
  Block block(*this, scratch);
  for (size_t at = 0; at < pairs.size(); at += block_pairs_model) {
    block.gather(left, right, pairs.subspan(at, std::min(block_pairs_model, pairs.size() - at)));
    for (size_t c = 0; c < openings_.size(); ++c) block.add_digits(plan_.comparisons[c], openings_[c], patterns + at);
  }
}

void PairComparer::holds(const PlanCondition& condition, const CodeRows& left, const CodeRows& right,
                         std::span<const RecordPair> pairs, uint8_t* out, Scratch& scratch) const {
  Block block(*this, scratch);
  for (size_t at = 0; at < pairs.size(); at += block_pairs_model) {
    block.gather(left, right, pairs.subspan(at, std::min(block_pairs_model, pairs.size() - at)));
    block.test(condition, out + at);
  }
}

}  // namespace tessera
