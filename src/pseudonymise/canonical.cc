#include "pseudonymise/canonical.h"

#include <fmt/format.h>

#include <cassert>
#include <iterator>

#include "record/text_parts.h"
#include "record/word_text.h"
#include "record/words.h"

namespace tessera {
namespace {

// Written by hand: fmt would be most of the time of a token.
void append_digits(std::string& out, unsigned number, size_t count) {
  const size_t at = out.size();
  out.resize(at + count);
  for (size_t i = count; i-- > 0; number /= 10) out[at + i] = static_cast<char>('0' + number % 10);
}

void append_date(Part part, uint64_t word, std::string& out) {
  const bool year = part == Part::whole || part == Part::year || part == Part::year_month || part == Part::year_day;
  const bool month = part == Part::whole || part == Part::month || part == Part::year_month || part == Part::month_day;
  const bool day = part == Part::whole || part == Part::day || part == Part::year_day || part == Part::month_day;
  if (year) append_digits(out, year_of(word), 4);
  if (!year) out += '-';
  if (month || day) out += '-';
  if (month) append_digits(out, month_of(word), 2);
  if (day) {
    out += '-';
    if (!month && year) out += '-';
    append_digits(out, day_of(word), 2);
  }
}

void append_postcode(uint64_t word, std::string& out) {
  const size_t begin = out.size();
  for (int shift = 56; shift >= 0; shift -= 8) {
    const char c = static_cast<char>(word >> shift);
    if (c == 0) break;
    if (c != ' ' || out.back() != ' ') out += c;
  }
  while (out.size() > begin && out.back() == ' ') out.pop_back();
}

std::string_view text_of_word(uint64_t word, const LongTexts& texts, char* buffer) {
  if (!is_long_word(word)) return short_word_text(word, buffer);
  const std::string_view text = texts.find(word);
  assert(text.data() != nullptr && "the standardiser keeps the texts of long words");
  return text;
}

}  // namespace

uint64_t token_source(const TokenSpec& token, Kind kind, uint64_t whole) {
  if (!token.swapped) return derive_word(kind, token.part, whole);
  const unsigned month = month_of(whole), day = day_of(whole);
  return full_date(whole) && day <= 12 && day != month ? date_word(year_of(whole), day, month) : 0;
}

void append_canonical(const TokenSpec& token, Kind kind, uint64_t word, uint64_t whole, const LongTexts& texts,
                      std::string& out) {
  assert(word != 0);
  char buffer[word_text_bytes];
  switch (kind) {
    case Kind::date: return append_date(token.part, word, out);
    case Kind::sex: out += word == 1 ? '1' : '2'; return;
    case Kind::nhs_number:
    case Kind::integer: out += word_text(kind, word, buffer); return;
    case Kind::postcode:
      if (is_british(whole)) return append_postcode(word, out);
      [[fallthrough]];
    default: {
      const std::string_view text = text_of_word(whole, texts, buffer);
      std::string part;
      out += part_of_text(token.part, text, part);
    }
  }
}

}  // namespace tessera
