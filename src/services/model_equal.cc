// model_equal.cc: how are passes of equal fields run within inputs? (see model_equal.h)
#include "services/model_equal.h"

#include <oneapi/tbb/blocked_range.h>
#include <oneapi/tbb/enumerable_thread_specific.h>
#include <oneapi/tbb/parallel_for.h>
#include <oneapi/tbb/parallel_invoke.h>

#include <algorithm>

#include "base/interrupt.h"
#include "services/model_kept.h"

namespace tessera {

namespace {

// The columns of each pass rule, numbered among the base columns of the plan.
std::vector<EqualRule> equal_rules(const ModelPlan& plan) {
  std::vector<uint32_t> number(plan.columns.size(), 0);
  for (uint32_t c = 0, next = 0; c < plan.columns.size(); ++c)
    if (plan.columns[c].base) number[c] = next++;
  std::vector<EqualRule> rules;
  for (const PlanRule& rule : plan.pass_rules) {
    EqualRule& made = rules.emplace_back();
    for (const PlanRule::Equality& equality : rule.equal)
      if (std::ranges::find(made, number[equality.left]) == made.end()) made.push_back(number[equality.left]);
  }
  return rules;
}

Result<EqualPairs> pairs_of(ModelRun& run) {
  EqualOptions options{.rule_pairs_max = rule_pairs_max};
  if (run.step.step->between_only) options.source = run.left.table.source;
  EqualPairs found = equal_pairs(run.words.stretches, equal_rules(run.step.plan), options);
  TESSERA_TRY(check_interrupted());
  if (!found.too_many) return found;
  return too_many_pairs(found.too_many->rule, run.step.plan.pass_rules[found.too_many->rule], found.too_many->pairs);
}

constexpr size_t pairs_a_task = size_t{1} << 15;

template <class Body>
void for_pairs(size_t pairs, const Body& body) {
  tbb::parallel_for(tbb::blocked_range<size_t>(0, pairs, pairs_a_task),
                    [&](const auto& range) { body(range.begin(), range.end()); });
}

// Links at their ranks, and how many each pass has.
KeptLinks links_at_ranks(ModelRun& run, EqualPairs found) {
  const std::vector<Pass>& passes = run.step.step->passes;
  std::vector<int> rank_of_rule;
  for (const size_t pass : run.step.pass_of_rule) rank_of_rule.push_back(passes[pass].rank);
  KeptLinks kept{.pairs = std::move(found.pairs), .rules = {}, .ranks = {}, .marks = {}};
  kept.ranks.resize(kept.pairs.size());
  tbb::enumerable_thread_specific<std::vector<uint64_t>> counts(std::vector<uint64_t>(rank_of_rule.size(), 0));
  for_pairs(kept.pairs.size(), [&](size_t begin, size_t end) {
    std::vector<uint64_t>& count = counts.local();
    for (size_t i = begin; i < end; ++i) {
      kept.ranks[i] = rank_of_rule[found.rules[i]];
      ++count[found.rules[i]];
    }
  });
  for (const Pass& pass : passes) run.ranks.push_back({.rank = pass.rank, .links = 0, .ties = 0});
  for (const auto& count : counts)
    for (size_t r = 0; r < count.size(); ++r) run.ranks[run.step.pass_of_rule[r]].links += count[r];
  return kept;
}

Status write_clusters_of_links(ModelRun& run, const KeptLinks& kept, ModelTables& tables) {
  std::vector<ScoredPair> pairs(kept.pairs.size());
  for_pairs(pairs.size(), [&](size_t begin, size_t end) {
    for (size_t i = begin; i < end; ++i)
      pairs[i] = {.left = kept.pairs[i].left, .right = kept.pairs[i].right, .weight = weight_of_passes};
  });
  return write_clusters_of(run, pairs, tables);
}

}  // namespace

bool only_equal_fields(const ModelStepPlan& step) {
  const auto whole = [&](const PlanRule::Equality& equality) {
    const PlanColumn& column = step.plan.columns[equality.left];
    return equality.left == equality.right && !equality.explode && column.base && column.kind != Kind::clk;
  };
  return step.within() && !step.has_model() && !step.step->similar && step.step->clusters.differ.empty() &&
         std::ranges::all_of(step.plan.pass_rules, [&](const PlanRule& rule) {
           return rule.also.nodes[0].what == ModelCondition::What::always && std::ranges::all_of(rule.equal, whole);
         });
}

Status prepare_equal(ModelRun& run) {
  return timed(run.timings, "read", [&]() -> Status {
    TESSERA_ASSIGN(auto inputs, open_model_inputs(run.job, run.step.left_names, run.step.plan));
    TESSERA_ASSIGN(run.left, read_side_words(std::move(inputs), run.step.plan, run.walk, run.rejects,
                                             run.spill_directory, run.words));
    return {};
  });
}

Status link_equal(ModelRun& run, ModelTables& tables) {
  TESSERA_ASSIGN(EqualPairs found, pairs_of(run));
  const KeptLinks kept = links_at_ranks(run, std::move(found));
  if (!run.clusters()) return write_links(run, kept, false, *tables.links);
  // At once: each has steps that one thread does.
  Status links, clusters;
  tbb::parallel_invoke([&] { links = write_links(run, kept, false, *tables.links); },
                       [&] { clusters = write_clusters_of_links(run, kept, tables); });
  return links ? clusters : links;
}

}  // namespace tessera
