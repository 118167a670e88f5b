// text_marks.cc: how marks are made; the variant that every processor has, and the choice between the variants.
#include "kernels/text_marks.h"

#include <algorithm>
#include <bit>

namespace tessera {
namespace {

void near_letters(const uint64_t* left, const uint64_t* right, size_t count, const CommonNeeded& needed,
                  uint64_t* near) {
  using namespace marks;
  for (size_t begin = 0; begin < count; begin += 64) {
    uint64_t bits = 0;
    for (size_t i = begin; i < std::min(count, begin + 64); ++i) {
      const uint64_t a = left[i], b = right[i];
      const size_t of_a = a >> length_shift & CommonNeeded::length_max,
                   of_b = b >> length_shift & CommonNeeded::length_max;
      const size_t common = std::min(of_a - static_cast<size_t>(std::popcount(a & ~b & letter_bits)),
                                     of_b - static_cast<size_t>(std::popcount(b & ~a & letter_bits)));
      const bool same_start = (a ^ b) >> first_shift == 0;
      bits |= uint64_t{common >= needed.data()[CommonNeeded::place(of_a, of_b, same_start)]} << (i - begin);
    }
    *near++ = bits;
  }
}

void near_places(const uint64_t* left, const uint64_t* right, size_t count, unsigned most, uint64_t* near) {
  using namespace marks;
  for (size_t begin = 0; begin < count; begin += 64) {
    uint64_t bits = 0;
    for (size_t i = begin; i < std::min(count, begin + 64); ++i) {
      const uint64_t differ = left[i] ^ right[i];
      const auto places_differ =
          static_cast<unsigned>(std::popcount((((differ & place_rests) + place_rests) | differ) & place_tops));
      bits |= uint64_t{places_differ <= most || differ >> places_shift != 0} << (i - begin);
    }
    *near++ = bits;
  }
}

constexpr MarkKernels marks_scalar = {near_letters, near_places};

}  // namespace

uint64_t letter_mark(std::string_view text, uint64_t letters) {
  using namespace marks;
  if (text.empty() || text.size() > CommonNeeded::length_max) return 0;
  const uint64_t first = static_cast<unsigned char>(text[0]) & 31u;
  // The digits of an e-mail address tell more than a second j: eight of them, 8 and 9 as 0 and 1, take the places of
  // j, k, q and v to z.
  constexpr uint64_t seldom_twice = uint64_t{0b11'1110'0001'0000'0110'0000'0000} << 26;
  const uint64_t digits = (letters >> 52 & 0xff) | (letters >> 60 & 3);
  const uint64_t in_place = (digits & 3) << 35 | (digits >> 2 & 1) << 42 | digits >> 3 << 47;
  return (letters & letter_bits & ~seldom_twice) | in_place | uint64_t{text.size()} << length_shift |
         first << first_shift;
}

uint64_t place_mark(std::string_view text) {
  using namespace marks;
  if (text.size() > places) return 0;
  uint64_t mark = uint64_t{text.size()} << places_shift;
  for (size_t i = 0; i < text.size(); ++i)
    mark |= (static_cast<unsigned char>(text[i]) & uint64_t{63}) << (place_bits * i);
  return mark;
}

const MarkKernels& mark_kernels(Kernels variant) {
#if defined(__x86_64__)
  if (variant != Kernels::scalar) return variant == Kernels::avx512 ? marks_avx512 : marks_avx2;
#endif
  (void)variant;
  return marks_scalar;
}

}  // namespace tessera
