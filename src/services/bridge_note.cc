#include "services/bridge_note.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "base/text.h"
#include "pseudonymise/pseudonymise.h"
#include "read/read.h"

namespace tessera {
namespace {

Status name_side(const std::optional<Bridge::Domain>& domain, const std::string& description, const std::string& input,
                 BridgeReport::Side& side) {
  if (domain) {
    TESSERA_ASSIGN(const SecretKey key, SecretKey::read(domain->key_file));
    side.key_id = key.key_id();
    side.check = key.check();
    side.domain = domain->domain;
    return {};
  }
  if (description.empty()) return {};
  TESSERA_ASSIGN(const Description said, parse_description(input, description));
  if (said.keeps_ids) return {};  // pseudonyms of the owner's own
  side.key_id = said.key_id;
  side.check = said.check;
  side.domain = said.domain;
  return {};
}

// What the file says; empty: nothing.
std::string note_of(const std::string& path) {
  if (const auto note = parquet_note(path, bridge_note_key); note && !note->empty()) return *note;
  const auto manifest = std::filesystem::path(path).parent_path() / "manifest.json";
  simdjson::dom::parser parser;
  simdjson::dom::element root, bridge;
  if (parser.load(manifest.string()).get(root) != simdjson::SUCCESS) return {};
  if (root["bridge"].get(bridge) != simdjson::SUCCESS) return {};
  return simdjson::minify(bridge);
}

}  // namespace

Result<BridgeReport> name_bridge(const Job& job, const std::map<std::string, std::string>& tokens) {
  const std::string& from = job.link.empty() ? job.inputs.front().name : job.link.front().from;
  const std::string& to = job.link.empty() ? from : job.link.front().to;
  const auto said = [&](const std::string& input) { return tokens.contains(input) ? tokens.at(input) : ""; };
  BridgeReport out;
  TESSERA_TRY(name_side(job.bridge->from, said(from), from, out.from));
  TESSERA_TRY(name_side(job.bridge->to, said(to), to, out.to));
  return out;
}

std::string bridge_note(const BridgeReport& bridge) {
  std::vector<std::string> sides;
  for (const auto& [name, side] : {std::pair("from", &bridge.from), std::pair("to", &bridge.to)})
    if (!side->key_id.empty())
      sides.push_back(fmt::format(R"("{}":{{"domain":"{}","key_id":"{}","check":"{}"}})", name, side->domain,
                                  side->key_id, side->check));
  return "{" + joined(sides, ",") + "}";
}

Status check_bridge_side(const std::string& path, const char* side, const std::string& input,
                         const std::string& description) {
  if (description.empty()) return {};
  TESSERA_ASSIGN(const Description said, parse_description(input, description));
  if (said.keeps_ids) return {};  // pseudonyms of the owner's own
  const std::string note = note_of(path);
  simdjson::dom::parser parser;
  simdjson::dom::element root, of_side;
  if (note.empty() || parser.parse(note).get(root) != simdjson::SUCCESS) return {};
  if (root[side].get(of_side) != simdjson::SUCCESS) return {};
  std::string_view domain, key_id, check;
  if (of_side["domain"].get(domain) != simdjson::SUCCESS || of_side["key_id"].get(key_id) != simdjson::SUCCESS ||
      of_side["check"].get(check) != simdjson::SUCCESS)
    return {};
  if (domain == said.domain && key_id == said.key_id && equal_in_constant_time(check, said.check)) return {};
  return fail(
      ErrorCode::usage,
      fmt::format("{}: its {} side is of domain {}, key {}, and the pseudonyms of \"{}\" are of domain {}, key {}{}\n"
                  "help: use the bridging file of these two domains",
                  path, side, domain, key_id, input, said.domain, said.key_id,
                  domain == said.domain && key_id == said.key_id ? ", whose secret is another" : ""));
}

}  // namespace tessera
