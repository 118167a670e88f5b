#include "services/rule_pairs.h"

#include <algorithm>
#include <cassert>

namespace tessera {

namespace {

using Equalities = std::vector<PlanRule::Equality>;

// More candidates than this for each record, and sorting the rule's own keys costs less than looking at them.
constexpr uint64_t candidates_per_record = 8;

bool explodes(const PlanRule& rule) { return std::ranges::any_of(rule.equal, &PlanRule::Equality::explode); }

bool asks_for(const PlanRule& rule, const PlanRule::Equality& equality) {
  return std::ranges::find(rule.equal, equality) != rule.equal.end();
}

// What `rule` asks for beyond `less`; nothing where it does not ask for all of that.
Equalities beyond(const PlanRule& less, const PlanRule& rule) {
  Equalities rest;
  if (!std::ranges::all_of(less.equal, [&](const auto& equality) { return asks_for(rule, equality); })) return rest;
  for (const PlanRule::Equality& equality : rule.equal)
    if (!asks_for(less, equality)) rest.push_back(equality);
  return rest;
}

// The blocking rule that leaves the rule the least to ask for; none where the rule is one of them.
const PlanRule* nearest(std::span<const PlanRule> blocking, const PlanRule& rule) {
  const PlanRule* found = nullptr;
  if (std::ranges::find(blocking, rule.equal, &PlanRule::equal) != blocking.end()) return found;
  size_t least = rule.equal.size();
  for (const PlanRule& less : blocking) {
    const size_t rest = explodes(less) || explodes(rule) ? 0 : beyond(less, rule).size();
    if (rest == 0 || rest >= least) continue;
    found = &less;
    least = rest;
  }
  return found;
}

struct ColumnPair {
  const Code* left;
  const Code* right;
};

// Keeps the pairs from `first` on that agree on all columns, or, if not `wanted`, those that do not.
void keep_equal(std::span<const ColumnPair> columns, bool wanted, size_t first, std::vector<RecordPair>& pairs) {
  size_t kept = first;  // without a branch: who agrees is as good as random
  for (size_t at = first; at < pairs.size(); ++at) {
    const RecordPair pair = pairs[at];
    bool equal = true;
    for (const ColumnPair& column : columns) {
      const Code a = column.left[pair.left], b = column.right[pair.right];
      equal &= (a == b) & (a != 0);
    }
    pairs[kept] = pair;
    kept += equal == wanted;
  }
  pairs.resize(kept);
}

std::vector<ColumnPair> columns_of(const ModelRun& run, const Equalities& equal) {
  std::vector<ColumnPair> out;
  for (const PlanRule::Equality& equality : equal)
    out.push_back(
        {run.left.table.columns[equality.left].data(), run.right_side().table.columns[equality.right].data()});
  return out;
}

}  // namespace

bool decided_by_codes(const PlanRule& rule) {
  return !explodes(rule) && (rule.also.nodes.empty() || rule.also.nodes[0].what == ModelCondition::What::always);
}

Result<RulePairs> RulePairs::make(ModelRun& run, std::span<const PlanRule> rules, BlocksUse use, uint64_t most) {
  std::vector<PlanRule> from(rules.begin(), rules.end()), taken;
  std::vector<size_t> taker;
  for (size_t r = 0; r < rules.size(); ++r) {
    const PlanRule* const less = nearest(run.step.plan.rules, rules[r]);
    if (less == nullptr) continue;
    taken.push_back({.equal = less->equal, .also = {}, .text = less->text, .fields = less->fields});
    taker.push_back(r);
  }
  std::vector<Equalities> rest(rules.size());
  if (!taken.empty()) {
    const Blocks blocks = any_blocks_of(run, taken, {.whole = true, .apart = true});
    const uint64_t records = run.left.rows() + (run.within() ? 0 : run.right_side().rows());
    const uint64_t candidates_max = std::min(most, candidates_per_record * records);
    for (size_t i = 0; i < taken.size(); ++i) {
      const RuleForecast& forecast = blocks.forecast()[i];
      const bool narrowed = !forecast.largest.empty() && forecast.largest[0] > block_pairs_max(run);
      if (narrowed || forecast.candidates > candidates_max) continue;
      rest[taker[i]] = beyond(taken[i], rules[taker[i]]);
      from[taker[i]] = std::move(taken[i]);
    }
  }
  use.apart = true;
  TESSERA_ASSIGN(Blocks blocks, blocks_of(run, from, use));
  return RulePairs(run, rules, std::move(rest), std::move(blocks));
}

RulePairs::RulePairs(const ModelRun& run, std::span<const PlanRule> rules, std::vector<Equalities> rest, Blocks blocks)
    : run_(&run),
      rules_(rules.begin(), rules.end()),
      rest_(std::move(rest)),
      blocks_(std::move(blocks)),
      units_(rules.size()) {
  for (size_t unit = 0; unit < blocks_.units(); ++unit) units_[blocks_.rule(unit)].push_back(unit);
}

void RulePairs::all_pairs(size_t unit, std::vector<RecordPair>& out) const {
  const size_t first = out.size();
  blocks_.all_pairs(unit, out);
  const Equalities& rest = rest_[blocks_.rule(unit)];
  if (!rest.empty()) keep_equal(columns_of(*run_, rest), true, first, out);
}

bool RulePairs::narrowed() const {
  return std::ranges::any_of(blocks_.forecast(), [](const RuleForecast& f) { return f.narrowed_keys != 0; });
}

void RulePairs::first_pairs(size_t unit, std::vector<RecordPair>& out) const {
  assert(std::ranges::all_of(rules_, decided_by_codes) && !narrowed());
  const size_t first = out.size();
  all_pairs(unit, out);
  for (size_t earlier = 0; earlier < blocks_.rule(unit); ++earlier)
    keep_equal(columns_of(*run_, rules_[earlier].equal), false, first, out);
}

}  // namespace tessera
