// damerau.cc: the edit distance with swaps, without the restriction of optimal alignment.
//
// Most pairs need no table. Optimal alignment (bits, edit_distance.cc) is at least this distance, equal up to 2 (below 2
// there is one edit at most, and 2 is then the least that is left), and at most half as much again: a swap of two
// characters with x others between them in a and y in b costs 1 + x + y here and is bought there for 1 if x and y are 0,
// else for max(x, y) + 2. So above one and a half times the bound there is nothing to compute.
//
// The rest: Lowrance and Wagner's table with two rows. A swap that ends at (i, j) began at the last row whose character
// of a is b[j], and at the last place of b that is a[i]; it can only be best if one of the two is a neighbour, so the
// cells to come from are one remembered for each column and one for the row.
#include <algorithm>

#include "kernels/coded_text.h"
#include "kernels/similarity.h"

namespace tessera {
namespace {

template <class Code>
size_t swapped_distance(std::span<const Code> a, std::span<const Code> b, size_t codes) {
  const size_t far = a.size() + b.size() + 1;  // above every distance
  std::vector<size_t> last_row(codes);         // the last row of each character of a, from 1; 0: none
  // One cell before the first, which is `far`: cell j of a row is at j + 1.
  std::vector<size_t> row(b.size() + 2, far), above(b.size() + 2, far), from(b.size() + 2, far);
  for (size_t j = 0; j <= b.size(); ++j) row[j + 1] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    row.swap(above);  // `row` now holds row i - 2, until it is overwritten
    size_t last_place = 0;
    size_t before_swap = far;       // cell (i - 2, last_place - 1)
    size_t two_above = row[0 + 1];  // cell (i - 2, j - 1) while it is there
    row[0 + 1] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const bool same = a[i - 1] == b[j - 1];
      size_t best = std::min({above[j] + (same ? 0 : 1), row[j] + 1, above[j + 1] + 1});
      if (same) {
        last_place = j;
        from[j + 1] = above[j - 1];  // cell (i - 1, j - 2)
        before_swap = two_above;
      } else if (last_place != 0 && j - last_place == 1) {
        // The last place is the neighbour: what lies between is in a.
        if (const size_t began = last_row[b[j - 1]]; began != 0) best = std::min(best, from[j + 1] + (i - began));
      } else if (last_place != 0 && last_row[b[j - 1]] + 1 == i && i > 1) {
        best = std::min(best, before_swap + (j - last_place));
      }
      two_above = row[j + 1];
      row[j + 1] = best;
    }
    last_row[a[i - 1]] = i;
  }
  return row[b.size() + 1];
}

}  // namespace

size_t damerau_levenshtein(std::string_view a, std::string_view b, bool bytes, size_t bound) {
  const size_t aligned = optimal_alignment(a, b, bytes, bound > no_bound / 2 ? no_bound : bound + bound / 2);
  if (aligned <= 2) return std::min(aligned, bound + (bound != no_bound ? 1 : 0));
  if (bound <= no_bound / 2 && aligned > bound + bound / 2) return bound + 1;
  const size_t found =
      CodedTexts(a, b, bytes).visit([](auto x, auto y, size_t codes) { return swapped_distance(x, y, codes); });
  return found > bound ? bound + 1 : found;
}

}  // namespace tessera
