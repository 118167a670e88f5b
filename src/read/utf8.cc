// utf8.cc: UTF-8 validity, by simdjson.
#include "read/utf8.h"

#include <simdjson.h>

namespace tessera {

bool is_utf8(std::string_view text) {
  return is_ascii(text.data(), text.size()) || simdjson::validate_utf8(text.data(), text.size());
}

}  // namespace tessera
