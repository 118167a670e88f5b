// double_metaphone.h: how is a name said, and how else?
//
//   SMITH    SM0, XMT     SCHMIDT   XMT, SMT     the two share XMT
//   MICHAEL  MKL, MXL     THOMPSON  TMPS, TMPS   0 is th, X is sh, A a vowel in front
//
// Lawrence Philips, The Double Metaphone Search Algorithm, C/C++ Users Journal, June 2000: what a letter says
// depends on its neighbours and on where the name seems to come from; where there are two ways, two keys differ.
#pragma once

#include <string>
#include <string_view>

namespace tessera {

struct DoubleMetaphone {
  std::string primary, secondary;  // at most four signs each; empty where the name says nothing
  friend bool operator==(const DoubleMetaphone&, const DoubleMetaphone&) = default;
};

// Letters of either case; accents are folded but for the cedilla, which says S. The keys' buffers are used again.
void double_metaphone(std::string_view name, DoubleMetaphone& out);

}  // namespace tessera
