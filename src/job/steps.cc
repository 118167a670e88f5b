// steps.cc: what does a job link, and what becomes of what it finds?
//
// A step links the records of one input (from) with those of another (to), or those of one or several inputs with one
// another (within); by passes, by a model, or by both.
#include <algorithm>
#include <span>

#include <fmt/format.h>

#include "base/text.h"
#include "job/model.h"
#include "job/names.h"
#include "job/parts.h"

namespace tessera {
namespace {

using Type = Node::Type;

void read_clusters(const Node& node, LinkStep& step, const ModelSides& sides, const ModelReading& reading) {
  Mistakes& mistakes = reading.mistakes;
  Clusters& out = step.clusters;
  if (!sides.within)
    return mistakes.add(node.place, "\"clusters\" are of steps with \"within\"",
                        "between two inputs, \"each_from\" and \"each_to\" say what is kept");
  if (node.type == Type::string) {
    look_up(cluster_names, node.text, out.method);
    return;
  }
  if (const Node* method = node.find("method", Type::string)) look_up(cluster_names, method->text, out.method);
  if (out.method == Clusters::Method::none) {
    for (const char* key : {"threshold", "one_per_input", "differ", "size_max"})
      if (const Node* found = node.find(key))
        mistakes.add(found->place, fmt::format("\"{}\", but the method is \"none\": no clusters are made", key),
                     "remove it, or choose a method");
    return;
  }
  if (const Node* threshold = node.find("threshold")) {
    if (threshold->type == Type::integer || threshold->type == Type::real) out.probability = threshold->number;
    if (!step.model)
      mistakes.add(threshold->place, "a probability, but the step has no model", "remove it, or add \"model\"");
  }
  if (const Node* one = node.find("one_per_input", Type::boolean)) {
    out.one_per_input = one->boolean;
    if (one->boolean && step.within.size() < 2)
      mistakes.add(one->place, "\"one_per_input\" of one input would leave every record alone", "remove it");
  }
  if (const Node* differ = node.find("differ", Type::array))
    for (const Node& item : differ->items) {
      if (item.type != Type::string) continue;
      if (reading.field(item.text, SqlSide::left) == nullptr) reading.tell_absent(item.text, SqlSide::left, item.place);
      out.differ.push_back(item.text);
    }
  if (const Node* size = node.find("size_max", Type::integer)) out.size_max = static_cast<uint64_t>(size->integer);
}

void read_resolve(const Node& node, Resolve& resolve, bool within, Mistakes& mistakes) {
  for (const char* key : {"each_from", "each_to", "ties"})
    if (const Node* found = node.find(key); found != nullptr && within)
      return mistakes.add(found->place, fmt::format("\"{}\" is of steps with \"from\" and \"to\"", key),
                          "records of one input become clusters: \"clusters\" says how");
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
    else if (!from->tokens)  // which columns tokens have is known once the data set is looked at
      reading.use_column(static_cast<size_t>(from - job.inputs.data()), *group);
  }
  if (good) step.refuse.push_back(std::move(refuse));
}

// The input that `node` names, as a name; empty after a mistake.
std::string side_of(const Node* node, const Job& job, Mistakes& mistakes) {
  if (node == nullptr || node->type != Type::string) return {};
  return named_input(*node, job, mistakes) == nullptr ? std::string() : node->text;
}

// The inputs of "within", each once; empty after a mistake.
std::vector<std::string> read_within(const Node& node, const Job& job, Mistakes& mistakes) {
  std::vector<std::string> out;
  bool good = true;
  const auto items = node.type == Type::array ? std::span(node.items) : std::span(&node, 1);
  for (const Node& item : items) {
    if (item.type != Type::string) return {};
    std::string name = side_of(&item, job, mistakes);
    good &= !name.empty();
    if (std::find(out.begin(), out.end(), name) != out.end() && !name.empty())
      mistakes.add(item.place, fmt::format("{} is named twice", name));
    else
      out.push_back(std::move(name));
  }
  if (items.empty()) mistakes.add(node.place, "\"within\" is empty", "name an input, or several");
  return good ? out : std::vector<std::string>{};
}

// from and to, or within. Whether both are good.
bool read_step_inputs(const Node& node, LinkStep& step, ModelSides& sides, Reading& reading) {
  Mistakes& mistakes = reading.mistakes;
  const Job& job = reading.parsed.job;
  const Node *from = node.find("from"), *to = node.find("to"), *within = node.find("within");
  const Node* pairs = node.find("pairs", Type::string);
  if (within == nullptr) {
    for (const auto& [side, name] : {std::pair(from, "from"), std::pair(to, "to")})
      if (side == nullptr)
        mistakes.add(node.place, fmt::format("\"{}\" is missing here", name),
                     "a step has \"from\" and \"to\", or \"within\" for the records of one input with each other");
    if (pairs != nullptr) mistakes.add(pairs->place, "\"pairs\" is of steps with \"within\"", "remove it");
    step.from = side_of(from, job, mistakes);
    step.to = side_of(to, job, mistakes);
    if (step.from.empty() || step.to.empty()) return false;
    if (step.from == step.to) {
      mistakes.add(to->place, "\"from\" and \"to\" are the same input",
                   fmt::format("for its records with each other, write \"within\": \"{}\"", step.from));
      return false;
    }
    sides.left = {find_input(job, step.from)};
    sides.right = {find_input(job, step.to)};
    return true;
  }
  for (const Node* side : {from, to})
    if (side != nullptr) {
      mistakes.add(side->place, "\"from\" and \"to\" cannot stand beside \"within\"",
                   "within links the records of its inputs with each other");
      return false;
    }
  step.within = read_within(*within, job, mistakes);
  if (step.within.empty()) return false;
  step.between_only = pairs != nullptr && pairs->text == "between";
  if (step.between_only && step.within.size() < 2)
    mistakes.add(pairs->place, "there are no pairs between the records of different inputs: there is one",
                 "name several inputs in \"within\", or remove it");
  sides.within = true;
  sides.between_only = step.between_only;
  for (const std::string& name : step.within) sides.left.push_back(find_input(job, name));
  sides.right = sides.left;
  return true;
}

void check_step_is_new(const Node& node, const LinkStep& step, Reading& reading) {
  for (const LinkStep& other : reading.parsed.job.link) {
    if (other.from != step.from || other.to != step.to || other.within != step.within) continue;
    const bool within = !step.within.empty();
    reading.mistakes.add(node.find(within ? "within" : "to")->place,
                         within ? fmt::format("{} is linked within itself twice", joined(step.within))
                                : fmt::format("{} and {} are linked twice", step.from, step.to),
                         "put the passes into one list");
    return;
  }
}

// One field may not be of two kinds among the inputs that a model compares.
void check_kinds(const Node& node, const ModelSides& sides, Mistakes& mistakes) {
  std::vector<std::pair<const FieldSpec*, const Input*>> seen;
  for (const auto* inputs : {&sides.left, &sides.right})
    for (const Input* input : *inputs)
      for (const FieldSpec& field : input->fields) {
        const auto found =
            std::find_if(seen.begin(), seen.end(), [&](const auto& s) { return s.first->name == field.name; });
        if (found == seen.end())
          seen.emplace_back(&field, input);
        else if (found->first->kind != field.kind)
          mistakes.add(node.place,
                       fmt::format("the field \"{}\" is a {} in \"{}\" and a {} in \"{}\"", field.name,
                                   name_of(found->first->kind), found->second->name, name_of(field.kind), input->name),
                       "give both the same \"kind\"");
      }
}

void read_model(const Node& node, LinkStep& step, const ModelSides& sides, Reading& reading) {
  Mistakes& mistakes = reading.mistakes;
  check_kinds(node, sides, mistakes);
  if (node.type == Type::object) {
    const ModelReading model{.sides = sides,
                             .mistakes = mistakes,
                             .path = reading.parsed.job.path,
                             .notes = &step.notes,
                             .strict_sums = true};
    step.model = read_model_object(node, model);
    const auto must_be_there = [&](const Node* named, const std::string& path) {
      if (named == nullptr || !reading.look_at_files) return;
      if (const std::string trouble = trouble_with(path); !trouble.empty())
        mistakes.add(named->place, fmt::format("{} {}", path, trouble));
    };
    if (const Node* estimate = node.find("estimate", Type::object))
      must_be_there(estimate->find("labels", Type::string), step.model->estimate.labels);
    must_be_there(node.find("nicknames", Type::string), step.model->nicknames);
    return;
  }
  if (node.type != Type::string) return;
  step.model.emplace();
  if (node.text == "auto") {
    step.model->origin = Model::Origin::automatic;
    return;
  }
  const std::string path = reading.path(node.text);
  auto text = read_job_text(path);
  if (!text) {
    mistakes.add(node.place, text.error().message,
                 "\"model\" is \"auto\", the path of a model file beside the job, or an object");
    return;
  }
  auto model = parse_model(path, std::move(*text), sides, &step.notes);
  if (model)
    step.model = std::move(*model);
  else
    mistakes.add_told(node.place, model.error().message);
}

// Tokens are compared with tokens, by passes, from one input to another. Whether the step keeps to that.
bool check_tokens(const Node& node, const LinkStep& step, const ModelSides& sides, Mistakes& mistakes) {
  const auto holds = [](const Input* input) { return input->tokens; };
  const bool left = std::any_of(sides.left.begin(), sides.left.end(), holds);
  const bool right = std::any_of(sides.right.begin(), sides.right.end(), holds);
  if (!left && !right) return true;
  if (left != right) {
    mistakes.add(node.find("to")->place,
                 fmt::format("\"{}\" holds tokens and \"{}\" does not: they cannot be compared",
                             left ? step.from : step.to, left ? step.to : step.from),
                 "pseudonymise the other as well, under the same key and domain");
    return false;
  }
  if (const Node* model = node.find("model")) {
    mistakes.add(model->place, "a model compares inside values, and tokens are equal or not",
                 "link tokens by \"passes\"");
    return false;
  }
  if (const Node* within = node.find("within"); within != nullptr && node.find("similar") == nullptr) {
    mistakes.add(within->place, "tokens are linked from one input to another, not within one yet",
                 "write \"from\" and \"to\"");
    return false;
  }
  return true;
}

// A join through a bridging file: all of its pairs, so that nothing is left to choose.
void read_via(const Node& node, const Node& via, Reading& reading) {
  LinkStep step;
  ModelSides sides;
  for (const char* key : {"passes", "model", "similar", "cascade", "threshold", "resolve", "refuse", "within", "pairs"})
    if (const Node* other = node.find(key)) {
      reading.mistakes.add(other->place, fmt::format("\"{}\" cannot stand beside \"via\"", key),
                           "a join through a bridging file takes every pair of it: remove one");
      return;
    }
  if (!read_step_inputs(node, step, sides, reading)) return;
  const Node* file = via.type == Type::object ? via.find("bridge", Type::string) : &via;
  if (file == nullptr) return;
  step.via = Via{.bridge = bridging_file(*file, reading), .from = {}, .to = {}};
  const Job& job = reading.parsed.job;
  for (const auto& [key, input, column] :
       {std::tuple("from", sides.left.front(), &step.via->from), std::tuple("to", sides.right.front(), &step.via->to)})
    if (const Node* named = via.find(key, Type::string)) {
      reading.use_column(static_cast<size_t>(input - job.inputs.data()), *named);
      *column = named->text;
    }
  step.resolve = {.each_from = Cardinality::many, .each_to = Cardinality::many};
  check_step_is_new(node, step, reading);
  reading.parsed.job.link.push_back(std::move(step));
}

void read_step(const Node& node, Reading& reading) {
  Mistakes& mistakes = reading.mistakes;
  LinkStep step;
  ModelSides sides;
  const Node *passes = node.find("passes"), *model = node.find("model"), *cascade = node.find("cascade", Type::string);
  const Node* similar = node.find("similar", Type::object);
  const Node* via = node.find("via");
  if (via != nullptr) return read_via(node, *via, reading);
  if (passes == nullptr && model == nullptr && similar == nullptr)
    mistakes.add(node.place, "this step has neither \"passes\" nor \"model\"",
                 "write \"passes\": \"hes-ons-8-rank\", or \"model\": \"auto\"");
  if (similar != nullptr)
    for (const char* key : {"passes", "model", "refuse"})
      if (const Node* other = node.find(key)) {
        mistakes.add(other->place, fmt::format("\"{}\" cannot stand beside \"similar\"", key),
                     "make two steps, or two jobs");
        return;
      }
  const Node* resolve = node.find("resolve", Type::object);
  if (resolve != nullptr) read_resolve(*resolve, step.resolve, node.find("within") != nullptr, mistakes);
  if (!read_step_inputs(node, step, sides, reading)) return;
  if (!check_tokens(node, step, sides, mistakes)) return;
  check_step_is_new(node, step, reading);
  if (passes != nullptr) {
    // Of several inputs each must have what the passes need.
    for (size_t i = 1; i < sides.right.size(); ++i) {
      LinkStep each = step;
      read_passes(*passes, {*sides.left.front(), *sides.right[i]}, each, reading);
    }
    read_passes(*passes, {*sides.left.front(), *sides.right.front()}, step, reading);
  }
  if (model != nullptr) read_model(*model, step, sides, reading);
  if (similar != nullptr) read_similar(*similar, step, sides, reading);
  if (const Node* threshold = node.find("threshold", Type::object)) {
    if (step.model)
      read_threshold(*threshold, *step.model, mistakes);
    else
      mistakes.add(threshold->place, "a threshold is of a model, and the step has none", "remove it, or add \"model\"");
  }
  if (cascade != nullptr) {
    step.model_for_all = cascade->text == "all";
    if (passes == nullptr || model == nullptr)
      mistakes.add(cascade->place, "a cascade needs \"passes\" and \"model\"", "remove it, or add what is missing");
  }
  const ModelReading of_step{.sides = sides, .mistakes = mistakes, .path = reading.parsed.job.path};
  if (const Node* clusters = resolve != nullptr ? resolve->find("clusters") : nullptr)
    read_clusters(*clusters, step, sides, of_step);
  if (const Node* close = resolve != nullptr ? resolve->find("close") : nullptr) {
    if (close->type == Type::integer || close->type == Type::real) step.close = close->number;
    if (model == nullptr && similar == nullptr)
      mistakes.add(close->place, "\"close\" is a weight, and the step has no model", "remove it");
  }
  if (const Node* refuse = node.find("refuse", Type::array)) {
    if (sides.within)
      mistakes.add(refuse->place, "\"refuse\" is of steps with \"from\" and \"to\"",
                   "\"clusters\": {\"differ\": [...]} names fields of which two values cannot be one person");
    else
      for (const Node& item : refuse->items)
        if (item.type == Type::object) read_refuse(item, step, reading);
  }
  reading.parsed.job.link.push_back(std::move(step));
}

}  // namespace

const Input* named_input(const Node& name, const Job& job, Mistakes& mistakes) {
  const Input* input = find_input(job, name.text);
  if (input != nullptr) return input;
  std::vector<std::string> known;
  for (const Input& each : job.inputs) known.push_back(each.name);
  mistakes.add(name.place, fmt::format("no input is called \"{}\"", name.text),
               suggestion(name.text, known, "there are"));
  return nullptr;
}

void read_link(const Node& link, Reading& reading) {
  for (const Node& item : link.items)
    if (item.type == Type::object) read_step(item, reading);
  if (link.items.empty())
    reading.mistakes.add(link.place, "\"link\" is empty",
                         "name what to link: [{\"from\": ..., \"to\": ..., \"passes\": ...}]");
}

}  // namespace tessera
