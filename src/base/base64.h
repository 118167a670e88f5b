// base64.h: bytes as text, and back (RFC 4648, with padding).
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace tessera {

// Characters that so many bytes take.
constexpr size_t base64_characters(size_t bytes) { return (bytes + 2) / 3 * 4; }

// Writes base64_characters(bytes.size()) characters to `out`, and a NUL behind them.
void write_base64(std::span<const std::byte> bytes, char* out);
[[nodiscard]] std::string base64_of(std::span<const std::byte> bytes);

// Whether the characters are of base64, padding at the end only, in groups of four.
[[nodiscard]] bool is_base64(std::string_view text);

// Appends the bytes to `out`. False, and `out` as it was: the text is no base64.
[[nodiscard]] bool read_base64(std::string_view text, std::string& out);

}  // namespace tessera
