// pattern.h: what is known of a pair of records?
//
// Each distinct condition that the passes of a job name is one bit of the agreement
// pattern. A pair is compared once, bit by bit; every pass is then a test of bits.
//
//   bit 0  nhs_number            equal
//   bit 1  dob                   equal
//   bit 2  dob:partial           date_partial
//   bit 3  nhs_number            compatible
//   bit 4  unless dob:january-1  january_1
//
//   pass 6 = bits 1 and 3, and not bit 4
//
// Not here: how bits are computed (compare/), what they are worth (decide/).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "record/words.h"
#include "tessera/job.h"

namespace tessera {

using Pattern = uint64_t;  // bit i: condition i holds

// A word of one side: slot in its list of WordSpecs, and the part to derive from it.
struct WordRef {
  uint32_t slot = 0;
  bool derived = false;  // compare derive_word(kind, part, word), else the word itself
  bool absent = false;   // this side lacks the field: always null
  Kind kind = Kind::text;
  Part part = Part::whole;
  // What the word was made of: of a token, the kind and part of the value behind it.
  Kind means = Kind::text;
  Part means_part = Part::whole;
  friend bool operator==(const WordRef&, const WordRef&) = default;
};

enum class Condition : uint8_t {
  equal,         // both present and equal
  compatible,    // equal, or one is null
  date_partial,  // Term::How::date_partial
  date_swapped,
  within_days,  // |difference| <= bound
  within_years,
  within_number,
  january_1,        // either date is 1 January
  pseudo_postcode,  // either postcode is ZZ99
  either_flag,      // either word is not 0 (list membership)
};

struct PairCondition {
  Condition what = Condition::equal;
  WordRef from, to;
  int64_t bound = 0;
  std::string text;
};

// Words that must be equal and present for a pair to meet: one index is built for each anchor.
struct Anchor {
  std::vector<WordRef> from, to;  // same length
  Pattern bits = 0;               // the conditions that say so
  std::string text;
};

// Refuses a pair whose from date is later than its to date by more than `days`.
struct DateLimit {
  WordRef from, to;
  int days = 0;
  std::string group;  // column: the from word is the latest of the group, in a slot of its own; empty: the row's
  std::string text;
};

// A pass is one of its alternatives: all bits of `need`, none of `forbid`.
struct PassBits {
  int rank = 0;
  struct Alternative {
    Pattern need = 0, forbid = 0;
  };
  std::vector<Alternative> alternatives;
};

// Which passes a pair satisfies: bit i is the i-th pass of the list (best rank first).
using PassMask = uint64_t;

}  // namespace tessera
