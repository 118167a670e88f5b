// equal_lengths.h: are the texts of a page all of one length?
//
//   lengths      10 10 10 ...               packed as differences, all of them 0
//   characters   4010017733 6129083348 ...  one after another, without lengths between them
//
// (DELTA_LENGTH_BYTE_ARRAY.) Numbers and postcodes of a fixed form are: then the place of each text is known, and no
// length need be unpacked.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace tessera {

struct EqualLengths {
  size_t texts = 0;
  size_t width = 0;  // of each
  size_t begin = 0;  // of the first text, in the page
};

// None: they differ, there are none, or the page does not hold what it says.
std::optional<EqualLengths> equal_lengths(std::span<const uint8_t> page);

}  // namespace tessera
