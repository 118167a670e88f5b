// value.h: what does a kernel say about a raw value?
//
// Its word (laid out as record/words.h tells), or 0 and why not. A value that is
// there but says that nothing is known ("X" for a sex) is invalid too: `unknown`.
#pragma once

#include <cstddef>
#include <cstdint>

namespace tessera {

enum class Invalid : uint8_t {
  none,  // the word is good; or, with word 0, there was nothing to read
  not_ten_digits,
  check_digit,
  repeated_digit,
  test_range,
  not_a_date,
  two_digit_year,
  placeholder,
  outside_window,
  not_a_postcode,
  not_a_sex,
  unknown,
  not_an_integer,
  out_of_range,
  no_letters,
  not_a_token,
  not_a_flag,
  not_a_filter,
};
inline constexpr size_t invalid_count = 18;

// For profiles and messages: "check digit", "not ten digits" ...
const char* invalid_text(Invalid);

struct Value {
  uint64_t word = 0;
  Invalid why = Invalid::none;
  friend bool operator==(const Value&, const Value&) = default;
};

}  // namespace tessera
