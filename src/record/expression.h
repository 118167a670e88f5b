// expression.h: what does an expression make of one record?
//
//   substring(lower(surname), 1, 3)     "OKAFOR" -> "oka"      null -> null
//   year(dob) < 1950                    1949-12-31 -> true     null -> unknown
//
// An expression is compiled once: its fields are numbered, its types found and checked, its regular expressions and
// date formats made ready. It is then evaluated for each distinct value of its field, or for each record if it reads
// several; so it is written to be read, not to be fast.
//
// Types. A field is a text; one of kind date or integer is also a number, taken where a number is wanted: by
// arithmetic, by < and its like between two such fields, and in comparison with numbers. Nothing else changes its
// type on its own: to_number, to_text, date_of say so. Truths are true, false, or unknown, which is null; as in SQL
// null and false is false, null or true is true.
//
// Numbers are doubles. What is not a number (0 / 0, the log of nothing) is null; x / 0 is infinite, as in DuckDB 2.
//
// Not here: where values come from and lie (values.h), SQL and other spellings of expressions.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "record/values.h"
#include "tessera/error.h"
#include "tessera/job.h"
#include "tessera/model.h"

namespace tessera {

// A field of one record.
struct FieldValue {
  Kind kind = Kind::text;
  std::string_view text;  // canonical: dates as 1950-12-31 (00 for a part that is missing), postcodes with one space
  double number = 0;      // days since 1970-01-01 of a full date, or the integer, else NaN
  uint64_t word = 0;      // as in record/words.h
  bool null = true;
};

// What an expression comes to. Of the members after `type` the one that it names counts, unless null.
struct Scalar {
  bool null = true;
  ValueType type = ValueType::text;
  std::string text;
  double number = 0;
  bool truth = false;
  std::vector<std::string> items;
};

class Expression {
 public:
  // `kind_of` gives the kind of a field, none: there is no such field.
  // Fails: usage (2) for a field that is not there, a wrong number of parts or type of a part, a part that the kind
  // does not have, a regular expression or format that is none.
  static Result<Expression> compile(const SideExpression& expression,
                                    const std::function<std::optional<Kind>(const std::string& field)>& kind_of);

  // The fields that it reads, in order of first use, each once.
  [[nodiscard]] const std::vector<std::string>& fields() const;
  [[nodiscard]] ValueType type() const;

  // Requires: `fields` in the order of fields(). Replaces `out`, whose buffers are used again. From any thread.
  void evaluate(std::span<const FieldValue> fields, Scalar& out) const;

  struct Program;  // expression_program.h

 private:
  std::shared_ptr<const Program> program_;
};

// For people: soundex(family_name), substring(surname, 1, 3), year(dob) < 1950.
[[nodiscard]] std::string to_text(const SideExpression& expression);

}  // namespace tessera
