// schema_check.h: does a JSON value fit a JSON Schema?
//
// The part of JSON Schema 2020-12 that configs/schema/manifest.schema.json uses. A
// keyword outside that part is itself a mistake, so the schema cannot outgrow its check.
#pragma once

#include <nlohmann/json.hpp>
#include <regex>
#include <set>
#include <string>
#include <vector>

namespace tessera::testing {

using Json = nlohmann::ordered_json;

class SchemaCheck {
 public:
  explicit SchemaCheck(Json schema) : root_(std::move(schema)) {}

  // One line for each mistake: where, and what.
  [[nodiscard]] std::vector<std::string> mistakes(const Json& value) const {
    std::vector<std::string> out;
    check(root_, value, "", out);
    return out;
  }

 private:
  static bool has_type(const Json& value, const std::string& type) {
    if (type == "object") return value.is_object();
    if (type == "array") return value.is_array();
    if (type == "string") return value.is_string();
    if (type == "integer") return value.is_number_integer();
    if (type == "number") return value.is_number();
    return false;
  }

  void check(const Json& schema, const Json& value, const std::string& at, std::vector<std::string>& out) const {
    for (const auto& [keyword, rule] : schema.items()) {
      if (keyword == "type") {
        bool fits = false;
        for (const Json& type : rule.is_array() ? rule : Json::array({rule})) fits |= has_type(value, type);
        if (!fits) return out.push_back(at + ": not of type " + rule.dump());
      } else if (keyword == "$ref") {
        check(root_.at("$defs").at(rule.get<std::string>().substr(std::string("#/$defs/").size())), value, at, out);
      } else if (keyword == "required") {
        for (const Json& name : rule) {
          if (!value.contains(name.get<std::string>())) out.push_back(at + ": lacks " + name.dump());
        }
      } else if (keyword == "properties") {
        for (const auto& [name, of] : rule.items()) {
          if (value.contains(name)) check(of, value.at(name), at + "/" + name, out);
        }
      } else if (keyword == "additionalProperties") {
        for (const auto& [name, held] : value.items()) {
          if (schema.contains("properties") && schema.at("properties").contains(name)) continue;
          if (rule.is_object())
            check(rule, held, at + "/" + name, out);
          else if (!rule.get<bool>())
            out.push_back(at + ": unknown " + name);
        }
      } else if (keyword == "items") {
        for (size_t i = 0; i < value.size(); ++i) check(rule, value.at(i), at + "/" + std::to_string(i), out);
      } else if (keyword == "enum") {
        if (std::find(rule.begin(), rule.end(), value) == rule.end()) out.push_back(at + ": not one of " + rule.dump());
      } else if (keyword == "minimum") {
        if (value.get<double>() < rule.get<double>()) out.push_back(at + ": less than " + rule.dump());
      } else if (keyword == "pattern") {
        if (!std::regex_search(value.get<std::string>(), std::regex(rule.get<std::string>())))
          out.push_back(at + ": does not fit " + rule.dump());
      } else if (!std::set<std::string>{"$schema", "$defs", "title", "description"}.contains(keyword)) {
        out.push_back("schema: keyword " + keyword + " is not checked");
      }
    }
  }

  Json root_;
};

}  // namespace tessera::testing
