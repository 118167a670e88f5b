#include "pseudonymise/date_tokens.h"

#include <charconv>
#include <chrono>
#include <string>

#include "pseudonymise/canonical.h"
#include "record/words.h"

namespace tessera {
namespace {

constexpr unsigned years_max = 400;

// Of "1950-12-31"; 0: it is none.
unsigned year_in(const std::string& date) {
  unsigned year = 0;
  std::from_chars(date.data(), date.data() + date.size(), year);
  return year;
}

unsigned next_year() {
  const std::chrono::year_month_day today(std::chrono::floor<std::chrono::days>(std::chrono::system_clock::now()));
  return static_cast<unsigned>(static_cast<int>(today.year())) + 1;
}

}  // namespace

std::unique_ptr<const DateTokens> DateTokens::make(const TokenSpec& token, const FieldSpec& field,
                                                   const TokenKey& key) {
  const unsigned first = year_in(field.date_min);
  const unsigned last = field.date_max.empty() ? next_year() : year_in(field.date_max);
  if (first == 0 || last < first || last - first > years_max) return nullptr;
  std::unique_ptr<DateTokens> out(new DateTokens);
  const bool has_year = token.part != Part::month && token.part != Part::day && token.part != Part::month_day;
  out->base_ = has_year ? date_word(first, 0, 0) : 0;
  const size_t places = date_word(has_year ? last + 1 : 1, 0, 0) - out->base_;
  out->tokens_.resize(places);
  out->there_.resize(places);
  std::string text;
  const LongTexts none;
  for (unsigned year = first; year <= last; ++year)
    for (unsigned month = 0; month <= 12; ++month)  // 0: not known
      for (unsigned day = 0; day <= 31; ++day) {
        const uint64_t whole = date_word(year, month, day);
        const uint64_t word = token_source(token, Kind::date, whole);
        if (word == 0 || out->has(word)) continue;
        text.clear();
        append_canonical(token, Kind::date, word, whole, none, text);
        out->tokens_[out->place(word)] = key.token(text);
        out->there_[out->place(word)] = true;
      }
  return out;
}

}  // namespace tessera
