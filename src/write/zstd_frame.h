// zstd_frame.h: how do bytes of which we know enough become a zstd frame (RFC 8878) without a search?
//
//   stored   bytes that look random                blocks as they stand
//   hex      texts of hexadecimal digits, mostly   blocks of literals, four bits each: a code of sixteen symbols of which
//            random                                none is likelier than another
//
// A compressor spends its time on finding repetitions; where there are hardly any, packing is all that it gains.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace tessera {

// Appends the bytes as a frame that holds them as they stand: what a compressor makes of what it cannot shorten, without
// its trying. Requires: fewer than 2^32 bytes.
void put_stored(std::span<const uint8_t> bytes, std::vector<uint8_t>& out);

// Appends a frame of `head`, as it stands, and of the texts, one after another, packed. False, and nothing appended, if
// they hold anything but 0 to 9 and A to F. Requires: fewer than 2^32 bytes.
[[nodiscard]] bool put_hex(std::span<const uint8_t> head, std::span<const std::span<const char>> texts,
                           std::vector<uint8_t>& out);

}  // namespace tessera
