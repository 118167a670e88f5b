// sex.h: male or female?
//
//   1 M male man boy    -> 1       2 F female woman girl -> 2
//   0 3 8 9 X U I, "not known", "not specified" ... -> 0, unknown
//
// Codes 1, 2, 9 (not specified) and 0 (not known): NHS Data Dictionary, PERSON GENDER CODE.
// A letter of any case; a leading zero ("01") is passed over.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "kernels/value.h"

namespace tessera {

extern const std::array<Value, 256> sex_of_character;
[[nodiscard]] Value sex_of_word(std::string_view text);

// Requires: no spaces around it. Empty: {0, none}.
[[nodiscard]] inline Value sex(std::string_view text) {
  if (text.size() == 1) [[likely]]
    return sex_of_character[static_cast<unsigned char>(text[0])];
  return sex_of_word(text);
}
[[nodiscard]] Value sex(int64_t code);

}  // namespace tessera
