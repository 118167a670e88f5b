// key_file.cc: is this text a key file, and is it whole?
//
// simdjson finds the places of the values in the text; they are read there, so the secret is copied nowhere.
#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "base/text.h"
#include "pseudonymise/keys.h"

namespace tessera {
namespace {

constexpr size_t key_file_bytes_max = 4096;
constexpr std::string_view key_names[] = {"format", "version", "key_id", "created", "follows", "check", "secret"};

std::unexpected<Error> damaged(const std::string& path, std::string_view why) {
  return fail(ErrorCode::data, fmt::format("{}: {}", path, why));
}

using Values = std::map<std::string_view, std::string_view>;  // name -> value as it is written; views into the file

// Fails: data (3) where the text is no object of known keys, each once.
Result<Values> read_values(const std::string& path, const SecretBytes& text, size_t size) {
  simdjson::ondemand::parser parser;
  simdjson::ondemand::document document;
  simdjson::ondemand::object object;
  const simdjson::padded_string_view padded(reinterpret_cast<const char*>(text.data()), size, text.size());
  const auto no_object = [&] { return damaged(path, "is no key file: it is not one JSON object"); };
  if (parser.iterate(padded).get(document) != simdjson::SUCCESS ||
      document.get_object().get(object) != simdjson::SUCCESS)
    return no_object();
  Values out;
  for (auto field : object) {
    std::string_view value;
    simdjson::ondemand::raw_json_string raw;
    if (field.key().get(raw) != simdjson::SUCCESS) return no_object();
    const auto known = std::find_if(std::begin(key_names), std::end(key_names),
                                    [&](std::string_view name) { return raw.unsafe_is_equal(name); });
    // Its name is not repeated here: it might be a secret in the wrong place.
    if (known == std::end(key_names)) return damaged(path, "has a key that no key file has");
    if (simdjson::to_json_string(field.value()).get(value) != simdjson::SUCCESS) return no_object();
    if (!out.emplace(*known, value).second) return damaged(path, fmt::format("has the key \"{}\" twice", *known));
  }
  if (const char* rest = nullptr; document.current_location().get(rest) != simdjson::OUT_OF_BOUNDS) return no_object();
  return out;
}

bool is_hex(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

unsigned nibble(char c) { return static_cast<unsigned>(c <= '9' ? c - '0' : c - 'a' + 10); }

// "2026-11-23T13:45:00Z"
bool is_time(std::string_view text) {
  constexpr std::string_view shape = "0000-00-00T00:00:00Z";
  return text.size() == shape.size() && std::equal(text.begin(), text.end(), shape.begin(), [](char c, char s) {
           return s == '0' ? c >= '0' && c <= '9' : c == s;
         });
}

struct FileText {
  std::string_view key_id, created, follows, check, secret;
};

// What stands between quotes, or nothing.
std::optional<std::string_view> quoted_text(const Values& values, std::string_view name) {
  const auto found = values.find(name);
  if (found == values.end() || found->second.size() < 2 || found->second.front() != '"') return std::nullopt;
  return found->second.substr(1, found->second.size() - 2);
}

Result<FileText> check_values(const std::string& path, const Values& values) {
  if (quoted_text(values, "format") != "tessera-key")
    return damaged(path, "is no key file: its \"format\" is not \"tessera-key\"");
  for (const std::string_view name : key_names)
    if (name != "follows" && !values.contains(name)) return damaged(path, fmt::format("has no \"{}\"", name));
  if (values.at("version") != "1")
    return damaged(path, "is a key file of a version that this Tessera does not know; it knows 1");
  const auto text = [&](std::string_view name) { return quoted_text(values, name).value_or(""); };
  const FileText out{text("key_id"), text("created"), text("follows"), text("check"), text("secret")};
  if (out.secret.empty()) return damaged(path, "its \"secret\" is empty");
  if (out.secret.size() < 2 * key_bytes)
    return damaged(path, fmt::format("its \"secret\" is shorter than {} hex digits", 2 * key_bytes));
  if (out.secret.size() > 2 * key_bytes || !is_hex(out.secret))
    return damaged(path, fmt::format("its \"secret\" is not {} hex digits in lower case", 2 * key_bytes));
  if (out.key_id.size() != 16 || !is_hex(out.key_id) || (values.contains("follows") && out.follows.size() != 16) ||
      !is_hex(out.follows))
    return damaged(path, "a key id is not 16 hex digits in lower case");
  if (!is_time(out.created)) return damaged(path, "its \"created\" is no time such as 2026-11-23T13:45:00Z");
  return out;
}

}  // namespace

Result<SecretKey> SecretKey::read(const std::string& path) {
  TESSERA_ASSIGN(const SecretBytes file, read_secret_file(path, key_file_bytes_max));
  TESSERA_ASSIGN(const SecretBytes padded, SecretBytes::make(file.size() + simdjson::SIMDJSON_PADDING));
  std::copy(file.span().begin(), file.span().end(), padded.data());
  TESSERA_ASSIGN(const Values values, read_values(path, padded, file.size()));
  TESSERA_ASSIGN(const FileText text, check_values(path, values));

  TESSERA_ASSIGN(const SecretBytes secret, SecretBytes::make(key_bytes));
  for (size_t i = 0; i < key_bytes; ++i)
    secret.data()[i] = static_cast<std::byte>(nibble(text.secret[2 * i]) << 4 | nibble(text.secret[2 * i + 1]));
  TESSERA_ASSIGN(SecretKey key,
                 of(secret.span(), std::string(text.key_id), std::string(text.created), std::string(text.follows)));
  if (!equal_in_constant_time(key.check(), text.check))
    return damaged(path,
                   "is damaged: its check value does not fit its secret, key id and date\nhelp: take it from where "
                   "it is kept safe; tokens made with the right one cannot be made again without it");
  return key;
}

}  // namespace tessera
