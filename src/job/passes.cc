// passes.cc: what does a job link, and under which conditions?
#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"
#include "job/names.h"
#include "job/parts.h"

namespace tessera {
namespace {

using Type = Node::Type;
using How = Term::How;

std::vector<std::string> input_names(const Job& job) {
  std::vector<std::string> out;
  for (const Input& input : job.inputs) out.push_back(input.name);
  return out;
}

// Records are found through equal values, so each pass needs one that must be equal.
bool finds_records(const std::vector<Term>& terms) {
  return std::any_of(terms.begin(), terms.end(), [](const Term& term) {
    if (term.how == How::exact) return true;
    return term.how == How::any_of && std::all_of(term.choices.begin(), term.choices.end(), finds_records);
  });
}

struct ReadPass {
  std::optional<Pass> pass;         // none: a mistake was told, or something it needs is absent
  std::vector<std::string> absent;  // of a built-in list
};

// `optional`: of a built-in list, so that what the job lacks is gathered and not a mistake.
ReadPass read_pass(const Node& node, const LinkStep& step, bool optional, Reading& reading) {
  const Job& job = reading.parsed.job;
  ReadPass out;
  Mistakes& mistakes = reading.mistakes;
  PassContext context{*find_input(job, step.from), *find_input(job, step.to), job.lists, mistakes,
                      optional ? &out.absent : nullptr};
  Pass pass;
  bool good = true;
  if (const Node* rank = node.find("rank", Type::integer)) pass.rank = static_cast<int>(rank->integer);
  const auto keep = [&](std::optional<Term> term) {
    if (term)
      pass.terms.push_back(std::move(*term));
    else
      good = false;
  };
  const Node* agree = node.find("agree", Type::array);
  if (agree == nullptr) return out;
  for (const Node& item : agree->items) keep(read_term(item, context));
  if (const Node* compatible = node.find("compatible", Type::array))
    for (const Node& item : compatible->items) keep(read_compatible(item, context));
  if (const Node* unless = node.find("unless", Type::array))
    for (const Node& item : unless->items)
      if (auto each = read_unless(item, context)) pass.unless.push_back(std::move(*each));
  if (!good) return out;
  if (!finds_records(pass.terms)) {
    mistakes.add(agree->place, fmt::format("the pass of rank {} has no term that must be equal", pass.rank),
                 "records are found through equal values: add to \"agree\" a field or part that must be equal, such as "
                 "nhs_number or dob:year (in an any_of, to each choice)");
    return out;
  }
  out.pass = std::move(pass);
  return out;
}

void check_rank(const Node& node, const Pass& pass, const std::vector<Pass>& passes, Mistakes& mistakes) {
  const Node* rank = node.find("rank", Type::integer);
  if (rank != nullptr && std::any_of(passes.begin(), passes.end(), [&](const Pass& p) { return p.rank == pass.rank; }))
    mistakes.add(rank->place, fmt::format("rank {} is given to two passes", pass.rank),
                 "each pass of a list has its own rank");
}

void read_own_passes(const Node& node, LinkStep& step, Reading& reading) {
  if (node.items.empty())
    return reading.mistakes.add(node.place, "\"passes\" is empty",
                                "write passes, or name a built-in list: " + listing(builtin_pass_lists()));
  for (const Node& item : node.items) {
    if (item.type != Type::object) continue;
    ReadPass read = read_pass(item, step, false, reading);
    if (!read.pass) continue;
    check_rank(item, *read.pass, step.passes, reading.mistakes);
    step.passes.push_back(std::move(*read.pass));
  }
}

void read_builtin_passes(const Node& node, const BuiltinPasses& builtin, LinkStep& step, Reading& reading) {
  Mistakes& mistakes = reading.mistakes;
  const Job& job = reading.parsed.job;
  step.passes_name = builtin.name;
  bool complete = true;
  for (const std::string& name : builtin.required)
    for (const std::string& side : {step.from, step.to}) {
      if (find_field(*find_input(job, side), name) != nullptr) continue;
      mistakes.add(node.place,
                   fmt::format("the list {} needs a field \"{}\", and input \"{}\" has none", builtin.name, name, side),
                   fmt::format("add it to \"fields\" of {}", side));
      complete = false;
    }
  if (!complete) return;
  Mistakes own("built-in " + builtin.name, std::string(builtin.passes));
  const std::optional<Node> list = read_tree(builtin.passes, own);
  if (!list) return mistakes.add(node.place, own.error().message);  // our fault; a test reads every list
  mistakes.pin(node.place);
  for (const Node& item : list->items) {
    ReadPass read = read_pass(item, step, true, reading);
    const int64_t rank = item.find("rank", Type::integer)->integer;
    if (!read.pass) {
      if (!read.absent.empty())
        step.notes.push_back(fmt::format("rank {} is left out: there is no {}", rank, joined(read.absent, ", no ")));
      continue;
    }
    if (!read.absent.empty())
      step.notes.push_back(
          fmt::format("rank {} is used without conditions on what is not there: {}", rank, listing(read.absent)));
    step.passes.push_back(std::move(*read.pass));
  }
  mistakes.pin(std::nullopt);
  if (step.passes.empty())
    mistakes.add(node.place, fmt::format("no pass of {} can be used with these fields", builtin.name),
                 "docs/passes.md has the fields each pass needs");
}

void read_passes(const Node& node, LinkStep& step, Reading& reading) {
  if (node.type == Type::array) read_own_passes(node, step, reading);
  if (node.type == Type::string) {
    const auto& lists = builtin_passes();
    const auto list =
        std::find_if(lists.begin(), lists.end(), [&](const BuiltinPasses& l) { return l.name == node.text; });
    if (list == lists.end())
      return reading.mistakes.add(node.place, fmt::format("no built-in pass list is called \"{}\"", node.text),
                                  suggestion(node.text, builtin_pass_lists(), "there are"));
    read_builtin_passes(node, *list, step, reading);
  }
  // Ranks are unique.
  std::sort(step.passes.begin(), step.passes.end(), [](const Pass& a, const Pass& b) { return a.rank < b.rank; });
}

void read_resolve(const Node& node, Resolve& resolve, Mistakes& mistakes) {
  if (const Node* from = node.find("each_from", Type::string))
    look_up(cardinality_names, from->text, resolve.each_from);
  if (const Node* to = node.find("each_to", Type::string)) look_up(cardinality_names, to->text, resolve.each_to);
  const Node* ties = node.find("ties", Type::string);
  if (ties == nullptr) return;
  look_up(ties_names, ties->text, resolve.ties);
  if (resolve.each_from == Cardinality::many && resolve.each_to == Cardinality::many)
    mistakes.add(ties->place, "\"ties\" has no meaning when both sides may have many links",
                 "remove it, or set \"each_from\" or \"each_to\" to \"one\"");
}

// The date field that `node` names on that side; nullptr after a mistake.
const FieldSpec* refuse_field(const Node& node, const Input& input, Mistakes& mistakes) {
  const FieldSpec* field = find_field(input, node.text);
  if (field == nullptr) {
    std::vector<std::string> known;
    for (const FieldSpec& each : input.fields) known.push_back(each.name);
    mistakes.add(node.place, fmt::format("input \"{}\" has no field \"{}\"", input.name, node.text),
                 suggestion(node.text, known, "its fields are"));
  } else if (field->kind != Kind::date) {
    mistakes.add(node.place,
                 fmt::format("\"{}\" is a {}, and links are refused by dates", node.text, name_of(field->kind)));
    return nullptr;
  }
  return field;
}

void read_refuse(const Node& node, LinkStep& step, Reading& reading) {
  const Job& job = reading.parsed.job;
  const Input* from = find_input(job, step.from);
  Refuse refuse;
  bool good = true;
  if (const Node* field = node.find("field", Type::string)) {
    good &= refuse_field(*field, *from, reading.mistakes) != nullptr;
    refuse.field = field->text;
  }
  if (const Node* after = node.find("after", Type::string)) {
    good &= refuse_field(*after, *find_input(job, step.to), reading.mistakes) != nullptr;
    refuse.after = after->text;
  }
  if (const Node* days = node.find("days", Type::integer)) refuse.days = static_cast<int>(days->integer);
  if (const Node* group = node.find("group", Type::string)) {
    refuse.group = group->text;
    if (group->text.empty())
      reading.mistakes.add(group->place, "\"group\" names no column");
    else
      reading.use_column(static_cast<size_t>(from - job.inputs.data()), *group);
  }
  if (good) step.refuse.push_back(std::move(refuse));
}

// The input that `node` names, as a name; empty after a mistake.
std::string side_of(const Node* node, const Job& job, Mistakes& mistakes) {
  if (node == nullptr || node->type != Type::string) return {};
  if (find_input(job, node->text) != nullptr) return node->text;
  mistakes.add(node->place, fmt::format("no input is called \"{}\"", node->text),
               suggestion(node->text, input_names(job), "there are"));
  return {};
}

void read_step(const Node& node, Reading& reading) {
  Mistakes& mistakes = reading.mistakes;
  Job& job = reading.parsed.job;
  LinkStep step;
  step.from = side_of(node.find("from"), job, mistakes);
  step.to = side_of(node.find("to"), job, mistakes);
  if (const Node* resolve = node.find("resolve", Type::object)) read_resolve(*resolve, step.resolve, mistakes);
  if (step.from.empty() || step.to.empty()) return;
  const Node& to = *node.find("to");
  if (step.from == step.to)
    return mistakes.add(to.place, "\"from\" and \"to\" are the same input",
                        "linking one input with itself is not available yet: name two inputs");
  for (const LinkStep& other : job.link)
    if (other.from == step.from && other.to == step.to)
      return mistakes.add(to.place, fmt::format("{} and {} are linked twice", step.from, step.to),
                          "put the passes into one list");
  if (const Node* passes = node.find("passes")) read_passes(*passes, step, reading);
  if (const Node* refuse = node.find("refuse", Type::array))
    for (const Node& item : refuse->items)
      if (item.type == Type::object) read_refuse(item, step, reading);
  job.link.push_back(std::move(step));
}

}  // namespace

const Input* find_input(const Job& job, std::string_view name) {
  const auto found =
      std::find_if(job.inputs.begin(), job.inputs.end(), [&](const Input& input) { return input.name == name; });
  return found == job.inputs.end() ? nullptr : &*found;
}

const FieldSpec* find_field(const Input& input, std::string_view name) {
  const auto found = std::find_if(input.fields.begin(), input.fields.end(),
                                  [&](const FieldSpec& field) { return field.name == name; });
  return found == input.fields.end() ? nullptr : &*found;
}

void read_link(const Node& link, Reading& reading) {
  for (const Node& item : link.items)
    if (item.type == Type::object) read_step(item, reading);
  if (link.items.empty())
    reading.mistakes.add(link.place, "\"link\" is empty",
                         "name what to link: [{\"from\": ..., \"to\": ..., \"passes\": ...}]");
}

}  // namespace tessera
