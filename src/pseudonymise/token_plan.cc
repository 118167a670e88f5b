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

TokenSpec spec_of(const std::string& name, const std::map<std::string, FieldPart>& parts,
                  const std::map<std::string, TokenSpec>& moved) {
  if (const auto found = moved.find(name); found != moved.end()) return found->second;
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
  if (term.how == How::any_of || term.how == How::within) return;
  for (const FieldPart* part : {&term.from, &term.to}) {
    parts.emplace(token_name(part->field, part->part), *part);
    if (term.how == How::date_partial)
      for (const Part half : {Part::year_month, Part::year_day, Part::month_day})
        parts.emplace(token_name(part->field, half), FieldPart{part->field, half});
  }
}

// The tokens of a difference, of either side.
struct Moves {
  std::vector<TokenSpec> from, to;
};

std::string pair_of(const std::string& from, const std::string& to) { return from == to ? from : from + " ~ " + to; }

// By how much either side is moved, so that the difference is at most `bound` just if some from equals some to: windows of
// odd width, as wide as makes the fewest columns.
std::pair<std::vector<int64_t>, std::vector<int64_t>> steps_of(int64_t bound) {
  const auto windows = [&](int64_t half) { return (2 * bound + 1 + 2 * half) / (2 * half + 1); };
  int64_t half = 0;
  for (int64_t wider = 1; wider <= bound; ++wider)
    if (2 * wider + 1 + windows(wider) < 2 * half + 1 + windows(half)) half = wider;
  std::pair<std::vector<int64_t>, std::vector<int64_t>> out;
  for (int64_t by = -half; by <= half; ++by) out.first.push_back(by);
  for (int64_t i = 0; i < windows(half); ++i)
    out.second.push_back(std::min(half - bound + i * (2 * half + 1), bound - half));
  return out;
}

Result<Moves> moves_of(const Term& term, const Pass& pass) {
  const std::string within = fmt::format("within-{}{}", term.bound,
                                         term.unit == Term::Unit::years  ? "-years"
                                         : term.unit == Term::Unit::days ? "-days"
                                                                         : "");
  std::map<std::string, std::pair<std::string, std::string>> beside;  // by how they are written: the order of terms
  for (const Term& other : pass.terms)                                // makes no difference
    if (other.how == How::exact) {
      const std::string from = token_name(other.from.field, other.from.part);
      const std::string to = token_name(other.to.field, other.to.part);
      beside.emplace(pair_of(from, to), std::pair(from, to));
    }
  if (beside.empty() || term.bound > moved_max)
    return fail(ErrorCode::usage,
                fmt::format("the pass of rank {} cannot be kept on tokens: \"{}\" {}\nhelp: write the other passes of "
                            "the list in \"passes\", or {}",
                            pass.rank, term.text,
                            beside.empty() ? "has no term beside it that must be equal, and its tokens would tell "
                                             "the order of all values"
                                           : fmt::format("is more than the {} that tokens can keep", moved_max),
                            beside.empty() ? "add such a term" : "a smaller difference"));
  std::vector<std::string> pairs;
  TokenSpec from{.name = {}, .field = term.from.field, .space = {}, .ranks = {pass.rank}, .moved = MovedBy{}};
  from.moved->unit = term.unit;
  TokenSpec to = from;
  to.field = term.to.field;
  for (const auto& [pair, names] : beside) {
    pairs.push_back(pair);
    from.moved->beside.push_back(names.first);
    to.moved->beside.push_back(names.second);
  }
  from.space = to.space =
      fmt::format("{}.{} of {}", pair_of(term.from.field, term.to.field), within, joined(pairs, ", "));
  Moves out;
  const auto [from_steps, to_steps] = steps_of(term.bound);
  const auto add = [&](TokenSpec spec, const char* side, int64_t by, std::vector<TokenSpec>& all) {
    spec.name = fmt::format("{}.{}.rank-{}.{}{:+}", spec.field, within, pass.rank, side, by);
    spec.moved->by = by;
    all.push_back(std::move(spec));
  };
  for (const int64_t by : from_steps) add(from, "from", by, out.from);
  for (const int64_t by : to_steps) add(to, "to", by, out.to);
  return out;
}

Status gather_moved(const Term& term, const Pass& pass, std::map<std::string, TokenSpec>& moved) {
  for (const auto& choice : term.choices)
    for (const Term& inner : choice) TESSERA_TRY(gather_moved(inner, pass, moved));
  if (term.how != How::within) return {};
  TESSERA_ASSIGN(Moves moves, moves_of(term, pass));
  for (auto* side : {&moves.from, &moves.to})
    for (TokenSpec& spec : *side) {
      const auto [known, fresh] = moved.emplace(spec.name, spec);
      if (!fresh && known->second.space != spec.space)
        return fail(ErrorCode::usage,
                    fmt::format("two passes of rank {} have the difference \"{}\" beside other terms, "
                                "and their tokens would have one name\nhelp: give one another rank",
                                pass.rank, term.text));
    }
  return {};
}

Status check_allowed(const TokenSpec& token, std::span<const std::string> forbid) {
  std::string written = token.moved ? token.field + ":within" : token.name;
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

Result<Term> term_on_tokens(const Term& term, const Pass& pass) {
  const int rank = pass.rank;
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
          TESSERA_ASSIGN(Term on_tokens, term_on_tokens(each, pass));
          inner.push_back(std::move(on_tokens));
        }
      }
      return out;
    }
    case How::likeness:
      if (is_of_filters(term)) return term;
      break;
    case How::within: {
      TESSERA_ASSIGN(const Moves moves, moves_of(term, pass));
      Term out;
      out.how = How::any_of;
      out.text = term.text;
      for (const TokenSpec& from : moves.from)
        for (const TokenSpec& to : moves.to)
          out.choices.push_back({equal_term(How::exact, from.name, to.name, term.text)});
      return out;
    }
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
  std::map<std::string, TokenSpec> moved;
  TokenPlan plan;
  for (const Pass& pass : passes) {
    for (const Term& term : pass.terms) {
      gather_parts(term, parts);
      TESSERA_TRY(gather_moved(term, pass, moved));
      TESSERA_ASSIGN(const Term on_tokens, term_on_tokens(term, pass));
      each_plain(on_tokens, [&](const Term& plain) {
        if (is_of_filters(plain)) return;
        if (!moved.contains(plain.from.field)) spaces.join(plain.from.field, plain.to.field);
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
    TokenSpec token = spec_of(name, parts, moved);
    if (!token.moved) token.space = spaces.of(name);
    token.ranks = served;
    TESSERA_TRY(check_allowed(token, forbid));
    plan.tokens.push_back(std::move(token));
  }
  std::sort(plan.flags.begin(), plan.flags.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  return plan;
}

std::string reveals(const TokenSpec& token, Kind kind) {
  if (kind == Kind::sex) return "two groups of records; which is which shows by their sizes at most";
  if (token.moved)
    return fmt::format("of records that agree in {}: how far apart their {} is, and so their order",
                       joined(token.moved->beside, ", "), token.field);
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
