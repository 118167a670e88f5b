// measure_filter.h: which pairs of texts cannot be alike enough, by a glance? Private to the room.
//
// Most pairs that are compared are two people, whose names share few letters. Each text of a domain has a mark of 64
// bits, and two marks bound the characters that the texts have in common (letters.h); a table knows for each two lengths
// how many it takes.
//
//   bits   0..51 letters   52..56 length   57..61 of the first character
//
//   ANNA  {a a n n} 4   OKAFOR {a f k o o r} 6     1 in common at most; Jaro-Winkler .8 takes 4: no closer look
//
// A text without a mark is never left out: beyond ASCII, or above 31 characters.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "compare/measures.h"

namespace tessera {

class MeasureFilter {
 public:
  MeasureFilter() = default;  // leaves out nothing
  // A likeness of at least `least` or a distance of at most `most` is asked for, as MeasureContext has them. Of measures
  // that it does not know: as without arguments. Parallel. Requires: the measure is of texts of the domain.
  MeasureFilter(const ValueDomain& domain, Measure::What what, double least, double most);

  [[nodiscard]] bool empty() const { return marks_.empty(); }
  // The places of the pairs that may be within the bound, ascending, into `places`; returns how many.
  size_t keep(std::span<const CodePair> pairs, uint32_t* places) const;

 private:
  static constexpr uint64_t letter_bits = (uint64_t{1} << 52) - 1;
  static constexpr unsigned length_shift = 52, first_shift = 57, length_max = 31;
  [[nodiscard]] static uint64_t mark_of(std::string_view text, uint64_t letters);
  [[nodiscard]] static size_t place(uint64_t a, uint64_t b) {
    const bool same_start = ((a ^ b) >> first_shift) == 0;
    return (a >> length_shift & length_max) | (b >> length_shift & length_max) << 5 | size_t{same_start} << 10;
  }
  // Of a text, by code; 0: has none. Values that come later have none.
  [[nodiscard]] const uint64_t& mark(Code code) const { return marks_[code < marks_.size() ? code : 0]; }

  std::vector<uint64_t> marks_;
  std::array<uint8_t, 2048> needed_{};  // characters in common
};

}  // namespace tessera
