// slow_similarity.h: likeness of texts by the definitions: whole tables, no bits.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tessera::slow {

using Characters = std::vector<uint32_t>;

// Requires: valid UTF-8, unless bytes.
inline Characters characters(std::string_view text, bool bytes) {
  Characters out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (bytes || byte < 0x80 || byte >= 0xc0)
      out.push_back(byte);
    else
      out.back() = out.back() << 8 | byte;  // equal where the code points are
  }
  return out;
}

// Jaro 1989, by the words of Winkler 1990.
inline double jaro(const Characters& a, const Characters& b) {
  const auto la = static_cast<int>(a.size()), lb = static_cast<int>(b.size());
  const int window = std::max(std::max(la, lb) / 2 - 1, 0);
  std::vector<bool> used(b.size());
  Characters from_a, from_b;
  for (int i = 0; i < la; ++i)
    for (int j = std::max(0, i - window); j <= std::min(lb - 1, i + window); ++j)
      if (const auto at = static_cast<size_t>(j); !used[at] && a[static_cast<size_t>(i)] == b[at]) {
        used[at] = true;
        from_a.push_back(b[at]);
        break;
      }
  for (size_t j = 0; j < b.size(); ++j)
    if (used[j]) from_b.push_back(b[j]);
  if (from_a.empty()) return 0;
  int out_of_order = 0;
  for (size_t k = 0; k < from_a.size(); ++k) out_of_order += from_a[k] != from_b[k];
  const double m = static_cast<double>(from_a.size()), t = out_of_order / 2;
  double sum = m / la;
  sum += m / lb;
  sum += (m - t) / m;
  return sum / 3.0;
}

inline double jaro_winkler(const Characters& a, const Characters& b) {
  double value = jaro(a, b);
  int prefix = 0;
  for (size_t i = 0; i < std::min({a.size(), b.size(), size_t{4}}) && a[i] == b[i]; ++i) ++prefix;
  if (value > 0.7) value = std::fma(prefix * 0.1, 1.0 - value, value);  // rounded once, as DuckDB does
  return std::min(value, 1.0);
}

enum class Edits { levenshtein, optimal_alignment, damerau };

// The whole table. Unrestricted swaps: from every cell whose swap could end here.
inline size_t distance(const Characters& a, const Characters& b, Edits edits) {
  std::vector<std::vector<size_t>> d(a.size() + 1, std::vector<size_t>(b.size() + 1));
  for (size_t i = 0; i <= a.size(); ++i)
    for (size_t j = 0; j <= b.size(); ++j) {
      if (i == 0 || j == 0) {
        d[i][j] = i + j;
        continue;
      }
      d[i][j] = std::min({d[i - 1][j] + 1, d[i][j - 1] + 1, d[i - 1][j - 1] + (a[i - 1] != b[j - 1])});
      if (edits == Edits::optimal_alignment && i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        d[i][j] = std::min(d[i][j], d[i - 2][j - 2] + 1);
      if (edits == Edits::damerau)
        for (size_t k = 1; k < i; ++k)
          for (size_t l = 1; l < j; ++l)
            if (a[k - 1] == b[j - 1] && a[i - 1] == b[l - 1])
              d[i][j] = std::min(d[i][j], d[k - 1][l - 1] + (i - k - 1) + 1 + (j - l - 1));
    }
  return d[a.size()][b.size()];
}

}  // namespace tessera::slow
