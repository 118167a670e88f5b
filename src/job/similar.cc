// similar.cc: which encoded filters does a step compare, and from when on are they alike?
#include <algorithm>
#include <span>

#include <fmt/format.h>

#include "job/names.h"
#include "job/parts.h"

namespace tessera {
namespace {

using Type = Node::Type;

// One rule of "block": a field, or several that all agree. Only equal terms.
std::optional<Pass> read_block(const Node& node, int rank, const PassSides& sides, Reading& reading) {
  Pass out{.rank = rank, .terms = {}, .unless = {}};
  PassContext context{sides.from, sides.to, reading.parsed.job.lists, reading.mistakes};
  const auto items = node.type == Type::array ? std::span(node.items) : std::span(&node, 1);
  if (items.empty()) reading.mistakes.add(node.place, "a rule without a field brings all pairs", "name a field");
  for (const Node& item : items) {
    if (item.type != Type::string) return std::nullopt;
    auto term = read_term(item, context);
    if (!term) return std::nullopt;
    if (term->how != Term::How::exact) {
      reading.mistakes.add(item.place, fmt::format("\"{}\" is not an equal term", item.text),
                           "records meet by a field, or a part of one such as postcode:sector");
      return std::nullopt;
    }
    out.terms.push_back(std::move(*term));
  }
  return items.empty() ? std::nullopt : std::optional(std::move(out));
}

}  // namespace

void read_similar(const Node& node, LinkStep& step, const ModelSides& sides, Reading& reading) {
  Similar out{.field = "clk", .block = {}};
  const Node* name = node.find("field", Type::string);
  if (name != nullptr) out.field = name->text;
  for (const auto* inputs : {&sides.left, &sides.right})
    for (const Input* input : *inputs) {
      const FieldSpec* field = find_field(*input, out.field);
      if (field == nullptr || field->kind != Kind::clk)
        reading.mistakes.add(
            name != nullptr ? name->place : node.place,
            fmt::format("input \"{}\" has no field \"{}\" of kind clk", input->name, out.field),
            "add it to \"fields\": {\"column\": \"clk\", \"kind\": \"clk\"}; or \"tokens\": true for a "
            "data set of tessera encode");
    }
  if (const Node* how = node.find("how", Type::string)) look_up(similar_names, how->text, out.how);
  if (const Node* least = node.find("at_least")) out.at_least = least->number;
  if (const Node* top = node.find("top", Type::integer)) {
    out.top = static_cast<uint32_t>(top->integer);
    if (sides.within) reading.mistakes.add(top->place, "\"top\" is of steps with \"from\" and \"to\"", "remove it");
  }
  if (const Node* block = node.find("block", Type::array)) {
    if (block->items.empty()) reading.mistakes.add(block->place, "\"block\" is empty", "remove it: all are compared");
    for (const Node& item : block->items) {
      // Of several inputs each must have what the rule needs.
      for (size_t i = 1; i < sides.right.size(); ++i)
        (void)read_block(item, 1, {*sides.left.front(), *sides.right[i]}, reading);
      if (auto rule = read_block(item, static_cast<int>(out.block.size()) + 1,
                                 {*sides.left.front(), *sides.right.front()}, reading))
        out.block.push_back(std::move(*rule));
    }
  }
  step.similar = std::move(out);
}

}  // namespace tessera
