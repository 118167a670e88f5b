// duckdb_text.cc: how would DuckDB write a condition? For models that go back to Splink.
//
// What DuckDB cannot say has no text: a soundex, a table of nicknames, a Levenshtein that swaps neighbours.
#include <array>
#include <cmath>

#include <fmt/format.h>

#include "base/text.h"
#include "sql/side.h"

namespace tessera {
namespace {

using Side = SideExpression;
using What = SideExpression::What;
using Text = std::optional<std::string>;

std::string literal(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'') out += c;
    out += c;
  }
  return out + "'";
}

class DuckdbWriter {
 public:
  explicit DuckdbWriter(bool rule) : rule_(rule) {}

  Text condition(const ModelCondition& c) const {
    using C = ModelCondition::What;
    switch (c.what) {
      case C::always: return "true";
      case C::all_of:
      case C::any_of: {
        std::vector<std::string> parts;
        for (const ModelCondition& part : c.parts) {
          const Text text = condition(part);
          if (!text) return std::nullopt;
          parts.push_back("(" + *text + ")");
        }
        return joined(parts, c.what == C::all_of ? " AND " : " OR ");
      }
      case C::negation: {
        const Text text = condition(c.parts[0]);
        return text ? Text("NOT (" + *text + ")") : std::nullopt;
      }
      case C::left: return side(c.side, 'l');
      case C::right: return side(c.side, 'r');
      case C::measure: return measure(c);
    }
    return std::nullopt;
  }

  Text equality(const Side& left, const Side& right) const {
    const Text l = side(left, 'l'), r = side(right, 'r');
    return l && r ? Text(fmt::format("{} = {}", *l, *r)) : std::nullopt;
  }

  [[nodiscard]] std::string column(const std::string& name, char of) const {
    std::string quoted;
    for (const char c : name) quoted += c == '"' ? "\"\"" : std::string(1, c);
    return rule_ ? fmt::format("{}.\"{}\"", of, quoted) : fmt::format("\"{}_{}\"", quoted, of);
  }

 private:
  static std::string_view sign(Comparator op) {
    static constexpr std::array<std::string_view, 6> signs = {"=", "<>", "<", "<=", ">", ">="};
    return signs[static_cast<size_t>(op)];
  }

  Text measure(const ModelCondition& c) const {
    using M = Measure::What;
    const Measure& m = c.measure;
    if (m.best_of_items) return std::nullopt;
    if (m.what == M::equal)
      return c.compare == Comparator::greater_equal && c.bound == 1 ? equality(m.left, m.right) : std::nullopt;
    const Text l = side(m.left, 'l'), r = side(m.right, 'r');
    if (!l || !r) return std::nullopt;
    const auto of = [&](std::string_view form) {
      return fmt::format("{} {} {}", fmt::format(fmt::runtime(form), *l, *r), sign(c.compare), c.bound);
    };
    switch (m.what) {
      case M::jaro: return of("jaro_similarity({}, {})");
      case M::jaro_winkler: return of("jaro_winkler_similarity({}, {})");
      case M::levenshtein: return of("levenshtein({}, {})");
      case M::damerau_levenshtein: return of("damerau_levenshtein({}, {})");
      case M::jaccard: return m.q == 1 ? Text(of("jaccard({}, {})")) : std::nullopt;
      case M::items_in_common: return of("array_length(list_intersect({}, {}))");
      case M::difference: return of("({} - {})");
      case M::absolute_difference: return of("abs({} - {})");
      case M::percentage_difference: return of("(abs({0} - {1}) / greatest({0}, {1}))");
      case M::days: return of("abs(date_diff('day', {}, {}))");
      case M::months: return seconds(c, *l, *r, 2'629'800);
      case M::years: return seconds(c, *l, *r, 31'557'600);
      case M::month_boundaries: return of("abs(date_diff('month', {}, {}))");
      case M::year_boundaries: return of("abs(date_diff('year', {}, {}))");
      default: return std::nullopt;
    }
  }

  static Text seconds(const ModelCondition& c, const std::string& l, const std::string& r, double unit) {
    if (c.bound * unit / unit != c.bound) return std::nullopt;
    return fmt::format("abs(epoch({}) - epoch({})) {} {}", l, r, sign(c.compare), c.bound * unit);
  }

  // f(parts), where f is as good as the same in DuckDB.
  Text side(const Side& e, char of) const {
    if (e.what == What::null) return "NULL";
    if (e.what == What::field) return column(e.text, of);
    if (e.what == What::text) return literal(e.text);
    if (e.what == What::number) return fmt::format("{}", e.number);
    std::vector<std::string> parts;
    for (const Side& part : e.parts) {
      const Text text = side(part, of);
      if (!text) return std::nullopt;
      parts.push_back(*text);
    }
    const auto call = [&](std::string_view name) { return fmt::format("{}({})", name, joined(parts)); };
    const auto between = [&](std::string_view op) { return "(" + joined(parts, op) + ")"; };
    switch (e.what) {
      case What::part: return part_of(e, parts[0]);
      case What::lower: return call("lower");
      case What::upper: return call("upper");
      case What::trim: return call("trim");
      case What::concat: return between(" || ");
      case What::substring: return call("substring");
      case What::left: return call("left");
      case What::right: return call("right");
      case What::replace: return call("replace");
      case What::split_part: return call("split_part");
      case What::regexp_extract: return fmt::format("regexp_extract({}, {}, {})", parts[0], literal(e.text), e.number);
      case What::regexp_replace: return fmt::format("regexp_replace({}, {}, {})", parts[0], literal(e.text), parts[1]);
      case What::to_text: return fmt::format("CAST({} AS VARCHAR)", parts[0]);
      case What::to_number: return fmt::format("TRY_CAST({} AS DOUBLE)", parts[0]);
      case What::date_of: return fmt::format("CAST({} AS DATE)", parts[0]);
      case What::parse_date:
        if (e.text.contains("%:z")) return std::nullopt;
        return fmt::format("try_strptime({}, {})", parts[0], literal(e.text));
      case What::format_date: return fmt::format("strftime({}, {})", parts[0], literal(e.text));
      case What::seconds: return call("epoch");
      case What::year: return call("year");
      case What::month: return call("month");
      case What::day: return call("day");
      case What::length: return call("length");
      case What::add: return between(" + ");
      case What::subtract: return between(" - ");
      case What::multiply: return between(" * ");
      case What::divide: return between(" / ");
      case What::negative: return "(-" + parts[0] + ")";
      case What::absolute: return call("abs");
      case What::round: return call("round");
      case What::floor: return call("floor");
      case What::ceiling: return call("ceil");
      case What::greatest: return call("greatest");
      case What::least: return call("least");
      case What::tokens: return fmt::format("list_distinct(string_split({}, ' '))", parts[0]);
      case What::split: return call("string_split");
      case What::count_of: return call("array_length");
      case What::coalesce: return call("coalesce");
      case What::null_if: return call("nullif");
      case What::is_null: return parts[0] + " IS NULL";
      case What::equal: return between(" = ");
      case What::not_equal: return between(" <> ");
      case What::less: return between(" < ");
      case What::less_equal: return between(" <= ");
      case What::greater: return between(" > ");
      case What::greater_equal: return between(" >= ");
      case What::like: return fmt::format("({} LIKE {})", parts[0], literal(e.text));
      case What::all_of: return between(" AND ");
      case What::any_of: return between(" OR ");
      case What::negation: return "(NOT " + parts[0] + ")";
      case What::in: {
        const std::string first = parts[0];
        parts.erase(parts.begin());
        return fmt::format("({} IN ({}))", first, joined(parts));
      }
      case What::choose: {
        std::string out = "CASE";
        for (size_t i = 0; i + 1 < parts.size(); i += 2) out += fmt::format(" WHEN {} THEN {}", parts[i], parts[i + 1]);
        if (parts.size() % 2 == 1) out += " ELSE " + parts.back();
        return out + " END";
      }
      default: return std::nullopt;
    }
  }

  // Parts of names and postcodes that a few letters give; the word that Tessera has made has one space.
  static Text part_of(const Side& e, const std::string& of) {
    if (e.text == "initial") return fmt::format("left({}, 1)", of);
    if (e.text.size() == 6 && e.text.starts_with("first")) return fmt::format("left({}, {})", of, e.text[5]);
    if (e.text == "first-token") return fmt::format("split_part({}, ' ', 1)", of);
    if (e.text == "no-space") return fmt::format("replace({}, ' ', '')", of);
    if (e.text == "sector") return fmt::format("left({0}, length({0}) - 2)", of);
    if (e.text == "but-last") return fmt::format("left({0}, length({0}) - 1)", of);
    if (e.text == "district") return fmt::format("split_part({}, ' ', 1)", of);
    if (e.text == "area") return fmt::format("regexp_extract({}, '^[A-Z]+', 0)", of);
    if (e.text == "year" || e.text == "month" || e.text == "day") return fmt::format("{}({})", e.text, of);
    return std::nullopt;
  }

  bool rule_;
};

}  // namespace

std::optional<std::string> duckdb_condition(const ModelCondition& condition) {
  return DuckdbWriter(false).condition(condition);
}

std::optional<std::string> duckdb_rule(const BlockingRule& rule) {
  const DuckdbWriter writer(true);
  std::vector<std::string> parts;
  for (const BlockingRule::Equality& equality : rule.equal) {
    // Items are exploded by Splink itself, by the name of the column.
    const bool exploded = equality.explode && equality.left.what == What::tokens && equality.right == equality.left &&
                          equality.left.parts[0].what == What::field;
    if (equality.explode && !exploded) return std::nullopt;
    const auto text = exploded ? writer.equality(equality.left.parts[0], equality.right.parts[0])
                               : writer.equality(equality.left, equality.right);
    if (!text) return std::nullopt;
    parts.push_back("(" + *text + ")");
  }
  if (rule.also.what != ModelCondition::What::always) {
    const auto text = writer.condition(rule.also);
    if (!text) return std::nullopt;
    parts.push_back("(" + *text + ")");
  }
  return joined(parts, " AND ");
}

}  // namespace tessera
