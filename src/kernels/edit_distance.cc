// edit_distance.cc: Levenshtein and optimal alignment by bits.
//
// The table of distances between all beginnings of both texts, a column for each character of a, a row for each of b:
//
//          A  B  C      vp   rows where the column goes up by 1 from the row above, vn where it goes down by 1
//       0  1  2  3      hp, hn   the same from the column before
//    C  1  1  2  2      d0   rows where the diagonal step costs nothing
//    A  2  1  2  3
//
// One addition carries "costs nothing" down a run of rows (Myers 1999; in Hyyro's form of 2003, with his term for two
// neighbours swapped). The last row is the answer so far: it changes by what hp and hn say there. It cannot fall by more
// than one a column, so a distance above the bound is known early.
#include <algorithm>

#include "kernels/coded_text.h"
#include "kernels/similarity.h"

namespace tessera {
namespace {

enum class Swaps : bool { no, yes };

// Requires: 1 to 64 characters in b.
template <Swaps swaps>
size_t one_word(std::span<const uint8_t> a, std::span<const uint8_t> b, size_t bound) {
  const Places places(b);
  const size_t last = b.size() - 1;
  uint64_t vp = ~uint64_t{0}, vn = 0, d0 = 0, before = 0;
  size_t distance = b.size(), left = a.size();
  for (const uint8_t code : a) {
    const uint64_t here = places[code];
    const uint64_t swapped = swaps == Swaps::yes ? (~d0 & here) << 1 & before : 0;
    d0 = (((here & vp) + vp) ^ vp) | here | vn | swapped;
    uint64_t hp = vn | ~(d0 | vp), hn = d0 & vp;
    distance += (hp >> last & 1) - (hn >> last & 1);
    if (--left < distance && distance - left > bound) return bound + 1;
    hp = hp << 1 | 1;
    hn <<= 1;
    vp = hn | ~(d0 | hp);
    vn = hp & d0;
    before = here;
  }
  return distance;
}

// The same with a column of several words; the lowest step of each is carried from the word above.
template <Swaps swaps, class Code>
size_t many_words(std::span<const Code> a, std::span<const Code> b, size_t codes, size_t bound) {
  struct Column {
    uint64_t vp = ~uint64_t{0}, vn = 0, d0 = 0, before = 0;
  };
  const size_t words = (b.size() + 63) / 64;
  std::vector<uint64_t> places(codes * words);
  for (size_t j = 0; j < b.size(); ++j) places[b[j] * words + j / 64] |= uint64_t{1} << j % 64;
  std::vector<Column> columns(words);
  const size_t last = (b.size() - 1) % 64;
  size_t distance = b.size(), left = a.size();
  for (const Code code : a) {
    uint64_t hp_carry = 1, hn_carry = 0, swap_carry = 0;
    for (size_t w = 0; w < words; ++w) {
      Column& c = columns[w];
      const uint64_t here = places[code * words + w];
      const uint64_t x = here | hn_carry;
      uint64_t swapped = 0;
      if constexpr (swaps == Swaps::yes) {
        const uint64_t possible = ~c.d0 & here;
        swapped = (possible << 1 | swap_carry) & c.before;
        swap_carry = possible >> 63;
      }
      c.d0 = (((x & c.vp) + c.vp) ^ c.vp) | x | c.vn | swapped;
      uint64_t hp = c.vn | ~(c.d0 | c.vp), hn = c.d0 & c.vp;
      if (w + 1 == words) distance += (hp >> last & 1) - (hn >> last & 1);
      const uint64_t hp_next = hp >> 63, hn_next = hn >> 63;
      hp = hp << 1 | hp_carry;
      hn = hn << 1 | hn_carry;
      c.vp = hn | ~(c.d0 | hp);
      c.vn = hp & c.d0;
      c.before = here;
      hp_carry = hp_next;
      hn_carry = hn_next;
    }
    if (--left < distance && distance - left > bound) return bound + 1;
  }
  return distance;
}

template <Swaps swaps, class Code>
size_t distance(std::span<const Code> a, std::span<const Code> b, size_t codes, size_t bound) {
  if (a.size() < b.size()) std::swap(a, b);
  if (a.size() - b.size() > bound) return bound + 1;
  const auto same = static_cast<size_t>(std::ranges::mismatch(a, b).in2 - b.begin());
  a = a.subspan(same);
  b = b.subspan(same);
  while (!b.empty() && a.back() == b.back()) {
    a = a.first(a.size() - 1);
    b = b.first(b.size() - 1);
  }
  if (b.empty()) return a.size();
  if constexpr (sizeof(Code) == 1)
    if (b.size() <= word_characters) return one_word<swaps>(a, b, bound);
  return many_words<swaps>(a, b, codes, bound);
}

template <Swaps swaps>
size_t distance(std::string_view a, std::string_view b, bool bytes, size_t bound) {
  return CodedTexts(a, b, bytes).visit([bound](auto x, auto y, size_t codes) {
    return distance<swaps>(x, y, codes, bound);
  });
}

}  // namespace

size_t levenshtein(std::string_view a, std::string_view b, bool bytes, size_t bound) {
  return distance<Swaps::no>(a, b, bytes, bound);
}

size_t optimal_alignment(std::string_view a, std::string_view b, bool bytes, size_t bound) {
  return distance<Swaps::yes>(a, b, bytes, bound);
}

double levenshtein_ratio(std::string_view a, std::string_view b, bool bytes) {
  return CodedTexts(a, b, bytes).visit([](auto x, auto y, size_t codes) {
    const size_t longer = std::max(x.size(), y.size());
    if (longer == 0) return 1.0;
    return 1.0 - static_cast<double>(distance<Swaps::no>(x, y, codes, no_bound)) / static_cast<double>(longer);
  });
}

}  // namespace tessera
