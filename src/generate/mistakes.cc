// mistakes.cc: the ways of getting a value wrong.
#include "generate/mistakes.h"

#include <algorithm>
#include <cstring>

#include "generate/chance.h"
#include "kernels/date.h"
#include "record/words.h"

namespace tessera::generate_detail {

void put_digits(char* out, uint64_t value, unsigned digits) {
  static constexpr auto pairs = [] {
    std::array<char, 200> made{};
    for (unsigned i = 0; i < 100; ++i) {
      made[2 * i] = static_cast<char>('0' + i / 10);
      made[2 * i + 1] = static_cast<char>('0' + i % 10);
    }
    return made;
  }();
  for (; digits >= 2; digits -= 2, value /= 100) std::memcpy(out + digits - 2, &pairs[2 * (value % 100)], 2);
  if (digits == 1) *out = static_cast<char>('0' + value % 10);
}

void put_ddmmyyyy(char* out, int32_t day) {
  const uint64_t word = word_of_day(day);
  put_digits(out, day_of(word) * 1000000 + month_of(word) * 10000 + year_of(word), 8);
}

void put_yyyymmdd(char* out, int32_t day) {
  const uint64_t word = word_of_day(day);
  put_digits(out, year_of(word) * 10000 + month_of(word) * 100 + day_of(word), 8);
}

void put_iso(char* out, int32_t day) {
  const uint64_t word = word_of_day(day);
  put_digits(out, year_of(word), 4);
  out[4] = out[7] = '-';
  put_digits(out + 5, month_of(word), 2);
  put_digits(out + 8, day_of(word), 2);
}

int32_t wrong_birth(int32_t day, int32_t latest, uint64_t draw) {
  const uint64_t word = word_of_day(day);
  const unsigned y = year_of(word), m = month_of(word), d = day_of(word);
  for (uint64_t i = 0;; ++i) {
    Bits bits(mix(draw + i));
    unsigned year = y, month = m, on = d;
    const uint32_t kind = bits.take(8);
    const bool up = bits.take(1) != 0;
    if (kind < 60) {
      std::swap(on, month);
    } else if (kind < 110) {
      on = on / 10 * 10 + bits.take(8) % 10;
    } else if (kind < 135) {
      on = on % 10 + bits.take(8) % 4 * 10;
    } else if (kind < 165) {
      month = 1 + bits.take(8) % 12;
    } else if (kind < 205) {
      year += up ? 1U : ~0U;
    } else if (kind < 230) {
      year += up ? 10U : ~9U;
    } else if (kind < 233) {
      year += 100U;
    } else {
      on = month = 1;
    }
    if (month < 1 || month > 12 || on < 1 || on > days_in_month(year, month)) continue;
    const int32_t other = day_number(date_word(year, month, on));
    if (other != day && other <= latest) return other;
  }
}

uint64_t wrong_nhs_number(uint64_t number, uint64_t draw) {
  char digits[10];
  put_digits(digits, number, 10);
  Bits bits(mix(draw));
  const uint32_t at = bits.take(16) % 9;
  if (bits.take(1) != 0 && digits[at] != digits[at + 1]) {
    std::swap(digits[at], digits[at + 1]);
  } else {
    digits[at] = static_cast<char>('0' + (digits[at] - '0' + 1 + static_cast<int>(bits.take(16) % 9)) % 10);
  }
  uint64_t out = 0;
  for (const char c : digits) out = out * 10 + static_cast<uint64_t>(c - '0');
  return out;  // modulus 11 finds each of these
}

void mistype_postcode(Postcode& text, uint64_t draw) {
  Bits bits(mix(draw));
  const uint32_t kind = bits.take(8);
  if (kind < 60 && text[6] != text[7]) {
    std::swap(text[6], text[7]);
  } else if (kind < 150) {
    text[5] = static_cast<char>('0' + (text[5] - '0' + 1 + static_cast<int>(bits.take(8) % 9)) % 10);
  } else if (kind < 200) {
    static constexpr char letters[] = "ABDEFGHJLNPQRSTUWXYZ";
    const char before = text[7];
    text[7] = letters[bits.take(8) % 20];
    if (text[7] == before) text[7] = before == 'A' ? 'B' : 'A';
  } else if (kind < 235) {
    text[5] = text[5] == '0' ? 'O' : text[5] == '1' ? 'I' : text[5] == '5' ? 'S' : '0';
  } else {
    text[5] = text[6] = text[7] = ' ';  // the outward part was all that was known
  }
}

void mistype_name(Name& name, uint64_t draw) {
  // Marks go first: systems that know no accents lose them all at once.
  const auto plain = [](unsigned char c) { return c < 0x80; };
  if (!std::all_of(name.text, name.text + name.size, plain)) {
    uint8_t size = 0;
    for (uint8_t i = 0; i < name.size; ++i) {
      const char c = name.text[i];
      if (plain(static_cast<unsigned char>(c))) {
        name.text[size++] = c;
      } else if ((c & 0x40) != 0) {
        name.text[size++] = '?';
      }
    }
    name.size = size;
    return;
  }
  if (name.size < 3) {
    name.text[name.size++] = 'e';
    return;
  }
  Bits bits(mix(draw));
  const uint32_t kind = bits.take(8), at = 1 + bits.take(16) % (name.size - 2U);
  char* const c = name.text + at;
  const size_t after = name.size - at - 1U;
  if (kind < 70) {
    std::memmove(c, c + 1, after);
    --name.size;
  } else if (kind < 130 && name.size < sizeof name.text) {
    std::memmove(c + 1, c, after + 1);
    ++name.size;
  } else if (kind < 180 && c[0] != c[1]) {
    std::swap(c[0], c[1]);
  } else {
    static constexpr char swaps[] = "aeiouysckzdtbpmngjfvlr";
    const char before = *c;
    *c = swaps[bits.take(16) % (sizeof swaps - 1)];
    if (*c == before) *c = before == 'e' ? 'a' : 'e';
  }
}

}  // namespace tessera::generate_detail
