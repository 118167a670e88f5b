// measure_filter.h: which pairs of texts cannot be alike enough, by a glance? Private to the room.
//
// Each text of a domain has a mark of 64 bits (kernels/text_marks.h): of its letters, or, where one edit is asked for, of
// its places.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "compare/measures.h"
#include "kernels/text_marks.h"

namespace tessera {

class MeasureFilter {
 public:
  MeasureFilter() = default;  // leaves out nothing
  // A likeness of at least `least` or a distance of at most `most` is asked for, as MeasureContext has them. Of measures
  // that it does not know: as without arguments. Parallel. Requires: the measure is of texts of the domain.
  MeasureFilter(const ValueDomain& domain, Measure::What what, double least, double most);

  [[nodiscard]] bool empty() const { return marks_.empty(); }
  // Of a text, by code; 0: has none. Values that come later have none.
  [[nodiscard]] uint64_t mark(Code code) const { return marks_[code < marks_.size() ? code : 0]; }
  void prefetch(Code code) const { __builtin_prefetch(&marks_[code < marks_.size() ? code : 0]); }
  // A bit for each pair of marks whose texts may be within the bound, 64 a word. Marks have room for whole groups.
  void near(const uint64_t* left, const uint64_t* right, size_t count, uint64_t* bits) const;
  // The places of the pairs that may be within the bound, ascending, into `places`; returns how many.
  size_t keep(std::span<const CodePair> pairs, uint32_t* places) const;

 private:
  std::vector<uint64_t> marks_;
  unsigned places_most_ = 0;  // above 0: marks of places
  CommonNeeded needed_;
};

}  // namespace tessera
