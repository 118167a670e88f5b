// filter.cc: judging rows, a column at a time.
#include "read/filter.h"

#include <algorithm>
#include <cassert>
#include <charconv>
#include <chrono>
#include <cmath>

namespace tessera {

namespace {

using Truth = RowFilter::Truth;

constexpr Truth truth(bool yes) { return yes ? Truth::yes : Truth::no; }

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

// A number as text: whole numbers exactly, others as double. Neither "inf" nor "nan" is a number.
struct Parsed {
  bool number = false;
  bool whole = false;
  int64_t integer = 0;
  double value = 0;
};

Parsed parse(std::string_view text) {
  text = trimmed(text);
  if (!text.empty() && text.front() == '+') text.remove_prefix(1);
  Parsed parsed;
  const char* end = text.data() + text.size();
  if (const auto got = std::from_chars(text.data(), end, parsed.integer); got.ec == std::errc() && got.ptr == end) {
    parsed.number = parsed.whole = true;
    parsed.value = static_cast<double>(parsed.integer);
    return parsed;
  }
  if (const auto got = std::from_chars(text.data(), end, parsed.value); got.ec == std::errc() && got.ptr == end) {
    parsed.number = std::isfinite(parsed.value);
  }
  return parsed;
}

bool holds(Filter::Op op, auto order) {
  switch (op) {
    case Filter::Op::eq:
    case Filter::Op::in: return order == 0;
    case Filter::Op::ne: return order != 0;
    case Filter::Op::lt: return order < 0;
    case Filter::Op::le: return order <= 0;
    case Filter::Op::gt: return order > 0;
    case Filter::Op::ge: return order >= 0;
    default: assert(false && "not a comparison"); return false;
  }
}

std::string_view iso_date(int64_t day, std::string& text) {
  const std::chrono::year_month_day date{std::chrono::sys_days{std::chrono::days{static_cast<int32_t>(day)}}};
  const int year = static_cast<int>(date.year());
  const auto month = static_cast<unsigned>(date.month());
  const auto of_month = static_cast<unsigned>(date.day());
  text.clear();
  if (day < -719528 || day > 2932896) return text = std::to_string(day);  // beyond years 0 to 9999: no such text
  for (const int scale : {1000, 100, 10, 1}) text += static_cast<char>('0' + year / scale % 10);
  text += '-';
  text += static_cast<char>('0' + month / 10);
  text += static_cast<char>('0' + month % 10);
  text += '-';
  text += static_cast<char>('0' + of_month / 10);
  text += static_cast<char>('0' + of_month % 10);
  return text;
}

}  // namespace

RowFilter::RowFilter(const Filter& filter, const std::vector<std::string>& names) : root_(compile(filter, names)) {}

RowFilter::Node RowFilter::compile(const Filter& filter, const std::vector<std::string>& names) {
  Node node;
  node.op = filter.op;
  for (const Filter& child : filter.children) node.children.push_back(compile(child, names));
  if (!filter.children.empty() || filter.column.empty()) return node;
  const auto at = std::ranges::find(names, filter.column);
  assert(at != names.end() && "a column of the filter is not read");
  node.column = static_cast<size_t>(at - names.begin());
  for (size_t i = 0; i < filter.values.size(); ++i) {
    Literal literal;
    literal.text = filter.values[i];
    literal.numeric = i < filter.numeric.size() && filter.numeric[i];
    if (literal.numeric) {
      const Parsed parsed = parse(literal.text);
      literal.number = parsed.value;
      literal.integer = parsed.integer;
      literal.whole = parsed.whole;
    }
    node.literals.push_back(std::move(literal));
  }
  return node;
}

// A value against the literals of a node: one, or the list of `in`, which is yes
// if one is equal, else unknown if one could not be compared.
template <class Compare>
static Truth against(const auto& literals, Compare&& compare) {
  Truth all = Truth::no;
  for (const auto& literal : literals) {
    const Truth one = compare(literal);
    if (one == Truth::yes) return one;
    if (one == Truth::unknown) all = one;
  }
  return all;
}

RowFilter::Truth RowFilter::test_text(const Node& node, std::string_view text) {
  Parsed parsed;
  bool tried = false;
  return against(node.literals, [&](const Literal& literal) {
    if (!literal.numeric) return truth(holds(node.op, text.compare(literal.text)));
    if (!tried) parsed = parse(text);
    tried = true;
    if (!parsed.number) return Truth::unknown;
    if (parsed.whole && literal.whole) return truth(holds(node.op, parsed.integer <=> literal.integer));
    return truth(holds(node.op, parsed.value <=> literal.number));
  });
}

RowFilter::Truth RowFilter::test_number(const Node& node, int64_t number, bool day, std::string& text) {
  return against(node.literals, [&](const Literal& literal) {
    if (literal.numeric) {
      if (day) return Truth::unknown;  // a date is not a number
      if (literal.whole) return truth(holds(node.op, number <=> literal.integer));
      return truth(holds(node.op, static_cast<double>(number) <=> literal.number));
    }
    if (day) return truth(holds(node.op, iso_date(number, text).compare(literal.text)));
    // Digits compare as text for equality; for order, what a person means is the number.
    if (node.op == Filter::Op::eq || node.op == Filter::Op::ne || node.op == Filter::Op::in) {
      char digits[24];
      const auto end = std::to_chars(digits, digits + sizeof digits, number);
      return truth(
          holds(node.op, std::string_view(digits, static_cast<size_t>(end.ptr - digits)).compare(literal.text)));
    }
    const Parsed parsed = parse(literal.text);
    if (!parsed.number) return Truth::unknown;
    if (parsed.whole) return truth(holds(node.op, number <=> parsed.integer));
    return truth(holds(node.op, static_cast<double>(number) <=> parsed.value));
  });
}

void RowFilter::test_leaf(const Node& node, const RawColumn& column, size_t rows, Truth* verdict, Work& work) {
  if (node.op == Filter::Op::is_null || node.op == Filter::Op::is_not_null) {
    const bool wanted = node.op == Filter::Op::is_null;
    for (size_t i = 0; i < rows; ++i) verdict[i] = truth(column.null(i) == wanted);
    return;
  }
  if (column.form != RawColumn::Form::text) {
    const bool day = column.form == RawColumn::Form::day;
    for (size_t i = 0; i < rows; ++i) {
      verdict[i] = column.null(i) ? Truth::unknown : test_number(node, column.numbers[i], day, work.text);
    }
    return;
  }
  if (column.indices.empty() || column.texts.size() > rows) {
    for (size_t i = 0; i < rows; ++i) {
      const std::string_view text = column.text(i);
      verdict[i] = text.data() == nullptr ? Truth::unknown : test_text(node, text);
    }
    return;
  }
  Truth* distinct = work.distinct.take(column.texts.size());
  for (size_t i = 0; i < column.texts.size(); ++i) distinct[i] = test_text(node, column.texts[i]);
  for (size_t i = 0; i < rows; ++i) {
    const int32_t index = column.indices[i];
    verdict[i] = index < 0 ? Truth::unknown : distinct[index];
  }
}

void RowFilter::test_node(const Node& node, const std::vector<RawColumn>& columns, size_t rows, Truth* verdict,
                          Work& work, size_t depth) {
  using enum Filter::Op;
  if (node.op != all_of && node.op != any_of && node.op != negate) {
    return test_leaf(node, columns[node.column], rows, verdict, work);
  }
  // What decides: one no of `all_of`, one yes of `any_of`; then unknown, then the rest.
  const Truth decides = node.op == any_of ? Truth::yes : Truth::no;
  std::fill_n(verdict, rows, decides == Truth::yes ? Truth::no : Truth::yes);
  while (work.levels.size() <= depth) work.levels.emplace_back();
  for (const Node& child : node.children) {
    Truth* own = work.levels[depth].take(rows);
    test_node(child, columns, rows, own, work, depth + 1);
    for (size_t i = 0; i < rows; ++i) {
      if (own[i] == decides || (own[i] == Truth::unknown && verdict[i] != decides)) verdict[i] = own[i];
    }
  }
  if (node.op != negate) return;
  for (size_t i = 0; i < rows; ++i) {
    if (verdict[i] != Truth::unknown) verdict[i] = truth(verdict[i] == Truth::no);
  }
}

void RowFilter::test(const std::vector<RawColumn>& columns, size_t rows, Truth* verdict, Work& work) const {
  test_node(root_, columns, rows, verdict, work, 0);
}

void columns_of(const Filter& filter, std::vector<std::string>& names) {
  if (!filter.column.empty()) names.push_back(filter.column);
  for (const Filter& child : filter.children) columns_of(child, names);
}

}  // namespace tessera
