// mistakes.h: what becomes of a right value when people type, guess, or do not ask?
//
// Each takes a draw and changes a value in place; how often is the caller's business.
#pragma once

#include <array>
#include <cstdint>

#include "generate/names.h"
#include "generate/place.h"

namespace tessera::generate_detail {

// Decimal digits of a number, with leading zeros.
void put_digits(char* out, uint64_t value, unsigned digits);

// "ddmmyyyy" and "yyyy-mm-dd" of a day, and "yyyymmdd".
void put_ddmmyyyy(char* out, int32_t day);
void put_iso(char* out, int32_t day);
void put_yyyymmdd(char* out, int32_t day);

// Another day: day and month swapped, a digit of the day or of the month wrong, a year too far, the
// century, or 1 January of the same year for someone of whom only the year is known. Never the same day,
// always a date; not after `latest`.
[[nodiscard]] int32_t wrong_birth(int32_t day, int32_t latest, uint64_t draw);

// A digit changed or two neighbours swapped, so that the check digit is wrong.
[[nodiscard]] uint64_t wrong_nhs_number(uint64_t number, uint64_t draw);

// A letter or digit replaced by its neighbour on the keyboard or its like (O for 0), two inward letters
// swapped. Nearly always another text; it may be a postcode or not.
void mistype_postcode(Postcode&, uint64_t draw);

// A letter left out, doubled, changed, or swapped with the next; letters beyond ASCII lose their marks.
void mistype_name(Name&, uint64_t draw);

}  // namespace tessera::generate_detail
