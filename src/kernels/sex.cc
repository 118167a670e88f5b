// sex.cc: male or female? (see sex.h)
#include "kernels/sex.h"

#include <algorithm>
#include <array>

namespace tessera {

namespace {

struct Spelling {
  std::string_view text;
  Value value;
};

constexpr Value male{1, Invalid::none}, female{2, Invalid::none};
constexpr Value unknown{0, Invalid::unknown}, not_a_sex{0, Invalid::not_a_sex};

constexpr Spelling spellings[] = {
    {"1", male},
    {"M", male},
    {"MALE", male},
    {"MAN", male},
    {"BOY", male},
    {"2", female},
    {"F", female},
    {"FEMALE", female},
    {"WOMAN", female},
    {"GIRL", female},
    {"0", unknown},
    {"3", unknown},
    {"8", unknown},
    {"9", unknown},
    {"X", unknown},
    {"U", unknown},
    {"I", unknown},
    {"UNKNOWN", unknown},
    {"NOT KNOWN", unknown},
    {"NOT SPECIFIED", unknown},
    {"UNSPECIFIED", unknown},
    {"NOT STATED", unknown},
    {"INDETERMINATE", unknown},
    {"OTHER", unknown},
};

constexpr char upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; }

constexpr std::array<Value, 256> of_one_character = [] {
  std::array<Value, 256> values;
  values.fill(not_a_sex);
  for (const auto& [text, value] : spellings) {
    if (text.size() != 1) continue;
    const auto c = static_cast<unsigned char>(text[0]);
    values[c] = value;
    if (c >= 'A') values[c + 32u] = value;
  }
  return values;
}();

}  // namespace

const std::array<Value, 256> sex_of_character = of_one_character;

Value sex_of_word(std::string_view text) {
  if (text.empty()) return {};
  if (text.size() == 2 && text[0] == '0') return of_one_character[static_cast<unsigned char>(text[1])];
  for (const auto& [known, value] : spellings)
    if (std::ranges::equal(text, known, {}, upper)) return value;
  return not_a_sex;
}

Value sex(int64_t code) {
  return code >= 0 && code <= 9 ? of_one_character[static_cast<size_t>('0' + code)] : not_a_sex;
}

}  // namespace tessera
