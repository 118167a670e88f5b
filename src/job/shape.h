// shape.h: which keys may a job have, and what may stand there?
//
// One table says it. The parser checks a file against it, the JSON Schema in
// configs/schema is printed from it, and so is the list of keys in docs/job.md.
// Not here: what depends on more than one value (inputs.cc, passes.cc, job.cc).
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "job/mistakes.h"
#include "job/tree.h"

namespace tessera {

struct ObjectShape;

// What may stand at a place. Several types may be allowed: "a string or an array".
struct Shape {
  bool boolean = false;
  bool integer = false;
  bool real = false;  // whole numbers too
  bool string = false;
  std::vector<std::string> values{};    // of a string: only these; empty: any
  const Shape* items = nullptr;         // array of these
  const ObjectShape* object = nullptr;  // object with known keys
  const Shape* entries = nullptr;       // object whose keys are names of the user's choice
  int64_t least = std::numeric_limits<int64_t>::min();
  int64_t most = std::numeric_limits<int64_t>::max();
  double real_least = -std::numeric_limits<double>::infinity();
  double real_most = std::numeric_limits<double>::infinity();
  bool anything = false;  // is not looked at
};

struct Key {
  std::string name;
  Shape shape;
  bool required = false;
  std::string help;     // one line, for the schema and the reference
  std::string not_yet;  // not empty: known, refused, and why
};

struct ObjectShape {
  std::string title;
  std::vector<Key> keys;
};

// The whole job.
[[nodiscard]] const ObjectShape& job_shape();
// model_shape.cc: a model, in a job or in a file of its own.
extern const ObjectShape model_object_shape;
extern const ObjectShape model_threshold_shape;
extern const ObjectShape model_file_object_shape;
// private_shape.cc: what becomes of identifiers.
extern const ObjectShape pseudonyms_shape, encode_shape, bridge_shape, rekey_shape;
// What "how" may say in a condition on a pair of values.
[[nodiscard]] std::vector<std::string> measure_names();
// splink_shape.cc: the settings of Splink.
[[nodiscard]] const ObjectShape& splink_shape();

// Adds every mistake of keys, types and single values. `what` names the value: "key \"path\"".
void check_shape(const Node& node, const Shape& shape, const std::string& what, Mistakes& mistakes);
void check_object(const Node& node, const ObjectShape& shape, Mistakes& mistakes);

}  // namespace tessera
