// pseudonyms.cc: what does a job make of its identifiers, and what of them may stay?
//
// The passes that the tokens are to serve are read against one input that has every field of the job and every field
// whose name tells its kind: so two parties with the same list of passes get the same tokens, whatever else they hold.
#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"
#include "job/names.h"
#include "job/parts.h"

namespace tessera {
namespace {

using Type = Node::Type;

void add_known_fields(Input& input) {
  for (const auto& known : field_kinds)
    if (find_field(input, known.name) == nullptr) {
      FieldSpec field;
      field.name = known.name;
      field.kind = known.value;
      input.fields.push_back(std::move(field));
    }
}

// One input with the fields of all; nullopt after a mistake.
std::optional<Input> all_fields(const Node& node, Reading& reading) {
  Input all;
  all.name = "any input";
  all.tokens = true;
  for (const Input& input : reading.parsed.job.inputs)
    for (const FieldSpec& field : input.fields) {
      const FieldSpec* other = find_field(all, field.name);
      if (other == nullptr) {
        all.fields.push_back(field);
      } else if (other->kind != field.kind) {
        reading.mistakes.add(node.place,
                             fmt::format("the field \"{}\" is a {} in one input and a {} in another", field.name,
                                         name_of(other->kind), name_of(field.kind)),
                             "give both the same \"kind\": their tokens are to be compared");
        return std::nullopt;
      }
    }
  add_known_fields(all);
  return all;
}

void read_wanted_passes(const Node& node, const Node& root, Pseudonyms& out, Reading& reading) {
  const std::optional<Input> all = all_fields(node, reading);
  if (!all) return;
  const auto read = [&](const Node& passes) {
    LinkStep step;
    read_passes(passes, {*all, *all}, step, reading);
    out.passes_name = step.passes_name;
    out.passes.insert(out.passes.end(), step.passes.begin(), step.passes.end());
  };
  if (const Node* passes = node.find("passes")) return read(*passes);
  const Node* link = root.find("link", Type::array);
  bool any = false;
  if (link != nullptr)
    for (const Node& step : link->items)
      if (const Node* passes = step.find("passes")) {
        read(*passes);
        any = true;
      }
  if (!any)
    reading.mistakes.add(node.place, "which passes are the tokens to serve?",
                         "add \"passes\": \"hes-ons-8-rank\", say, or \"link\" steps with passes");
}

const FieldSpec* any_field(const Job& job, std::string_view name) {
  for (const Input& input : job.inputs)
    if (const FieldSpec* field = find_field(input, name)) return field;
  return nullptr;
}

void read_clear(const Node& list, bool identifiable, Pseudonyms& out, Reading& reading) {
  const Job& job = reading.parsed.job;
  for (const Node& item : list.items) {
    if (item.type != Type::string) continue;
    const FieldSpec* field = any_field(job, item.text);
    if (field == nullptr) {
      std::vector<std::string> known;
      for (const Input& input : job.inputs)
        for (const FieldSpec& each : input.fields) known.push_back(each.name);
      reading.mistakes.add(item.place, fmt::format("no input has a field \"{}\"", item.text),
                           suggestion(item.text, known, "their fields are"));
      continue;
    }
    if (is_identifying(*field) && !identifiable)
      reading.mistakes.add(item.place,
                           fmt::format("\"{}\" identifies a person and would be written as it is", item.text),
                           "leave it out; or say \"identifiable\": true and \"legal_basis\" in \"output\"");
    if (std::find(out.clear.begin(), out.clear.end(), item.text) != out.clear.end())
      reading.mistakes.add(item.place, fmt::format("\"{}\" is named twice", item.text));
    else
      out.clear.push_back(item.text);
  }
}

void read_groups(const Node& groups, Pseudonyms& out, Reading& reading) {
  const Job& job = reading.parsed.job;
  for (size_t i = 0; i < groups.items.size(); ++i) {
    const Node& name = groups.keys[i];
    const Input* input = named_input(name, job, reading.mistakes);
    if (input == nullptr) continue;
    for (const Node& item : groups.items[i].items) {
      if (item.type != Type::string) continue;
      reading.use_column(static_cast<size_t>(input - job.inputs.data()), item);
      out.groups.push_back({name.text, item.text});
    }
  }
}

void check_forbidden(const Node& list, const Pseudonyms& out, Reading& reading) {
  (void)out;
  for (const Node& item : list.items) {
    if (item.type != Type::string) continue;
    const size_t colon = item.text.find(':');
    const std::string part = colon == std::string::npos ? "" : item.text.substr(colon + 1);
    const FieldSpec* field = any_field(reading.parsed.job, item.text.substr(0, colon));
    Part value = Part::whole;
    if (field == nullptr)
      reading.mistakes.add(item.place, fmt::format("\"{}\" names no field of an input", item.text),
                           "write a field, or a field and its part: dob:year-month");
    else if (!part.empty() && part != "swapped" && part != "within" &&
             (!look_up(part_names, part, value) || !part_fits(field->kind, value)))
      reading.mistakes.add(item.place, fmt::format("a {} has no part \"{}\"", name_of(field->kind), part));
  }
}

}  // namespace

bool is_identifying(const FieldSpec& field) {
  return field.kind == Kind::nhs_number || field.kind == Kind::postcode || field.kind == Kind::name ||
         field.name == "dob" || field.name == "local_id";
}

void check_kept_ids(const Node& place, Reading& reading) {
  const Job& job = reading.parsed.job;
  if (job.output.identifiable) return;
  for (const Input& input : job.inputs)
    for (const FieldSpec& field : input.fields)
      if (is_identifying(field) &&
          std::find(field.columns.begin(), field.columns.end(), input.id) != field.columns.end())
        reading.mistakes.add(
            place.place, fmt::format("the id of \"{}\" is its {}, which identifies a person", input.name, field.name),
            "write \"id\": \"token\"; or say \"identifiable\": true and \"legal_basis\" in \"output\"");
}

void add_token_fields(Input& input) {
  add_known_fields(input);
  FieldSpec filter;
  filter.name = "clk";
  filter.kind = Kind::clk;
  if (find_field(input, filter.name) == nullptr) input.fields.push_back(std::move(filter));
}

std::string read_domain(const Node& node, Mistakes& mistakes) {
  const bool good = !node.text.empty() && node.text.size() <= 100 &&
                    std::all_of(node.text.begin(), node.text.end(), [](char c) { return c > ' ' && c < 0x7f; });
  if (!good)
    mistakes.add(node.place, "a domain is 1 to 100 letters, digits and signs of ASCII, without spaces",
                 "such as \"hes-deaths-2026\"");
  return node.text;
}

void read_pseudonyms(const Node& node, const Node& root, Reading& reading) {
  Job& job = reading.parsed.job;
  Pseudonyms out;
  const Node* output = root.find("output", Type::object);
  if (const Node* key = node.find("key_file", Type::string)) {
    out.key_file = reading.path(key->text);
    if (key->text.empty())
      reading.mistakes.add(key->place, "\"key_file\" is empty", "tessera keys new --out FILE makes one");
  }
  if (const Node* domain = node.find("domain", Type::string)) out.domain = read_domain(*domain, reading.mistakes);
  if (const Node* clear = node.find("clear", Type::array)) read_clear(*clear, job.output.identifiable, out, reading);
  if (const Node* groups = node.find("groups", Type::object)) read_groups(*groups, out, reading);
  if (const Node* form = node.find("format", Type::string))
    out.form = form->text == "hex" ? Pseudonyms::Form::hex : Pseudonyms::Form::binary;
  if (const Node* id = node.find("id", Type::string)) out.keep_ids = id->text == "keep";
  if (out.keep_ids) check_kept_ids(*node.find("id"), reading);
  if (const Node* forbid = node.find("forbid", Type::array)) {
    check_forbidden(*forbid, out, reading);
    out.forbid = strings_of(*forbid);
  }
  for (const Input& input : job.inputs)
    if (input.tokens)
      reading.mistakes.add(node.place, fmt::format("input \"{}\" holds tokens already", input.name),
                           "tokens are made of data sets in the clear");
  read_wanted_passes(node, root, out, reading);
  const Node* format = output != nullptr ? output->find("format", Type::string) : nullptr;
  if (out.form == Pseudonyms::Form::binary && format != nullptr && format->text != "parquet")
    reading.mistakes.add(node.find("format")->place, fmt::format("{} has no place for bytes", format->text),
                         "write \"hex\", or \"format\": \"parquet\" in \"output\"");
  job.pseudonyms = std::move(out);
}

}  // namespace tessera
