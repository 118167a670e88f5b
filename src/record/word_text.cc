// word_text.cc: what does a word say, written out? (see word_text.h)
#include "record/word_text.h"

#include <charconv>
#include <chrono>
#include <limits>

#include "record/long_texts.h"
#include "record/words.h"

namespace tessera {

namespace {

char* put_digits(char* at, size_t count, uint64_t number) {
  for (size_t i = count; i-- > 0; number /= 10) at[i] = static_cast<char>('0' + number % 10);
  return at + count;
}

std::string_view date_text(uint64_t word, char* buffer) {
  char* at = put_digits(buffer, 4, year_of(word));
  *at++ = '-';
  at = put_digits(at, 2, month_of(word));
  *at++ = '-';
  at = put_digits(at, 2, day_of(word));
  return {buffer, 10};
}

// "M1   1AE" -> "M1 1AE"; a text of another country as it is.
std::string_view postcode_text(uint64_t word, char* buffer) {
  if (!is_british(word)) return short_word_text(word, buffer);
  char* at = buffer;
  for (int shift = 56; shift >= 0; shift -= 8) {
    const char c = static_cast<char>(word >> shift);
    if (c != ' ' || at[-1] != ' ') *at++ = c;
  }
  return {buffer, static_cast<size_t>(at - buffer)};
}

}  // namespace

std::string_view word_text(Kind kind, uint64_t word, char* buffer) {
  switch (kind) {
    case Kind::nhs_number: put_digits(buffer, 10, word); return {buffer, 10};
    case Kind::date: return date_text(word, buffer);
    case Kind::sex: return word == 1 ? "M" : "F";
    case Kind::postcode: return postcode_text(word, buffer);
    case Kind::integer: {
      const auto value = static_cast<int64_t>(word - integer_bias);
      return {buffer, static_cast<size_t>(std::to_chars(buffer, buffer + word_text_bytes, value).ptr - buffer)};
    }
    default: return short_word_text(word, buffer);
  }
}

double word_number(Kind kind, uint64_t word) {
  if (kind == Kind::integer) return static_cast<double>(static_cast<int64_t>(word - integer_bias));
  if (kind != Kind::date || !full_date(word)) return std::numeric_limits<double>::quiet_NaN();
  const std::chrono::year_month_day date{std::chrono::year(static_cast<int>(year_of(word))),
                                         std::chrono::month(month_of(word)), std::chrono::day(day_of(word))};
  return static_cast<double>(std::chrono::sys_days(date).time_since_epoch().count());
}

}  // namespace tessera
