// name.h: how is a name, a text or a code written so that spellings of one thing are equal?
//
//   fold_name   "Mrs. Zoë O'Brien-Smith"  -> "ZOE OBRIEN SMITH"
//   tidy_text   " 10  Downing   street "  -> "10 DOWNING STREET"
//   tidy_code   " rx1 02"                 -> "RX102"
//
// Each replaces `out`, a buffer that the caller keeps. Rules: docs/standardise.md.
#pragma once

#include <string>
#include <string_view>

namespace tessera {

// Capitals, accents folded; apostrophes and other punctuation left out, hyphens and
// , / ; & + _ | become spaces, spaces collapsed. Titles at the front go while another
// word remains, if asked.
void fold_name(std::string_view text, bool drop_titles, std::string& out);

// Capitals, accents kept; white space collapsed and trimmed.
void tidy_text(std::string_view text, std::string& out);

// Capitals, accents kept; without white space.
void tidy_code(std::string_view text, std::string& out);

// A postcode of another country: as tidy_text, and a run of spaces and hyphens is one space.
void tidy_postcode(std::string_view text, std::string& out);

// Up to its first space.
[[nodiscard]] std::string_view first_token(std::string_view text);

// Its first characters (of UTF-8; a byte that is none counts as one).
[[nodiscard]] std::string_view first_characters(std::string_view text, unsigned count);

// Without its spaces.
void drop_spaces(std::string_view text, std::string& out);

// Its characters in ascending order, without spaces.
void sort_letters(std::string_view text, std::string& out);

}  // namespace tessera
