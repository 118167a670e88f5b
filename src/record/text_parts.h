// text_parts.h: which part of a standardised text does a Part mean?
//
//   soundex OKAFOR -> O216     first-token ANNA MARIA -> ANNA     sorted-letters ANNA -> AANN
//
// Shared by passes, which compare words of parts, and by models, which look inside them: both mean the same.
// Not here: parts that follow from a word, of dates and British postcodes (derive_word in words.h).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "tessera/job.h"

namespace tessera {

// Whether a field of this kind has the part at all.
[[nodiscard]] bool has_part(Kind kind, Part part);

// The part of a text, a view into it or into `buffer`; empty: it has none. Of a postcode of another country the area
// is its leading part. Requires: the text is not empty, and not a date nor a British postcode.
[[nodiscard]] std::string_view part_of_text(Part part, std::string_view text, std::string& buffer);

// How a part is written: year-month, first-token ...
template <class E>
struct Named {
  const char* name;
  E value;
};
inline constexpr Named<Part> part_names[] = {{"whole", Part::whole},
                                             {"year", Part::year},
                                             {"month", Part::month},
                                             {"day", Part::day},
                                             {"year-month", Part::year_month},
                                             {"year-day", Part::year_day},
                                             {"month-day", Part::month_day},
                                             {"sector", Part::sector},
                                             {"district", Part::district},
                                             {"area", Part::area},
                                             {"but-last", Part::but_last},
                                             {"soundex", Part::soundex},
                                             {"initial", Part::initial},
                                             {"first2", Part::first2},
                                             {"first3", Part::first3},
                                             {"first4", Part::first4},
                                             {"first-token", Part::first_token},
                                             {"no-space", Part::no_space},
                                             {"sorted-letters", Part::sorted_letters}};
[[nodiscard]] std::optional<Part> part_named(std::string_view name);

}  // namespace tessera
