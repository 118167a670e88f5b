// Fast kernels equal their slow twins: on values of the right shape, on damaged ones, on any bytes.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "kernels/nhs_numbers.h"
#include "kernels/postcodes.h"
#include "reference/kernels/agree.h"

using namespace tessera;

namespace {

rc::Gen<std::string> digits(int count) {
  return rc::gen::container<std::string>(static_cast<size_t>(count), rc::gen::inRange('0', static_cast<char>('9' + 1)));
}

// A value of some shape with up to two characters changed.
rc::Gen<std::string> nearly(const std::vector<std::string>& shapes) {
  return rc::gen::map(rc::gen::tuple(rc::gen::elementOf(shapes), rc::gen::arbitrary<uint16_t>(),
                                     rc::gen::arbitrary<char>(), rc::gen::inRange(0, 3)),
                      [](const std::tuple<std::string, uint16_t, char, int>& drawn) {
                        auto [text, at, c, change] = drawn;
                        if (change == 0) text.insert(at % (text.size() + 1), 1, c);
                        if (change == 1 && !text.empty()) text[at % text.size()] = c;
                        return text;
                      });
}

void agree(const std::string& text) { RC_ASSERT(slow::disagreements(text) == std::vector<std::string>{}); }

}  // namespace

RC_GTEST_PROP(Twins, AgreeOnAnyBytes, (const std::string& text)) { agree(text); }

RC_GTEST_PROP(Twins, AgreeOnTenDigits, ()) { agree(*digits(10)); }

RC_GTEST_PROP(Twins, AgreeOnEightDigits, ()) { agree(*digits(8)); }

RC_GTEST_PROP(Twins, AgreeOnDamagedValues, ()) {
  agree(*nearly({"9434765919",
                 "943 476 5919",
                 "1111111111",
                 "9990000018",
                 "2000-02-29",
                 "1900-02-29",
                 "29021900",
                 "29/02/2004",
                 "20040229",
                 "31.12.1999",
                 "1999/12/31",
                 "1/3/1950",
                 "01/03/50",
                 "1950-03-01T09:30:00.5Z",
                 "SW1A 2AA",
                 "M1 1AE",
                 "M1   1AE",
                 "ec1a1bb",
                 "W1A 0AX",
                 "CR26XH",
                 "DN55 1PT",
                 "GIR 0AA",
                 "ZZ99 3VZ",
                 "MALE",
                 "female",
                 "01",
                 "2",
                 "not known",
                 "Mr. O'Neil-Smith",
                 "DR MRS X",
                 "-2305843009213693952",
                 "2305843009213693953",
                 "+7",
                 "Ashcraft",
                 "Pfister"}));
}

TEST(Twins, AgreeOnEveryCheckDigit) {
  for (uint64_t start = 400000000; start < 400002000; ++start)
    for (char check = '0'; check <= '9'; ++check) {
      const std::string text = std::to_string(start) + check;
      ASSERT_EQ(nhs_number(text, false), slow::nhs_number(text, false)) << text;
      const bool closer_look = text[6] == text[7] && text[7] == text[8];
      ASSERT_EQ(nhs_number_at_once(text.data()), closer_look ? 0 : slow::nhs_number(text, false).word) << text;
      ASSERT_EQ(nhs_number(static_cast<int64_t>(std::stoll(text)), false), slow::nhs_number(text, false)) << text;
    }
}

// Many at a time give what one at a time gives; only where a closer look is asked for may variants differ.
TEST(Twins, AgreeOnManyNhsNumbers) {
  std::vector<std::string> strings = {
      "",           "9434765919", "943 476 5919", "1111111111", "1000000001", "9990000018",
      "9434765918", "943476591",  "94347659190",  "943476591:", "/434765919"};
  for (uint64_t start = 400000000; start < 400001000; ++start)
    for (char check = '0'; check <= '9'; ++check) strings.push_back(std::to_string(start * 23 % 1000000000) + check);
  for (size_t i = 0; i < 10; ++i)  // one wrong character in each place
    for (const char wrong : {'/', ':', ' ', '\0', '\xff'}) strings.emplace_back("9434765919").at(i) = wrong;
  const std::vector<std::string_view> texts(strings.begin(), strings.end());
  for (const Kernels variant : {Kernels::scalar, Kernels::avx2}) {
#if defined(__x86_64__)
    if (variant == Kernels::avx2 && !__builtin_cpu_supports("avx2")) continue;
#endif
    for (size_t first = 0; first < 4; ++first) {  // whole fours and what is left of them
      const size_t count = texts.size() - first;
      std::vector<uint64_t> words(count + 1, 77);
      nhs_numbers_kernel(variant)(texts.data() + first, count, words.data());
      ASSERT_EQ(words.back(), 77U) << "written behind the end";
      for (size_t i = 0; i < count; ++i) {
        const std::string& text = strings[first + i];
        const uint64_t right = text.size() == 10 ? slow::nhs_number(text, false).word : 0;
        const bool closer_look = text.size() == 10 && text[6] == text[7] && text[7] == text[8];
        ASSERT_TRUE(words[i] == right || (closer_look && words[i] == 0)) << text;
      }
    }
  }
}

// Every mixture of a letter, a digit, a space and another character in five to nine places.
TEST(Twins, AgreeOnManyPostcodes) {
  std::vector<std::string> strings = {"",        "M1",       "GIR 0AA", "gir0aa",  " M1 1AE",
                                      "m1\t1ae", "SW1A 2AA", "sw1a2aa", "ZZ99 3VZ"};
  constexpr char of_each_kind[] = {'B', 'z', '7', ' ', '.', '\xe9'};
  for (size_t size = 5; size <= 9; ++size)
    for (uint32_t drawn = 1; drawn < 40000; ++drawn) {
      std::string text = drawn % 2 == 0 ? "SW1A 2AAX" : "M1   1AEX";
      text.resize(size);
      uint32_t rest = drawn * 2654435761U >> 4;
      for (size_t k = 0; k < 3; ++k, rest /= 60) text[rest % 10 % size] = of_each_kind[rest / 10 % 6];
      strings.push_back(text);
    }
  const std::vector<std::string_view> texts(strings.begin(), strings.end());
  std::vector<uint64_t> right;
  for (const std::string& text : strings) right.push_back(slow::postcode(text).word);
  for (const Kernels variant : {Kernels::scalar, Kernels::avx2}) {
#if defined(__x86_64__)
    if (variant == Kernels::avx2 && !__builtin_cpu_supports("avx2")) continue;
#endif
    for (size_t first = 0; first < 4; ++first) {
      const size_t count = texts.size() - first;
      std::vector<uint64_t> words(count + 1, 77);
      postcodes_kernel(variant)(texts.data() + first, count, words.data());
      ASSERT_EQ(words.back(), 77U) << "written behind the end";
      size_t found = 0;
      for (size_t i = 0; i < count; ++i) {
        ASSERT_TRUE(words[i] == 0 || words[i] == right[first + i]) << texts[first + i];
        found += words[i] != 0;
        // The usual layout is never left to the closer look.
        if (texts[first + i] == "SW1A 2AA" || texts[first + i] == "M1   1AE") {
          ASSERT_NE(words[i], 0U);
        }
      }
      ASSERT_GT(found, 100U);
    }
  }
}

TEST(Twins, AgreeOnEveryDayOfFourCenturies) {
  for (unsigned year = 1599; year < 2002; ++year)
    for (unsigned month = 1; month <= 12; ++month)
      for (unsigned day = 1; day <= slow::days_in_month(year, month); ++day) {
        const uint64_t word = slow::date_word(year, month, day);
        if (day == 1 || day == 29) {
          ASSERT_EQ(day_number(word), slow::day_number(year, month, day));
        }
        ASSERT_EQ(word_of_day(day_number(word)), word);
      }
}
