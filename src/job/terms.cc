// terms.cc: when do two records agree?
//
//   "dob:year"                                  exact, of a part
//   "dob:partial"                               two of year, month, day; or month and day swapped
//   "given_name ~ family_name"                  across the sides: from ~ to
//   {"field": "dob", "within": 3, "unit": "days"}
//   {"any_of": ["uprn", ["postcode", "house_number"]]}
#include <algorithm>
#include <cassert>

#include <fmt/format.h>

#include "job/model.h"
#include "job/names.h"
#include "job/parts.h"

namespace tessera {
namespace {

using Type = Node::Type;
using How = Term::How;

// A piece of a string and where it stands in it.
struct Piece {
  std::string_view text;
  size_t begin = 0;
};

Piece trimmed(Piece piece) {
  const size_t first = piece.text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {{}, piece.begin};
  const size_t last = piece.text.find_last_not_of(" \t");
  return {piece.text.substr(first, last - first + 1), piece.begin + first};
}

Piece slice(Piece piece, size_t from, size_t length = std::string_view::npos) {
  return trimmed({piece.text.substr(from, length), piece.begin + from});
}

std::vector<std::string> field_names(const Input& input) {
  std::vector<std::string> out;
  for (const FieldSpec& field : input.fields) out.push_back(field.name);
  return out;
}

// One side of a term, before the sides are put together.
struct Side {
  const FieldSpec* field = nullptr;
  FieldPart part;
  How how = How::exact;  // or date_partial, date_swapped
};

class TermReader {
 public:
  TermReader(const Node& node, PassContext& context) : node_(node), context_(context) {}

  // "field:part" or "field:part ~ field:part", in the string node_.
  std::optional<Term> pair(How how) {
    const Piece whole = trimmed({node_.text, 0});
    const size_t tilde = whole.text.find('~');
    const bool crossed = tilde != std::string_view::npos;
    const Piece left = crossed ? slice(whole, 0, tilde) : whole;
    const Piece right = crossed ? slice(whole, tilde + 1) : whole;
    const auto from = side(left, context_.from);
    const auto to = side(right, context_.to);
    if (!from || !to) return std::nullopt;
    if (from->how != to->how)
      return wrong(right, "both sides must have the same part here", "write :partial or :swapped on both");
    if (from->field->kind != to->field->kind)
      return wrong(
          whole, fmt::format("a {} cannot be compared with a {}", name_of(from->field->kind), name_of(to->field->kind)),
          "give both fields the same \"kind\"");
    if (how != How::exact && from->how != How::exact)
      return wrong(whole, ":partial and :swapped have no other \"how\"", "name the field alone");
    Term term;
    term.how = from->how == How::exact ? how : from->how;
    term.from = from->part;
    term.to = to->part;
    term.text = node_.text;
    return term;
  }

 private:
  std::optional<Side> side(Piece piece, const Input& input) {
    const size_t colon = piece.text.find(':');
    const Piece name = colon == std::string_view::npos ? piece : slice(piece, 0, colon);
    Side out;
    out.field = find_field(input, name.text);
    if (out.field == nullptr) return absent(name, input);
    out.part.field = out.field->name;
    if (colon == std::string_view::npos) return out;

    const Piece part = slice(piece, colon + 1);
    if (out.field->kind == Kind::date && (part.text == "partial" || part.text == "swapped")) {
      out.how = part.text == "partial" ? How::date_partial : How::date_swapped;
      return out;
    }
    if (!look_up(part_names, part.text, out.part.part) || !part_fits(out.field->kind, out.part.part)) {
      return wrong(part, fmt::format("a {} has no part \"{}\"", name_of(out.field->kind), part.text),
                   suggestion(part.text, parts_of(out.field->kind), "its parts are"));
    }
    return out;
  }

  static std::vector<std::string> parts_of(Kind kind) {
    std::vector<std::string> out;
    for (const auto& entry : part_names)
      if (part_fits(kind, entry.value)) out.emplace_back(entry.name);
    if (kind == Kind::date) out.insert(out.end(), {"partial", "swapped"});
    return out;
  }

  std::nullopt_t absent(Piece name, const Input& input) {
    if (context_.absent != nullptr) {
      context_.absent->push_back(fmt::format("field {} of {}", name.text, input.name));
      return std::nullopt;
    }
    return wrong(name, fmt::format("input \"{}\" has no field \"{}\"", input.name, name.text),
                 suggestion(name.text, field_names(input), "its fields are"));
  }

  std::nullopt_t wrong(Piece piece, std::string what, std::string help) {
    context_.mistakes.add(node_.within(piece.begin, piece.begin + piece.text.size()), std::move(what), std::move(help));
    return std::nullopt;
  }

  const Node& node_;
  PassContext& context_;
};

// {"any_of": [term or [terms], ...]}
std::optional<Term> read_any_of(const Node& list, PassContext& context) {
  Term term;
  term.how = How::any_of;
  bool good = true;
  for (const Node& item : list.items) {
    std::vector<Term> choice;
    const bool conjunction = item.type == Type::array;
    if (conjunction && item.items.empty()) {
      context.mistakes.add(item.place, "an empty choice always holds");
      good = false;
    }
    bool usable = true;
    for (const Node& node : conjunction ? std::span(item.items) : std::span(&item, 1)) {
      auto each = read_term(node, context);
      if (each && each->how == How::any_of) {
        context.mistakes.add(node.place, "a choice within a choice", "write the inner choices out");
        each.reset();
      }
      if (each)
        choice.push_back(std::move(*each));
      else
        usable = false;
    }
    if (usable && !choice.empty()) term.choices.push_back(std::move(choice));
    // A built-in list does without the choices for which this job has no fields.
    else if (context.absent == nullptr)
      good = false;
  }
  if (list.items.size() < 2) context.mistakes.add(list.place, "a choice needs two or more");
  if (!good || term.choices.empty()) return std::nullopt;
  term.text = "any of ";
  for (size_t i = 0; i < term.choices.size(); ++i) {
    if (i > 0) term.text += " | ";
    for (size_t j = 0; j < term.choices[i].size(); ++j) term.text += (j > 0 ? " + " : "") + term.choices[i][j].text;
  }
  return term;
}

std::optional<Term> read_within(const Node& node, const Node& bound, Term term, PassContext& context) {
  const FieldSpec* field = find_field(context.from, term.from.field);
  assert(field != nullptr);
  const auto wrong = [&](Place place, std::string what, std::string help) {
    context.mistakes.add(place, std::move(what), std::move(help));
    return std::nullopt;
  };
  if (field->kind != Kind::date && field->kind != Kind::integer)
    return wrong(bound.place, fmt::format("\"within\" does not fit a {}", name_of(field->kind)),
                 "it is for dates and integers");
  if (term.from.part != Part::whole || term.to.part != Part::whole)
    return wrong(node.place, "\"within\" takes whole values", "for the year alone, write \"unit\": \"years\"");
  term.how = How::within;
  term.bound = bound.integer;
  term.unit = field->kind == Kind::date ? Term::Unit::days : Term::Unit::number;
  if (const Node* unit = node.find("unit", Type::string); unit != nullptr && look_up(unit_names, unit->text, term.unit))
    if ((field->kind == Kind::date) == (term.unit == Term::Unit::number))
      return wrong(unit->place, fmt::format("\"{}\" is no unit of a {}", unit->text, name_of(field->kind)),
                   field->kind == Kind::date ? "days or years" : "number");
  term.text = fmt::format("{} within {}{}", term.text, term.bound,
                          term.unit == Term::Unit::days    ? " days"
                          : term.unit == Term::Unit::years ? " years"
                                                           : "");
  return term;
}

// {"field": "given_name", "how": "jaro_winkler", "at_least": 0.9}
std::optional<Term> read_likeness(const Node& node, const Node& field, PassContext& context) {
  for (const char* key : {"within", "any_of"})
    if (const Node* found = node.find(key)) {
      context.mistakes.add(found->place, fmt::format("\"{}\" cannot stand beside a likeness", key), "keep one of them");
      return std::nullopt;
    }
  auto term = TermReader(field, context).pair(How::exact);
  if (!term) return std::nullopt;
  if (term->how != How::exact) {
    context.mistakes.add(field.place, ":partial and :swapped have no other \"how\"", "name the field alone");
    return std::nullopt;
  }
  if (const Node* unit = node.find("unit", Type::string);
      unit != nullptr && unit->text != "bytes" && unit->text != "characters") {
    context.mistakes.add(unit->place, "a likeness counts characters or bytes");
    return std::nullopt;
  }
  ModelSides sides;
  sides.left = {&context.from};
  sides.right = {&context.to};
  const ModelReading reading{.sides = sides, .mistakes = context.mistakes, .path = {}};
  auto condition = read_condition(node, std::nullopt, reading);
  if (!condition) return std::nullopt;
  term->how = How::likeness;
  term->text += " " + label_of(*condition);
  term->likeness = std::move(*condition);
  return term;
}

std::optional<Term> read_object_term(const Node& node, PassContext& context) {
  const auto wrong = [&](const Node* at, std::string what, std::string help) {
    context.mistakes.add(at != nullptr ? at->place : node.place, std::move(what), std::move(help));
    return std::nullopt;
  };
  const Node* any_of = node.find("any_of");
  const Node* field = node.find("field");
  const Node* how = node.find("how");
  const Node* within = node.find("within");
  const Node* unit = node.find("unit");
  if (any_of != nullptr) {
    for (const Node* other : {field, how, within, unit})
      if (other != nullptr)
        return wrong(other, "this cannot stand beside \"any_of\"", "write it as a choice, or as a term of its own");
    return any_of->type == Type::array ? read_any_of(*any_of, context) : std::nullopt;
  }
  if (field == nullptr) return wrong(nullptr, "a term needs \"field\" or \"any_of\"", {});
  if (field->type != Type::string) return std::nullopt;

  Measure::What likeness{};
  if (how != nullptr && how->type == Type::string && how->text != "exact" &&
      look_up(measure_table, how->text, likeness))
    return read_likeness(node, *field, context);
  for (const auto& bound : bound_table)
    if (const Node* value = node.find(bound.name))
      return wrong(value, fmt::format("\"{}\", but no likeness that it bounds", bound.name),
                   "add \"how\": \"jaro_winkler\", say");

  How wanted = How::exact;
  if (how != nullptr && (how->type != Type::string || !look_up(how_names, how->text, wanted))) return std::nullopt;
  if (within == nullptr && wanted == How::within) return wrong(how, "how far apart?", "add \"within\": 3");
  if (within == nullptr && unit != nullptr) return wrong(unit, "a unit, but no \"within\"", "add \"within\": 3");
  if (within != nullptr && how != nullptr && wanted != How::within)
    return wrong(within, fmt::format("\"within\" contradicts \"how\": \"{}\"", how->text), "keep one of them");
  if (within != nullptr) wanted = How::exact;  // until the bound is read

  auto term = TermReader(*field, context).pair(wanted);
  if (!term) return std::nullopt;
  if (wanted == How::date_partial || wanted == How::date_swapped) {
    const FieldSpec* spec = find_field(context.from, term->from.field);
    if (spec->kind != Kind::date || term->from.part != Part::whole || term->to.part != Part::whole)
      return wrong(how, fmt::format("\"{}\" is for whole dates", how->text), {});
    term->text += fmt::format(":{}", how->text);
  }
  if (within != nullptr)
    return within->type == Type::integer ? read_within(node, *within, std::move(*term), context) : std::nullopt;
  return term;
}

}  // namespace

std::optional<Term> read_term(const Node& node, PassContext& context) {
  if (node.type == Type::string) return TermReader(node, context).pair(How::exact);
  if (node.type == Type::object) return read_object_term(node, context);
  return std::nullopt;
}

std::optional<Term> read_compatible(const Node& node, PassContext& context) {
  if (node.type != Type::string) return std::nullopt;
  return TermReader(node, context).pair(How::compatible);
}

std::optional<Unless> read_unless(const Node& node, PassContext& context) {
  if (node.type != Type::string) return std::nullopt;
  const Piece whole = trimmed({node.text, 0});
  const auto wrong = [&](Piece piece, std::string what, std::string help) {
    context.mistakes.add(node.within(piece.begin, piece.begin + piece.text.size()), std::move(what), std::move(help));
    return std::nullopt;
  };
  const size_t colon = whole.text.find(':');
  if (colon == std::string_view::npos)
    return wrong(whole, "\"unless\" needs a condition",
                 "dob:january-1, postcode:zz99, or FIELD:LIST with a list of the job");
  const Piece name = slice(whole, 0, colon);
  const Piece condition = slice(whole, colon + 1);
  const FieldSpec* from = find_field(context.from, name.text);
  const FieldSpec* to = find_field(context.to, name.text);
  const FieldSpec* field = from != nullptr ? from : to;
  if (field == nullptr) {
    if (context.absent != nullptr) {
      context.absent->push_back(fmt::format("field {}", name.text));
      return std::nullopt;
    }
    std::vector<std::string> known = field_names(context.from);
    for (std::string& more : field_names(context.to))
      if (std::find(known.begin(), known.end(), more) == known.end()) known.push_back(std::move(more));
    return wrong(name, fmt::format("neither input has a field \"{}\"", name.text),
                 suggestion(name.text, known, "their fields are"));
  }
  if (from != nullptr && to != nullptr && from->kind != to->kind)
    return wrong(name,
                 fmt::format("\"{}\" is a {} on one side and a {} on the other", name.text, name_of(from->kind),
                             name_of(to->kind)),
                 "give both the same \"kind\"");

  Unless out{Unless::What::january_1, std::string(name.text), {}, node.text};
  if (condition.text == "january-1" || condition.text == "zz99") {
    const bool january = condition.text == "january-1";
    const Kind wanted = january ? Kind::date : Kind::postcode;
    if (field->kind != wanted)
      return wrong(whole,
                   fmt::format("{} is for a {}, and \"{}\" is a {}", condition.text, name_of(wanted), name.text,
                               name_of(field->kind)),
                   {});
    out.what = january ? Unless::What::january_1 : Unless::What::pseudo_postcode;
    return out;
  }
  const auto list = std::find_if(context.lists.begin(), context.lists.end(),
                                 [&](const ListFile& l) { return l.name == condition.text; });
  // Of a pseudonymised data set the flags were set when it was made: the list is not needed any more.
  if (list == context.lists.end() && context.from.tokens && context.to.tokens && !condition.text.empty()) {
    out.what = Unless::What::on_list;
    out.list = condition.text;
    return out;
  }
  if (list == context.lists.end()) {
    if (context.absent != nullptr) {
      context.absent->push_back(fmt::format("list {}", condition.text));
      return std::nullopt;
    }
    std::vector<std::string> known;
    for (const ListFile& each : context.lists) known.push_back(each.name);
    known.insert(known.end(), {"january-1", "zz99"});
    return wrong(condition, fmt::format("no list is called \"{}\"", condition.text),
                 suggestion(condition.text, known, "there are"));
  }
  out.what = Unless::What::on_list;
  out.list = list->name;
  return out;
}

}  // namespace tessera
