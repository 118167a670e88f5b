// sets.cc: how much do two lists have in common? (see sets.h)
#include "kernels/sets.h"

#include <algorithm>

namespace tessera {

namespace {

template <class Work>
void each_shared(std::span<const uint32_t> a, std::span<const uint32_t> b, const Work& work) {
  for (size_t i = 0, j = 0; i < a.size() && j < b.size();) {
    const uint32_t left = a[i], right = b[j];
    if (left == right) work(left);
    i += left <= right;
    j += right <= left;
  }
}

}  // namespace

size_t items_in_common(std::span<const uint32_t> a, std::span<const uint32_t> b) {
  size_t count = 0;
  each_shared(a, b, [&count](uint32_t) { ++count; });
  return count;
}

double items_jaccard(std::span<const uint32_t> a, std::span<const uint32_t> b) {
  const size_t shared = items_in_common(a, b), either = a.size() + b.size() - shared;
  return either == 0 ? 0 : static_cast<double>(shared) / static_cast<double>(either);
}

double token_likeness(std::span<const uint32_t> a, std::span<const uint32_t> b, std::span<const double> weights) {
  const auto weight_of = [weights](std::span<const uint32_t> codes) {
    double sum = 0;
    for (const uint32_t code : codes) sum += weights[code];
    return sum;
  };
  double shared = 0;
  each_shared(a, b, [&](uint32_t code) { shared += weights[code]; });
  const double lighter = std::min(weight_of(a), weight_of(b));
  return lighter > 0 ? std::min(shared / lighter, 1.0) : 0;  // sums of other terms round differently
}

}  // namespace tessera
