// encode.cc: which filters does a job make of its records?
#include <fmt/format.h>

#include <algorithm>

#include "job/names.h"
#include "job/parts.h"

namespace tessera {
namespace {

using Type = Node::Type;

void read_secret(const Node& node, Encode& out, Reading& reading) {
  Mistakes& mistakes = reading.mistakes;
  const Node *key = node.find("key_file", Type::string), *secret = node.find("secret_file", Type::string);
  const Node* domain = node.find("domain", Type::string);
  if ((key == nullptr) == (secret == nullptr)) {
    mistakes.add(node.place, "filters need a \"key_file\" and its \"domain\", or a \"secret_file\"",
                 "tessera keys new makes a key file; a secret file holds the secret of clkhash as it stands");
    return;
  }
  const Node& file = key != nullptr ? *key : *secret;
  if (file.text.empty()) mistakes.add(file.place, "the file has no name");
  (key != nullptr ? out.key_file : out.secret_file) = reading.path(file.text);
  if (key != nullptr && domain == nullptr)
    mistakes.add(node.place, "\"domain\" is missing here", "the purpose: filters of two domains cannot be compared");
  if (key == nullptr && domain != nullptr)
    mistakes.add(domain->place, "a secret file has no domain", "remove it, or use a \"key_file\"");
  if (key != nullptr && domain != nullptr) out.domain = read_domain(*domain, mistakes);
}

// The schema file is read when the job runs; here only its text is looked at, so that its mistakes are told in one go.
std::optional<FilterSchema> schema_of(const Node& node, Encode& out, Reading& reading) {
  out.schema = reading.path(node.text);
  if (!reading.look_at_files) return std::nullopt;
  auto text = read_job_text(out.schema);
  if (!text) {
    reading.mistakes.add(node.place, text.error().message, "the path of a linkage schema of clkhash, beside the job");
    return std::nullopt;
  }
  auto schema = parse_filter_schema(out.schema, std::move(*text));
  if (schema) return std::move(*schema);
  reading.mistakes.add_told(node.place, schema.error().message);
  return std::nullopt;
}

void read_features(const Node* node, const std::optional<FilterSchema>& schema, Encode& out, Reading& reading) {
  const Job& job = reading.parsed.job;
  const auto is_feature = [&](const std::string& name) {
    return !schema || std::any_of(schema->features.begin(), schema->features.end(),
                                  [&](const FilterFeature& each) { return each.identifier == name && !each.ignored; });
  };
  for (size_t i = 0; node != nullptr && i < node->items.size(); ++i) {
    const Node &name = node->keys[i], &field = node->items[i];
    if (field.type != Type::string) continue;
    if (!is_feature(name.text)) {
      std::vector<std::string> known;
      for (const FilterFeature& each : schema->features)
        if (!each.ignored) known.push_back(each.identifier);
      reading.mistakes.add(name.place, fmt::format("the schema encodes no feature \"{}\"", name.text),
                           suggestion(name.text, known, "its features are"));
    }
    for (const Input& input : job.inputs)
      if (find_field(input, field.text) == nullptr) {
        std::vector<std::string> known;
        for (const FieldSpec& each : input.fields) known.push_back(each.name);
        reading.mistakes.add(field.place, fmt::format("input \"{}\" has no field \"{}\"", input.name, field.text),
                             suggestion(field.text, known, "its fields are"));
      }
    out.features.emplace_back(name.text, field.text);
  }
  if (!schema) return;
  // The other features are columns, as they stand.
  for (const FilterFeature& feature : schema->features) {
    const auto named = [&](const auto& pair) { return pair.first == feature.identifier; };
    if (feature.ignored || std::any_of(out.features.begin(), out.features.end(), named)) continue;
    for (size_t i = 0; i < job.inputs.size(); ++i) {
      Node column;
      column.type = Type::string;
      column.text = feature.identifier;
      column.place = node != nullptr ? node->place : Place{};
      reading.use_column(i, column);
    }
  }
}

}  // namespace

void read_encode(const Node& node, Reading& reading) {
  Job& job = reading.parsed.job;
  Mistakes& mistakes = reading.mistakes;
  Encode out;
  read_secret(node, out, reading);
  std::optional<FilterSchema> schema;
  if (const Node* path = node.find("schema", Type::string)) schema = schema_of(*path, out, reading);
  read_features(node.find("features", Type::object), schema, out, reading);
  if (const Node* harden = node.find("harden", Type::object)) {
    if (const Node* folds = harden->find("folds", Type::integer))
      out.harden.folds = static_cast<uint32_t>(folds->integer);
    if (const Node* balance = harden->find("balance", Type::boolean)) out.harden.balance = balance->boolean;
  }
  const Node* id = node.find("id", Type::string);
  out.keep_ids = (id != nullptr && id->text == "keep") || out.key_file.empty();
  if (id != nullptr && id->text == "token" && out.key_file.empty())
    mistakes.add(id->place, "tokens of ids need a \"key_file\"", "write \"keep\", or make a key file");
  if (id != nullptr && job.pseudonyms)
    mistakes.add(id->place, "\"pseudonyms\" says what becomes of the ids", "remove it here");
  if (!job.pseudonyms && out.keep_ids) check_kept_ids(id != nullptr ? *id : node, reading);
  for (const Input& input : job.inputs)
    if (input.tokens)
      mistakes.add(node.place, fmt::format("input \"{}\" holds tokens already", input.name),
                   "filters are made of data sets in the clear");
  job.encode = std::move(out);
}

}  // namespace tessera
