// nhs_number.cc: is this an NHS number that a person may have? (see nhs_number.h)
#include "kernels/nhs_number.h"

#include <array>

#include "kernels/swar.h"

namespace tessera {

namespace {

constexpr uint64_t repeated_unit = 1111111111, nobody_unit = 1000000001, test_first = 9990000000;

bool belongs_to_nobody(uint64_t number) {
  return number % repeated_unit == 0 || (number % nobody_unit == 0 && number <= 9 * nobody_unit);
}

// The order of the questions decides which reason is given.
Value judge(uint64_t number, unsigned sum, bool allow_test_range, bool may_be_nobodys) {
  if (may_be_nobodys && belongs_to_nobody(number)) [[unlikely]]
    return {0, Invalid::repeated_digit};
  if (sum % 11 != 0) [[unlikely]]
    return {0, Invalid::check_digit};
  if (number >= test_first && !allow_test_range) [[unlikely]]
    return {0, Invalid::test_range};
  return {number, Invalid::none};
}

// Products of four 16-bit lanes, summed in the highest lane by one multiplication.
constexpr uint64_t lane_sum(uint64_t lanes, uint64_t w0, uint64_t w1, uint64_t w2, uint64_t w3) {
  return lanes * (w3 | w2 << 16 | w1 << 32 | w0 << 48) >> 48;
}

// Ten characters side by side.
Value ten_digits(const char* at, bool allow_test_range) {
  const uint64_t head = swar::load(at) ^ swar::ones * '0';
  const unsigned ninth = static_cast<unsigned char>(at[8]) - unsigned{'0'};
  const unsigned tenth = static_cast<unsigned char>(at[9]) - unsigned{'0'};
  if ((((head + swar::ones * 0x76) | head) & swar::tops) != 0 || ninth > 9 || tenth > 9) [[unlikely]]
    return {0, Invalid::not_ten_digits};
  constexpr uint64_t even = 0x00ff00ff00ff00ff;
  const uint64_t sum = lane_sum(head & even, 10, 8, 6, 4) + lane_sum(head >> 8 & even, 9, 7, 5, 3);
  const uint64_t number = swar::number(head) * 100 + ninth * 10 + tenth;
  // In numbers of one digit, or of zeros within, the digits before the last are equal: no division for the rest.
  const bool may_be_nobodys = head >> 56 == ninth && head >> 48 == ninth * 0x0101;
  return judge(number, static_cast<unsigned>(sum) + 2 * ninth + tenth, allow_test_range, may_be_nobodys);
}

// Weighted sums of three digits, modulo 11, for the weights (first, first - 1, first - 2).
constexpr std::array<uint8_t, 1000> sums_from(unsigned first) {
  std::array<uint8_t, 1000> sums{};
  for (unsigned i = 0; i < 1000; ++i)
    sums[i] = static_cast<uint8_t>((i / 100 * first + i / 10 % 10 * (first - 1) + i % 10 * (first - 2)) % 11);
  return sums;
}
constexpr auto sums_9 = sums_from(9), sums_6 = sums_from(6), sums_3 = sums_from(3);

}  // namespace

Value nhs_number(std::string_view text, bool allow_test_range) {
  if (text.size() == 10) {
    const Value value = ten_digits(text.data(), allow_test_range);
    if (value.why != Invalid::not_ten_digits) return value;
  }
  char digits[10];
  size_t count = 0;
  for (const char c : text) {
    if (swar::is_space(c) || c == '-') continue;
    if (c < '0' || c > '9' || count == 10) return {0, Invalid::not_ten_digits};
    digits[count++] = c;
  }
  if (count == 10) return ten_digits(digits, allow_test_range);
  return {0, count == 0 ? Invalid::none : Invalid::not_ten_digits};
}

Value nhs_number(int64_t number, bool allow_test_range) {
  if (number < 1000000000 || number > 9999999999) return {0, Invalid::not_ten_digits};
  const auto n = static_cast<uint64_t>(number);
  const auto high = static_cast<uint32_t>(n / 1000000), low = static_cast<uint32_t>(n % 1000000);  // 4 and 6 digits
  const unsigned sum = high / 1000 * 10 + sums_9[high % 1000] + sums_6[low / 1000] + sums_3[low % 1000];
  return judge(n, sum, allow_test_range, true);
}

}  // namespace tessera
