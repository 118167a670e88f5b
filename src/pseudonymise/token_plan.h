// token_plan.h: which tokens does a list of passes need, and what does a pass become on them?
//
//   rank 3   nhs_number, sex, dob:partial, postcode
//
//   tokens   nhs_number  sex  postcode  dob  dob.swapped  dob.year-month  dob.year-day  dob.month-day
//   on them  nhs_number, sex, postcode, any of dob.year-month | dob.year-day | dob.month-day | dob ~ dob.swapped
//
//   rank 21  given_name, dob:month-day, dob within 1 year
//
//   tokens   given_name  dob.month-day  dob.within-1-years.rank-21.from+0  ...to-1  ...to+0  ...to+1
//   on them  given_name, dob.month-day, any of from+0 ~ to-1 | from+0 ~ to+0 | from+0 ~ to+1
//
// Each word that a term compares is one token, and words that are compared with one another ("given_name ~ other_name",
// "dob ~ dob.swapped") share a namespace, which is a key: then equal tokens mean equal values, and nothing else compares.
// The names of namespaces follow from the passes alone, so two parties with the same passes get the same.
// A small difference is kept by equality of moved values. Alone they would tell the order of all values; so each is hashed
// with the tokens of the pass's other terms, and says nothing about rows that disagree in any of these. To cover -n to n
// with few columns, the from side is moved by the little steps and the to side by the large ones: with n = 10, 3 and 7.
// What looks inside a value (likeness, large differences) cannot be kept.
//
// "unless" is answered before the tokens are made, and carried as a flag.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "tessera/error.h"
#include "tessera/job.h"

namespace tessera {

// Of a difference: the value and this, hashed with the tokens of the columns `beside`; null where one of them is.
struct MovedBy {
  Term::Unit unit = Term::Unit::number;
  int64_t by = 0;
  std::vector<std::string> beside;
};

struct TokenSpec {
  std::string name;  // of the column: dob, dob.year-month, dob.swapped
  std::string field;
  Part part = Part::whole;
  bool swapped = false;    // of a date: day and month exchanged; null if that is no date, or the same
  std::string space;       // namespace
  std::vector<int> ranks;  // that it serves
  std::optional<MovedBy> moved{};
};

// The largest difference that tokens can keep: 31 conditions of the 64 that a list of passes may have.
inline constexpr int64_t moved_max = 15;

struct FlagSpec {
  std::string name;  // of the column: dob.january-1, postcode.zz99, postcode.communal
  Unless unless;
};

struct TokenPlan {
  std::vector<TokenSpec> tokens;  // in the order of their names
  std::vector<FlagSpec> flags;
};

// Fails: usage (2) for a pass that cannot be kept, or that needs a token of `forbid` ("dob:year-month", "dob:swapped").
[[nodiscard]] Result<TokenPlan> plan_tokens(std::span<const Pass> passes, std::span<const std::string> forbid);

// "dob", Part::year_month -> "dob.year-month"
[[nodiscard]] std::string token_name(const std::string& field, Part part);
[[nodiscard]] std::string flag_name(const Unless& unless);

// Whether the condition holds for a word of its field; of a list, for whether the value is on it.
[[nodiscard]] bool flag_holds(const Unless& unless, uint64_t word);

// Whether the term compares encoded filters, which data sets of tokens may have beside them.
[[nodiscard]] bool is_of_filters(const Term& term);

// The term, of that pass, on tokens: fields are names of tokens. Fails: usage (2), naming the rank.
[[nodiscard]] Result<Term> term_on_tokens(const Term& term, const Pass& pass);

// What somebody without the key can learn from a column of this token.
[[nodiscard]] std::string reveals(const TokenSpec& token, Kind kind);

}  // namespace tessera
