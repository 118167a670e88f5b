// side.h: what does a part of an SQL expression say of one record? Private to the room.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "sql/sql.h"
#include "sql/tree.h"

namespace tessera {

enum class SqlType : uint8_t { null, text, number, date, time, truth, list };

struct SqlValue {
  SideExpression expression;
  SqlType type = SqlType::text;
  // A field as it stands: it can be taken for a text, and for what its kind says.
  std::optional<Kind> field{};
};

// Turns trees into expressions of one record. Each function fails with a mistake at the node.
class SideReader {
 public:
  explicit SideReader(const SqlContext& context) : context_(context) {}

  [[nodiscard]] SqlResult<SqlValue> value(const SqlNode& node) const;
  [[nodiscard]] SqlResult<SideExpression> text(const SqlNode& node) const { return as_text(value(node), node); }
  // A field of whole numbers or dates stays bare with `bare`: measures take its number.
  [[nodiscard]] SqlResult<SideExpression> number(const SqlNode& node, bool bare = false) const {
    return as_number(value(node), node, bare);
  }
  [[nodiscard]] SqlResult<SideExpression> date(const SqlNode& node, bool bare = false) const {
    return as_date(value(node), node, bare);
  }
  [[nodiscard]] SqlResult<SideExpression> list(const SqlNode& node) const { return as_list(value(node), node); }
  [[nodiscard]] SqlResult<SideExpression> truth(const SqlNode& node) const { return as_truth(value(node), node); }
  // Both sides of =, as one type.
  [[nodiscard]] SqlResult<std::pair<SideExpression, SideExpression>> alike(const SqlNode& a, const SqlNode& b) const;
  [[nodiscard]] const SqlContext& context() const { return context_; }

 private:
  using Parts = std::vector<SideExpression>;
  // A value as one of a type. Fails as the value did, or where it cannot be one.
  static SqlResult<SideExpression> as_text(SqlResult<SqlValue> v, const SqlNode& node);
  static SqlResult<SideExpression> as_number(SqlResult<SqlValue> v, const SqlNode& node, bool bare = false);
  static SqlResult<SideExpression> as_date(SqlResult<SqlValue> v, const SqlNode& node, bool bare = false);
  static SqlResult<SideExpression> as_list(SqlResult<SqlValue> v, const SqlNode& node);
  static SqlResult<SideExpression> as_truth(SqlResult<SqlValue> v, const SqlNode& node);
  SqlResult<SqlValue> column(const SqlNode& node) const;
  SqlResult<SqlValue> cast(const SqlNode& node) const;
  SqlResult<SqlValue> call(const SqlNode& node) const;
  SqlResult<SqlValue> text_call(const SqlNode& node) const;
  SqlResult<SqlValue> number_call(const SqlNode& node) const;
  SqlResult<SqlValue> date_call(const SqlNode& node) const;
  SqlResult<SqlValue> choice_call(const SqlNode& node) const;
  SqlResult<SqlValue> list_call(const SqlNode& node) const;
  SqlResult<SqlValue> arithmetic(const SqlNode& node) const;
  SqlResult<SqlValue> test(const SqlNode& node) const;
  SqlResult<SqlValue> item(const SqlNode& node, bool from_one = false) const;
  SqlResult<SqlValue> choice(const SqlNode& node) const;
  SqlResult<SqlValue> substring(const SqlNode& node) const;
  SqlResult<SqlValue> extract(const SqlNode& node) const;
  SqlResult<SqlValue> parsed(const SqlNode& node, const SqlNode& text, const std::string& format, bool date_only) const;
  // The parts as values of one type: the first that is not null says which.
  SqlResult<std::pair<Parts, SqlType>> of_one_type(std::span<const SqlNode> nodes) const;
  SqlResult<Parts> texts(std::span<const SqlNode> nodes) const;
  SqlResult<Parts> numbers(std::span<const SqlNode> nodes) const;

  const SqlContext& context_;
};

inline SideExpression side_of(SideExpression::What what, std::vector<SideExpression> parts, std::string text = {},
                              double number = 0) {
  return {.what = what, .text = std::move(text), .number = number, .parts = std::move(parts)};
}
inline SideExpression side_text(std::string_view text) {
  return {.what = SideExpression::What::text, .text = std::string(text)};
}
inline SideExpression side_number(double number) { return {.what = SideExpression::What::number, .number = number}; }

inline std::unexpected<SqlMistake> sql_wrong(const SqlNode& node, std::string what, std::string help = {}) {
  return std::unexpected(SqlMistake{node.begin, node.end, std::move(what), std::move(help)});
}

// A number that needs no record, as 86400 * 3 or floor(86400.0 / 86400).
[[nodiscard]] std::optional<double> sql_constant(const SqlNode& node);

// dates.cc: the strptime format of a Java pattern (Spark) or a template (Postgres); empty: it has none.
[[nodiscard]] std::string strptime_format(std::string_view pattern, SqlDialect dialect);
[[nodiscard]] bool has_time(std::string_view strptime_format);
// How many characters a date of this layout has when each number has all its digits; none: it depends on the date.
[[nodiscard]] std::optional<double> fixed_width(std::string_view strptime_format);
// Days since 1970-01-01 of YYYY-MM-DD.
[[nodiscard]] std::optional<double> days_of(std::string_view date);

}  // namespace tessera
