#include "pseudonymise/moved_column.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "kernels/date.h"
#include "record/words.h"

namespace tessera {
namespace {

// What a difference is of: the year, the day, the number; as compare/ has it.
std::optional<int64_t> moved_value(Term::Unit unit, Kind kind, uint64_t whole) {
  if (kind == Kind::integer)
    return whole == 0 ? std::nullopt : std::optional(static_cast<int64_t>(whole - integer_bias));
  if (unit == Term::Unit::years) return year_of(whole) == 0 ? std::nullopt : std::optional<int64_t>(year_of(whole));
  return full_date(whole) ? std::optional<int64_t>(day_number(whole)) : std::nullopt;
}

}  // namespace

void MovedColumn::make(std::span<const uint64_t> whole, std::span<const TokenColumn* const> beside) {
  const size_t rows = whole.size();
  present_.resize(rows);
  tokens_.assign(rows, Token{});
  texts_.clear();
  for (size_t i = 0; i < rows; ++i) {
    const auto value = moved_value(token_.moved->unit, kind_, whole[i]);
    present_[i] =
        value && std::ranges::all_of(beside, [&](const TokenColumn* other) { return other->present()[i] != 0; });
    if (present_[i] == 0) continue;
    for (const TokenColumn* other : beside)
      texts_.text.append(reinterpret_cast<const char*>(other->token(i).data()), token_bytes);
    char digits[24];
    const uint64_t moved = static_cast<uint64_t>(*value) + static_cast<uint64_t>(token_.moved->by);
    texts_.text.append(digits, std::to_chars(digits, digits + sizeof digits, static_cast<int64_t>(moved)).ptr);
    texts_.end();
  }
  const std::span<const Token> made = texts_.hash(key_);
  for (size_t i = 0, at = 0; i < rows; ++i)
    if (present_[i] != 0) tokens_[i] = made[at++];
}

}  // namespace tessera
