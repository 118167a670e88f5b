#include "pseudonymise/description.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>

#include "record/text_parts.h"

namespace tessera {
namespace {

using Json = nlohmann::ordered_json;
using simdjson::dom::element;

std::optional<Kind> kind_named(std::string_view name) {
  for (int i = 0; i <= static_cast<int>(Kind::token); ++i)
    if (name == name_of(static_cast<Kind>(i))) return static_cast<Kind>(i);
  return std::nullopt;
}

Json fields_json(const std::vector<Description::Field>& fields) {
  Json out = Json::array();
  for (const auto& field : fields) out.push_back({{"name", field.name}, {"kind", name_of(field.kind)}});
  return out;
}

bool is_hex_of(std::string_view text, size_t digits) {
  return text.size() == digits &&
         std::all_of(text.begin(), text.end(), [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

// Reads with simdjson, which throws on what is missing or of another type: caught in parse_description().
std::vector<Description::Field> read_fields(element list) {
  std::vector<Description::Field> out;
  for (const element item : list.get_array()) {
    const auto kind = kind_named(std::string_view(item["kind"]));
    if (!kind) throw simdjson::simdjson_error(simdjson::INCORRECT_TYPE);
    out.push_back({std::string(std::string_view(item["name"])), *kind});
  }
  return out;
}

Description read_description(element root) {
  const auto text = [](element of, const char* key) { return std::string(std::string_view(of[key])); };
  Description out;
  out.domain = text(root, "domain");
  out.key_id = text(root, "key_id");
  out.check = text(root, "check");
  out.binary = text(root, "form") == "binary";
  out.keeps_ids = text(root, "id") == "keep";
  out.fields = read_fields(root["fields"]);
  out.clear = read_fields(root["clear"]);
  for (const element item : root["tokens"].get_array()) {
    Description::Column column{
        .name = text(item, "name"), .field = text(item, "field"), .space = text(item, "namespace")};
    const std::string part = text(item, "part");
    const auto kind = kind_named(text(item, "kind"));
    const auto named = part_named(part);
    column.swapped = part == "swapped";
    if (part == "within") {
      column.moved.emplace();
      for (const element name : item["beside"].get_array()) column.moved->beside.emplace_back(std::string_view(name));
    }
    if (!kind || (!named && !column.swapped && !column.moved)) throw simdjson::simdjson_error(simdjson::INCORRECT_TYPE);
    column.kind = *kind;
    if (named) column.part = *named;
    for (const element rank : item["ranks"].get_array()) column.ranks.push_back(static_cast<int>(int64_t(rank)));
    out.tokens.push_back(std::move(column));
  }
  for (const element item : root["flags"].get_array()) out.flags.emplace_back(text(item, "name"), text(item, "field"));
  element groups, filter;
  if (root["groups"].get(groups) == simdjson::SUCCESS)
    for (const element item : groups.get_array()) out.groups.emplace_back(std::string_view(item));
  if (root["filter"].get(filter) == simdjson::SUCCESS)
    out.filter = {.name = text(filter, "name"),
                  .bits = uint64_t(filter["bits"]),
                  .schema = text(filter, "schema"),
                  .domain = text(filter, "domain"),
                  .key_id = text(filter, "key_id"),
                  .check = text(filter, "check"),
                  .harden = {.folds = static_cast<uint32_t>(uint64_t(filter["folds"])), .balance = filter["balance"]}};
  return out;
}

template <class T>
const T* named_in(const std::vector<T>& all, std::string_view name) {
  const auto found = std::find_if(all.begin(), all.end(), [&](const T& each) { return each.name == name; });
  return found == all.end() ? nullptr : &*found;
}

}  // namespace

const Description::Column* Description::token(std::string_view name) const { return named_in(tokens, name); }
const Description::Field* Description::field(std::string_view name) const { return named_in(fields, name); }
const Description::Field* Description::clear_field(std::string_view name) const { return named_in(clear, name); }
bool Description::flag(std::string_view name) const {
  return std::any_of(flags.begin(), flags.end(), [&](const auto& each) { return each.first == name; });
}
bool Description::group(std::string_view name) const {
  return std::find(groups.begin(), groups.end(), name) != groups.end();
}

std::string description_json(const Description& description) {
  Json tokens = Json::array(), flags = Json::array();
  for (const auto& column : description.tokens) {
    const TokenSpec spec{.name = column.name,
                         .field = column.field,
                         .part = column.part,
                         .swapped = column.swapped,
                         .space = column.space,
                         .ranks = column.ranks,
                         .moved = column.moved};
    tokens.push_back({{"name", column.name},
                      {"namespace", column.space},
                      {"field", column.field},
                      {"kind", name_of(column.kind)},
                      {"part", column.moved     ? "within"
                               : column.swapped ? "swapped"
                                                : name_of(column.part)},
                      {"ranks", column.ranks},
                      {"reveals", reveals(spec, column.kind)}});
    if (column.moved) tokens.back()["beside"] = column.moved->beside;
  }
  for (const auto& [name, field] : description.flags) flags.push_back({{"name", name}, {"field", field}});
  Json out{{"format", "tessera-tokens"},
           {"version", 1},
           {"domain", description.domain},
           {"key_id", description.key_id},
           {"check", description.check},
           {"form", description.binary ? "binary" : "hex"},
           {"id", description.keeps_ids ? "keep" : "token"},
           {"fields", fields_json(description.fields)},
           {"tokens", tokens},
           {"flags", flags},
           {"clear", fields_json(description.clear)}};
  if (!description.groups.empty()) out["groups"] = description.groups;
  if (const auto& filter = description.filter)
    out["filter"] = {{"name", filter->name},          {"bits", filter->bits},
                     {"schema", filter->schema},      {"domain", filter->domain},
                     {"key_id", filter->key_id},      {"check", filter->check},
                     {"folds", filter->harden.folds}, {"balance", filter->harden.balance}};
  return out.dump();
}

Result<Description> parse_description(const std::string& where, const std::string& text) {
  const auto broken = [&](std::string_view why) {
    return fail(ErrorCode::data, fmt::format("{}: what it says of its tokens {}", where, why));
  };
  try {
    simdjson::dom::parser parser;
    const element root = parser.parse(text);
    if (std::string_view(root["format"]) != "tessera-tokens") return broken("is not of Tessera");
    if (int64_t(root["version"]) != 1) return broken("is of a version that this Tessera does not know; it knows 1");
    Description out = read_description(root);
    const bool has_key = is_hex_of(out.key_id, 16) && is_hex_of(out.check, 32);
    const bool needs_none = out.tokens.empty() && out.filter && out.key_id.empty() && out.check.empty();
    if (!has_key && !needs_none) return broken("has no good key id and check value");
    return out;
  } catch (const simdjson::simdjson_error&) {
    return broken("is damaged");
  }
}

std::string description_in_manifest(const std::string& manifest, const std::string& file) {
  simdjson::dom::parser parser;
  element root, found;
  if (parser.parse(manifest).get(root) != simdjson::SUCCESS) return {};  // not ours
  element all;
  if (root["pseudonyms"].get(all) != simdjson::SUCCESS) return {};
  if (all[file].get(found) != simdjson::SUCCESS) return {};
  return simdjson::minify(found);
}

}  // namespace tessera
