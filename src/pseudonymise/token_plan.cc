#include "pseudonymise/token_plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <map>

#include "base/text.h"
#include "record/words.h"

namespace tessera {
namespace {

using How = Term::How;

std::string swapped_name(const std::string& field) { return field + ".swapped"; }

Term equal_term(How how, std::string from, std::string to, std::string text) {
  Term term;
  term.how = how;
  term.from.field = std::move(from);
  term.to.field = std::move(to);
  term.text = std::move(text);
  return term;
}

Term swapped_term(const Term& term) {
  return equal_term(How::exact, term.from.field, swapped_name(term.to.field), term.text + " (day and month swapped)");
}

// Every plain term of a term on tokens.
void each_plain(const Term& term, const std::function<void(const Term&)>& see) {
  if (term.how != How::any_of) return see(term);
  for (const auto& choice : term.choices)
    for (const Term& inner : choice) each_plain(inner, see);
}

// Names joined where a term compares them; the least name of a group is its namespace.
class Spaces {
 public:
  std::string of(const std::string& name) {
    const auto found = parent_.emplace(name, name).first;
    if (found->second == name) return name;
    return found->second = of(std::string(found->second));
  }
  void join(const std::string& a, const std::string& b) {
    const std::string x = of(a), y = of(b);
    parent_[std::max(x, y)] = std::min(x, y);
  }

 private:
  std::map<std::string, std::string> parent_;
};

TokenSpec spec_of(const std::string& name, const std::map<std::string, FieldPart>& parts) {
  TokenSpec out;
  out.name = name;
  const auto found = parts.find(name);
  if (found != parts.end()) {
    out.field = found->second.field;
    out.part = found->second.part;
  } else {
    out.field = name.substr(0, name.find('.'));
    out.swapped = true;
  }
  return out;
}

// The names that the parts of a term have as tokens.
void gather_parts(const Term& term, std::map<std::string, FieldPart>& parts) {
  for (const auto& choice : term.choices)
    for (const Term& inner : choice) gather_parts(inner, parts);
  if (term.how == How::any_of) return;
  for (const FieldPart* part : {&term.from, &term.to}) {
    parts.emplace(token_name(part->field, part->part), *part);
    if (term.how == How::date_partial)
      for (const Part half : {Part::year_month, Part::year_day, Part::month_day})
        parts.emplace(token_name(part->field, half), FieldPart{part->field, half});
  }
}

Status check_allowed(const TokenSpec& token, std::span<const std::string> forbid) {
  std::string written = token.name;
  std::replace(written.begin(), written.end(), '.', ':');
  if (std::find(forbid.begin(), forbid.end(), written) == forbid.end()) return {};
  std::vector<std::string> ranks;
  for (const int rank : token.ranks) ranks.push_back(std::to_string(rank));
  return fail(
      ErrorCode::usage,
      fmt::format("the pass{} of rank {} need{} the token {}, which \"forbid\" names\nhelp: leave the pass{} out "
                  "of \"passes\", or allow the token",
                  ranks.size() == 1 ? "" : "es", joined(ranks, ", "), ranks.size() == 1 ? "s" : "", token.name,
                  ranks.size() == 1 ? "" : "es"));
}

}  // namespace

std::string token_name(const std::string& field, Part part) {
  return part == Part::whole ? field : fmt::format("{}.{}", field, name_of(part));
}

std::string flag_name(const Unless& unless) {
  switch (unless.what) {
    case Unless::What::january_1: return unless.field + ".january-1";
    case Unless::What::pseudo_postcode: return unless.field + ".zz99";
    default: return unless.field + "." + unless.list;
  }
}

bool flag_holds(const Unless& unless, uint64_t word) {
  switch (unless.what) {
    case Unless::What::january_1: return is_january_1(word);
    case Unless::What::pseudo_postcode: return is_pseudo_postcode(word);
    default: return word != 0;
  }
}

bool is_of_filters(const Term& term) {
  const auto of_filters = [](const auto& self, const ModelCondition& condition) -> bool {
    if (condition.what == ModelCondition::What::measure)
      return condition.measure.what == Measure::What::dice || condition.measure.what == Measure::What::bits_jaccard;
    return !condition.parts.empty() &&
           std::ranges::all_of(condition.parts, [&](const ModelCondition& part) { return self(self, part); });
  };
  return term.how == How::likeness && of_filters(of_filters, term.likeness);
}

Result<Term> term_on_tokens(const Term& term, int rank) {
  const auto whole = [&](Part part) {
    return equal_term(How::exact, token_name(term.from.field, part), token_name(term.to.field, part), term.text);
  };
  switch (term.how) {
    case How::exact:
    case How::compatible:
      return equal_term(term.how, token_name(term.from.field, term.from.part), token_name(term.to.field, term.to.part),
                        term.text);
    case How::date_swapped: return swapped_term(term);
    case How::date_partial: {
      Term out;
      out.how = How::any_of;
      out.text = term.text;
      for (const Part half : {Part::year_month, Part::year_day, Part::month_day}) out.choices.push_back({whole(half)});
      out.choices.push_back({swapped_term(term)});
      return out;
    }
    case How::any_of: {
      Term out;
      out.how = How::any_of;
      out.text = term.text;
      for (const auto& choice : term.choices) {
        auto& inner = out.choices.emplace_back();
        for (const Term& each : choice) {
          TESSERA_ASSIGN(Term on_tokens, term_on_tokens(each, rank));
          inner.push_back(std::move(on_tokens));
        }
      }
      return out;
    }
    case How::likeness:
      if (is_of_filters(term)) return term;
      break;
    case How::within: break;
  }
  return fail(
      ErrorCode::usage,
      fmt::format("the pass of rank {} cannot be kept on tokens: \"{}\" looks inside values, and tokens are equal "
                  "or not\nhelp: write the other passes of the list in \"passes\", or a term of parts, such as "
                  "dob:year",
                  rank, term.text));
}

Result<TokenPlan> plan_tokens(std::span<const Pass> passes, std::span<const std::string> forbid) {
  Spaces spaces;
  std::map<std::string, std::vector<int>> ranks;  // by token
  std::map<std::string, FieldPart> parts;
  TokenPlan plan;
  for (const Pass& pass : passes) {
    for (const Term& term : pass.terms) {
      gather_parts(term, parts);
      TESSERA_ASSIGN(const Term on_tokens, term_on_tokens(term, pass.rank));
      each_plain(on_tokens, [&](const Term& plain) {
        if (is_of_filters(plain)) return;
        spaces.join(plain.from.field, plain.to.field);
        for (const std::string* name : {&plain.from.field, &plain.to.field}) {
          auto& served = ranks[*name];
          if (std::find(served.begin(), served.end(), pass.rank) == served.end()) served.push_back(pass.rank);
        }
      });
    }
    for (const Unless& unless : pass.unless) {
      const std::string name = flag_name(unless);
      if (std::none_of(plan.flags.begin(), plan.flags.end(), [&](const FlagSpec& flag) { return flag.name == name; }))
        plan.flags.push_back({name, unless});
    }
  }
  for (const auto& [name, served] : ranks) {
    TokenSpec token = spec_of(name, parts);
    token.space = spaces.of(name);
    token.ranks = served;
    TESSERA_TRY(check_allowed(token, forbid));
    plan.tokens.push_back(std::move(token));
  }
  std::sort(plan.flags.begin(), plan.flags.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  return plan;
}

std::string reveals(const TokenSpec& token, Kind kind) {
  if (kind == Kind::sex) return "two groups of records; which is which shows by their sizes at most";
  std::string out = "which records share it, and how often each value occurs";
  if (token.swapped) return out + "; with " + token.field + ": dates that are each other's swap";
  if (token.part != Part::whole)
    out += fmt::format("; also between records whose {} differs elsewhere", token.field);
  else if (kind == Kind::nhs_number)
    return "which records are of one person";
  else if (kind == Kind::postcode)
    out += ": people who live together; large blocks by their size";
  else if (kind == Kind::name)
    out += ": frequent names by their rank";
  if (token.space != token.name) out += fmt::format("; equal to {} where the values are", token.space);
  return out;
}

}  // namespace tessera
