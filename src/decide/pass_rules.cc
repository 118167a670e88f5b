// pass_rules.cc: what do ranked passes come to for the engine that looks inside values? (see pass_rules.h)
#include "decide/pass_rules.h"

#include <fmt/format.h>

#include <algorithm>

namespace tessera {

namespace {

using Expr = SideExpression;
using SideWhat = SideExpression::What;

Expr field_expr(const std::string& name) { return {.what = SideWhat::field, .text = name}; }
Expr text_expr(const char* text) { return {.what = SideWhat::text, .text = text}; }
Expr number_expr(double number) { return {.what = SideWhat::number, .number = number}; }

Expr part_expr(const std::string& field, Part part) {
  if (part == Part::whole) return field_expr(field);
  return {.what = SideWhat::part, .text = name_of(part), .parts = {field_expr(field)}};
}

ModelCondition measured(Measure::What what, Expr left, Expr right, Comparator compare = Comparator::greater_equal,
                        double bound = 1) {
  return {.what = ModelCondition::What::measure,
          .measure = {.what = what, .left = std::move(left), .right = std::move(right)},
          .compare = compare,
          .bound = bound};
}

ModelCondition on_side(ModelCondition::What which, Expr side) { return {.what = which, .side = std::move(side)}; }

ModelCondition is_null_on(ModelCondition::What which, Expr value) {
  return on_side(which, {.what = SideWhat::is_null, .parts = {std::move(value)}});
}

ModelCondition either(std::vector<ModelCondition> parts) {
  return {.what = ModelCondition::What::any_of, .parts = std::move(parts)};
}

ModelCondition equal_part(const Term& term, Part part) {
  return measured(Measure::What::equal, part_expr(term.from.field, part), part_expr(term.to.field, part));
}

ModelCondition swapped(const Term& term) {
  return measured(Measure::What::swapped_date, field_expr(term.from.field), field_expr(term.to.field));
}

ModelCondition within_bound(const Term& term) {
  const auto bound = static_cast<double>(term.bound);
  Expr left = part_expr(term.from.field, term.from.part), right = part_expr(term.to.field, term.to.part);
  switch (term.unit) {
    case Term::Unit::days:
      return measured(Measure::What::days, std::move(left), std::move(right), Comparator::less_equal, bound);
    case Term::Unit::years: {
      const auto year = [](const std::string& field) {
        return Expr{.what = SideWhat::to_number,
                    .parts = {{.what = SideWhat::left, .parts = {field_expr(field), number_expr(4)}}}};
      };
      return measured(Measure::What::absolute_difference, year(term.from.field), year(term.to.field),
                      Comparator::less_equal, bound);
    }
    case Term::Unit::number: break;
  }
  return measured(Measure::What::absolute_difference, std::move(left), std::move(right), Comparator::less_equal, bound);
}

ModelCondition condition_of(const Term& term);

ModelCondition all_terms(const std::vector<Term>& terms) {
  ModelCondition all{.what = ModelCondition::What::all_of};
  for (const Term& term : terms) all.parts.push_back(condition_of(term));
  return all;
}

ModelCondition condition_of(const Term& term) {
  const Expr left = part_expr(term.from.field, term.from.part), right = part_expr(term.to.field, term.to.part);
  switch (term.how) {
    case Term::How::exact: return measured(Measure::What::equal, left, right);
    case Term::How::compatible:
      return either({measured(Measure::What::equal, left, right), is_null_on(ModelCondition::What::left, left),
                     is_null_on(ModelCondition::What::right, right)});
    case Term::How::date_partial:
      return either({equal_part(term, Part::year_month), equal_part(term, Part::year_day),
                     equal_part(term, Part::month_day), swapped(term)});
    case Term::How::date_swapped: return swapped(term);
    case Term::How::within: return within_bound(term);
    case Term::How::any_of: {
      ModelCondition any{.what = ModelCondition::What::any_of};
      for (const auto& choice : term.choices) any.parts.push_back(all_terms(choice));
      return any;
    }
    case Term::How::likeness: return term.likeness;
  }
  return {};
}

bool brings_pairs(const std::vector<Term>& terms);

// Whether each branch has a term that must be equal.
bool every_choice_brings(const Term& term) {
  return term.how == Term::How::any_of && std::ranges::all_of(term.choices, brings_pairs);
}

bool brings_pairs(const std::vector<Term>& terms) {
  return std::ranges::any_of(terms, [](const Term& t) { return t.how == Term::How::exact || every_choice_brings(t); });
}

// The ways to satisfy the terms. Choices are multiplied out only as long as nothing must be equal.
std::vector<std::vector<Term>> ways(const std::vector<Term>& terms) {
  if (std::ranges::any_of(terms, [](const Term& t) { return t.how == Term::How::exact; })) return {terms};
  const auto choice = std::ranges::find_if(terms, every_choice_brings);
  if (choice == terms.end()) return {};
  std::vector<std::vector<Term>> out;
  for (const auto& branch : choice->choices) {
    std::vector<Term> all(terms.begin(), choice);
    all.insert(all.end(), branch.begin(), branch.end());
    all.insert(all.end(), choice + 1, terms.end());
    for (auto& way : ways(all)) out.push_back(std::move(way));
  }
  return out;
}

Result<std::vector<ModelCondition>> refusals(const Pass& pass) {
  std::vector<ModelCondition> out;
  for (const Unless& unless : pass.unless) {
    Expr test;
    switch (unless.what) {
      case Unless::What::january_1:
        test = {.what = SideWhat::equal,
                .parts = {
                    {.what = SideWhat::substring, .parts = {field_expr(unless.field), number_expr(6), number_expr(5)}},
                    text_expr("01-01")}};
        break;
      case Unless::What::pseudo_postcode:
        test = {.what = SideWhat::equal,
                .parts = {{.what = SideWhat::left, .parts = {field_expr(unless.field), number_expr(4)}},
                          text_expr("ZZ99")}};
        break;
      case Unless::What::on_list:
      case Unless::What::flagged:
        return fail(ErrorCode::usage,
                    fmt::format("the pass of rank {}: \"{}\" names a list, which cannot be used beside terms of "
                                "likeness or within one input; leave it out",
                                pass.rank, unless.text));
    }
    // Unknown is not true, so a missing value refuses nothing.
    for (const auto side : {ModelCondition::What::left, ModelCondition::What::right}) {
      ModelCondition missing = is_null_on(side, field_expr(unless.field));
      ModelCondition refused{.what = ModelCondition::What::negation, .parts = {on_side(side, test)}};
      out.push_back(either({std::move(missing), std::move(refused)}));
    }
  }
  return out;
}

}  // namespace

Result<PassRules> pass_rules(std::span<const Pass> passes) {
  PassRules out;
  for (const Pass& pass : passes) {
    TESSERA_ASSIGN(const std::vector<ModelCondition> refused, refusals(pass));
    const auto all_ways = ways(pass.terms);
    if (all_ways.empty())
      return fail(ErrorCode::usage, fmt::format("the pass of rank {} has no term that must be equal", pass.rank));
    for (const auto& way : all_ways) {
      BlockingRule rule{.text = fmt::format("rank {}", pass.rank)};
      ModelCondition also{.what = ModelCondition::What::all_of};
      for (const Term& term : way) {
        if (term.how == Term::How::exact)
          rule.equal.push_back(
              {.left = part_expr(term.from.field, term.from.part), .right = part_expr(term.to.field, term.to.part)});
        else
          also.parts.push_back(condition_of(term));
      }
      also.parts.insert(also.parts.end(), refused.begin(), refused.end());
      if (!also.parts.empty()) rule.also = std::move(also);
      out.rules.push_back(std::move(rule));
      out.ranks.push_back(pass.rank);
    }
  }
  return out;
}

bool has_likeness(std::span<const Pass> passes) {
  const auto any = [](const auto& self, const std::vector<Term>& terms) -> bool {
    return std::ranges::any_of(terms, [&](const Term& t) {
      return t.how == Term::How::likeness ||
             std::ranges::any_of(t.choices, [&](const auto& choice) { return self(self, choice); });
    });
  };
  return std::ranges::any_of(passes, [&](const Pass& pass) { return any(any, pass.terms); });
}

}  // namespace tessera
