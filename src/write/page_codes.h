// page_codes.h: how do whole numbers become the bytes of a Parquet page?
//
//   delta    7 8 9 9 12     first 7, then blocks of 256 differences: the least of them, and what is above it
//                           packed in as many bits as each 64 of them need
//   places   0 0 0 ... 1    in a dictionary: of at most 256 values, runs as (length, place) and the rest packed by
//                           eights; of more, all packed
//   levels   1 1 1 0 1 ...  which rows have a value, as places of one bit
//
// All as the format's specification has them (DELTA_BINARY_PACKED; RLE, the hybrid). Ids of links and their ranks are
// most of what a linkage writes. Packing is a loop without a branch, unrolled for each number of bits.
//
// Not here: compression (zstd_frame.h), pages, files (parquet_numbers.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace tessera {

// Appends the numbers of all pieces, one after another, as DELTA_BINARY_PACKED, in the blocks that Arrow makes.
void put_deltas(std::span<const std::span<const int64_t>> pieces, std::vector<uint8_t>& out);

// The same of `count` equal numbers.
void put_equal_deltas(size_t count, int64_t number, std::vector<uint8_t>& out);

// Bits that a place in a dictionary of so many values takes: 1 to 32.
[[nodiscard]] unsigned place_bits(size_t dictionary_values);

// Appends places of a dictionary as a data page has them: a byte that says how many bits, then the hybrid.
void put_places(std::span<const uint8_t> places, unsigned bits, std::vector<uint8_t>& out);
// The same of `count` equal places.
void put_equal_places(size_t count, uint8_t place, unsigned bits, std::vector<uint8_t>& out);

// Appends the places of more than 256 values, none of them as a run.
void put_wide_places(std::span<const uint32_t> places, unsigned bits, std::vector<uint8_t>& out);

// Appends definition levels as a data page has them: four bytes of length, then the hybrid. `present`: 1 or 0.
void put_levels(std::span<const uint8_t> present, std::vector<uint8_t>& out);

}  // namespace tessera
