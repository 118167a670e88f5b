// model_rules.cc: how are blocking rules chosen from the data?
//
//   candidates ─ pairs that each would make ─┐
//   usual rates of agreement ─ first choice ─┤
//        fit, pairs scored ─ rates of agreement of these data ─ second choice ─ share of true pairs met, estimated
//
// The rules that meet the most true pairs within the budget are those whose fields agree often, err independently, and
// have many values. How often fields agree is not known before a linkage, so it is done twice: with usual rates, and
// with those measured on likely matches. A field's rate is measured on pairs that rules without that field have found.
#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <utility>

#include "base/text.h"
#include "services/model_step.h"

namespace tessera {

namespace {

constexpr uint64_t pairs_a_record = 200;       // budget of the final choice
constexpr uint64_t first_pairs_a_record = 20;  // of the first
constexpr uint64_t pairs_least = 1'000'000;
constexpr uint64_t pairs_most = 400'000'000;
constexpr size_t rules_max = 60;
constexpr double least_yield = 2e-5;      // true pairs not met yet, for each pair of a rule that is worth having
constexpr size_t sample_pairs = 200'000;  // likely matches that are looked at
constexpr double least_matches = 10;      // of fewer nothing can be said of those not met
constexpr double likely = 0.5;            // probability from which a pair is a likely match

uint64_t budget_of(const ModelRun& run, uint64_t a_record) {
  if (run.step.model.block_pairs_max != 0) return run.step.model.block_pairs_max;
  const uint64_t records = run.left.rows() + run.right.rows();
  return std::clamp(records * a_record, pairs_least, pairs_most);
}

// For large inputs one key in so many is counted.
unsigned sampled_keys(size_t rows) {
  return rows < 200'000 ? 1 : std::bit_floor(static_cast<unsigned>(rows / 100'000));
}

}  // namespace

std::vector<uint64_t> count_candidates(const ModelRun& run, const std::vector<PlanRule>& rules) {
  const ItemsOf items = items_of(run.step.plan.columns, run.values.domains());
  const unsigned one_in = sampled_keys(run.left.rows() + run.right.rows());
  std::vector<uint64_t> counts;
  for (const PlanRule& rule : rules)
    counts.push_back(
        count_rule_pairs(rule, run.within() ? nullptr : &run.left.table, run.right_side().table, items, one_in));
  return counts;
}

namespace {

// Whether a rule asks for something that the people of one home do not share. Of pairs that share a name and a home
// most are couples, parents and children, and estimation would take those for one person.
bool tells_people_apart(const CandidateRules& candidates, size_t rule) {
  return std::ranges::any_of(candidates.of_rule[rule], [&](uint32_t atom) { return candidates.atoms[atom].personal; });
}

// The chosen rules, as the rules of the plan and of the model; estimation learns from those that tell people apart.
void take_rules(ModelRun& run, const std::vector<PlanRule>& rules, std::vector<size_t> chosen) {
  if (chosen.size() > rules_max) chosen.resize(rules_max);
  run.step.plan.rules.clear();
  const bool own_training = run.step.own_training_rules;
  if (!own_training) {
    run.step.plan.training_rules.clear();
    run.step.model.estimate.rules.clear();
  }
  run.step.model.block.clear();
  for (const size_t i : chosen) {
    run.step.plan.rules.push_back(rules[i]);
    run.step.model.block.push_back(run.step.candidates.rules[i]);
    if (own_training || !tells_people_apart(run.step.candidates, i)) continue;
    run.step.plan.training_rules.push_back(rules[i]);
    run.step.model.estimate.rules.push_back(run.step.candidates.rules[i]);
  }
}

// Likely matches that the present rules bring, evenly from all of them, with their probabilities and rules.
struct LikelyMatches {
  std::vector<RecordPair> pairs;
  std::vector<double> weights;
  std::vector<uint16_t> rules;
};

Result<LikelyMatches> likely_matches(ModelRun& run) {
  TESSERA_ASSIGN(const Blocks blocks, blocks_of(run, run.step.plan.rules));
  LikelyMatches out;
  const double before = run.report.threshold_weight;
  run.report.threshold_weight = weight_of(likely);
  run.report.rules.assign(run.step.plan.rules.size(), {});
  // One unit in so many, so that the sample is of all rules.
  const Status status = score_pairs(run, blocks, {}, [&](ScoredPiece& piece) -> Status {
    for (size_t i = 0; i < piece.pairs.size(); ++i) {
      out.pairs.push_back(piece.pairs[i]);
      out.weights.push_back(probability_of(piece.weights[i]));
      out.rules.push_back(piece.rule);
    }
    return {};
  });
  run.report.threshold_weight = before;
  run.report.pairs = run.report.kept = 0;
  TESSERA_TRY(status);
  if (out.pairs.size() > sample_pairs) {
    const size_t every = out.pairs.size() / sample_pairs + 1;
    size_t kept = 0;
    for (size_t i = 0; i < out.pairs.size(); i += every, ++kept) {
      out.pairs[kept] = out.pairs[i];
      out.weights[kept] = out.weights[i];
      out.rules[kept] = out.rules[i];
    }
    out.pairs.resize(kept);
    out.weights.resize(kept);
    out.rules.resize(kept);
  }
  return out;
}

bool agrees(const ModelRun& run, const PlanRule::Equality& equality, RecordPair pair) {
  const Code a = run.left.table.columns[equality.left][pair.left];
  const Code b = run.right_side().table.columns[equality.right][pair.right];
  if (!equality.explode || a == 0 || b == 0) return a == b && a != 0;
  const ValueDomain& lists = run.values.domains()[run.step.plan.columns[equality.left].domain];
  return std::ranges::find_first_of(lists.items(a), lists.items(b)) != lists.items(a).end();
}

// How often an atom agrees among likely matches, and where the atom that it is a part of does not. A pair counts if a
// rule without the atom's field brings it.
void measure_rates(const ModelRun& run, const LikelyMatches& matches, const std::vector<PlanRule>& singles,
                   std::vector<CandidateRules::Atom>& atoms) {
  const auto& rules = run.step.plan.rules;
  for (size_t a = 0; a < atoms.size(); ++a) {
    CandidateRules::Atom& atom = atoms[a];
    double pairs = 0, agree = 0;
    for (size_t i = 0; i < matches.pairs.size(); ++i) {
      const RecordPair pair = matches.pairs[i];
      const bool fair = std::ranges::any_of(rules, [&](const PlanRule& rule) {
        return std::ranges::find(rule.fields, atom.field) == rule.fields.end() &&
               std::ranges::all_of(rule.equal, [&](const auto& equality) { return agrees(run, equality, pair); });
      });
      if (!fair) continue;
      if (atom.from >= 0 && agrees(run, singles[static_cast<size_t>(atom.from)].equal[0], pair)) continue;
      pairs += matches.weights[i];
      if (agrees(run, singles[a].equal[0], pair)) agree += matches.weights[i];
    }
    // A handful of pairs does not outweigh experience.
    constexpr double prior = 20;
    double& rate = atom.from >= 0 ? atom.apart : atom.rate;
    rate = (agree + prior * rate) / (pairs + prior);
  }
}

// Whether all pairs of rule `a` are pairs of rule `b`: what b makes equal follows from what a does.
bool brought_by(const CandidateRules& candidates, size_t a, size_t b) {
  return std::ranges::all_of(candidates.of_rule[b], [&](uint32_t wanted) {
    return std::ranges::any_of(candidates.of_rule[a], [&](uint32_t atom) {
      return implies(candidates.atoms[atom], candidates.atoms[wanted]);
    });
  });
}

// Rules that meet what they can within the budget; none that another of them brings along. `matches`: how many true
// pairs the sample stands for.
std::vector<size_t> choose(const CandidateRules& candidates, std::vector<uint64_t> counts, const MetSample& sample,
                           uint64_t budget, double matches) {
  constexpr uint64_t never = UINT64_MAX;  // beyond any budget
  for (uint64_t& count : counts)
    if (count == 0) count = never;
  double weight = 0;
  for (size_t i = 0; i < sample.size(); ++i) weight += sample.weight(i);
  const double of_one = weight / std::max(matches, 1.0);
  std::vector<size_t> chosen = choose_repeatedly(
      counts, sample,
      {.budget = budget, .least_gain = 0.05 * of_one, .least_yield = least_yield * of_one, .rules_max = rules_max});
  // A later rule may bring all that an earlier one does.
  std::erase_if(chosen, [&](size_t rule) {
    return std::ranges::any_of(chosen, [&](size_t by) { return by != rule && brought_by(candidates, rule, by); });
  });
  return chosen;
}

// What true pairs look like by the rates of single parts. (Likely matches themselves are no fair sample: they are what
// the first rules found.)
MetSample usual_matches(const CandidateRules& candidates, uint64_t seed) {
  std::vector<AgreementRate> rates;
  for (const auto& atom : candidates.atoms)
    rates.push_back({.rate = atom.from >= 0 ? atom.apart : atom.rate, .from = atom.from});
  return prior_sample(rates, candidates.of_rule, seed);
}

// What the chosen rules meet of all true pairs, from likely matches and the rules that meet each.
double estimated_share(const ModelRun& run, const LikelyMatches& matches) {
  const auto& rules = run.step.plan.rules;
  std::vector<std::string> names;
  std::vector<uint64_t> fields;
  for (const PlanRule& rule : rules) {
    uint64_t mask = 0;
    for (const std::string& field : rule.fields) {
      auto at = std::ranges::find(names, field);
      if (at == names.end()) at = names.insert(at, field);
      mask |= uint64_t{1} << ((at - names.begin()) & 63);
    }
    fields.push_back(mask);
  }
  MetSample sample(rules.size());
  std::vector<size_t> all(rules.size());
  for (size_t r = 0; r < rules.size(); ++r) all[r] = r;
  std::vector<uint32_t> met;
  for (size_t i = 0; i < matches.pairs.size(); ++i) {
    met.clear();
    for (uint32_t r = 0; r < rules.size(); ++r)
      if (std::ranges::all_of(rules[r].equal, [&](const auto& e) { return agrees(run, e, matches.pairs[i]); }))
        met.push_back(r);
    sample.add(met, matches.weights[i]);
  }
  return estimate_met(sample, all, fields).share();
}

}  // namespace

// A block that is too large is narrowed, but a rule that is nothing but such blocks is a slip: its pairs would be left
// out, all but a few. Who means it gives the size of a block.
Status check_model_rules(ModelRun& run) {
  if (run.total_pairs() <= static_cast<double>(rule_pairs_max) || run.step.model.block_size_max != 0) return {};
  const std::vector<uint64_t> counts = count_candidates(run, run.step.plan.rules);
  for (size_t r = 0; r < counts.size(); ++r)
    if (counts[r] > rule_pairs_max)
      return fail(
          ErrorCode::usage,
          fmt::format("blocking rule {} ({}) would make {} pairs of {} possible; the limit is {}\nhelp: add a field to "
                      "it; tessera forecast shows the largest blocks of each rule. \"block_size_max\" in the model "
                      "narrows blocks of more pairs than it says",
                      r + 1, run.step.plan.rules[r].text, human_count(counts[r]),
                      human_count(static_cast<uint64_t>(run.total_pairs())), human_count(rule_pairs_max)));
  return {};
}

Status choose_model_rules(ModelRun& run) {
  if (!run.step.choose_rules) return {};
  CandidateRules& candidates = run.step.candidates;
  const std::vector<PlanRule> rules = std::move(run.step.plan.rules);
  const std::vector<uint64_t> counts = count_candidates(run, rules);
  std::vector<PlanRule> singles(candidates.atoms.size());  // by atom: the rule of it alone, for agrees()
  for (size_t r = 0; r < rules.size(); ++r)
    for (size_t e = 0; e < rules[r].equal.size(); ++e) singles[candidates.of_rule[r][e]].equal = {rules[r].equal[e]};

  const uint64_t seed = run.step.model.estimate.seed;
  // Before anything is known a record is taken to have one other.
  const auto records = static_cast<double>(std::min(run.left.rows(), run.right_side().rows()));
  take_rules(
      run, rules,
      choose(candidates, counts, usual_matches(candidates, seed), budget_of(run, first_pairs_a_record), records));
  if (std::ranges::count(counts, uint64_t{0}) == std::ssize(counts)) {
    run.report.warnings.push_back(
        "no two records agree on what a blocking rule can be made of: no pair meets, and nothing can be learnt");
    return {};
  }
  if (run.step.plan.rules.empty())
    return fail(ErrorCode::data,
                fmt::format("every blocking rule would bring more than {} pairs, the budget\nhelp: write \"block\" in "
                            "the model, or raise its \"block_pairs_max\"",
                            budget_of(run, first_pairs_a_record)));
  Model untouched = run.step.model;                           // the second fit begins anew
  const bool strict = std::exchange(run.walk.strict, false);  // only what links are made with must have converged
  TESSERA_TRY(estimate_model(run));
  run.walk.strict = strict;
  TESSERA_ASSIGN(LikelyMatches matches, likely_matches(run));
  measure_rates(run, matches, singles, candidates.atoms);
  const double expected = probability_of(run.scorer->table().prior()) * run.total_pairs();
  run.step.model = std::move(untouched);
  take_rules(run, rules,
             choose(candidates, counts, usual_matches(candidates, seed), budget_of(run, pairs_a_record), expected));
  run.report = {};
  return {};
}

Status estimate_met_share(ModelRun& run) {
  if (!run.step.choose_rules || run.step.plan.rules.empty()) return {};
  TESSERA_ASSIGN(const LikelyMatches matches, likely_matches(run));
  double weight = 0;
  for (const double each : matches.weights) weight += each;
  if (weight >= least_matches) run.report.estimated_met = estimated_share(run, matches);
  return {};
}

}  // namespace tessera
