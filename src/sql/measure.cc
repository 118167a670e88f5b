// measure.cc: which comparison of a number of two records with a bound does an SQL expression make? (see measure.h)
//
// The expression is taken apart from outside: ceil(abs(months_between(a, b))) <= 1, and each layer changes the
// comparison or the bound in a way that is exact, until a measure of two values is left.
#include "sql/measure.h"

#include <cmath>

#include <fmt/format.h>

#include "base/text.h"

namespace tessera {
namespace {

using Side = SideExpression;
using SideWhat = SideExpression::What;
using Measured = Measure::What;
using Compared = SqlResult<ModelCondition>;

using TextMeasure = std::pair<std::string_view, Measured>;
constexpr TextMeasure text_measures[] = {{"jaro_similarity", Measured::jaro},
                                         {"jaro_sim", Measured::jaro},
                                         {"jaro", Measured::jaro},
                                         {"jaro_winkler_similarity", Measured::jaro_winkler},
                                         {"jaro_winkler", Measured::jaro_winkler},
                                         {"jaro_winkler_sim", Measured::jaro_winkler},
                                         {"levenshtein", Measured::levenshtein},
                                         {"levenshtein_distance", Measured::levenshtein},
                                         {"editdist3", Measured::levenshtein},
                                         {"damerau_levenshtein", Measured::damerau_levenshtein},
                                         {"jaccard", Measured::jaccard},
                                         {"jaccard_sim", Measured::jaccard}};

Side added(Side a, Side b) { return side_of(SideWhat::add, {std::move(a), std::move(b)}); }
Side times(Side a, double by) { return side_of(SideWhat::multiply, {std::move(a), side_number(by)}); }

class PairMeasures {
 public:
  explicit PairMeasures(const SideReader& reader) : reader_(reader) {}

  Compared compare(const SqlNode& e, Comparator op, double bound) const {
    if (const auto sphere = great_circle(e)) return distance(*sphere, op, bound);
    if (const auto items = best_of_items(e)) return of_items(e, *items, op, bound);
    switch (e.what) {
      case SqlNode::What::cast:
        if (e.text == "double" || e.text == "float8") return compare(e.parts[0], op, bound);
        break;
      case SqlNode::What::negate: return compare(e.parts[0], turned(op), -bound);
      case SqlNode::What::binary: return binary(e, op, bound);
      case SqlNode::What::call: return call(e, op, bound);
      default: break;
    }
    return unknown(e);
  }

  static std::unexpected<SqlMistake> unknown(const SqlNode& e) {
    if (e.what == SqlNode::What::call) {
      std::vector<std::string> known;
      for (const auto& [name, what] : text_measures) known.emplace_back(name);
      const auto near = nearest(e.text, known);
      return sql_wrong(e, fmt::format("{} of both records has no counterpart here", e.text),
                       near ? fmt::format("did you mean {}?", *near) : "docs/splink.md lists the functions that have");
    }
    return sql_wrong(e, "this looks at both records in a way that has no counterpart here",
                     "docs/splink.md lists what has");
  }

 private:
  [[nodiscard]] bool bytes() const { return reader_.context().dialect == SqlDialect::duckdb; }

  // Two values, made by `make`, of which one is of the left and one of the right record.
  template <class Make>
  SqlResult<std::pair<Side, Side>> sides(const SqlNode& e, const SqlNode& a, const SqlNode& b, Make make) const {
    const auto both = left_and_right(a, b);
    if (!both) return sql_wrong(e, "one value must be of the left record and one of the right");
    SqlResult<Side> left = make(*both->left), right = make(*both->right);
    if (!left) return std::unexpected(left.error());
    if (!right) return std::unexpected(right.error());
    return std::pair(std::move(*left), std::move(*right));
  }
  auto texts() const {
    return [this](const SqlNode& n) { return reader_.text(n); };
  }
  auto numbers() const {
    return [this](const SqlNode& n) { return reader_.number(n, true); };
  }
  auto dates() const {
    return [this](const SqlNode& n) { return reader_.date(n, true); };
  }
  auto lists() const {
    return [this](const SqlNode& n) { return reader_.list(n); };
  }

  template <class Make>
  Compared measured(Measured what, const SqlNode& e, const SqlNode& a, const SqlNode& b, Make make, Comparator op,
                    double bound) const {
    auto both = sides(e, a, b, make);
    if (!both) return std::unexpected(both.error());
    return measure_condition({.what = what, .left = std::move(both->first), .right = std::move(both->second)}, op,
                             bound);
  }

  Compared of_texts(Measured what, const SqlNode& e, Comparator op, double bound) const {
    auto out = measured(what, e, e.parts[0], e.parts[1], texts(), op, bound);
    if (!out) return out;
    out->measure.bytes = bytes();
    if (what == Measured::jaccard) out->measure.q = 1;
    return out;
  }

  Compared of_items(const SqlNode& e, const ItemPairs& items, Comparator op, double bound) const {
    for (const TextMeasure& m : text_measures) {
      if (m.first != items.function) continue;
      const bool distance = m.second == Measured::levenshtein || m.second == Measured::damerau_levenshtein;
      if (distance == items.highest) return sql_wrong(e, "the worst of all pairs of items has no counterpart here");
      auto out = measured(m.second, e, *items.left, *items.right, lists(), op, bound);
      if (!out) return out;
      out->measure.bytes = bytes();
      out->measure.best_of_items = true;
      if (m.second == Measured::jaccard) out->measure.q = 1;
      return out;
    }
    return sql_wrong(e, fmt::format("{} of items has no counterpart here", items.function));
  }

  Compared distance(const SphereNodes& sphere, Comparator op, double bound) const {
    Measure m{.what = Measured::distance_km};
    const auto put = [&](const SqlNode* node, Side& into) -> SqlResult<bool> {
      auto side = reader_.number(*node, true);
      if (!side) return std::unexpected(side.error());
      into = std::move(*side);
      return true;
    };
    m.left2.emplace();
    m.right2.emplace();
    for (const auto& [node, into] : {std::pair(sphere.latitude_left, &m.left),
                                     {sphere.latitude_right, &m.right},
                                     {sphere.longitude_left, &*m.left2},
                                     {sphere.longitude_right, &*m.right2}})
      if (auto done = put(node, *into); !done) return std::unexpected(done.error());
    const SqlDialect dialect = reader_.context().dialect;
    if (!sphere.rounded || dialect == SqlDialect::postgres ||
        dialect == SqlDialect::sqlite)  // a float is a double there
      return measure_condition(std::move(m), op, bound);
    return rounded_condition(m, op, dialect == SqlDialect::spark ? bound : static_cast<float>(bound));
  }

  Compared in_common(const SqlNode& e, const SqlNode& of, Comparator op, double bound) const {
    return measured(Measured::items_in_common, e, of.parts[0], of.parts[1], lists(), op, bound);
  }

  Compared call(const SqlNode& e, Comparator op, double bound) const {
    for (const TextMeasure& m : text_measures)
      if (e.is_call(m.first, 2)) return of_texts(m.second, e, op, bound);
    if (is_counting(e) && is_intersection(e.parts[0])) return in_common(e, e.parts[0], op, bound);
    if (e.is_call("abs", 1)) return absolute(e.parts[0], op, bound);
    if (e.is_call("ceil", 1) || e.is_call("ceiling", 1) || e.is_call("floor", 1)) return rounded(e, op, bound);
    if (e.is_call("coalesce", 2) || e.is_call("ifnull", 2)) return coalesced(e, op, bound);
    if (e.is_call("least", 2) || e.is_call("greatest", 2))
      if (const auto both = left_and_right(e.parts[0], e.parts[1])) return extreme(e, *both, op, bound);
    if ((e.text == "least" && is_least(op)) ||
        (e.text == "greatest" && !is_least(op) && op != Comparator::equal && op != Comparator::not_equal)) {
      std::vector<ModelCondition> parts;
      for (const SqlNode& part : e.parts) {
        auto each = compare(part, op, bound);
        if (!each) return each;
        parts.push_back(std::move(*each));
      }
      return any_condition(std::move(parts));
    }
    if (is_date_difference(e)) return date_difference(e, op, bound, false);
    return unknown(e);
  }

  // least(a, b) OP c, of a number of each record; null is left out, as SQL does.
  Compared extreme(const SqlNode& e, const LeftRight& both, Comparator op, double c) const {
    if (op == Comparator::not_equal || op == Comparator::equal) {
      auto low = extreme(e, both, Comparator::less_equal, c), high = extreme(e, both, Comparator::greater_equal, c);
      if (!low) return low;
      if (!high) return high;
      ModelCondition equal = all_conditions({std::move(*low), std::move(*high)});
      return op == Comparator::equal ? std::move(equal) : not_condition(std::move(equal));
    }
    auto left = reader_.number(*both.left), right = reader_.number(*both.right);
    if (!left) return std::unexpected(left.error());
    if (!right) return std::unexpected(right.error());
    const SideWhat test = op == Comparator::less         ? SideWhat::less
                          : op == Comparator::less_equal ? SideWhat::less_equal
                          : op == Comparator::greater    ? SideWhat::greater
                                                         : SideWhat::greater_equal;
    const auto l = side_condition(SqlSide::left, side_of(test, {*left, side_number(c)}));
    const auto r = side_condition(SqlSide::right, side_of(test, {*right, side_number(c)}));
    const auto no_l = side_condition(SqlSide::left, side_of(SideWhat::is_null, {std::move(*left)}));
    const auto no_r = side_condition(SqlSide::right, side_of(SideWhat::is_null, {std::move(*right)}));
    if (is_least(op) == (e.text == "least"))  // one of them is enough
      return any_condition({all_conditions({l, not_condition(no_l)}), all_conditions({r, not_condition(no_r)}),
                            all_conditions({no_l, no_r, l})});
    return all_conditions({any_condition({l, no_l}), any_condition({r, no_r}), any_condition({l, r})});
  }

  // ceil(x) <= n is x <= floor(n), and so on.
  Compared rounded(const SqlNode& e, Comparator op, double n) const {
    const bool up = e.text != "floor";
    const SqlNode& x = e.parts[0];
    switch (op) {
      case Comparator::less_equal:
        return up ? compare(x, op, std::floor(n)) : compare(x, Comparator::less, std::floor(n) + 1);
      case Comparator::less:
        return up ? compare(x, Comparator::less_equal, std::ceil(n) - 1) : compare(x, op, std::ceil(n));
      case Comparator::greater_equal:
        return up ? compare(x, Comparator::greater, std::ceil(n) - 1) : compare(x, op, std::ceil(n));
      case Comparator::greater:
        return up ? compare(x, op, std::floor(n)) : compare(x, Comparator::greater_equal, std::floor(n) + 1);
      default: return sql_wrong(e, "a rounded number of both records can be compared by < and >, not by =");
    }
  }

  // coalesce(x, c): null compares as c does.
  Compared coalesced(const SqlNode& e, Comparator op, double bound) const {
    const auto otherwise = sql_constant(e.parts[1]);
    auto inner = compare(e.parts[0], op, bound);
    if (!inner) return inner;
    if (!otherwise || inner->what != ModelCondition::What::measure)
      return sql_wrong(e, "coalesce of both records takes a measure and a number here");
    const double c = *otherwise;
    const bool holds = op == Comparator::equal        ? c == bound
                       : op == Comparator::not_equal  ? c != bound
                       : op == Comparator::less       ? c < bound
                       : op == Comparator::less_equal ? c <= bound
                       : op == Comparator::greater    ? c > bound
                                                      : c >= bound;
    const auto null_test = [&](SqlSide side) {
      return side_condition(
          side, side_of(SideWhat::is_null, {side == SqlSide::left ? inner->measure.left : inner->measure.right}));
    };
    ModelCondition left = null_test(SqlSide::left), right = null_test(SqlSide::right);
    if (holds) return any_condition({std::move(left), std::move(right), std::move(*inner)});
    return all_conditions({not_condition(std::move(left)), not_condition(std::move(right)), std::move(*inner)});
  }

  // x + c, c - x, x * c, x / c, and quotients that are measures.
  Compared binary(const SqlNode& e, Comparator op, double bound) const {
    const SqlNode &a = e.parts[0], &b = e.parts[1];
    const auto ca = sql_constant(a), cb = sql_constant(b);
    const auto shifted = [&](const SqlNode& x, Comparator o, double n, bool exact) -> Compared {
      if (!exact)
        return sql_wrong(e, "the bound cannot be written exactly without this arithmetic",
                         "write the measure alone on one side of the comparison");
      return compare(x, o, n);
    };
    if (e.text == "/" && !ca && !cb) return quotient(e, op, bound);
    // 1 - distance / length is the likeness itself.
    if (e.text == "-" && ca == 1.0 && b.is_binary("/")) {
      auto likeness = ratio(b, op, bound);
      if (likeness) return likeness;
    }
    if (e.text == "+" && cb) return shifted(a, op, bound - *cb, bound - *cb + *cb == bound);
    if (e.text == "+" && ca) return shifted(b, op, bound - *ca, bound - *ca + *ca == bound);
    if (e.text == "-" && cb) return shifted(a, op, bound + *cb, bound + *cb - *cb == bound);
    if (e.text == "-" && ca) return shifted(b, turned(op), *ca - bound, *ca - (*ca - bound) == bound);
    if ((e.text == "*" && cb && *cb > 0) || (e.text == "*" && ca && *ca > 0)) {
      const double c = cb ? *cb : *ca;
      return shifted(cb ? a : b, op, bound / c, bound / c * c == bound);
    }
    if (e.text == "/" && cb && *cb > 0) return shifted(a, op, bound * *cb, bound * *cb / *cb == bound);
    if (e.text == "-") return difference(e, op, bound, false);
    return unknown(e);
  }

  Compared quotient(const SqlNode& e, Comparator op, double bound) const {
    const SqlNode &a = e.parts[0], &b = e.parts[1];
    if (a.is_call("abs", 1) && a.parts[0].is_binary("-")) {
      const SqlNode &x = a.parts[0].parts[0], &y = a.parts[0].parts[1];
      if (is_greater_of(b, x, y)) return measured(Measured::percentage_difference, e, x, y, numbers(), op, bound);
    }
    // distance / length < p is a likeness above 1 - p.
    auto likeness = ratio(e, turned(op), 1 - bound);
    return likeness || likeness.error().help.empty() ? likeness : unknown(e);
  }

  // levenshtein(a, b) / greatest(length(a), length(b))
  Compared ratio(const SqlNode& e, Comparator op, double bound) const {
    const SqlNode* distance = &e.parts[0];
    while (distance->what == SqlNode::What::cast) distance = &distance->parts[0];
    if (!distance->is_call("levenshtein", 2) || !is_longer_length(e.parts[1], distance->parts[0], distance->parts[1]))
      return unknown(e);
    const SqlDialect dialect = reader_.context().dialect;
    if (dialect != SqlDialect::duckdb && dialect != SqlDialect::spark && distance == &e.parts[0])
      return sql_wrong(e, "a division of whole numbers is cut in this database, so this is 0 or 1");
    if (bytes())
      return sql_wrong(e,
                       "levenshtein counts bytes in DuckDB and length counts characters: their quotient has no "
                       "counterpart here");
    return measured(Measured::levenshtein_ratio, e, distance->parts[0], distance->parts[1], texts(), op, bound);
  }

  static bool is_date_difference(const SqlNode& e) {
    return e.is_call("datediff", 2) || e.is_call("date_diff", 2) || e.is_call("datediff", 3) ||
           e.is_call("date_diff", 3) || e.is_call("months_between", 2);
  }

  Compared absolute(const SqlNode& e, Comparator op, double bound) const {
    if (e.is_binary("-")) return difference(e, op, bound, true);
    if (is_date_difference(e)) return date_difference(e, op, bound, true);
    if (e.is_binary("/") && is_date_difference(e.parts[0]))
      if (const auto by = sql_constant(e.parts[1]); by && *by > 0 && bound * *by / *by == bound)
        return date_difference(e.parts[0], op, bound * *by, true);
    return unknown(e);
  }

  static bool is_seconds(const SqlNode& e) {
    return e.is_call("epoch", 1) || e.is_call("unix_timestamp", 1) || e.is_call("unix_timestamp", 2);
  }

  // a - b of one record each: numbers, dates (days), or seconds of dates and times.
  Compared difference(const SqlNode& e, Comparator op, double bound, bool absolute) const {
    const SqlNode &a = e.parts[0], &b = e.parts[1];
    const auto both = left_and_right(a, b);
    if (!both) return unknown(e);
    if (!absolute && both->turned) {
      op = turned(op);
      bound = -bound;
    }
    const auto left = reader_.value(*both->left), right = reader_.value(*both->right);
    if (!left) return std::unexpected(left.error());
    if (!right) return std::unexpected(right.error());
    if (absolute && is_seconds(a) && is_seconds(b) && a.parts.size() == 1) {
      const auto of_left = reader_.value(both->left->parts[0]), of_right = reader_.value(both->right->parts[0]);
      if (of_left && of_right && of_left->type != SqlType::time && of_right->type != SqlType::time)
        return measured(Measured::days, e, a.parts[0], b.parts[0], dates(), op, bound / 86400);
    }
    if (left->type == SqlType::date && right->type == SqlType::date)
      return measured(absolute ? Measured::days : Measured::difference, e, a, b, dates(), op, bound);
    return measured(absolute ? Measured::absolute_difference : Measured::difference, e, a, b, numbers(), op, bound);
  }

  Compared date_difference(const SqlNode& e, Comparator op, double bound, bool absolute) const {
    const bool named = e.parts.size() == 3;
    const SqlNode &a = e.parts[named ? 1 : 0], &b = e.parts[named ? 2 : 1];
    std::string unit = e.text == "months_between" ? "months" : "day";
    if (named) unit = e.parts[0].text;  // 'day', or day
    for (char& c : unit) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    if (!absolute) {
      // Spark: datediff(end, start); DuckDB: date_diff('day', start, end).
      const auto both = left_and_right(a, b);
      if (unit != "day" || !both) return sql_wrong(e, "a difference of dates is understood within abs(...)");
      const bool left_minus_right = both->turned == named;
      return measured(Measured::difference, e, a, b, dates(), left_minus_right ? op : turned(op),
                      left_minus_right ? bound : -bound);
    }
    if (unit == "day") return measured(Measured::days, e, a, b, dates(), op, bound);
    if (unit == "month") return measured(Measured::month_boundaries, e, a, b, dates(), op, bound);
    if (unit == "year") return measured(Measured::year_boundaries, e, a, b, dates(), op, bound);
    if (unit == "months") return months_between(e, op, bound);
    return sql_wrong(e, fmt::format("a difference in units of {} is not understood", unit), "day, month and year are");
  }

  // Spark: whole months where the days of the month are equal or both the last of it; else the months and the
  // difference of the days by 31.
  Compared months_between(const SqlNode& e, Comparator op, double bound) const {
    if (bound != std::floor(bound) || op == Comparator::equal || op == Comparator::not_equal)
      return sql_wrong(e, "months_between is compared with whole months by < and > here");
    auto both = sides(e, e.parts[0], e.parts[1], [this](const SqlNode& n) { return reader_.date(n); });
    if (!both) return std::unexpected(both.error());
    const auto months = [](const Side& d) {
      return added(times(side_of(SideWhat::year, {d}), 12), side_of(SideWhat::month, {d}));
    };
    const auto days = [&](const Side& d) { return added(times(months(d), 31), side_of(SideWhat::day, {d})); };
    const auto last_day = [](const Side& d) {
      return side_of(SideWhat::equal, {side_of(SideWhat::day, {added(d, side_number(1))}), side_number(1)});
    };
    const auto& [l, r] = *both;
    const ModelCondition last =
        all_conditions({side_condition(SqlSide::left, last_day(l)), side_condition(SqlSide::right, last_day(r))});
    ModelCondition whole =
        measure_condition({.what = Measured::absolute_difference, .left = months(l), .right = months(r)}, op, bound);
    ModelCondition parts =
        measure_condition({.what = Measured::absolute_difference, .left = days(l), .right = days(r)}, op, 31 * bound);
    return any_condition(
        {all_conditions({last, std::move(whole)}), all_conditions({not_condition(last), std::move(parts)})});
  }

  const SideReader& reader_;
};

}  // namespace

SqlResult<ModelCondition> compare_with_bound(const SideReader& reader, const SqlNode& e, Comparator op, double bound) {
  return PairMeasures(reader).compare(e, op, bound);
}

SqlResult<ModelCondition> pair_truth(const SideReader& reader, const SqlNode& e) {
  if (auto of_lists = list_truth(reader, e)) return std::move(*of_lists);
  return PairMeasures::unknown(e);
}

}  // namespace tessera
