// model_passes.cc: how are passes run by the engine that looks inside values? (see model_passes.h)
#include "services/model_passes.h"

#include <oneapi/tbb/enumerable_thread_specific.h>
#include <oneapi/tbb/parallel_for.h>
#include <oneapi/tbb/parallel_sort.h>

#include <algorithm>
#include <bit>
#include <tuple>

#include "base/interrupt.h"

namespace tessera {

namespace {

// Buffers of one thread.
struct PassLocal {
  explicit PassLocal(PairComparer::ScratchPtr made) : scratch(std::move(made)) {}
  PairComparer::ScratchPtr scratch;
  std::vector<RecordPair> pairs, asked;
  std::vector<uint32_t> places;
  std::vector<uint8_t> holds;
  std::vector<PassMask> masks;
  std::vector<Match> matches;
};

bool keys_agree(const ModelRun& run, const PlanRule& rule, RecordPair pair) {
  return std::ranges::all_of(rule.equal, [&](const PlanRule::Equality& equality) {
    const Code left = run.left.table.columns[equality.left][pair.left];
    return left != 0 && left == run.right_side().table.columns[equality.right][pair.right];
  });
}

// Which passes hold for each pair.
void find_passes(const ModelRun& run, PassLocal& local) {
  const ComparedSides sides = run.sides();
  const auto& rules = run.step.plan.pass_rules;
  local.masks.assign(local.pairs.size(), 0);
  for (size_t r = 0; r < rules.size(); ++r) {
    const PassMask bit = PassMask{1} << run.step.pass_of_rule[r];
    local.asked.clear();
    local.places.clear();
    for (size_t i = 0; i < local.pairs.size(); ++i) {
      if (local.masks[i] & bit || !keys_agree(run, rules[r], local.pairs[i])) continue;
      local.asked.push_back(local.pairs[i]);
      local.places.push_back(static_cast<uint32_t>(i));
    }
    local.holds.assign(local.asked.size(), 1);
    if (rules[r].also.nodes[0].what != ModelCondition::What::always)
      run.comparer->holds(rules[r].also, sides.left, sides.right, local.asked, local.holds.data(), *local.scratch);
    for (size_t k = 0; k < local.places.size(); ++k)
      if (local.holds[k]) local.masks[local.places[k]] |= bit;
  }
}

}  // namespace

Result<std::vector<Match>> pass_matches(ModelRun& run) {
  // Pairs of a narrowed block would be lost without a word: passes are exact.
  TESSERA_ASSIGN(const Blocks blocks, blocks_of(run, run.step.plan.pass_rules, {.whole = true}));
  if (!run.step.has_model()) run.shared_blocks.clear();
  tbb::enumerable_thread_specific<std::unique_ptr<PassLocal>> locals(
      [&] { return std::make_unique<PassLocal>(run.comparer->scratch()); });
  tbb::parallel_for(size_t{0}, blocks.units(), [&](size_t unit) {
    if (interrupted()) return;
    PassLocal& local = *locals.local();
    local.pairs.clear();
    blocks.pairs(unit, local.pairs);
    find_passes(run, local);
    for (size_t i = 0; i < local.pairs.size(); ++i) {
      if (local.masks[i] == 0) continue;
      const RecordPair pair = local.pairs[i];
      local.matches.push_back({.from = pair.left,
                               .to = pair.right,
                               .passes = local.masks[i],
                               .payload = run.right_side().payload(pair.right)});
    }
  });
  TESSERA_TRY(check_interrupted());
  std::vector<Match> matches;
  for (const auto& local : locals) matches.insert(matches.end(), local->matches.begin(), local->matches.end());
  const auto place = [](const Match& m) { return std::pair(m.from, m.to); };
  tbb::parallel_sort(matches.begin(), matches.end(),
                     [&](const Match& a, const Match& b) { return place(a) < place(b); });
  // A rule with a condition does not keep its pairs from later rules, so a pair may have come more than once.
  matches.erase(std::ranges::unique(matches, {}, place).begin(), matches.end());
  return matches;
}

Result<PassLinks> link_passes(ModelRun& run) {
  TESSERA_ASSIGN(std::vector<Match> matches, pass_matches(run));
  const std::vector<Pass>& passes = run.step.step->passes;
  TieCounts ties;
  ties.by_pass.resize(passes.size());
  if (run.within()) {
    for (Match& match : matches) match.ties = 1;
  } else {
    const Resolve& how = run.step.step->resolve;
    const IdLess less = run.right.inputs[0]->store.less();
    if (how.each_to == Cardinality::many) {
      resolve_each(matches, how, less, ties);
    } else {
      PoolResolver resolver(how, run.right.rows(), passes.size(), less);
      TESSERA_TRY(resolver.run(
          [&](const PoolResolver::Visitor& visit) -> Status {
            visit(matches);
            return {};
          },
          ties));
      std::erase_if(matches, [](const Match& match) { return match.passes == 0; });
    }
  }
  PassLinks out;
  out.by_rank.resize(passes.size());
  for (const Match& match : matches) {
    const auto pass = static_cast<size_t>(std::countr_zero(match.passes));
    out.pairs.push_back({static_cast<uint32_t>(match.from), match.to});
    out.ranks.push_back(passes[pass].rank);
    out.ties.push_back(match.ties);
    ++out.by_rank[pass];
  }
  out.ties_by_rank = ties.by_pass;
  return out;
}

}  // namespace tessera
