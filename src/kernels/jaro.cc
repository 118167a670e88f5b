// jaro.cc: Jaro and Jaro-Winkler, one pair at a time.
//
// Matching takes the characters of a in order; each takes the first free place of b within the window that holds the
// same. It never matters which text goes first: for one letter with places p1 < p2 ... and q1 < q2 ..., both ways
// pair the first p and the first q if they are near enough, and drop the smaller one if not.
#include <algorithm>
#include <bit>
#include <cstring>
#include <optional>
#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include "kernels/coded_text.h"
#include "kernels/jaro_value.h"
#include "kernels/similarity.h"

namespace tessera {
namespace {

struct JaroCounts {
  size_t matches = 0;
  size_t in_order = 0;  // matches whose k-th character is the same in both texts
};

uint64_t lowest_bits(size_t count) { return count >= 64 ? ~uint64_t{0} : (uint64_t{1} << count) - 1; }

size_t jaro_window(size_t a, size_t b) { return std::max(std::max(a, b) / 2, size_t{1}) - 1; }

// Requires: both have 64 characters at most.
JaroCounts short_counts(std::span<const uint8_t> a, std::span<const uint8_t> b) {
  const size_t window = jaro_window(a.size(), b.size());
  const Places places(b);
  uint64_t taken_a = 0, taken_b = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    const uint64_t near = lowest_bits(i + window + 1) & ~lowest_bits(i > window ? i - window : 0);
    const uint64_t free = places[a[i]] & near & ~taken_b;
    taken_b |= free & (~free + 1);
    taken_a |= uint64_t{free != 0} << i;
  }
  JaroCounts counts{static_cast<size_t>(std::popcount(taken_b)), 0};
  for (; taken_a != 0; taken_a &= taken_a - 1, taken_b &= taken_b - 1)
    counts.in_order +=
        a[static_cast<size_t>(std::countr_zero(taken_a))] == b[static_cast<size_t>(std::countr_zero(taken_b))];
  return counts;
}

#if defined(__SSE2__)
// Texts of up to 32 bytes without a table of places: a byte's places in b are found by comparing it with all of b. E-mail
// addresses and addresses are mostly of this length. Nothing where a text is longer, or has characters of several bytes.
constexpr size_t register_bytes = 32;

struct InRegisters {
  alignas(16) char bytes[register_bytes] = {};
  __m128i low, high;
  explicit InRegisters(std::string_view text) {
    std::memcpy(bytes, text.data(), text.size());
    low = _mm_load_si128(reinterpret_cast<const __m128i*>(bytes));
    high = _mm_load_si128(reinterpret_cast<const __m128i*>(bytes + 16));
  }
  [[nodiscard]] bool is_ascii() const { return _mm_movemask_epi8(_mm_or_si128(low, high)) == 0; }
  // How many bytes from the first on are the same in both; at most 32.
  [[nodiscard]] size_t prefix(const InRegisters& other) const {
    const auto first = static_cast<uint32_t>(_mm_movemask_epi8(_mm_cmpeq_epi8(low, other.low)));
    const auto second = static_cast<uint32_t>(_mm_movemask_epi8(_mm_cmpeq_epi8(high, other.high)));
    return static_cast<size_t>(std::countr_one(second << 16 | first));
  }
  [[nodiscard]] uint64_t places(char c) const {
    const __m128i all = _mm_set1_epi8(c);
    const auto first = static_cast<uint32_t>(_mm_movemask_epi8(_mm_cmpeq_epi8(low, all)));
    const auto second = static_cast<uint32_t>(_mm_movemask_epi8(_mm_cmpeq_epi8(high, all)));
    return uint64_t{second} << 16 | first;
  }
};

std::optional<double> register_value(std::string_view a, std::string_view b, bool bytes) {
  if (a.empty() || b.empty() || std::max(a.size(), b.size()) > register_bytes) return std::nullopt;
  const InRegisters left(a), right(b);
  if (!bytes && !(left.is_ascii() && right.is_ascii())) return std::nullopt;
  const size_t window = jaro_window(a.size(), b.size());
  const uint64_t within_b = lowest_bits(b.size());
  // Of a prefix in common each takes its like: all places of b before it are taken.
  const size_t prefix = std::min({left.prefix(right), a.size(), b.size()});
  uint64_t taken_a = lowest_bits(prefix), taken_b = taken_a;
  for (size_t i = prefix; i < a.size(); ++i) {
    const uint64_t near = lowest_bits(i + window + 1) & ~lowest_bits(i > window ? i - window : 0);
    const uint64_t free = right.places(a[i]) & within_b & near & ~taken_b;
    taken_b |= free & (~free + 1);
    taken_a |= uint64_t{free != 0} << i;
  }
  const auto matches = static_cast<size_t>(std::popcount(taken_b));
  size_t in_order = prefix;
  taken_a &= ~lowest_bits(prefix);
  taken_b &= ~lowest_bits(prefix);
  for (; taken_a != 0; taken_a &= taken_a - 1, taken_b &= taken_b - 1)
    in_order += left.bytes[std::countr_zero(taken_a)] == right.bytes[std::countr_zero(taken_b)];
  return jaro_value(a.size(), b.size(), matches, in_order);
}
#else
std::optional<double> register_value(std::string_view, std::string_view, bool) { return std::nullopt; }
#endif

// The places of each code of b in order, and how many of them are used up: time grows with the lengths only.
template <class Code>
JaroCounts long_counts(std::span<const Code> a, std::span<const Code> b, size_t codes) {
  const size_t window = jaro_window(a.size(), b.size());
  std::vector<size_t> next(codes + 1), end(codes);
  for (const Code code : b) ++next[code + 1];
  for (size_t code = 0; code < codes; ++code) next[code + 1] += next[code];
  std::copy(next.begin(), next.end() - 1, end.begin());
  std::vector<size_t> places(b.size());
  for (size_t j = 0; j < b.size(); ++j) places[end[b[j]]++] = j;

  std::vector<Code> matched_a;
  std::vector<bool> taken(b.size());
  for (size_t i = 0; i < a.size(); ++i) {
    size_t& at = next[a[i]];
    while (at < end[a[i]] && places[at] + window < i) ++at;
    if (at == end[a[i]] || places[at] > i + window) continue;
    taken[places[at++]] = true;
    matched_a.push_back(a[i]);
  }
  JaroCounts counts{matched_a.size(), 0};
  for (size_t j = 0, k = 0; j < b.size(); ++j)
    if (taken[j]) counts.in_order += b[j] == matched_a[k++];
  return counts;
}

template <class Code>
double value(std::span<const Code> a, std::span<const Code> b, size_t codes) {
  JaroCounts counts;
  if constexpr (sizeof(Code) == 1)
    counts = std::max(a.size(), b.size()) <= word_characters ? short_counts(a, b) : long_counts(a, b, codes);
  else
    counts = long_counts(a, b, codes);
  return jaro_value(a.size(), b.size(), counts.matches, counts.in_order);
}

}  // namespace

double jaro(std::string_view a, std::string_view b, bool bytes) {
  if (const auto quick = register_value(a, b, bytes)) return *quick;
  return CodedTexts(a, b, bytes).visit([](auto x, auto y, size_t codes) { return value(x, y, codes); });
}

double jaro_winkler(std::string_view a, std::string_view b, bool bytes) {
  if (const auto quick = register_value(a, b, bytes)) {
    size_t prefix = 0;
    while (prefix < std::min({a.size(), b.size(), size_t{4}}) && a[prefix] == b[prefix]) ++prefix;
    return winkler_value(*quick, prefix);
  }
  return CodedTexts(a, b, bytes).visit([](auto x, auto y, size_t codes) {
    size_t prefix = 0;
    while (prefix < std::min({x.size(), y.size(), size_t{4}}) && x[prefix] == y[prefix]) ++prefix;
    return winkler_value(value(x, y, codes), prefix);
  });
}

}  // namespace tessera
