// tree.h: how do the parts of an SQL expression hang together? Private to the room.
//
//   a + b * c >= 2    binary ">="  -  binary "+"  -  column a
//                        |              `-  binary "*"  -  column b, column c
//                        `-  number 2
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sql/sql.h"

namespace tessera {

struct SqlNode {
  enum class What : uint8_t {
    column,  // text: its name as written; table: what stands before the dot
    number,
    text,
    null,
    truth,   // number: 1 or 0
    call,    // text: the function, in small letters
    cast,    // text: the type, in small letters
    negate,  // -x
    negation,
    binary,  // text: or and = <> < <= > >= || + - * / %
    choice,  // case: condition, value, ..., [otherwise]; odd number of parts: with otherwise
    in,      // value, choices ...
    like,    // text: like or ilike
    is_null,
    item,    // x[i]
    list,    // [a, b]
    lambda,  // text: names, joined by a comma; parts: body
  };
  What what = What::null;
  std::string text;
  std::string table;
  double number = 0;
  std::vector<SqlNode> parts;
  unsigned sides = 0;    // 1: it looks at the left record, 2: at the right one
  bool grouped = false;  // stood in parentheses
  size_t begin = 0, end = 0;
  // Same but for places and parentheses.
  [[nodiscard]] bool same_as(const SqlNode& other) const;
  [[nodiscard]] bool is_call(std::string_view name, size_t count) const {
    return what == What::call && text == name && parts.size() == count;
  }
  [[nodiscard]] bool is_binary(std::string_view op) const { return what == What::binary && text == op; }
};

// The whole text as one expression; with `two`, as one or as two with ~ between.
[[nodiscard]] SqlResult<std::vector<SqlNode>> parse_sql(std::string_view text, SqlDialect dialect, bool two = false);

}  // namespace tessera
