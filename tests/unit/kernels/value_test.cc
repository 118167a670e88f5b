// NHS numbers, postcodes, sexes and integers: the rules of docs/standardise.md by example.
#include <gtest/gtest.h>

#include <string>

#include "kernels/integer.h"
#include "kernels/nhs_number.h"
#include "kernels/postcode.h"
#include "kernels/sex.h"
#include "kernels/swar.h"

using namespace tessera;

namespace {

Value invalid(Invalid why) { return {0, why}; }

std::string form_of(std::string_view text) {
  uint64_t word = postcode(text).word;
  std::string form;
  for (; word != 0; word <<= 8) form += static_cast<char>(word >> 56);
  return form;
}

}  // namespace

TEST(NhsNumber, IsTenDigitsWithTheRightCheckDigit) {
  EXPECT_EQ(nhs_number("9434765919", false), (Value{9434765919, Invalid::none}));
  EXPECT_EQ(nhs_number("943 476 5919", false).word, 9434765919u);
  EXPECT_EQ(nhs_number("943-476-5919", false).word, 9434765919u);
  EXPECT_EQ(nhs_number(int64_t{9434765919}, false).word, 9434765919u);
  EXPECT_EQ(nhs_number("9434765918", false), invalid(Invalid::check_digit));
  EXPECT_EQ(nhs_number("943476591", false), invalid(Invalid::not_ten_digits));
  EXPECT_EQ(nhs_number("94347659190", false), invalid(Invalid::not_ten_digits));
  EXPECT_EQ(nhs_number("943476591O", false), invalid(Invalid::not_ten_digits));
  EXPECT_EQ(nhs_number(int64_t{434765919}, false), invalid(Invalid::not_ten_digits));
  EXPECT_EQ(nhs_number(int64_t{-9434765919}, false), invalid(Invalid::not_ten_digits));
}

TEST(NhsNumber, WithACheckDigitOfTenIsNone) {
  // 10x4 + 9x0 ... : the nine digits 400000001 give a sum of 42, so a check digit of 2;
  // 987654321 gives 330 and 0; 400000006 gives 52 and 3; 400000005 gives 50 and 5;
  // 400000004 gives 48 and 7; 400000002 gives 44 and 0; 400000008 gives 56 and 10.
  EXPECT_EQ(nhs_number("4000000012", false).word, 4000000012u);
  EXPECT_EQ(nhs_number("9876543210", false).word, 9876543210u);
  for (char last = '0'; last <= '9'; ++last)
    EXPECT_EQ(nhs_number(std::string("400000008") + last, false), invalid(Invalid::check_digit));
}

TEST(NhsNumber, OfOneDigitOrOneAndZeroesBelongsToNobody) {
  for (char digit = '0'; digit <= '9'; ++digit) {
    EXPECT_EQ(nhs_number(std::string(10, digit), true), invalid(Invalid::repeated_digit));
    EXPECT_EQ(nhs_number(digit + std::string(8, '0') + digit, true), invalid(Invalid::repeated_digit));
  }
}

TEST(NhsNumber, OfTheTestRangeNeedsTheSetting) {
  EXPECT_EQ(nhs_number("9990000018", false), invalid(Invalid::test_range));
  EXPECT_EQ(nhs_number("9990000018", true).word, 9990000018u);
  EXPECT_EQ(nhs_number(int64_t{9990000018}, false), invalid(Invalid::test_range));
}

TEST(Postcode, HasOneFixedFormOfEightCharacters) {
  EXPECT_EQ(form_of("SW1A 2AA"), "SW1A 2AA");
  EXPECT_EQ(form_of("sw1a2aa"), "SW1A 2AA");
  for (const char* text : {"M1   1AE", "M1  1AE", "M1 1AE", "M11AE", "m1 1ae", "M 1 1 A E"})
    EXPECT_EQ(form_of(text), "M1   1AE") << text;
  EXPECT_EQ(form_of("M60 1NW"), "M60  1NW");
  EXPECT_EQ(form_of("CR2 6XH"), "CR2  6XH");
  EXPECT_EQ(form_of("DN55 1PT"), "DN55 1PT");
  EXPECT_EQ(form_of("W1P 1HQ"), "W1P  1HQ");
  EXPECT_EQ(form_of("GIR 0AA"), "GIR  0AA");
}

TEST(Postcode, OfAnotherLayoutIsNone) {
  for (const char* text : {"LS1", "SW1A", "1AA 1AA", "SWIA 2AA", "SW1A 2A", "SW1A 22A", "SW1A 2AAA", "GIX 0AA",
                           "GIR 0AZ", "GIR 1AA", "A", "M1-1AE",
                           "SW1A\xc2\xa0"
                           "2AA",
                           "ABC1 2DE"})
    EXPECT_EQ(postcode(text), invalid(Invalid::not_a_postcode)) << text;
  EXPECT_EQ(postcode(""), Value{});
}

TEST(Postcode, KnowsPseudoCodes) {
  EXPECT_TRUE(is_zz99(postcode("ZZ99 3VZ").word));
  EXPECT_TRUE(is_zz99(postcode("zz993cz").word));
  EXPECT_FALSE(is_zz99(postcode("ZZ9 9AA").word));
  EXPECT_FALSE(is_zz99(postcode("SW1A 2AA").word));
}

TEST(Sex, IsReadFromCodesAndWords) {
  for (const char* text : {"1", "01", "M", "m", "Male", "MAN", "boy"}) EXPECT_EQ(sex(text).word, 1u) << text;
  for (const char* text : {"2", "02", "F", "f", "fEMALE", "woman", "GIRL"}) EXPECT_EQ(sex(text).word, 2u) << text;
  for (const char* text : {"0", "9", "x", "U", "unknown", "Not Specified"})
    EXPECT_EQ(sex(text), invalid(Invalid::unknown)) << text;
  for (const char* text : {"5", "Z", "12", "MF", "malee"}) EXPECT_EQ(sex(text), invalid(Invalid::not_a_sex)) << text;
  EXPECT_EQ(sex(int64_t{1}).word, 1u);
  EXPECT_EQ(sex(int64_t{2}).word, 2u);
  EXPECT_EQ(sex(int64_t{9}), invalid(Invalid::unknown));
  EXPECT_EQ(sex(int64_t{12}), invalid(Invalid::not_a_sex));
  EXPECT_EQ(sex(int64_t{-1}), invalid(Invalid::not_a_sex));
}

TEST(Integer, HasASignAndDigits) {
  constexpr uint64_t zero = uint64_t{1} << 62;
  EXPECT_EQ(integer("0").word, zero);
  EXPECT_EQ(integer("+12").word, zero + 12);
  EXPECT_EQ(integer("-0012").word, zero - 12);
  EXPECT_EQ(integer("2305843009213693952").word, zero + (uint64_t{1} << 61));
  EXPECT_EQ(integer("2305843009213693953"), invalid(Invalid::out_of_range));
  EXPECT_EQ(integer("99999999999999999999999"), invalid(Invalid::out_of_range));
  for (const char* text : {"1.0", "1e3", "--1", "+-1", "+", "-", "x", "1 2"})
    EXPECT_EQ(integer(text), invalid(Invalid::not_an_integer)) << text;
}

TEST(Swar, LooksAtEightBytesAsOneWouldAtEach) {
  for (unsigned low = 0; low < 128; low += 7)
    for (unsigned high = low; high < 128; high += 5)
      for (unsigned byte = 0; byte < 256; ++byte) {
        const uint64_t word = byte | uint64_t{255 - byte} << 56;
        const uint64_t found = swar::between(word, static_cast<unsigned char>(low), static_cast<unsigned char>(high));
        ASSERT_EQ((found & 0x80) != 0, byte >= low && byte <= high);
        ASSERT_EQ(found >> 63 != 0, 255 - byte >= low && 255 - byte <= high);
      }
  EXPECT_EQ(swar::gather(0x8000800000800080), 0b10100101u);
  EXPECT_EQ(swar::number(swar::load("12345678") ^ swar::ones * '0'), 12345678u);
}
