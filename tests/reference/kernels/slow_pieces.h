// slow_pieces.h: likeness by q-grams as its definition says, with maps of texts; obvious by eye.
#pragma once

#include <cmath>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "kernels/unicode.h"

namespace tessera::slow {

inline std::map<std::string, double> pieces(std::string_view text, unsigned q, bool bytes) {
  std::vector<std::string> characters;
  while (!text.empty()) {
    characters.emplace_back(text.substr(0, bytes ? 1 : first_character(text).bytes));
    text.remove_prefix(characters.back().size());
  }
  std::map<std::string, double> counts;
  for (size_t begin = 0; begin == 0 || begin + q <= characters.size(); ++begin) {
    std::string piece;
    for (size_t i = begin; i < begin + q && i < characters.size(); ++i) piece += characters[i];
    if (!piece.empty()) counts[piece] += 1;
  }
  return counts;
}

inline double jaccard(std::string_view a, std::string_view b, unsigned q, bool bytes) {
  const auto left = pieces(a, q, bytes), right = pieces(b, q, bytes);
  double both = 0, either = static_cast<double>(right.size());
  for (const auto& [piece, count] : left) right.contains(piece) ? both += 1 : either += 1;
  return left.empty() && right.empty() ? 1 : both / either;
}

inline double cosine(std::string_view a, std::string_view b, unsigned q, bool bytes) {
  const auto left = pieces(a, q, bytes), right = pieces(b, q, bytes);
  if (left.empty() || right.empty()) return left.empty() && right.empty() ? 1 : 0;
  double product = 0, square_a = 0, square_b = 0;
  for (const auto& [piece, count] : left) {
    square_a += count * count;
    if (const auto found = right.find(piece); found != right.end()) product += count * found->second;
  }
  for (const auto& [piece, count] : right) square_b += count * count;
  return product / std::sqrt(square_a * square_b);
}

}  // namespace tessera::slow
