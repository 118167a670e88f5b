// compile_model.cc: which columns, measures and rules does a model come to? (see compile_model.h)
#include "decide/compile_model.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cassert>
#include <numeric>

#include "record/expression.h"

namespace tessera {

namespace {

using Side = SideExpression;
using SideWhat = SideExpression::What;
using MeasureWhat = Measure::What;

bool of_numbers(MeasureWhat what) {
  switch (what) {
    case MeasureWhat::difference:
    case MeasureWhat::absolute_difference:
    case MeasureWhat::percentage_difference:
    case MeasureWhat::days:
    case MeasureWhat::months:
    case MeasureWhat::years:
    case MeasureWhat::month_boundaries:
    case MeasureWhat::year_boundaries:
    case MeasureWhat::date_elements:
    case MeasureWhat::swapped_date:
    case MeasureWhat::distance_km: return true;
    default: return false;
  }
}

bool of_lists(MeasureWhat what) {
  return what == MeasureWhat::items_in_common || what == MeasureWhat::items_jaccard ||
         what == MeasureWhat::items_subset || what == MeasureWhat::token_likeness;
}

class ModelCompiler {
 public:
  ModelCompiler(const Model& model, std::vector<std::pair<std::string, Kind>> fields)
      : model_(model), fields_(std::move(fields)) {}

  Result<ModelPlan> compile(std::span<const BlockingRule> passes, std::span<const std::string> more) {
    for (const Comparison& comparison : model_.comparisons) TESSERA_TRY(add_comparison(comparison));
    TESSERA_TRY(add_rules(model_.block, plan_.rules, "blocking rule"));
    TESSERA_TRY(add_rules(model_.estimate.rules, plan_.training_rules, "training rule"));
    TESSERA_TRY(add_rules(model_.estimate.certain, plan_.certain_rules, "certain rule"));
    TESSERA_TRY(add_rules(passes, plan_.pass_rules, "pass"));
    for (const std::string& field : more) TESSERA_TRY(column(Side{.what = SideWhat::field, .text = field}));
    TESSERA_TRY(lay_out_pattern());
    number_domains();
    return std::move(plan_);
  }

 private:
  std::optional<Kind> kind_of(const std::string& name) const {
    const auto found = std::ranges::find(fields_, name, &std::pair<std::string, Kind>::first);
    return found == fields_.end() ? std::nullopt : std::optional(found->second);
  }

  Status wrong(const std::string& what) const { return fail(ErrorCode::usage, where_ + ": " + what); }

  Result<ColumnId> column(const Side& expression) {
    for (ColumnId i = 0; i < plan_.columns.size(); ++i)
      if (plan_.columns[i].expression == expression) return i;
    const auto compiled = Expression::compile(expression, [this](const std::string& name) { return kind_of(name); });
    if (!compiled) return fail(compiled.error().code, where_ + ": " + compiled.error().message);
    PlanColumn made{.expression = expression, .type = compiled->type()};
    if (expression.what == SideWhat::field) {
      const auto kind = kind_of(expression.text);
      assert(kind);
      made.base = true;
      made.kind = *kind;
      made.type = ValueType::text;
    } else {
      made.empty_texts = model_.empty_texts;
      for (const std::string& field : compiled->fields()) {
        TESSERA_ASSIGN(const ColumnId base, column(Side{.what = SideWhat::field, .text = field}));
        made.from.push_back(base);
      }
    }
    plan_.columns.push_back(std::move(made));
    parent_.push_back(static_cast<uint32_t>(parent_.size()));
    return static_cast<ColumnId>(plan_.columns.size() - 1);
  }

  uint32_t root(uint32_t i) const {
    while (parent_[i] != i) i = parent_[i];
    return i;
  }
  Status share_domain(ColumnId a, ColumnId b) {
    if (plan_.columns[a].type != plan_.columns[b].type)
      return wrong(fmt::format("{} and {} cannot be compared: they are of different types",
                               to_text(plan_.columns[a].expression), to_text(plan_.columns[b].expression)));
    const uint32_t ra = root(a), rb = root(b);
    parent_[std::max(ra, rb)] = std::min(ra, rb);
    return {};
  }

  // The side of a measure as the kind of value that it is taken of.
  Side fitting(const Side& side, const Measure& m) const {
    const auto kind = side.what == SideWhat::field ? kind_of(side.text) : std::nullopt;
    const Kind numbers = kind.value_or(Kind::integer);  // what is no field is one already
    if (of_numbers(m.what) && numbers != Kind::date && numbers != Kind::integer)
      return Side{.what = SideWhat::to_number, .parts = {side}};
    if ((of_lists(m.what) || m.best_of_items) && (kind || side.what == SideWhat::part))
      return Side{.what = SideWhat::tokens, .parts = {side}};
    return side;
  }

  Result<uint32_t> measure(const Measure& m) {
    const bool lists = of_lists(m.what) || m.best_of_items;
    PlanMeasure made{.what = m.what, .best_of_items = m.best_of_items, .bytes = m.bytes, .q = m.q};
    TESSERA_ASSIGN(made.left, column(fitting(m.left, m)));
    TESSERA_ASSIGN(made.right, column(fitting(m.right, m)));
    TESSERA_TRY(share_domain(made.left, made.right));
    if (m.what == MeasureWhat::distance_km) {
      if (!m.left2 || !m.right2) return fail(ErrorCode::usage, where_ + ": a distance needs latitude and longitude");
      TESSERA_ASSIGN(made.left2, column(fitting(*m.left2, m)));
      TESSERA_ASSIGN(made.right2, column(fitting(*m.right2, m)));
      TESSERA_TRY(share_domain(made.left2, made.right2));
    }
    const PlanColumn& left = plan_.columns[made.left];
    if (lists != (left.type == ValueType::list) && m.what != MeasureWhat::equal)
      return fail(ErrorCode::usage,
                  fmt::format("{}: {} is {} a list", where_, to_text(left.expression), lists ? "not" : "unexpectedly"));
    const auto at = std::ranges::find(plan_.measures, made);
    if (at != plan_.measures.end()) return static_cast<uint32_t>(at - plan_.measures.begin());
    plan_.measures.push_back(made);
    return static_cast<uint32_t>(plan_.measures.size() - 1);
  }

  Result<uint32_t> node(const ModelCondition& condition, PlanCondition& into) {
    using What = ModelCondition::What;
    const auto at = static_cast<uint32_t>(into.nodes.size());
    into.nodes.push_back({.what = condition.what, .compare = condition.compare, .bound = condition.bound});
    switch (condition.what) {
      case What::always: break;
      case What::all_of:
      case What::any_of:
      case What::negation:
        for (const ModelCondition& part : condition.parts) {
          TESSERA_ASSIGN(const uint32_t child, node(part, into));
          into.nodes[at].parts.push_back(child);
        }
        break;
      case What::measure: {
        TESSERA_ASSIGN(into.nodes[at].measure, measure(condition.measure));
        break;
      }
      case What::left:
      case What::right: {
        // A test for null looks at the code of the value itself.
        const bool null_test = condition.side.what == SideWhat::is_null;
        const Side& side = null_test ? condition.side.parts.at(0) : condition.side;
        TESSERA_ASSIGN(into.nodes[at].side, column(side));
        into.nodes[at].null_test = null_test;
        if (!null_test && plan_.columns[into.nodes[at].side].type != ValueType::truth)
          return fail(ErrorCode::usage, fmt::format("{}: {} is not a condition", where_, to_text(side)));
        break;
      }
    }
    return at;
  }

  // The columns of a condition and the base fields behind them.
  void look_at(const PlanCondition& condition, std::vector<ColumnId>& columns) const {
    for (const PlanCondition::Node& n : condition.nodes) {
      if (n.what == ModelCondition::What::measure) {
        const PlanMeasure& m = plan_.measures[n.measure];
        columns.insert(columns.end(), {m.left, m.right});
        if (m.what == MeasureWhat::distance_km) columns.insert(columns.end(), {m.left2, m.right2});
      }
      if (n.what == ModelCondition::What::left || n.what == ModelCondition::What::right) columns.push_back(n.side);
    }
  }
  std::vector<std::string> fields_of(std::vector<ColumnId>& columns) const {
    std::ranges::sort(columns);
    columns.erase(std::ranges::unique(columns).begin(), columns.end());
    std::vector<std::string> fields;
    for (const ColumnId c : columns) {
      if (plan_.columns[c].base) fields.push_back(plan_.columns[c].expression.text);
      for (const ColumnId base : plan_.columns[c].from) fields.push_back(plan_.columns[base].expression.text);
    }
    std::ranges::sort(fields);
    fields.erase(std::ranges::unique(fields).begin(), fields.end());
    return fields;
  }

  // The digit of the level that is equality of the value, whose u term frequency replaces; -1: none.
  static int exact_level(const PlanComparison& comparison, const ModelPlan& plan, ColumnId column) {
    for (const PlanLevel& level : comparison.levels) {
      if (level.condition.nodes.empty() || level.condition.nodes[0].what != ModelCondition::What::measure) continue;
      const PlanMeasure& m = plan.measures[level.condition.nodes[0].measure];
      if (m.what == MeasureWhat::equal && m.left == column && m.right == column) return static_cast<int>(level.digit);
    }
    return -1;
  }

  Status add_comparison(const Comparison& comparison) {
    assert(!comparison.levels.empty());
    PlanComparison made{.name = comparison.name};
    const auto scored = static_cast<unsigned>(std::ranges::count(comparison.levels, false, &Level::null_level));
    made.digits = scored + 1;
    unsigned digit = scored;
    for (const Level& level : comparison.levels) {
      where_ = fmt::format("comparison \"{}\", level \"{}\"", comparison.name, level.label);
      PlanLevel out{.null_level = level.null_level, .digit = level.null_level ? 0 : digit--};
      TESSERA_TRY(node(level.condition, out.condition));
      look_at(out.condition, made.columns);
      made.levels.push_back(std::move(out));
    }
    for (size_t i = 0; i < comparison.levels.size(); ++i) {
      const auto& wanted = comparison.levels[i].term_frequency;
      if (!wanted) continue;
      PlanFrequency frequency{.weight = wanted->weight, .minimum_u = wanted->minimum_u};
      TESSERA_ASSIGN(frequency.column, column(wanted->value));
      if (wanted->exact_detection) frequency.exact_level = exact_level(made, plan_, frequency.column);
      made.levels[i].frequency = static_cast<int>(made.frequencies.size());
      made.frequencies.push_back(frequency);
    }
    made.fields = fields_of(made.columns);
    plan_.comparisons.push_back(std::move(made));
    return {};
  }

  Status add_rules(std::span<const BlockingRule> rules, std::vector<PlanRule>& into, const char* what) {
    for (size_t i = 0; i < rules.size(); ++i) {
      where_ = fmt::format("{} {}{}", what, i + 1, rules[i].text.empty() ? "" : " (" + rules[i].text + ")");
      if (rules[i].equal.empty()) return wrong("nothing in it must be equal, so every record would meet every other");
      PlanRule made{.text = rules[i].text};
      std::vector<ColumnId> columns;
      for (const BlockingRule::Equality& equality : rules[i].equal) {
        PlanRule::Equality out{.explode = equality.explode};
        TESSERA_ASSIGN(out.left, column(equality.left));
        TESSERA_ASSIGN(out.right, column(equality.right));
        if (out.explode && plan_.columns[out.left].type != ValueType::list)
          return wrong(to_text(equality.left) + " is not a list");
        TESSERA_TRY(share_domain(out.left, out.right));
        columns.insert(columns.end(), {out.left, out.right});
        made.equal.push_back(out);
      }
      made.fields = fields_of(columns);
      TESSERA_TRY(node(rules[i].also, made.also));
      into.push_back(std::move(made));
    }
    return {};
  }

  Status lay_out_pattern() {
    unsigned shift = 0;
    for (PlanComparison& comparison : plan_.comparisons) {
      comparison.width = static_cast<unsigned>(std::bit_width(comparison.digits - 1));
      comparison.shift = shift;
      shift += comparison.width;
      if (shift > pattern_bits_max)
        return fail(ErrorCode::usage,
                    fmt::format("the comparisons have too many levels: with \"{}\" their pattern takes {} bits, "
                                "and it has {}; use fewer comparisons or levels",
                                comparison.name, shift, pattern_bits_max));
    }
    return {};
  }

  // Domains in order of their first column; lists have a domain of items beside theirs.
  void number_domains() {
    std::vector<uint32_t> number(plan_.columns.size(), UINT32_MAX), items(plan_.columns.size(), UINT32_MAX);
    for (uint32_t c = 0; c < plan_.columns.size(); ++c) {
      const uint32_t r = root(c);
      PlanColumn& made = plan_.columns[c];
      if (number[r] == UINT32_MAX) {
        number[r] = static_cast<uint32_t>(plan_.domains.size());
        plan_.domains.push_back(made.type);
        if (made.type == ValueType::list) {
          items[r] = static_cast<uint32_t>(plan_.domains.size());
          plan_.domains.push_back(ValueType::text);
        }
      }
      made.domain = number[r];
      if (made.type == ValueType::list) made.item_domain = items[r];
    }
  }

  const Model& model_;
  const std::vector<std::pair<std::string, Kind>> fields_;
  ModelPlan plan_;
  std::vector<uint32_t> parent_;  // by column: union of those that share a domain
  std::string where_;
};

}  // namespace

Result<std::vector<std::pair<std::string, Kind>>> common_fields(std::span<const Input* const> inputs) {
  std::vector<std::pair<std::string, Kind>> fields;
  for (const Input* input : inputs)
    for (const FieldSpec& field : input->fields) {
      const auto found = std::ranges::find(fields, field.name, &std::pair<std::string, Kind>::first);
      if (found == fields.end())
        fields.emplace_back(field.name, field.kind);
      else if (found->second != field.kind)
        return fail(ErrorCode::usage,
                    fmt::format("the field \"{}\" is a {} in one input and a {} in \"{}\"", field.name,
                                name_of(found->second), name_of(field.kind), input->name));
    }
  return fields;
}

Result<ModelPlan> compile_model(const Model& model, std::span<const Input* const> inputs,
                                std::span<const BlockingRule> passes, std::span<const std::string> more) {
  TESSERA_ASSIGN(auto fields, common_fields(inputs));
  return ModelCompiler(model, std::move(fields)).compile(passes, more);
}

}  // namespace tessera
