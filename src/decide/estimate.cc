// estimate.cc: what are the shares of levels, and how many matches are there? (see estimate.h)
#include "decide/estimate.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <cmath>

#include "decide/defaults.h"
#include "decide/fit_steps.h"
#include "decide/weights.h"

namespace tessera {

namespace {

constexpr unsigned rounds_between = 4;       // u, lambda, dependence and m follow from one another
constexpr double dependence_min = 0.1;       // of the information of the lesser comparison
constexpr unsigned session_rounds_max = 25;  // as Splink
constexpr double session_lambda = 1e-4;      // as Splink
constexpr double lambda_max = 0.5;
constexpr double few_counts = 10;
constexpr double kappa_max = 0.5;
constexpr double related_least = 0.1;  // related pairs, as a share of matches, below which there is no such class

// The levels' m or u that the model fixes; NaN elsewhere.
LevelShares fixed_values(const FitInput& input, bool of_m) {
  LevelShares made = zeros(*input.plan);
  for (size_t c = 0; c < made.size(); ++c) {
    std::ranges::fill(made[c], std::nan(""));
    const PlanComparison& comparison = input.plan->comparisons[c];
    for (size_t l = 0; l < comparison.levels.size(); ++l) {
      const Level& level = input.model->comparisons[c].levels[l];
      const auto& value = of_m ? level.m : level.u;
      if (!comparison.levels[l].null_level && (of_m ? level.fix_m : level.fix_u) && value)
        made[c][comparison.levels[l].digit] = *value;
    }
  }
  return made;
}

Status check_fixed(const FitInput& input) {
  for (const Comparison& comparison : input.model->comparisons)
    for (const Level& level : comparison.levels)
      for (const auto& value : {level.m, level.u})
        if (value && !(*value >= 0 && *value <= 1))
          return fail(ErrorCode::usage,
                      fmt::format("comparison \"{}\", level \"{}\": a probability must be between 0 and 1",
                                  comparison.name, level.label));
  return {};
}

// The levels' m or u as the model has them, others from `otherwise`.
LevelShares values_or(const FitInput& input, bool of_m, LevelShares otherwise) {
  for (size_t c = 0; c < otherwise.size(); ++c) {
    const PlanComparison& comparison = input.plan->comparisons[c];
    for (size_t l = 0; l < comparison.levels.size(); ++l) {
      const Level& level = input.model->comparisons[c].levels[l];
      if (const auto& value = of_m ? level.m : level.u; value && !level.null_level)
        otherwise[c][comparison.levels[l].digit] = *value;
    }
  }
  return otherwise;
}

void put(LevelShares& shares, const LevelShares& fixed) {
  for (size_t c = 0; c < shares.size(); ++c)
    for (size_t d = 1; d < shares[c].size(); ++d)
      if (!std::isnan(fixed[c][d])) shares[c][d] = fixed[c][d];
}

struct Fitter {
  const FitInput& input;
  const ModelPlan& plan;
  std::vector<TrainingRule> rules, relations;
  DigitTable random;
  LevelShares prior, fixed_m, fixed_u;
  LevelShares labelled;  // counts
  Fit fit;
  std::vector<std::vector<double>> chances;  // by rule, by row of `whole`

  explicit Fitter(const FitInput& in)
      : input(in),
        plan(*in.plan),
        rules(training_rules(in)),
        relations(relation_rules(in)),
        random(digits_of(plan, in.random)),
        prior(prior_m(plan)),
        fixed_m(fixed_values(in, true)),
        fixed_u(fixed_values(in, false)),
        labelled(zeros(plan)) {
    const DigitTable table = digits_of(plan, input.labelled);
    for (size_t i = 0; i < table.rows(); ++i)
      for (size_t c = 0; c < table.comparisons; ++c) labelled[c][table.row(i)[c]] += table.counts[i];
    for (const TrainingRule& rule : rules) fit.rules.push_back({.rule = rule.rule, .pairs = rule.pairs});
    chances.resize(rules.size());
    fit.lambda = session_lambda;
  }

  [[nodiscard]] bool has_labels() const { return !input.labelled.empty(); }

  // Lambda, if somebody knows it.
  [[nodiscard]] bool known_lambda() {
    if (input.model->lambda) {
      fit.lambda = *input.model->lambda;
      fit.lambda_from = Fit::LambdaFrom::given;
    } else if (input.certain_pairs) {
      fit.lambda = std::clamp(*input.certain_pairs / input.model->estimate.certain_recall / input.total_pairs,
                              0.5 / input.total_pairs, lambda_max);
      fit.lambda_from = Fit::LambdaFrom::certain;
    } else {
      return false;
    }
    return true;
  }

  void estimate_lambda() {
    if (known_lambda()) {
      estimate_matches(input, rules, chances, fit.m, fit.rules);
      return;
    }
    const double matches = estimate_matches(input, rules, chances, fit.m, fit.rules);
    fit.lambda_from = matches >= 1 ? Fit::LambdaFrom::rules : Fit::LambdaFrom::prior;
    fit.lambda = std::clamp(matches / input.total_pairs, 0.5 / input.total_pairs, lambda_max);
  }

  // m counted from true pairs, with the prior as a few more.
  LevelShares labelled_m() const {
    LevelShares m = labelled;
    for (size_t c = 0; c < m.size(); ++c) {
      double total = 0;
      for (size_t d = 1; d < m[c].size(); ++d) total += m[c][d] += EmOptions{}.prior_pairs * prior[c][d];
      for (size_t d = 1; d < m[c].size(); ++d) m[c][d] /= total;
      m[c][0] = 0;
    }
    return m;
  }

  // A first guess of each rule's shares: pairs that look like matches, or like two people of one home, by what is known
  // beforehand alone.
  std::vector<ClassSizes> first_sizes(std::span<const EmRule> tables) const {
    std::vector<ClassSizes> made;
    for (const auto& [table, blocked] : tables) {
      double likely = 0, related = 0;
      const auto at_odds = class_chances(table, {fit.m, fit.u, fit.q}, {0.01, 0.01}, {}, blocked);
      for (size_t i = 0; i < table.rows(); ++i) {
        likely += at_odds.match[i] * table.counts[i];
        related += at_odds.related[i] * table.counts[i];
      }
      const double total = std::max(table.total, 1.0);
      made.push_back({std::clamp(likely / total, 1e-6, 0.9), std::clamp(related / total, 1e-6, 0.09)});
    }
    return made;
  }

  // Related pairs are told from matches by what is not shared at home: given name and birth date, or the like.
  [[nodiscard]] LevelShares first_q() const {
    if (relations.empty()) return {};
    const std::vector<AtHome> home = at_home(plan);
    LevelShares q(home.size());
    for (size_t c = 0; c < q.size(); ++c)
      if (home[c] != AtHome::no) q[c] = prior[c];
    return q;
  }

  // Rounds of: m from the rules, lambda from their matches, u and dependence from what then is not a match.
  void joint(const std::vector<bool>& held) {
    EmOptions options{.rounds_max = input.model->estimate.rounds_max,
                      .tolerance = input.model->estimate.tolerance,
                      .prior = prior,
                      .fixed = held,
                      .fixed_levels = fixed_m};
    if (has_labels()) options.fixed.assign(plan.comparisons.size(), true);
    std::vector<EmRule> tables;
    for (const TrainingRule& rule : rules) tables.push_back({rule.whole, rule.blocked});
    for (const TrainingRule& rule : relations) tables.push_back({rule.whole, rule.blocked});
    fit.u = raw_u(input, random);
    for (size_t c = 0; c < fit.u.size(); ++c)
      for (size_t d = 1; d < fit.u[c].size(); ++d)
        if (std::isnan(fit.u[c][d])) fit.u[c][d] = 0.5 / std::max(random.total, 1.0);
    put(fit.u, fixed_u);
    fit.m = has_labels() ? labelled_m() : values_or(input, true, prior);
    for (size_t c = 0; c < held.size(); ++c)
      if (held[c]) fit.m[c] = prior[c];
    fit.q = options.q_prior = first_q();
    fit.kappa = 0;
    std::vector<ClassSizes> sizes = first_sizes(tables);
    fit.dependences.clear();
    fit.rounds = 0;
    for (unsigned turn = 0; turn < rounds_between; ++turn) {
      const JointFit em = joint_em(tables, rules.size(), {fit.m, fit.u, fit.q}, sizes, fit.dependences, options);
      fit.m = em.m;
      fit.q = em.q;
      sizes = em.sizes;
      fit.rounds += em.rounds;
      fit.converged = em.converged;
      for (size_t r = 0; r < rules.size(); ++r) {
        fit.rules[r].rounds = em.rounds;
        fit.rules[r].converged = em.converged;
        chances[r] = chances_in(rules[r], sizes[r]).match;
      }
      count_matches(em.matches);
      estimate_lambda();
      estimate_kappa(std::span(sizes).subspan(rules.size()));
      if (turn + 1 == rounds_between) break;  // what is reported belongs together
      const ClassSizes all{fit.lambda, fit.kappa};
      fit.u = cleared_u(input, random, {fit.m, fit.u, fit.q}, all, fit.dependences);
      put(fit.u, fixed_u);
      if (!input.find_dependence) continue;
      const ClassChances of_random = class_chances(random, {fit.m, fit.u, fit.q}, all, fit.dependences);
      std::vector<double> random_chances = of_random.match;
      for (size_t i = 0; i < random_chances.size(); ++i) random_chances[i] += of_random.related[i];
      fit.dependences = dependence_forest(joint_counts(plan, random, random_chances, rules, chances),
                                          plan.comparisons.size(), dependence_min);
    }
  }

  [[nodiscard]] ClassChances chances_in(const TrainingRule& rule, ClassSizes sizes) const {
    return class_chances(rule.whole, {fit.m, fit.u, fit.q}, sizes, fit.dependences, rule.blocked);
  }

  void estimate_kappa(std::span<const ClassSizes> sizes) {
    if (fit.q.empty()) return;
    std::vector<ClassChances> of_relations;
    for (size_t r = 0; r < relations.size(); ++r) of_relations.push_back(chances_in(relations[r], sizes[r]));
    fit.kappa = std::clamp(estimate_related(relations, of_relations, fit.q) / input.total_pairs, 0.0, kappa_max);
  }

  // Where next to no pairs are related the class says nothing.
  void drop_unseen_class() {
    if (fit.kappa >= related_least * fit.lambda) return;
    fit.kappa = 0;
    fit.q.clear();
  }

  void count_matches(const LevelShares& matches) {
    for (size_t c = 0; c < matches.size(); ++c)
      for (size_t d = 1; d < matches[c].size(); ++d) fit.levels[c][d].matches = matches[c][d];
  }

  // As Splink: one rule after the other, each starting from what those before it found; the median of them.
  void sessions() {
    fit.u = values_or(input, false, zeros(plan));
    const LevelShares raw = raw_u(input, random), splink_u = splink_default_u(plan), splink_m = splink_default_m(plan);
    for (size_t c = 0; c < raw.size(); ++c)
      for (size_t d = 1; d < raw[c].size(); ++d)
        if (std::isnan(fixed_u[c][d])) fit.u[c][d] = std::isnan(raw[c][d]) ? splink_u[c][d] : raw[c][d];
    fit.m = values_or(input, true, splink_m);
    static_cast<void>(known_lambda());
    std::vector<std::vector<std::vector<double>>> found(plan.comparisons.size());
    for (size_t c = 0; c < found.size(); ++c) found[c].resize(plan.comparisons[c].digits);
    for (size_t r = 0; r < rules.size(); ++r) {
      if (rules[r].table.total <= 0) continue;
      const auto& list = plan.training_rules.empty() ? plan.rules : plan.training_rules;
      double log_odds = std::log(fit.lambda) - std::log1p(-fit.lambda);
      if (rules[r].rule < list.size())
        for (const LevelRef& level : implied_by(plan, list[rules[r].rule]))
          log_odds += std::log(fit.m[level.comparison][level.digit] / fit.u[level.comparison][level.digit]);
      const SessionFit session =
          session_em(rules[r].table, fit.m, fit.u, logistic(log_odds), rules[r].blocked, fixed_m,
                     std::min(input.model->estimate.rounds_max, session_rounds_max), input.model->estimate.tolerance);
      fit.rules[r].rounds = session.rounds;
      fit.rules[r].converged = session.converged;
      fit.converged = fit.converged && session.converged;
      fit.rounds += session.rounds;
      for (size_t c = 0; c < found.size(); ++c)
        for (size_t d = 1; d < found[c].size() && !rules[r].blocked[c]; ++d)
          if (std::isnan(fixed_m[c][d]) && !std::isnan(session.m[c][d])) {
            found[c][d].push_back(session.m[c][d]);
            fit.m[c][d] = median(found[c][d]);
          }
      LevelShares trained = session.m;
      for (size_t c = 0; c < trained.size(); ++c)
        for (size_t d = 1; d < trained[c].size(); ++d)
          if (std::isnan(trained[c][d])) trained[c][d] = fit.m[c][d];
      chances[r] =
          class_chances(rules[r].whole, {.m = trained, .u = fit.u}, {.lambda = session.lambda}, {}, rules[r].blocked)
              .match;
      LevelShares matches = zeros(plan);
      for (size_t i = 0; i < rules[r].whole.rows(); ++i)
        for (size_t c = 0; c < found.size(); ++c)
          if (!rules[r].blocked[c]) matches[c][rules[r].whole.row(i)[c]] += rules[r].whole.counts[i] * chances[r][i];
      for (size_t c = 0; c < found.size(); ++c)
        for (size_t d = 1; d < found[c].size(); ++d) fit.levels[c][d].matches += matches[c][d];
    }
    for (size_t r = 0; r < rules.size(); ++r) chances[r].resize(rules[r].whole.rows());
    if (has_labels()) fit.m = labelled_m();
    estimate_lambda();
  }

  static double median(std::vector<double> values) {
    std::ranges::sort(values);
    const size_t half = values.size() / 2;
    return values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
  }

  void say_where_from() {
    LevelShares seen = zeros(plan);
    for (size_t i = 0; i < random.rows(); ++i)
      for (size_t c = 0; c < random.comparisons; ++c) seen[c][random.row(i)[c]] += random.counts[i];
    for (size_t c = 0; c < seen.size(); ++c) {
      const bool trained =
          std::ranges::any_of(rules, [&](const TrainingRule& r) { return !r.blocked[c] && r.table.total > 0; });
      for (size_t d = 1; d < seen[c].size(); ++d) {
        LevelFit& level = fit.levels[c][d];
        level.random = seen[c][d];
        const auto by_count = [](double n) {
          return n < 0.5 ? Seen::never : n < few_counts ? Seen::few : Seen::counted;
        };
        level.u_from =
            !std::isnan(fixed_u[c][d]) ? Seen::given
            : !input.exact_share.empty() && !input.exact_share[c].empty() && !std::isnan(input.exact_share[c][d])
                ? Seen::exact
                : by_count(seen[c][d]);
        level.m_from = !std::isnan(fixed_m[c][d]) ? Seen::given
                       : has_labels()             ? Seen::labels
                       : !trained                 ? Seen::untrained
                                                  : by_count(level.matches);
      }
    }
  }
};

}  // namespace

Result<Fit> fit(const FitInput& input) {
  assert(input.plan != nullptr && input.model != nullptr && input.total_pairs > 0);
  assert(input.plan->comparisons.size() == input.model->comparisons.size());
  TESSERA_TRY(check_fixed(input));
  Fitter fitter(input);
  if (fitter.random.total <= 0)
    return fail(ErrorCode::data,
                "there is no pair of records to learn from: each side needs a record, or one input two");
  fitter.fit.levels.resize(input.plan->comparisons.size());
  for (size_t c = 0; c < fitter.fit.levels.size(); ++c) fitter.fit.levels[c].resize(input.plan->comparisons[c].digits);
  if (input.model->estimate.method == EstimateOptions::Method::sessions) {
    fitter.sessions();
  } else {
    std::vector<bool> held(input.plan->comparisons.size(), false);
    fitter.joint(held);
    held = not_of_persons(*input.plan, fitter.fit, fitter.prior);
    if (std::ranges::count(held, true) > 0 && !fitter.has_labels()) {
      fitter.joint(held);
      for (size_t c = 0; c < held.size(); ++c)
        if (held[c])
          fitter.fit.warnings.push_back(fmt::format(
              "comparison \"{}\": the pairs taken for matches did not agree on it as records of one person do, so "
              "they were rather of households or of one street; its m is the usual one of its kind instead",
              input.plan->comparisons[c].name));
    }
  }
  fitter.drop_unseen_class();
  fitter.say_where_from();
  fitter.fit.close_mean = input.close_mean;
  add_warnings(input, fitter.rules, fitter.fit);
  return std::move(fitter.fit);
}

void apply(const Fit& fit, const ModelPlan& plan, Model& model) {
  assert(fit.m.size() == model.comparisons.size());
  for (size_t c = 0; c < fit.m.size(); ++c)
    for (size_t l = 0; l < plan.comparisons[c].levels.size(); ++l) {
      const PlanLevel& planned = plan.comparisons[c].levels[l];
      Level& level = model.comparisons[c].levels[l];
      if (planned.null_level) continue;
      if (!level.fix_m || !level.m) level.m = fit.m[c][planned.digit];
      if (!level.fix_u || !level.u) level.u = fit.u[c][planned.digit];
      if (level.term_frequency && !fit.close_mean.empty() && !fit.close_mean[c].empty() &&
          !std::isnan(fit.close_mean[c][planned.digit]))
        level.term_frequency->close_mean = fit.close_mean[c][planned.digit];
    }
  model.lambda = fit.lambda;
  model.related.reset();
  if (!fit.q.empty()) {
    Related& related = model.related.emplace();
    related.share = fit.kappa;
    for (size_t c = 0; c < fit.q.size(); ++c) {
      auto& levels = related.levels.emplace_back();
      if (!fit.q[c].empty())
        for (const PlanLevel& level : plan.comparisons[c].levels)
          levels.push_back(level.null_level ? 0 : fit.q[c][level.digit]);
    }
  }
  model.dependences.clear();
  for (const DependenceEdge& edge : fit.dependences) {
    Dependence made{.first = edge.first,
                    .second = edge.second,
                    .extra = edge.log_extra,
                    .shared = std::max(edge.shared_m, edge.shared_u)};
    for (double& extra : made.extra) extra /= std::log(2.0);
    model.dependences.push_back(std::move(made));
  }
}

}  // namespace tessera
