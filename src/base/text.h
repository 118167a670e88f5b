// text.h: how do we say numbers, sizes and "did you mean" to a person?
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "tessera/error.h"

namespace tessera {

// The candidate that a person who wrote `word` probably meant: few letters changed, dropped, added
// or swapped, or cut short; case is ignored. Empty when none is near. The first of equals wins.
[[nodiscard]] std::optional<std::string> nearest(std::string_view word, std::span<const std::string_view> candidates);
[[nodiscard]] std::optional<std::string> nearest(std::string_view word, std::span<const std::string> candidates);

// Letters to insert, delete, replace or swap with their neighbour to turn one into the other
// (optimal string alignment), on bytes.
[[nodiscard]] size_t edit_distance(std::string_view a, std::string_view b);

// a, b, c. Rather than fmt::join, for which g++ 12 sees overflows in fmt 9 that are not there.
[[nodiscard]] std::string joined(std::span<const std::string> words, std::string_view separator = ", ");

[[nodiscard]] std::string human_bytes(uint64_t bytes);    // 512 B, 1.5 GiB
[[nodiscard]] std::string human_count(uint64_t count);    // 999, 12.3 k, 4.0 M
[[nodiscard]] std::string grouped_count(uint64_t count);  // 1,234,567
[[nodiscard]] std::string human_seconds(double seconds);  // 0.42 s, 12.3 s, 4 min 05 s, 2 h 10 min

// 1GiB, 512MB, 1.5 GiB, 4G, 100000. K, M, G, T and KiB .. TiB are powers of 1024; kB, MB, GB, TB of 1000.
// Fails: usage (2), saying what is understood.
[[nodiscard]] Result<uint64_t> parse_bytes(std::string_view text);

}  // namespace tessera
