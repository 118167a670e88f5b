// integer.h: which whole number does a text mean?
#pragma once

#include <cstdint>
#include <string_view>

#include "kernels/value.h"

namespace tessera {

// An optional sign and digits, without spaces around them. The word is the number + 2^62.
// Beyond +-2^61: out_of_range. Empty: {0, none}.
[[nodiscard]] Value integer(std::string_view text);
[[nodiscard]] Value integer(int64_t number);

}  // namespace tessera
