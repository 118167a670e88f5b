// compile.cc: how do the terms of passes become pattern bits?
//
// Each distinct condition gets one bit, however many passes name it. A choice
// (any_of) is multiplied out: a pass becomes a few alternatives, each a set of bits.
#include <fmt/format.h>

#include <algorithm>
#include <cassert>

#include "decide/anchors.h"
#include "decide/decide.h"

namespace tessera {

namespace {

constexpr size_t alternatives_max = 64;

class Compiler {
 public:
  Compiler(const Input& from, const Input& to) : from_(from), to_(to) {}

  Status add_pass(const Pass& pass) {
    PassBits bits{.rank = pass.rank, .alternatives = {{}}};
    TESSERA_TRY(add_terms(pass.terms, bits.alternatives, pass.rank));
    for (const Unless& unless : pass.unless) {
      TESSERA_ASSIGN(const Pattern bit, unless_bit(unless));
      for (auto& way : bits.alternatives) way.forbid |= bit;
    }
    passes_.push_back(std::move(bits));
    return {};
  }

  Status add_limit(const Refuse& refuse) {
    TESSERA_ASSIGN(WordRef from, word(Side::from, {refuse.field, Part::whole}));
    TESSERA_ASSIGN(const WordRef to, word(Side::to, {refuse.after, Part::whole}));
    if (!refuse.group.empty()) {  // the latest of the group replaces the row's own date: not where passes look
      from_words_.push_back({refuse.field, Part::whole, ""});
      from.slot = static_cast<uint32_t>(from_words_.size() - 1);
    }
    limits_.push_back({from, to, refuse.days, refuse.group,
                       fmt::format("{}{} is more than {} days after {}", refuse.group.empty() ? "" : "the last ",
                                   refuse.field, refuse.days, refuse.after)});
    return {};
  }

  Result<PassPlan> finish(uint64_t reference_rows) {
    TESSERA_ASSIGN(auto anchors, choose_anchors(passes_, conditions_, reference_rows));
    PassPlan plan;
    plan.anchors = std::move(anchors);  // may have added conditions
    if (conditions_.size() > conditions_max)
      return fail(ErrorCode::usage, fmt::format("the passes name {} different conditions; at most {} are possible: "
                                                "split the list over two link steps",
                                                conditions_.size(), conditions_max));
    plan.table = PassTable(std::move(passes_), conditions_.size());
    plan.from_words = std::move(from_words_);
    plan.to_words = std::move(to_words_);
    plan.conditions = std::move(conditions_);
    plan.limits = std::move(limits_);
    return plan;
  }

 private:
  enum class Side : uint8_t { from, to };

  const Input& input(Side side) const { return side == Side::from ? from_ : to_; }

  Result<const FieldSpec*> field(Side side, const std::string& name) const {
    const auto& fields = input(side).fields;
    const auto found = std::ranges::find(fields, name, &FieldSpec::name);
    if (found == fields.end())
      return fail(ErrorCode::usage, fmt::format("a pass names the field \"{}\", which the input \"{}\" does not have",
                                                name, input(side).name));
    return &*found;
  }

  uint32_t slot(Side side, WordSpec spec) {
    auto& words = side == Side::from ? from_words_ : to_words_;
    const auto found = std::ranges::find(words, spec);
    if (found != words.end()) return static_cast<uint32_t>(found - words.begin());
    words.push_back(std::move(spec));
    return static_cast<uint32_t>(words.size() - 1);
  }

  // The word that holds a part: the whole value where the part can be derived from it.
  Result<WordRef> word(Side side, const FieldPart& wanted) {
    TESSERA_ASSIGN(const FieldSpec* spec, field(side, wanted.field));
    const bool can_derive =
        derivable(spec->kind, wanted.part) && (spec->kind != Kind::postcode || spec->country == "gb");
    WordRef ref{.derived = can_derive, .kind = spec->kind, .part = wanted.part};
    const bool token = spec->kind == Kind::pseudonym;
    ref.means = token ? spec->made_of : spec->kind;
    ref.means_part = token ? spec->made_of_part : wanted.part;
    ref.slot = slot(side, {wanted.field, can_derive ? Part::whole : wanted.part, ""});
    return ref;
  }

  // The whole word as it is stored: a date may lack parts.
  Result<WordRef> stored_word(Side side, const std::string& name) {
    TESSERA_ASSIGN(WordRef ref, word(side, {name, Part::whole}));
    ref.derived = false;
    return ref;
  }

  Pattern bit_of(PairCondition condition) {
    const auto same = [&](const PairCondition& c) {
      return c.what == condition.what && c.from == condition.from && c.to == condition.to && c.bound == condition.bound;
    };
    auto found = std::ranges::find_if(conditions_, same);
    if (found == conditions_.end()) found = conditions_.insert(conditions_.end(), std::move(condition));
    const auto index = static_cast<size_t>(found - conditions_.begin());
    return index < conditions_max ? Pattern{1} << index : 0;  // finish() refuses the overflow
  }

  Result<Pattern> term_bit(const Term& term) {
    using How = Term::How;
    PairCondition condition{.bound = term.bound, .text = term.text};
    const bool by_parts = term.how == How::date_partial || term.how == How::date_swapped ||
                          (term.how == How::within && term.unit == Term::Unit::years);
    if (by_parts) {
      TESSERA_ASSIGN(condition.from, stored_word(Side::from, term.from.field));
      TESSERA_ASSIGN(condition.to, stored_word(Side::to, term.to.field));
    } else {
      TESSERA_ASSIGN(condition.from, word(Side::from, term.from));
      TESSERA_ASSIGN(condition.to, word(Side::to, term.to));
    }
    switch (term.how) {
      case How::exact: condition.what = Condition::equal; break;
      case How::compatible: condition.what = Condition::compatible; break;
      case How::date_partial: condition.what = Condition::date_partial; break;
      case How::date_swapped: condition.what = Condition::date_swapped; break;
      case How::within:
        condition.what = term.unit == Term::Unit::days    ? Condition::within_days
                         : term.unit == Term::Unit::years ? Condition::within_years
                                                          : Condition::within_number;
        break;
      case How::likeness: assert(false); break;  // refused before
      case How::any_of: assert(false); break;
    }
    return bit_of(std::move(condition));
  }

  Status add_terms(const std::vector<Term>& terms, std::vector<PassBits::Alternative>& ways, int rank) {
    for (const Term& term : terms) {
      if (term.how == Term::How::likeness)
        return fail(ErrorCode::usage,
                    fmt::format("the pass of rank {} has a likeness (\"{}\"), which passes cannot compare yet\n"
                                "help: put it into the comparisons of a \"model\"",
                                rank, term.text));
      if (term.how != Term::How::any_of) {
        TESSERA_ASSIGN(const Pattern bit, term_bit(term));
        for (auto& way : ways) way.need |= bit;
        continue;
      }
      std::vector<PassBits::Alternative> more;
      for (const auto& choice : term.choices) {
        auto branch = ways;
        TESSERA_TRY(add_terms(choice, branch, rank));
        more.insert(more.end(), branch.begin(), branch.end());
      }
      if (more.size() > alternatives_max)
        return fail(ErrorCode::usage,
                    fmt::format("the pass of rank {} has more than {} ways to hold: split it into several passes", rank,
                                alternatives_max));
      ways = std::move(more);
    }
    return {};
  }

  // A field that only one side has speaks for that side.
  Result<Pattern> unless_bit(const Unless& unless) {
    PairCondition condition{.text = "unless " + unless.text};
    condition.what = unless.what == Unless::What::january_1         ? Condition::january_1
                     : unless.what == Unless::What::pseudo_postcode ? Condition::pseudo_postcode
                                                                    : Condition::either_flag;
    const std::string list = unless.what == Unless::What::on_list ? unless.list : "";
    for (const Side side : {Side::from, Side::to}) {
      WordRef& ref = side == Side::from ? condition.from : condition.to;
      const auto spec = std::ranges::find(input(side).fields, unless.field, &FieldSpec::name);
      if (spec == input(side).fields.end()) {
        ref.absent = true;
      } else {
        ref = {.slot = slot(side, {unless.field, Part::whole, list}), .kind = spec->kind};
      }
    }
    if (condition.from.absent && condition.to.absent)
      return fail(ErrorCode::usage,
                  fmt::format("\"unless\" names the field \"{}\", which neither input has", unless.field));
    return bit_of(std::move(condition));
  }

  const Input& from_;
  const Input& to_;
  std::vector<WordSpec> from_words_, to_words_;
  std::vector<PairCondition> conditions_;
  std::vector<PassBits> passes_;
  std::vector<DateLimit> limits_;
};

}  // namespace

Result<PassPlan> compile_passes(const LinkStep& step, const Input& from, const Input& to, uint64_t reference_rows) {
  if (step.passes.empty()) return fail(ErrorCode::usage, "the list of passes is empty");
  if (step.passes.size() > passes_max)
    return fail(ErrorCode::usage, fmt::format("{} passes; at most {} are possible", step.passes.size(), passes_max));
  Compiler compiler(from, to);
  for (const Pass& pass : step.passes) TESSERA_TRY(compiler.add_pass(pass));
  for (const Refuse& refuse : step.refuse) TESSERA_TRY(compiler.add_limit(refuse));
  return compiler.finish(reference_rows);
}

}  // namespace tessera
