// pairs.cc: long forms that Splink writes for one measure (see measure.h)
//
//   cast(acos(case when (P) > 1 then 1 when (P) < -1 then -1 else (P) end) * 6371 as float)
//     where P = sin(radians(lat_l)) * sin(radians(lat_r)) + cos(..) * cos(..) * cos(radians(long_r - long_l))
//   list_max(list_transform(flatten(list_transform(x_l, x -> list_transform(x_r, y -> [x, y]))),
//                           pair -> jaro_winkler_similarity(pair[1], pair[2])))
#include <algorithm>
#include <cmath>

#include "sql/measure.h"

namespace tessera {
namespace {

// f(radians(x)) -> x
const SqlNode* angle(const SqlNode& node, std::string_view function) {
  return node.is_call(function, 1) && node.parts[0].is_call("radians", 1) ? &node.parts[0].parts[0] : nullptr;
}

bool is_number(const SqlNode& node, double value) {
  const auto constant = sql_constant(node);
  return constant && *constant == value;
}

std::optional<SphereNodes> sphere(const SqlNode& p) {
  if (!p.is_binary("+")) return std::nullopt;
  const SqlNode &sines = p.parts[0], &cosines = p.parts[1];
  if (!sines.is_binary("*") || !cosines.is_binary("*") || !cosines.parts[0].is_binary("*")) return std::nullopt;
  const SqlNode* a = angle(sines.parts[0], "sin");
  const SqlNode* b = angle(sines.parts[1], "sin");
  const SqlNode* c = angle(cosines.parts[0].parts[0], "cos");
  const SqlNode* d = angle(cosines.parts[0].parts[1], "cos");
  const SqlNode* turn = angle(cosines.parts[1], "cos");
  if (a == nullptr || b == nullptr || c == nullptr || d == nullptr || turn == nullptr) return std::nullopt;
  if (!a->same_as(*c) || !b->same_as(*d) || !turn->is_binary("-")) return std::nullopt;
  const auto latitudes = left_and_right(*a, *b);
  const auto longitudes = left_and_right(turn->parts[0], turn->parts[1]);
  if (!latitudes || !longitudes) return std::nullopt;
  return SphereNodes{latitudes->left, latitudes->right, longitudes->left, longitudes->right, false};
}

// The cosine kept within -1 and 1, or as it is.
const SqlNode* kept_in_range(const SqlNode& node) {
  if (node.what != SqlNode::What::choice) return &node;
  if (node.parts.size() != 5) return nullptr;
  const SqlNode& p = node.parts[4];
  const SqlNode &above = node.parts[0], &below = node.parts[2];
  if (!above.is_binary(">") || !is_number(above.parts[1], 1) || !above.parts[0].same_as(p)) return nullptr;
  if (!below.is_binary("<") || !is_number(below.parts[1], -1) || !below.parts[0].same_as(p)) return nullptr;
  return is_number(node.parts[1], 1) && is_number(node.parts[3], -1) ? &p : nullptr;
}

bool is_transform(const SqlNode& node) {
  return node.is_call("list_transform", 2) || node.is_call("transform", 2) || node.is_call("array_transform", 2);
}

}  // namespace

bool SqlNode::same_as(const SqlNode& other) const {
  if (what != other.what || text != other.text || number != other.number || sides != other.sides ||
      parts.size() != other.parts.size())
    return false;
  return std::equal(parts.begin(), parts.end(), other.parts.begin(),
                    [](const SqlNode& a, const SqlNode& b) { return a.same_as(b); });
}

bool is_counting(const SqlNode& node) {
  for (const std::string_view name : {"array_length", "len", "length", "size", "cardinality", "list_count"})
    if (node.is_call(name, 1) || (name == "array_length" && node.is_call(name, 2))) return true;
  return false;
}
bool is_intersection(const SqlNode& node) {
  return node.is_call("list_intersect", 2) || node.is_call("array_intersect", 2);
}

// The longer of the lengths of a and b.
bool is_longer_length(const SqlNode& node, const SqlNode& a, const SqlNode& b) {
  if (!node.is_call("greatest", 2)) return false;
  for (const SqlNode& part : node.parts)
    if (!part.is_call("length", 1) && !part.is_call("len", 1) && !part.is_call("char_length", 1)) return false;
  const SqlNode &x = node.parts[0].parts[0], &y = node.parts[1].parts[0];
  return (x.same_as(a) && y.same_as(b)) || (x.same_as(b) && y.same_as(a));
}
// The greater of a and b.
bool is_greater_of(const SqlNode& node, const SqlNode& a, const SqlNode& b) {
  const auto both = [&](const SqlNode& x, const SqlNode& y) {
    return (x.same_as(a) && y.same_as(b)) || (x.same_as(b) && y.same_as(a));
  };
  if (node.is_call("greatest", 2)) return both(node.parts[0], node.parts[1]);
  if (node.what != SqlNode::What::choice || node.parts.size() != 3) return false;
  const SqlNode& test = node.parts[0];
  if (!test.is_binary(">") && !test.is_binary(">=")) return false;
  return both(test.parts[0], test.parts[1]) && node.parts[1].same_as(test.parts[0]) &&
         node.parts[2].same_as(test.parts[1]);
}

std::optional<LeftRight> left_and_right(const SqlNode& a, const SqlNode& b) {
  if (a.sides == 1 && b.sides == 2) return LeftRight{&a, &b, false};
  if (a.sides == 2 && b.sides == 1) return LeftRight{&b, &a, true};
  return std::nullopt;
}

std::optional<SphereNodes> great_circle(const SqlNode& node) {
  const SqlNode* product = &node;
  bool rounded = false;
  while (product->what == SqlNode::What::cast &&
         (product->text == "float" || product->text == "double" || product->text == "real")) {
    rounded |= product->text != "double";
    product = &product->parts[0];
  }
  if (!product->is_binary("*")) return std::nullopt;
  const bool first = is_number(product->parts[0], 6371);
  if (!first && !is_number(product->parts[1], 6371)) return std::nullopt;
  const SqlNode& arc = product->parts[first ? 1 : 0];
  if (!arc.is_call("acos", 1)) return std::nullopt;
  const SqlNode* p = kept_in_range(arc.parts[0]);
  auto out = p == nullptr ? std::nullopt : sphere(*p);
  if (out) out->rounded = rounded;
  return out;
}

std::optional<ItemPairs> best_of_items(const SqlNode& node) {
  const bool highest = node.is_call("list_max", 1) || node.is_call("array_max", 1);
  if (!highest && !node.is_call("list_min", 1) && !node.is_call("array_min", 1)) return std::nullopt;
  const SqlNode& measured = node.parts[0];
  if (!is_transform(measured) || !measured.parts[0].is_call("flatten", 1)) return std::nullopt;
  const SqlNode& outer = measured.parts[0].parts[0];
  const SqlNode& of_pair = measured.parts[1];
  if (!is_transform(outer) || outer.parts[1].what != SqlNode::What::lambda) return std::nullopt;
  const SqlNode& inner = outer.parts[1].parts[0];
  if (!is_transform(inner) || inner.parts[1].what != SqlNode::What::lambda) return std::nullopt;
  const SqlNode& pair = inner.parts[1].parts[0];
  // [x, y], or array(x, y) in Spark.
  const bool a_pair = (pair.what == SqlNode::What::list && pair.parts.size() == 2) || pair.is_call("array", 2);
  if (!a_pair || pair.parts[0].text != outer.parts[1].text || pair.parts[1].text != inner.parts[1].text)
    return std::nullopt;
  if (of_pair.what != SqlNode::What::lambda || of_pair.parts[0].what != SqlNode::What::call ||
      of_pair.parts[0].parts.size() != 2)
    return std::nullopt;
  for (const SqlNode& item : of_pair.parts[0].parts)
    if (item.what != SqlNode::What::item || item.parts[0].text != of_pair.text) return std::nullopt;
  const auto sides = left_and_right(outer.parts[0], inner.parts[0]);
  if (!sides) return std::nullopt;
  return ItemPairs{sides->left, sides->right, of_pair.parts[0].text, highest};
}

}  // namespace tessera
