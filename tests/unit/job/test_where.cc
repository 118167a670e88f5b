// Which rows does a `where` keep? Held against a plain three-valued evaluation, as SQL has it.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <functional>
#include <map>
#include <optional>

#include "jobs.h"

namespace tessera {
namespace {

// The filter as a text, to see its shape.
std::string told(const Filter& filter) {
  using Op = Filter::Op;
  static const std::map<Op, std::string> names = {
      {Op::eq, "="},       {Op::ne, "!="},        {Op::lt, "<"},
      {Op::le, "<="},      {Op::gt, ">"},         {Op::ge, ">="},
      {Op::in, "in"},      {Op::is_null, "null"}, {Op::is_not_null, "there"},
      {Op::all_of, "and"}, {Op::any_of, "or"},    {Op::negate, "not"}};
  std::string out = "(" + names.at(filter.op);
  if (!filter.column.empty()) out += " " + filter.column;
  for (size_t i = 0; i < filter.values.size(); ++i)
    out += filter.numeric[i] ? " " + filter.values[i] : " '" + filter.values[i] + "'";
  for (const Filter& child : filter.children) out += " " + told(child);
  return out + ")";
}

std::string quoted(const std::string& where) {
  std::string out;
  for (const char c : where) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out;
}

std::string job_with(const std::string& where) {
  return changed(R"("id": "EPIKEY",)", R"("id": "EPIKEY", "where": ")" + quoted(where) + "\",");
}

std::optional<Filter> filter_of(const std::string& where) {
  const auto job = finish(parse_job("jobs/mine.json", job_with(where), false));
  return job ? job->inputs[0].where : std::nullopt;
}

std::string shape(const std::string& where) {
  const auto filter = filter_of(where);
  return filter ? told(*filter) : complaint(job_with(where));
}

TEST(Where, Reads) {
  EXPECT_EQ(shape("A = '21'"), "(= A '21')");
  EXPECT_EQ(shape("AGE >= 18"), "(>= AGE 18)");
  EXPECT_EQ(shape("AGE <> -1.5"), "(!= AGE -1.5)");
  EXPECT_EQ(shape("A = 'it''s'"), "(= A 'it's')");
  EXPECT_EQ(shape("\"Adm meth\" = '1'"), "(= Adm meth '1')");
  EXPECT_EQ(shape("\"a\"\"b\" is null"), "(null a\"b)");
  EXPECT_EQ(shape("A is not null"), "(there A)");
  EXPECT_EQ(shape("SEX IN ('1', '2')"), "(in SEX '1' '2')");
  EXPECT_EQ(shape("A = 1 and B = 2 and C = 3"), "(and (= A 1) (= B 2) (= C 3))");
  EXPECT_EQ(shape("A = 1 or B = 2 and C = 3"), "(or (= A 1) (and (= B 2) (= C 3)))");
  EXPECT_EQ(shape("(A = 1 or B = 2) and C = 3"), "(and (or (= A 1) (= B 2)) (= C 3))");
  EXPECT_EQ(shape("SEX in (1)"), "(in SEX 1)");
  EXPECT_EQ(shape("ADMIMETH = '21' and (SEX in ('1','2') or DISDATE is null) and AGE >= 18 and not EPITYPE = '3'"),
            "(and (= ADMIMETH '21') (or (in SEX '1' '2') (null DISDATE)) (>= AGE 18) (!= EPITYPE '3'))");
}

TEST(Where, NotIsPushedDown) {
  EXPECT_EQ(shape("not A = 1"), "(!= A 1)");
  EXPECT_EQ(shape("not (A = 1 and B < 2)"), "(or (!= A 1) (>= B 2))");
  EXPECT_EQ(shape("not (A = 1 or not B < 2)"), "(and (!= A 1) (< B 2))");
  EXPECT_EQ(shape("not A is null"), "(there A)");
  EXPECT_EQ(shape("A not in ('x')"), "(and (there A) (not (in A 'x')))");
  EXPECT_EQ(shape("not A not in ('x')"), "(in A 'x')");
}

TEST(Where, MistakesAreToldAtTheirColumn) {
  const auto at = [](const std::string& where, const std::string& marker, const std::string& words) {
    const std::string text = job_with(where), message = complaint(text);
    const size_t line = text.rfind('\n', text.find(R"("where")")) + 1;
    const size_t start = text.find(R"("where": ")") + 10;
    const size_t place =
        start + quoted(where.substr(0, marker.empty() ? where.size() : where.rfind(marker))).size() - line + 1;
    EXPECT_NE(message.find("mine.json:4:" + std::to_string(place) + ": "), std::string::npos) << where << "\n"
                                                                                              << place << "\n"
                                                                                              << message;
    EXPECT_NE(message.find(words), std::string::npos) << where << "\n" << message;
  };
  at("A == 1", "==", "equality is written =");
  at("A = B", "B", "a value is expected here");
  at("A = 1 B", "B", "this does not follow");
  at("A = 1 and", "", "ends too early");
  at("(A = 1", "", "a ) is missing");
  at("A in 1", "1", "in needs a list");
  at("A in ('1' '2')", "'2'", "a , or ) is missing");
  at("A = null", "null", "write is null");
  at("A is 1", "1", "only null or not null");
  at("A = 'x", "'x", "a ' is never closed");
  at("\"A = 1", "\"A", "a \" is never closed");
  at("\"A b\" ~ 1", "~", "a comparison is expected");
  at("21A = 1", "21A", "a column is expected");
  at("and = 1", "and", "a column is expected");
  at("", "", "ends too early");
  at("A = 1 and " + std::string(100, '(') + "B = 1", std::string(35, '('), "nested too deeply");
}

// Three-valued logic on expressions that the test writes itself: none is unknown.
using Truth = std::optional<bool>;
using Row = std::map<std::string, std::optional<int>>;

struct Expression {
  std::string text;
  std::function<Truth(const Row&)> value;
};

Expression random_expression(int depth) {
  const int choice = *rc::gen::inRange(0, depth > 0 ? 7 : 4);
  const std::string column(1, static_cast<char>('A' + *rc::gen::inRange(0, 3)));
  const int literal = *rc::gen::inRange(0, 4);
  const auto compare = [&](const char* symbol, auto op) {
    return Expression{column + " " + symbol + " " + std::to_string(literal),
                      [column, literal, op](const Row& row) -> Truth {
                        const auto value = row.at(column);
                        return value ? Truth(op(*value, literal)) : std::nullopt;
                      }};
  };
  switch (choice) {
    case 0: return compare("=", std::equal_to<>());
    case 1: return compare("<", std::less<>());
    case 2: return {column + " is null", [column](const Row& row) -> Truth { return !row.at(column).has_value(); }};
    case 3:
      return {column + " not in (1, 2)", [column](const Row& row) -> Truth {
                const auto value = row.at(column);
                return value ? Truth(*value != 1 && *value != 2) : std::nullopt;
              }};
    case 4: {
      const Expression a = random_expression(depth - 1);
      return {"not (" + a.text + ")", [a](const Row& row) -> Truth {
                const Truth value = a.value(row);
                return value ? Truth(!*value) : std::nullopt;
              }};
    }
    default: {
      const Expression a = random_expression(depth - 1), b = random_expression(depth - 1);
      const bool conjunction = choice == 5;
      return {"(" + a.text + (conjunction ? " and " : " or ") + b.text + ")",
              [a, b, conjunction](const Row& row) -> Truth {
                const Truth x = a.value(row), y = b.value(row);
                if (x == !conjunction || y == !conjunction) return !conjunction;
                return x && y ? Truth(conjunction) : std::nullopt;
              }};
    }
  }
}

// What a reader does: two-valued, null is false.
bool kept(const Filter& filter, const Row& row) {
  using Op = Filter::Op;
  const auto any = [&](const Filter& child) { return kept(child, row); };
  if (filter.op == Op::all_of) return std::all_of(filter.children.begin(), filter.children.end(), any);
  if (filter.op == Op::any_of) return std::any_of(filter.children.begin(), filter.children.end(), any);
  if (filter.op == Op::negate) return !kept(filter.children.at(0), row);
  const auto value = row.at(filter.column);
  if (filter.op == Op::is_null) return !value;
  if (filter.op == Op::is_not_null) return value.has_value();
  if (!value) return false;
  const auto literal = [&](size_t i) { return std::stoi(filter.values.at(i)); };
  switch (filter.op) {
    case Op::eq: return *value == literal(0);
    case Op::ne: return *value != literal(0);
    case Op::lt: return *value < literal(0);
    case Op::ge: return *value >= literal(0);
    case Op::in: return *value == literal(0) || *value == literal(1);
    default: ADD_FAILURE(); return false;
  }
}

RC_GTEST_PROP(Where, AgreesWithSql, ()) {
  const Expression expression = random_expression(4);
  const auto filter = filter_of(expression.text);
  RC_ASSERT(filter.has_value());
  for (int i = 0; i < 125; ++i) {
    Row row;
    int code = i;
    for (const char* column : {"A", "B", "C"}) {
      row[column] = code % 5 == 4 ? std::nullopt : std::optional(code % 5);
      code /= 5;
    }
    RC_ASSERT(kept(*filter, row) == (expression.value(row) == true));
  }
}

}  // namespace
}  // namespace tessera
