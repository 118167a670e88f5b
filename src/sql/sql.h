// sql.h: what does an SQL text say of a record, or of two?
//
//   levenshtein("surname_l", "surname_r") <= 2     a condition on a pair: levenshtein of surname, at most 2
//   l.dob = r.dob and substr(l.name, 1, 3) = ...   a blocking rule: two things that must be equal
//   lower(substring(given_name, 1, 3))             an expression of one record, in Tessera's own dialect
//
// Splink writes its models in the SQL of a database; Tessera has no database, so it understands the text: tokens, a
// tree by precedence, then the nouns of tessera/model.h. What has no counterpart there is a mistake with its place,
// never an approximation.
//
// Tessera's own dialect is for expressions in jobs and model files: each function is one kind of SideExpression,
// nothing is rewritten, and expression_text() gives a text that reads back to the same expression.
//
// Not here: what expressions and measures come to (record/expression.h, compare/); files (job/).
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tessera/job.h"
#include "tessera/model.h"

namespace tessera {

enum class SqlDialect : uint8_t { tessera, duckdb, spark, postgres, sqlite, athena };

enum class SqlSide : uint8_t { left, right };

// What is wrong with bytes [begin, end) of a text.
struct SqlMistake {
  size_t begin = 0, end = 0;
  std::string what;
  std::string help;
};

template <class T>
using SqlResult = std::expected<T, SqlMistake>;

struct SqlField {
  std::string name;
  Kind kind = Kind::text;
};

struct SqlContext {
  SqlDialect dialect = SqlDialect::duckdb;
  // The field that a column name of a side means; none: there is no such field. In expressions of one record it is
  // asked for the left side.
  std::function<std::optional<SqlField>(std::string_view name, SqlSide side)> field;
};

// A condition over columns x_l and x_r, or l.x and r.x. "ELSE" always holds.
[[nodiscard]] SqlResult<ModelCondition> read_sql_condition(std::string_view text, const SqlContext& context);

// A blocking rule over l.x and r.x. Equalities become BlockingRule::equal, the rest `also`; what is joined by "or" at
// the top becomes a rule each. `exploded`: columns of which one item must be in common.
// Ensures: every rule has an equality.
[[nodiscard]] SqlResult<std::vector<BlockingRule>> read_sql_rule(std::string_view text,
                                                                 const std::vector<std::string>& exploded,
                                                                 const SqlContext& context);

// Expressions of one record in Tessera's dialect: one for both sides, or "left ~ right".
[[nodiscard]] SqlResult<std::pair<SideExpression, SideExpression>> read_expressions(std::string_view text,
                                                                                    const SqlContext& context);

// Tessera's dialect. read_expressions() gives the same expression again.
[[nodiscard]] std::string expression_text(const SideExpression& expression);

// In DuckDB's dialect over x_l and x_r (rules: l.x and r.x); none: it has no such form.
[[nodiscard]] std::optional<std::string> duckdb_condition(const ModelCondition& condition);
[[nodiscard]] std::optional<std::string> duckdb_rule(const BlockingRule& rule);

}  // namespace tessera
