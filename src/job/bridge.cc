// bridge.cc: under which pseudonyms do the links of a job leave?
#include <fmt/format.h>

#include <algorithm>

#include "job/parts.h"

namespace tessera {
namespace {

using Type = Node::Type;

std::optional<Bridge::Domain> read_domain(const Node* node, Reading& reading) {
  if (node == nullptr || node->type != Type::object) return std::nullopt;  // "keep", or a mistake of shape
  Bridge::Domain out;
  if (const Node* key = node->find("key_file", Type::string)) {
    if (key->text.empty()) reading.mistakes.add(key->place, "\"key_file\" is empty");
    out.key_file = reading.path(key->text);
  }
  if (const Node* name = node->find("name", Type::string)) out.name = name->text;
  if (const Node* domain = node->find("domain", Type::string)) out.domain = read_domain(*domain, reading.mistakes);
  return out;
}

// An id that is kept must not be an identifier.
void check_kept(const Node& node, const Input& input, Reading& reading) {
  const Job& job = reading.parsed.job;
  if (job.output.identifiable || input.tokens) return;
  for (const FieldSpec& field : input.fields)
    if (is_identifying(field) && std::find(field.columns.begin(), field.columns.end(), input.id) != field.columns.end())
      reading.mistakes.add(node.place,
                           fmt::format("the id of {} is the {} of a person, and would be kept", input.name, field.name),
                           "give the side a \"key_file\" and a \"domain\"");
}

// Without a link: the ids of one input, under two keys or in two domains.
void check_ids_alone(const Node& node, const Bridge& bridge, Reading& reading) {
  const Job& job = reading.parsed.job;
  if (job.inputs.size() != 1)
    reading.mistakes.add(node.place, "without \"link\" a bridge is of one input, under two keys or in two domains",
                         "give \"link\", to bridge two inputs");
  else if (!bridge.from || !bridge.to)
    reading.mistakes.add(node.place, "without \"link\" both sides of a bridge need a \"key_file\" and a \"domain\"",
                         "kept ids would be bridged to themselves, or to their own pseudonyms in the clear");
}

}  // namespace

void read_bridge(const Node& node, const Node& root, Reading& reading) {
  Job& job = reading.parsed.job;
  Mistakes& mistakes = reading.mistakes;
  Bridge out;
  out.from = read_domain(node.find("from"), reading);
  out.to = read_domain(node.find("to"), reading);
  if (job.pseudonyms) mistakes.add(node.place, "a job has \"bridge\" or \"pseudonyms\", not both", "make two jobs");
  if (job.link.empty() && root.find("link") == nullptr) {
    check_ids_alone(node, out, reading);
  } else if (job.link.size() != 1 || !job.link[0].within.empty()) {
    mistakes.add(node.place, "a bridge is of one link, with \"from\" and \"to\"");
  } else {
    if (!out.from) check_kept(*node.find("from"), *find_input(job, job.link[0].from), reading);
    if (!out.to) check_kept(*node.find("to"), *find_input(job, job.link[0].to), reading);
  }
  if (job.link.size() == 1 && (job.link[0].similar || job.link[0].via))
    mistakes.add(node.place, "a bridge is of passes or a model, not of \"similar\" or \"via\"");
  const Output& output = job.output;
  if (!output.columns.empty() || !output.unmatched.empty() || output.refused || output.pattern || output.levels)
    mistakes.add(node.place, "a bridging file holds pairs of pseudonyms and nothing else",
                 "leave \"columns\", \"unmatched\", \"refused\", \"pattern\" and \"levels\" out of \"output\"");
  job.bridge = std::move(out);
}

}  // namespace tessera
