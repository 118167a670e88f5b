// fields.h: how does a value that somebody typed reach a row?
//
// What the registers and the lists have in common: each takes a column, what is true, how often that goes wrong, and a
// draw.
#pragma once

#include <cstdint>

#include "generate/country.h"
#include "generate/mistakes.h"
#include "generate/table.h"

namespace tessera::generate_detail {

// Ten digits, with leading zeros.
inline void put_number(Rows& rows, size_t column, bool present, uint64_t value) {
  char text[10];
  put_digits(text, value, 10);
  present ? rows.text(column, {text, 10}) : rows.null_text(column);
}

// With one space, "M1 1AE".
inline void put_postcode(Rows& rows, size_t column, bool present, const Postcode& postcode) {
  char text[8];
  present ? rows.text(column, {text, single_spaced(postcode, text)}) : rows.null_text(column);
}

inline void put_name(Rows& rows, size_t column, Name name, double mistake_rate, uint64_t draw) {
  if (chance(draw, mistake_rate)) mistype_name(name, mix(draw));
  rows.text(column, name.view());
}

[[nodiscard]] inline char sex_of(const Person& p, double wrong_rate, uint64_t draw) {
  return p.female != chance(draw, wrong_rate) ? '2' : '1';
}

[[nodiscard]] inline int32_t birth_of(const Country& country, const Person& p, double wrong_rate, uint64_t draw) {
  return chance(draw, wrong_rate) ? wrong_birth(p.birth, country.end_day(), mix(draw)) : p.birth;
}

}  // namespace tessera::generate_detail
