// short_text.h: how does a short text lie in a register?
#pragma once

namespace tessera {

// A text of 1 to 16 ASCII characters without NUL, padded with NUL: for kernels that take many at a time.
struct alignas(16) ShortText {
  char bytes[16] = {};
};

}  // namespace tessera
