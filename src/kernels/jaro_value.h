// jaro_value.h: what are matches and transpositions worth?
//
// The operations are those of DuckDB 2.0, in its order, so that ">= .92" is decided as there: it adds Winkler's gain by a
// fused multiply-add. (rapidfuzz rounds the product first; of the 24 ways in which texts of up to 20 characters come to
// exactly .92, it puts 6 below and DuckDB 1.) No compiler may fuse or part them on its own: see meson.build.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace tessera {

// Requires: in_order <= matches <= a, b, the lengths. Half of the matches that are out of order are transpositions.
inline double jaro_value(size_t a, size_t b, size_t matches, size_t in_order) {
  if (matches == 0) return 0;
  const auto m = static_cast<double>(matches);
  const size_t transpositions = (matches - in_order) / 2;
  const auto untransposed = static_cast<double>(matches - transpositions);
  return (m / static_cast<double>(a) + m / static_cast<double>(b) + untransposed / m) / 3.0;
}

inline double winkler_value(double jaro, size_t prefix) {
  if (!(jaro > 0.7)) return jaro;
  return std::min(std::fma(static_cast<double>(prefix) * 0.1, 1.0 - jaro, jaro), 1.0);
}

}  // namespace tessera
