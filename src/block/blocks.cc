// blocks.cc: how do the blocks of all rules come together?
//
// For each rule in turn: keys, narrowed where they have too many pairs, sorted, joined with the other side. What stays
// of a rule is its groups of rows, and the number of its block that each record has.
#include "block/blocks.h"

#include <oneapi/tbb/blocked_range.h>
#include <oneapi/tbb/parallel_for.h>
#include <oneapi/tbb/parallel_reduce.h>

#include <algorithm>
#include <cassert>
#include <functional>

#include "base/touch.h"
#include "block/narrow.h"

namespace tessera {

namespace {

constexpr size_t largest_listed = 5;

bool is_symmetric(const PlanRule& rule) {
  return std::ranges::all_of(rule.equal, [](const PlanRule::Equality& e) { return e.left == e.right; });
}

bool has_condition(const PlanRule& rule) {
  return !rule.also.nodes.empty() && rule.also.nodes[0].what != ModelCondition::What::always;
}

RuleForecast forecast_of(const JoinedKeys& joined, bool exploded) {
  RuleForecast out;
  out.pairs = joined.pairs();
  out.candidates = joined.before.back();
  out.exact = !exploded;
  for (size_t block = 0; block < joined.blocks(); ++block) {
    const uint64_t pairs = joined.pairs(block);
    if (pairs == 0) continue;
    ++out.keys;
    if (out.largest.size() == largest_listed && pairs <= out.largest.back()) continue;
    if (out.largest.size() == largest_listed) out.largest.pop_back();
    out.largest.insert(std::ranges::upper_bound(out.largest, pairs, std::greater()), pairs);
  }
  return out;
}

// Pairs that some left records lose because the keys of the right were narrowed by themselves.
uint64_t count_lost(const RuleKeys& keys, const Narrowing& narrowing, const ValueTable& left, const SortedKeys& right) {
  return oneapi::tbb::parallel_reduce(
      oneapi::tbb::blocked_range<size_t>(0, keys.rows(), 4096), uint64_t{0},
      [&](const oneapi::tbb::blocked_range<size_t>& range, uint64_t sum) {
        for (size_t row = range.begin(); row < range.end(); ++row)
          for (const uint64_t key : keys.of(row)) {
            if (!narrowing.holds(key)) continue;
            const uint64_t now = narrowing.follow(key, left, row);
            const uint32_t group = now ? right.find(now) : SortedKeys::none;
            sum += narrowing.rows(key) - (group == SortedKeys::none ? 0 : right.count(group));
          }
        return sum;
      },
      std::plus<uint64_t>());
}

}  // namespace

BlockIndex::BlockIndex(std::span<const PlanRule> rules, const ValueTable& right, const ItemsOf& items,
                       const BlockOptions& options, const ValueTable* left)
    : options_(options), items_(items) {
  make(rules, right, left);
}

BlockIndex::BlockIndex(Within, std::span<const PlanRule> rules, const ValueTable& both, const ItemsOf& items,
                       const BlockOptions& options)
    : options_(options), items_(items), within_(&both) {
  assert(!options.between_only || both.source.size() == both.rows);
  make(rules, both, &both);
}

void BlockIndex::make(std::span<const PlanRule> rules, const ValueTable& right, const ValueTable* left) {
  assert(rules.size() < (size_t{1} << 16));
  assert(options_.unit_pairs > 0);
  size_t slots = 0, list_slots = 0;
  for (size_t r = 0; r < rules.size(); ++r) {
    Rule rule{.rule = rules[r]};
    rule.symmetric = within_ && is_symmetric(rules[r]);
    rule.conditional = has_condition(rules[r]);
    rule.exploded = std::ranges::any_of(rules[r].equal, &PlanRule::Equality::explode);
    // No rule comes after the last: nobody asks whether it brought a pair.
    const bool asked = rule.exploded || r + 1 < rules.size();
    rule.slot = static_cast<uint32_t>(!asked ? 0 : rule.exploded ? list_slots++ : slots++);
    asymmetric_ = asymmetric_ || (within_ && !rule.symmetric);
    rules_.push_back(std::move(rule));
  }
  joined_ = left != nullptr;
  numbers_.stride = options_.apart ? 0 : (slots + 3) / 4 * 4;
  grow_touched(numbers_.rows, right.rows * numbers_.stride);
  numbers_.lists.resize(list_slots);
  BlockBuffers own;
  BlockBuffers& buffers = options_.shared ? options_.shared->buffers_ : own;
  for (Rule& rule : rules_) {
    narrow(rule, right, left, buffers);
    if (rule.exploded) {
      numbers_.set_list(rule.slot, buffers.right, rule.made->right);
    } else if (!options_.apart && &rule != &rules_.back()) {
      numbers_.set_right(rule.slot, rule.made->right);
    }
  }
}

// For join(), but for the left keys.
void BlockIndex::prepare(const Rule& rule, JoinedKeys& joined) const {
  joined.triangle = rule.symmetric;
  joined.ascending = within_ && !rule.symmetric;
  joined.source = within_ && options_.between_only ? &within_->source : nullptr;
  joined.right = &rule.made->right;
}

// Of the right keys as they are in the buffers, and the left ones narrowed as these are.
void BlockIndex::sort(Rule& rule, const ValueTable& right, const ValueTable* left, BlockBuffers& buffers) {
  if (rule.narrowing.empty()) {
    make_rule_keys(rule.rule, right, false, items_, buffers.right);
    rule.made = std::make_shared<JoinedRule>();
  }
  rule.made->right.assign(buffers.right, !rule.symmetric, !rule.symmetric || rule.exploded, buffers.scratch);
  if (!left) return;
  JoinedKeys& joined = rule.made->joined;
  prepare(rule, joined);
  if (!rule.symmetric) {
    make_rule_keys(rule.rule, *left, true, items_, buffers.left);
    buffers.left.narrow(rule.narrowing, *left);
    joined.left.assign(buffers.left, true, false, buffers.scratch);
  }
  joined.join();
}

// Sorts the keys, and narrows until every block is within the limit.
void BlockIndex::narrow(Rule& rule, const ValueTable& right, const ValueTable* left, BlockBuffers& buffers) {
  const uint64_t limit = left ? options_.block_pairs_max : options_.block_rows_max;
  std::shared_ptr<JoinedRule>* const shared =
      rule.exploded || !left || !options_.shared ? nullptr : options_.shared->place(rule.rule);
  const bool found = shared && *shared;
  if (found) rule.made = *shared;
  for (bool first = true;; first = false) {
    if (!first || !found) sort(rule, right, left, buffers);
    if (first && shared) *shared = rule.made;
    if (limit == 0) return;
    std::vector<TooLarge> large;
    const SortedKeys& keys = rule.made->right;
    const JoinedKeys& joined = rule.made->joined;
    if (left) {
      for (size_t block = 0; block < joined.blocks(); ++block)
        if (joined.pairs(block) > limit)
          large.push_back({.key = keys.key(joined.number(block) - 1),
                           .left = rule.symmetric ? std::span<const uint32_t>() : joined.left_rows(block),
                           .right = joined.right_rows(block),
                           .pairs = joined.pairs(block)});
    } else {
      for (size_t group = 0; group < keys.size(); ++group)
        if (keys.count(group) > limit)
          large.push_back({.key = keys.key(group), .left = {}, .right = keys.rows(group), .pairs = keys.count(group)});
    }
    if (large.empty()) return;
    if (first) {
      if (left) rule.pairs_whole = joined.pairs();
      rule.narrowed_keys = large.size();
      for (const TooLarge& block : large) rule.largest_narrowed = std::max(rule.largest_narrowed, block.pairs);
      if (found) make_rule_keys(rule.rule, right, false, items_, buffers.right);
    }
    add_steps(large, options_.narrow, left, right, rule.narrowing);
    buffers.right.narrow(rule.narrowing, right);
    if (first && shared) rule.made = std::make_shared<JoinedRule>();  // others have that one
  }
}

void SharedBlocks::want(std::span<const PlanRule> rules) {
  std::vector<Shared> wanted;
  for (const PlanRule& rule : rules) {
    const std::shared_ptr<JoinedRule>* const made = place(rule);
    wanted.push_back({rule.equal, made ? *made : nullptr});
  }
  rules_ = std::move(wanted);
}

std::shared_ptr<JoinedRule>* SharedBlocks::place(const PlanRule& rule) {
  const auto wanted = std::ranges::find(rules_, rule.equal, &Shared::equal);
  return wanted == rules_.end() ? nullptr : &wanted->made;
}

size_t BlockIndex::bytes() const {
  size_t sum = numbers_.bytes();
  for (const Rule& rule : rules_) sum += rule.made->right.bytes();
  return sum;
}

Blocks::Blocks(std::span<const PlanRule> rules, const ValueTable& left, const ValueTable& right, const ItemsOf& items,
               const BlockOptions& options)
    : Blocks(std::make_shared<const BlockIndex>(rules, right, items, options, &left)) {
  join(&left);
}

Blocks::Blocks(std::span<const PlanRule> rules, const ValueTable& both, const ItemsOf& items,
               const BlockOptions& options)
    : Blocks(std::make_shared<const BlockIndex>(BlockIndex::Within{}, rules, both, items, options)) {}

Blocks::Blocks(std::shared_ptr<const BlockIndex> right) : index_(std::move(right)) {
  const size_t rules = index_->rules_.size();
  for (size_t r = 0; r < rules; ++r)
    if (index_->rules_[r].conditional) conditional_.push_back(static_cast<uint16_t>(r));
  assert(conditional_.size() <= 64);
  joined_.resize(rules);
  if (!index_->joined_) own_.resize(rules);
  forecast_.resize(rules);
  first_unit_.assign(rules + 1, 0);
  own_left_ = !index_->within_ || index_->asymmetric_;
  if (index_->within_) join(index_->within_);
}

void Blocks::meet(const ValueTable& left) {
  assert(!index_->within_ && !index_->joined_);
  join(&left);
}

void Blocks::join(const ValueTable* left) {
  const BlockIndex& index = *index_;
  if (own_left_) {
    left_.stride = index.numbers_.stride;
    left_.rows.clear();
    grow_touched(left_.rows, left->rows * left_.stride);
    left_.lists.resize(index.numbers_.lists.size());
  }
  std::vector<uint64_t> left_out(joined_.size(), 0);  // by left records of a part
  for (size_t r = 0; r < joined_.size(); ++r) {
    const BlockIndex::Rule& rule = index.rules_[r];
    if (own_.empty()) {
      joined_[r] = &rule.made->joined;
      if (rule.exploded && own_left_) {
        make_rule_keys(rule.rule, *left, true, index.items_, keys_);
        keys_.narrow(rule.narrowing, *left);
      }
    } else {
      index.prepare(rule, own_[r]);
      make_rule_keys(rule.rule, *left, true, index.items_, keys_);
      if (!rule.narrowing.empty()) {
        left_out[r] = count_lost(keys_, rule.narrowing, *left, rule.made->right);
        keys_.narrow(rule.narrowing, *left);
      }
      own_[r].left.assign(keys_, true, false, scratch_);
      own_[r].join();
      joined_[r] = &own_[r];
    }
    const JoinedKeys& joined = *joined_[r];
    if (own_left_) {
      if (!rule.exploded) {
        if (!index.options_.apart && r + 1 < joined_.size()) left_.set_left(rule.slot, joined);
      } else if (rule.symmetric) {
        left_.lists[rule.slot] = index.numbers_.lists[rule.slot];
      } else {
        left_.set_list(rule.slot, keys_, rule.made->right);
      }
    }
    const uint64_t unit = index.options_.unit_pairs;
    first_unit_[r + 1] = first_unit_[r] + joined.before.back() / unit + (joined.before.back() % unit != 0);
  }
  oneapi::tbb::parallel_for(size_t{0}, joined_.size(), [&](size_t r) {
    const BlockIndex::Rule& rule = index.rules_[r];
    forecast_[r] = forecast_of(*joined_[r], rule.exploded);
    forecast_[r].narrowed_keys = rule.narrowed_keys;
    forecast_[r].largest_narrowed = rule.largest_narrowed;
    forecast_[r].left_out = rule.pairs_whole ? *rule.pairs_whole - forecast_[r].pairs : left_out[r];
  });
}

uint16_t Blocks::rule(size_t unit) const {
  assert(unit < units());
  return static_cast<uint16_t>(std::ranges::upper_bound(first_unit_, unit) - first_unit_.begin() - 1);
}

size_t Blocks::bytes() const {
  size_t sum = index_->bytes() + left_.bytes();
  for (const JoinedKeys* joined : joined_) sum += joined->bytes();
  return sum;
}

}  // namespace tessera
