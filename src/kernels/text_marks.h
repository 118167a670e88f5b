// text_marks.h: which of many pairs of texts may be near enough, by a mark of 64 bits for each?
//
// Most pairs that are compared are two people, whose values have little in common. There are two kinds of marks:
//
//   letters   bits 0..51 letters, digits   52..57 length   58..62 of the first character
//             two bound the characters that the texts have in common; a table says how many two lengths need
//   places    ten characters of six bits       60..63 length
//             two bound from below in how many places texts of one length differ
//
//   ANNA  {a a n n} 4   OKAFOR {f a k o o r} 6     1 in common at most; Jaro-Winkler .8 takes 4: no closer look
//   1987-03-02 10   1987-11-02 10                  differ in 2 places: more than one edit
//
// A text without a mark, 0, may be near to any. Nothing near is lost: letters count once or twice, rare ones and digits
// once, 8 and 9 as 0 and 1; characters by six bits.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/cpu.h"

namespace tessera {

// Of a text of letters_of() `letters`; none above 63 characters.
[[nodiscard]] uint64_t letter_mark(std::string_view text, uint64_t letters);
// Of an ASCII text; none above 10 characters.
[[nodiscard]] uint64_t place_mark(std::string_view text);

// How many characters texts must have in common.
class CommonNeeded {
 public:
  static constexpr size_t length_max = 63;
  // Requires: neither length is 0, that of a text without a mark.
  void set(size_t a, size_t b, bool same_start, uint8_t common) { needed_[place(a, b, same_start)] = common; }
  [[nodiscard]] const uint8_t* data() const { return needed_.data(); }
  [[nodiscard]] static size_t place(size_t a, size_t b, bool same_start) {
    return a | b << 6 | size_t{same_start} << 12;
  }

 private:
  std::array<uint8_t, (1 << 13) + 7> needed_{};  // read by eight bytes
};

// Marks are read in whole groups: they have room for a multiple of this.
inline constexpr size_t mark_group = 8;

// One variant of both. `near`: a bit for each pair that may be near, 64 a word; bits beyond the last pair are 0.
struct MarkKernels {
  void (*letters)(const uint64_t* left, const uint64_t* right, size_t count, const CommonNeeded& needed,
                  uint64_t* near);
  // Near: of different lengths, or different in `most` places at most.
  void (*places)(const uint64_t* left, const uint64_t* right, size_t count, unsigned most, uint64_t* near);
};
// Requires: the processor has the variant.
[[nodiscard]] const MarkKernels& mark_kernels(Kernels variant);

extern const MarkKernels marks_avx2, marks_avx512;  // x86-64 only

// Where what lies in a mark; for the variants.
namespace marks {
inline constexpr uint64_t letter_bits = (uint64_t{1} << 52) - 1;
inline constexpr unsigned length_shift = 52, first_shift = 58;
inline constexpr unsigned place_bits = 6, places = 10, places_shift = 60;
inline constexpr uint64_t place_tops = 0x0820820820820820;  // the uppermost bit of each place
inline constexpr uint64_t place_rests = (uint64_t{1} << places_shift) - 1 - place_tops;
}  // namespace marks

}  // namespace tessera
