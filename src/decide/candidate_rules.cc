// candidate_rules.cc: which blocking rules could be worth having? (see candidate_rules.h)
#include "decide/candidate_rules.h"

#include <algorithm>

#include "decide/defaults.h"

namespace tessera {

namespace {

constexpr size_t rules_of_three_max = 400;  // a job of many fields has no use for all of them

struct PartRate {
  Part part;
  double rate;  // of the whole, or of the part where the whole does not agree
};

// Rates of lists of people as they are kept: docs/methods.md.
std::vector<PartRate> parts_of(Kind kind) {
  switch (kind) {
    case Kind::nhs_number: return {{Part::whole, 0.6}};
    case Kind::date: return {{Part::whole, 0.85}, {Part::year_month, 0.3}, {Part::month_day, 0.3}, {Part::year, 0.6}};
    case Kind::sex: return {{Part::whole, 0.97}};
    case Kind::postcode: return {{Part::whole, 0.7}, {Part::sector, 0.15}, {Part::district, 0.3}};
    case Kind::name: return {{Part::whole, 0.8}, {Part::soundex, 0.4}, {Part::first4, 0.4}, {Part::initial, 0.6}};
    case Kind::text: return {{Part::whole, 0.7}, {Part::first4, 0.5}};
    default: return {{Part::whole, 0.8}};
  }
}

// Whether a part says enough to be a rule of its own; the counts of pairs decide in the end.
bool stands_alone(Kind kind, Part part) {
  return kind != Kind::sex && part != Part::initial && part != Part::year && part != Part::month_day;
}

bool is_personal(const FieldKind& field) {
  switch (role_of(field)) {
    case FieldRole::given_name:
    case FieldRole::date:
    case FieldRole::nhs_number:
    case FieldRole::email:
    case FieldRole::code: return true;
    default: return false;
  }
}

}  // namespace

bool implies(const CandidateRules::Atom& a, const CandidateRules::Atom& b) {
  if (a.field != b.field) return false;
  return a.part == b.part || a.part == Part::whole || (a.part == Part::sector && b.part == Part::district) ||
         (a.part == Part::year_month && b.part == Part::year) || (a.part == Part::first4 && b.part == Part::initial);
}

CandidateRules candidate_rules(const std::vector<std::pair<std::string, Kind>>& fields) {
  CandidateRules out;
  std::vector<uint8_t> alone, coarse;
  for (const auto& [field, kind] : fields) {
    const int whole = static_cast<int>(out.atoms.size());
    for (const PartRate& part : parts_of(kind)) {
      SideExpression value{.what = SideExpression::What::field, .text = field};
      CandidateRules::Atom atom{
          .field = field, .text = field, .part = part.part, .rate = part.rate, .personal = is_personal({field, kind})};
      if (part.part != Part::whole) {
        value = {.what = SideExpression::What::part, .text = name_of(part.part), .parts = {value}};
        atom.text += std::string(":") + name_of(part.part);
        atom.from = whole;
        atom.apart = part.rate;
      }
      atom.value = std::move(value);
      out.atoms.push_back(std::move(atom));
      alone.push_back(stands_alone(kind, part.part));
      coarse.push_back(part.part == Part::initial || kind == Kind::sex);
    }
  }
  const auto add = [&](std::vector<uint32_t> atoms) {
    BlockingRule rule;
    for (const uint32_t a : atoms) {
      const CandidateRules::Atom& atom = out.atoms[a];
      rule.equal.push_back({.left = atom.value, .right = atom.value, .explode = atom.explode});
      rule.text += (rule.text.empty() ? "" : " + ") + atom.text;
    }
    out.rules.push_back(std::move(rule));
    out.of_rule.push_back(std::move(atoms));
  };
  const auto count = static_cast<uint32_t>(out.atoms.size());
  const auto apart = [&](uint32_t a, uint32_t b) { return out.atoms[a].field != out.atoms[b].field; };
  for (uint32_t a = 0; a < count; ++a)
    if (alone[a]) add({a});
  for (uint32_t a = 0; a < count; ++a)
    for (uint32_t b = a + 1; b < count; ++b)
      if (apart(a, b) && !(coarse[a] && coarse[b])) add({a, b});
  size_t threes = 0;
  for (uint32_t a = 0; a < count; ++a)
    for (uint32_t b = a + 1; b < count; ++b)
      for (uint32_t c = b + 1; c < count && threes < rules_of_three_max; ++c) {
        if (!apart(a, b) || !apart(a, c) || !apart(b, c)) continue;
        // Wholes alone are met by their pairs; a third is worth its while where one of them is a part.
        const int parts = (out.atoms[a].from >= 0) + (out.atoms[b].from >= 0) + (out.atoms[c].from >= 0);
        if (parts < 1 || parts > 2) continue;
        add({a, b, c});
        ++threes;
      }
  return out;
}

}  // namespace tessera
