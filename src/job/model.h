// model.h: the parts of the reader of models. Private to the room.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "job/job.h"
#include "job/parts.h"
#include "job/tree.h"
#include "sql/sql.h"

namespace tessera {

// What a model is read against: where its text stands, and the fields of the two sides.
struct ModelReading {
  const ModelSides& sides;
  Mistakes& mistakes;
  std::string path;                           // of the file that holds it; paths in it are relative to its folder
  std::vector<std::string>* notes = nullptr;  // for explain
  bool strict_sums = false;                   // m and u that do not add up are mistakes: a model written by hand
  bool splink = false;

  // The field of that name on a side, if every input of it has it; `helpful`: tell a mistake else.
  [[nodiscard]] const FieldSpec* field(std::string_view name, SqlSide side) const;
  // A mistake that names the input that lacks the field.
  void tell_absent(std::string_view name, SqlSide side, Place place) const;
  [[nodiscard]] SqlContext sql(SqlDialect dialect) const;
  void note(std::string text) const {
    if (notes != nullptr) notes->push_back(std::move(text));
  }
};

using SidePair = std::pair<SideExpression, SideExpression>;

// conditions.cc. Each: nullopt after a mistake.
// "field", "field:part", "field ~ field".
[[nodiscard]] std::optional<SidePair> read_field_pair(const Node& node, const ModelReading& reading);
// The value of "of".
[[nodiscard]] std::optional<SidePair> read_expression_pair(const Node& node, const ModelReading& reading);
// The value of "field" or "of" of an object; else `otherwise`. A mistake where none is there.
[[nodiscard]] std::optional<SidePair> read_values(const Node& node, const std::optional<SidePair>& otherwise,
                                                  const ModelReading& reading);
// `field`: what the condition measures if it does not say so.
[[nodiscard]] std::optional<ModelCondition> read_condition(const Node& node, const std::optional<SidePair>& field,
                                                           const ModelReading& reading);
// A level as a string: "exact", "nickname" ...
[[nodiscard]] std::optional<ModelCondition> read_named_condition(const Node& node, const std::optional<SidePair>& field,
                                                                 const ModelReading& reading);
// A mistake of SQL at its place in a string of the file.
void tell_sql(const Node& node, const SqlMistake& mistake, const ModelReading& reading, const std::string& where = {});
// "jaro_winkler >= 0.92"
[[nodiscard]] std::string label_of(const ModelCondition& condition);

// levels.cc
[[nodiscard]] std::optional<Comparison> read_comparison(const Node& node, const ModelReading& reading);
// Tells levels that can never be true, and m and u that do not add up to 1.
void check_levels(const Comparison& comparison, std::span<const Place> places, Place place,
                  const ModelReading& reading);

// model.cc
// The threshold of a model, or of a step for its model.
void read_threshold(const Node& node, Model& model, Mistakes& mistakes);
[[nodiscard]] Model read_model_object(const Node& node, const ModelReading& reading);

// splink.cc
[[nodiscard]] Model read_splink(const Node& root, const ModelReading& reading);

}  // namespace tessera
