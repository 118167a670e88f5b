// sex.h: male or female?
//
//   1 M male man boy    -> 1       2 F female woman girl -> 2
//   0 3 8 9 X U I, "not known", "not specified" ... -> 0, unknown
//
// Codes 1, 2, 9 (not specified) and 0 (not known): NHS Data Dictionary, PERSON GENDER CODE.
// A letter of any case; a leading zero ("01") is passed over.
#pragma once

#include <cstdint>
#include <string_view>

#include "kernels/value.h"

namespace tessera {

[[nodiscard]] Value sex(std::string_view text);  // without spaces around it; empty: {0, none}
[[nodiscard]] Value sex(int64_t code);

}  // namespace tessera
