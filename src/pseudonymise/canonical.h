// canonical.h: as which text does a value go into a token?
//
//   nhs_number  9434765919           date   1950-03-01; year 1950, month --03, day ---01,
//   sex         1 or 2                      year-month 1950-03, year-day 1950---01, month-day --03-01
//   postcode    SW1A 2AA; sector SW1A 2, district SW1A, area SW, but-last SW1A 2A
//   integer     -17                  name, text, code, token and parts of them: the standardised text, UTF-8
//
// The forms of dates are those of ISO 8601:1988, so that the text of one part is never that of another. Two values of a
// namespace have one text just if their words are equal.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "pseudonymise/token_plan.h"
#include "record/long_texts.h"

namespace tessera {

// The word that the token stands for, from the whole word of its field; of a part of a text, which no word tells, 0.
[[nodiscard]] uint64_t token_source(const TokenSpec& token, Kind kind, uint64_t whole);

// Appends the text of a value to `out`. `word`: of the part; `whole`: of the field; `texts`: behind long words.
// Requires: word is not 0.
void append_canonical(const TokenSpec& token, Kind kind, uint64_t word, uint64_t whole, const LongTexts& texts,
                      std::string& out);

}  // namespace tessera
