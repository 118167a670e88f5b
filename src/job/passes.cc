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
ReadPass read_pass(const Node& node, const PassSides& sides, bool optional, Reading& reading) {
  const Job& job = reading.parsed.job;
  ReadPass out;
  Mistakes& mistakes = reading.mistakes;
  PassContext context{sides.from, sides.to, job.lists, mistakes, optional ? &out.absent : nullptr};
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

void read_own_passes(const Node& node, const PassSides& sides, LinkStep& step, Reading& reading) {
  if (node.items.empty())
    return reading.mistakes.add(node.place, "\"passes\" is empty",
                                "write passes, or name a built-in list: " + listing(builtin_pass_lists()));
  for (const Node& item : node.items) {
    if (item.type != Type::object) continue;
    ReadPass read = read_pass(item, sides, false, reading);
    if (!read.pass) continue;
    check_rank(item, *read.pass, step.passes, reading.mistakes);
    step.passes.push_back(std::move(*read.pass));
  }
}

void read_builtin_passes(const Node& node, const BuiltinPasses& builtin, const PassSides& sides, LinkStep& step,
                         Reading& reading) {
  Mistakes& mistakes = reading.mistakes;
  step.passes_name = builtin.name;
  bool complete = true;
  for (const std::string& name : builtin.required)
    for (const Input* input : {&sides.from, &sides.to}) {
      const std::string& side = input->name;
      if (find_field(*input, name) != nullptr) continue;
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
    ReadPass read = read_pass(item, sides, true, reading);
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

}  // namespace

void read_passes(const Node& node, const PassSides& sides, LinkStep& step, Reading& reading) {
  if (node.type == Type::array) read_own_passes(node, sides, step, reading);
  if (node.type == Type::string) {
    const auto& lists = builtin_passes();
    const auto list =
        std::find_if(lists.begin(), lists.end(), [&](const BuiltinPasses& l) { return l.name == node.text; });
    if (list == lists.end())
      return reading.mistakes.add(node.place, fmt::format("no built-in pass list is called \"{}\"", node.text),
                                  suggestion(node.text, builtin_pass_lists(), "there are"));
    read_builtin_passes(node, *list, sides, step, reading);
  }
  // Ranks are unique.
  std::sort(step.passes.begin(), step.passes.end(), [](const Pass& a, const Pass& b) { return a.rank < b.rank; });
}

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

}  // namespace tessera
