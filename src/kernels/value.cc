// value.cc: how is an invalid value described?
#include "kernels/value.h"

namespace tessera {

const char* invalid_text(Invalid why) {
  switch (why) {
    case Invalid::none: return "";
    case Invalid::not_ten_digits: return "not ten digits";
    case Invalid::check_digit: return "check digit";
    case Invalid::repeated_digit: return "repeated digit";
    case Invalid::test_range: return "test range";
    case Invalid::not_a_date: return "not a date";
    case Invalid::two_digit_year: return "two-digit year";
    case Invalid::placeholder: return "placeholder";
    case Invalid::outside_window: return "outside the window";
    case Invalid::not_a_postcode: return "not a postcode";
    case Invalid::not_a_sex: return "not a sex";
    case Invalid::unknown: return "unknown";
    case Invalid::not_an_integer: return "not an integer";
    case Invalid::out_of_range: return "out of range";
    case Invalid::no_letters: return "no letters";
    case Invalid::not_a_token: return "not a token";
    case Invalid::not_a_flag: return "not a flag";
    case Invalid::not_a_filter: return "not a filter in base64";
  }
  return "";
}

}  // namespace tessera
