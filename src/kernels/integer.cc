// integer.cc: which whole number does a text mean? (see integer.h)
#include "kernels/integer.h"

#include <charconv>

namespace tessera {

Value integer(int64_t number) {
  constexpr int64_t limit = int64_t{1} << 61;
  if (number < -limit || number > limit) return {0, Invalid::out_of_range};
  return {static_cast<uint64_t>(number + (int64_t{1} << 62)), Invalid::none};
}

Value integer(std::string_view text) {
  if (text.empty()) return {0, Invalid::none};
  const bool plus = text.front() == '+';
  const std::string_view digits = text.substr(plus ? 1 : 0);
  if (digits.empty() || (plus && digits.front() == '-')) return {0, Invalid::not_an_integer};
  int64_t number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (end != digits.data() + digits.size() || error == std::errc::invalid_argument) return {0, Invalid::not_an_integer};
  return error == std::errc::result_out_of_range ? Value{0, Invalid::out_of_range} : integer(number);
}

}  // namespace tessera
