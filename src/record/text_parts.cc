// text_parts.cc: which part of a standardised text does a Part mean? (see text_parts.h)
#include "record/text_parts.h"

#include "kernels/name.h"
#include "kernels/soundex.h"
#include "record/words.h"

namespace tessera {

bool has_part(Kind kind, Part part) {
  if (derivable(kind, part)) return true;
  switch (part) {
    case Part::soundex:
    case Part::initial:
    case Part::first2:
    case Part::first3:
    case Part::first4:
    case Part::first_token:
    case Part::no_space:
    case Part::sorted_letters:
      return kind == Kind::name || kind == Kind::text || kind == Kind::code || kind == Kind::token;
    default: return false;
  }
}

std::string_view part_of_text(Part part, std::string_view text, std::string& buffer) {
  switch (part) {
    case Part::whole: return text;
    case Part::soundex: {
      const auto key = soundex(text);
      if (key[0] == 0) return {};
      buffer.assign(key.data(), key.size());
      return buffer;
    }
    case Part::initial: return first_characters(text, 1);
    case Part::first2: return first_characters(text, 2);
    case Part::first3: return first_characters(text, 3);
    case Part::first4: return first_characters(text, 4);
    case Part::first_token: return first_token(text);
    case Part::no_space: drop_spaces(text, buffer); return buffer;
    case Part::sorted_letters: sort_letters(text, buffer); return buffer;
    // Of a postcode of another country the leading part is the area; it has no sector or district.
    case Part::area: return first_token(text);
    case Part::but_last: return text.substr(0, text.size() - 1);
    default: return {};
  }
}

std::optional<Part> part_named(std::string_view name) {
  for (const auto& each : part_names)
    if (name == each.name) return each.value;
  return std::nullopt;
}

}  // namespace tessera
