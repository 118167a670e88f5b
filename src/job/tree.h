// tree.h: what does the text of a job say, and where does it say it?
//
// A job is small, so it is read into a tree of nodes that remember their place.
// Not here: what the keys mean (shape.h, job.cc).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "job/mistakes.h"

namespace tessera {

struct Node {
  enum class Type : uint8_t { null, boolean, integer, real, string, array, object };
  Type type = Type::null;
  Place place;
  bool boolean = false;
  int64_t integer = 0;
  double number = 0;        // integer and real
  std::string text;         // string: without escapes
  std::vector<Node> items;  // array; object: the values
  std::vector<Node> keys;   // object: strings, one for each item

  // The value of a key, or nullptr. Of a key given twice, the first.
  [[nodiscard]] const Node* find(std::string_view key) const;
  // As find(), if it has that type.
  [[nodiscard]] const Node* find(std::string_view key, Type type) const;
  // Where bytes [begin, end) of `text` stand in the file. Requires: a string.
  [[nodiscard]] Place within(size_t begin, size_t end) const;

  std::vector<uint32_t> offsets;  // string with escapes: where each byte of text, and its end, stands
};

const char* name_of(Node::Type);  // "a string", "an object" ...

// nullopt: a mistake of syntax was added, with its place.
[[nodiscard]] std::optional<Node> read_tree(std::string_view text, Mistakes& mistakes);

}  // namespace tessera
