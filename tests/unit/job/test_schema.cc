// Do the published schema and the parser agree?
//
// Two ways: the file is what the table of the parser prints; and a walk through the
// file puts a wrong key, a wrong type and a wrong choice at every place of it.
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include <nlohmann/json.hpp>

#include "job/shape.h"
#include "jobs.h"

namespace tessera {
namespace {

std::string published(const std::string& name = "job") {
  std::ifstream file(std::string(TESSERA_SOURCE) + "/configs/schema/" + name + ".schema.json");
  std::stringstream out;
  out << file.rdbuf();
  return out.str();
}

TEST(Schema, IsWhatTheParserHolds) {
  EXPECT_EQ(published(), job_schema_text()) << "regenerate it: tessera schema > configs/schema/job.schema.json";
  EXPECT_EQ(published("model"), model_schema_text())
      << "regenerate it: tessera schema model > configs/schema/model.schema.json";
}

using Json = nlohmann::json;

// A walk that pairs every object of the schema with the table, so that neither has what the other lacks.
class Walk {
 public:
  explicit Walk(Json schema) : root_(std::move(schema)) {}

  void object(const Json& schema, const ObjectShape& shape) {
    if (!seen_.insert(&shape).second) return;
    std::set<std::string> in_schema, in_table, required_in_schema, required_in_table;
    for (const auto& [name, value] : schema.at("properties").items()) in_schema.insert(name);
    for (const auto& name : schema.value("required", Json::array())) required_in_schema.insert(name);
    for (const Key& key : shape.keys)
      if (key.not_yet.empty()) in_table.insert(key.name);
    for (const Key& key : shape.keys)
      if (key.required) required_in_table.insert(key.name);
    EXPECT_EQ(in_schema, in_table) << shape.title;
    EXPECT_EQ(required_in_schema, required_in_table) << shape.title;
    EXPECT_EQ(schema.at("additionalProperties"), false) << shape.title;
    for (const Key& key : shape.keys)
      if (in_schema.contains(key.name))
        value(schema.at("properties").at(key.name), key.shape, shape.title + " / " + key.name);
  }

 private:
  const Json& resolved(const Json& schema) const {
    return schema.contains("$ref") ? root_.at(Json::json_pointer(schema.at("$ref").get<std::string>().substr(1)))
                                   : schema;
  }

  void value(const Json& schema, const Shape& shape, const std::string& where) {
    if (shape.anything) {
      EXPECT_FALSE(schema.contains("type")) << where;
      return;
    }
    std::map<std::string, Json> forms;
    if (schema.contains("anyOf"))
      for (const Json& form : schema.at("anyOf")) forms[resolved(form).at("type")] = resolved(form);
    else
      forms[resolved(schema).at("type")] = resolved(schema);
    EXPECT_EQ(forms.contains("string"), shape.string) << where;
    EXPECT_EQ(forms.contains("boolean"), shape.boolean) << where;
    EXPECT_EQ(forms.contains("integer"), shape.integer && !shape.real) << where;
    EXPECT_EQ(forms.contains("number"), shape.real) << where;
    EXPECT_EQ(forms.contains("array"), shape.items != nullptr) << where;
    EXPECT_EQ(forms.contains("object"), shape.object != nullptr || shape.entries != nullptr) << where;
    if (shape.string) {
      std::set<std::string> choices;
      for (const auto& choice : forms["string"].value("enum", Json::array())) choices.insert(choice);
      EXPECT_EQ(choices, std::set<std::string>(shape.values.begin(), shape.values.end())) << where;
    }
    if (shape.items != nullptr) value(forms["array"].at("items"), *shape.items, where + " []");
    if (shape.entries != nullptr) value(forms["object"].at("additionalProperties"), *shape.entries, where + " {}");
    if (shape.object != nullptr) object(forms["object"], *shape.object);
  }

  Json root_;
  std::set<const ObjectShape*> seen_;
};

TEST(Schema, HasEveryKeyTypeAndChoiceOfTheTableAndNoOther) {
  const Json schema = Json::parse(published());
  Walk(schema).object(schema, job_shape());
  const Json model = Json::parse(published("model"));
  Walk(model).object(model, model_file_object_shape);
}

// The parser itself, asked: a key is taken when the schema has it, and else refused.
TEST(Schema, TheParserTakesTheKeysOfTheSchema) {
  const Json schema = Json::parse(published());
  for (const auto& [name, property] : schema.at("$defs").at("an-input").at("properties").items()) {
    const std::string message = complaint(changed(R"("id": "EPIKEY",)", R"("id": "EPIKEY", ")" + name + R"(": {},)"));
    EXPECT_EQ(message.find("unknown key \"" + name + "\""), std::string::npos) << name;
  }
  EXPECT_NE(complaint(changed(R"("id": "EPIKEY",)", R"("id": "EPIKEY", "idd": {},)")).find("unknown key \"idd\""),
            std::string::npos);
}

}  // namespace
}  // namespace tessera
