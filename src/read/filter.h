// filter.h: which rows does `where` keep?
//
// Logic has three values, as in SQL: a comparison with null is unknown, so is
// its negation, and only rows for which the whole is true are kept.
//
//   age < 18 or sex = '2'      null, '2' -> unknown or true  -> kept
//   not (age < 18)             null      -> not unknown      -> left out
//
// A literal written without quotes compares as a number: text is parsed, and text
// that is not a number is unknown. A quoted literal compares as text: numbers by
// their decimal digits, days as 2024-12-31, whose order is the order of time.
// With a dictionary each distinct value is judged once.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "read/scratch.h"
#include "tessera/job.h"

namespace tessera {

class RowFilter {
 public:
  // `names[i]` is the column that test() finds at index i; every column of the
  // filter is among them.
  RowFilter(const Filter& filter, const std::vector<std::string>& names);

  enum class Truth : uint8_t { no, yes, unknown };

  // Writes the verdict on each row. From one thread at a time for each `Work`.
  struct Work {
    std::deque<Buffer<Truth>> levels;
    Buffer<Truth> distinct;
    std::string text;
  };
  void test(const std::vector<RawColumn>& columns, size_t rows, Truth* verdict, Work& work) const;

 private:
  struct Literal {
    std::string text;
    bool numeric = false;
    double number = 0;
    int64_t integer = 0;
    bool whole = false;  // `integer` is the exact value
  };
  struct Node {
    Filter::Op op = Filter::Op::eq;
    size_t column = 0;
    std::vector<Literal> literals;
    std::vector<Node> children;
  };

  static Node compile(const Filter& filter, const std::vector<std::string>& names);
  static void test_node(const Node& node, const std::vector<RawColumn>& columns, size_t rows, Truth* verdict,
                        Work& work, size_t depth);
  static void test_leaf(const Node& node, const RawColumn& column, size_t rows, Truth* verdict, Work& work);
  static Truth test_text(const Node& node, std::string_view text);
  static Truth test_number(const Node& node, int64_t number, bool day, std::string& text);

  Node root_;
};

// Every column that a filter names.
void columns_of(const Filter& filter, std::vector<std::string>& names);

}  // namespace tessera
