// schema.cc: how do editors learn the keys of a job? The table of shape.cc as JSON Schema.
#include <cmath>
#include <limits>
#include <map>

#include <nlohmann/json.hpp>

#include "job/job.h"
#include "job/shape.h"

namespace tessera {
namespace {

using Json = nlohmann::ordered_json;

Json schema_of(const Shape& shape, std::map<std::string, Json>& definitions);

// Objects with known keys stand once, under $defs, since terms hold terms.
Json reference_to(const ObjectShape& shape, std::map<std::string, Json>& definitions);

Json schema_of(const ObjectShape& shape, std::map<std::string, Json>& definitions) {
  Json out;
  out["description"] = shape.title;
  out["type"] = "object";
  Json properties = Json::object();
  Json required = Json::array();
  for (const Key& key : shape.keys) {
    if (!key.not_yet.empty()) continue;
    Json property = schema_of(key.shape, definitions);
    if (property.contains("$ref"))
      property = Json{{"description", key.help}, {"$ref", property["$ref"]}};
    else
      property["description"] = key.help;
    properties[key.name] = std::move(property);
    if (key.required) required.push_back(key.name);
  }
  out["properties"] = std::move(properties);
  if (!required.empty()) out["required"] = std::move(required);
  out["additionalProperties"] = false;
  return out;
}

Json reference_to(const ObjectShape& shape, std::map<std::string, Json>& definitions) {
  std::string name = shape.title.substr(0, shape.title.find(':'));
  for (char& c : name)
    if (c == ' ') c = '-';
  if (!definitions.contains(name)) {
    definitions[name] = nullptr;  // so that a term within a term ends here
    definitions[name] = schema_of(shape, definitions);
  }
  return Json{{"$ref", "#/$defs/" + name}};
}

Json schema_of(const Shape& shape, std::map<std::string, Json>& definitions) {
  std::vector<Json> forms;
  if (shape.boolean) forms.push_back({{"type", "boolean"}});
  if (shape.anything) return Json::object();
  if (shape.real) {
    Json form{{"type", "number"}};
    if (std::isfinite(shape.real_least)) form["minimum"] = shape.real_least;
    if (std::isfinite(shape.real_most)) form["maximum"] = shape.real_most;
    forms.push_back(std::move(form));
  } else if (shape.integer) {
    Json form{{"type", "integer"}};
    if (shape.least != std::numeric_limits<int64_t>::min()) form["minimum"] = shape.least;
    if (shape.most != std::numeric_limits<int64_t>::max()) form["maximum"] = shape.most;
    forms.push_back(std::move(form));
  }
  if (shape.string) {
    Json form{{"type", "string"}};
    if (!shape.values.empty()) form["enum"] = shape.values;
    forms.push_back(std::move(form));
  }
  if (shape.items != nullptr) forms.push_back({{"type", "array"}, {"items", schema_of(*shape.items, definitions)}});
  if (shape.object != nullptr) forms.push_back(reference_to(*shape.object, definitions));
  if (shape.entries != nullptr)
    forms.push_back({{"type", "object"}, {"additionalProperties", schema_of(*shape.entries, definitions)}});
  if (forms.size() == 1) return forms.front();
  return Json{{"anyOf", forms}};
}

}  // namespace

namespace {

std::string whole_schema(const char* title, const ObjectShape& shape) {
  std::map<std::string, Json> definitions;
  Json whole{{"$schema", "https://json-schema.org/draft/2020-12/schema"}};
  whole["title"] = title;
  whole.update(schema_of(shape, definitions));
  Json defs = Json::object();
  for (auto& [name, definition] : definitions) defs[name] = std::move(definition);
  whole["$defs"] = std::move(defs);
  return whole.dump(2) + "\n";
}

}  // namespace

std::string job_schema_text() { return whole_schema("Tessera job", job_shape()); }

std::string model_schema_text() { return whole_schema("Tessera model", model_file_object_shape); }

}  // namespace tessera
