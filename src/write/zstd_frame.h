// zstd_frame.h: how do bytes that look random become a zstd frame (RFC 8878) without a search?
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace tessera {

// Appends the bytes as a frame that holds them as they stand: what a compressor makes of what it cannot shorten, without
// its trying. Requires: fewer than 2^32 bytes.
void put_stored(std::span<const uint8_t> bytes, std::vector<uint8_t>& out);

}  // namespace tessera
