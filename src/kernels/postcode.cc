// postcode.cc: which British postcode does a text mean? (see postcode.h)
#include "kernels/postcode.h"

#include <array>

#include "kernels/swar.h"

namespace tessera {

namespace {

// Outward layouts as the places of letters (bits 0 to 3) and of digits (bits 4 to 7), the first character lowest.
constexpr std::array<bool, 256> outward_layouts = [] {
  std::array<bool, 256> valid{};
  for (const std::string_view layout : {"A9", "A99", "AA9", "AA99", "A9A", "AA9A"}) {
    unsigned key = 0;
    for (size_t i = 0; i < layout.size(); ++i) key |= 1u << (layout[i] == 'A' ? i : i + 4);
    valid[key] = true;
  }
  return valid;
}();

constexpr uint64_t gir_0aa = 0x4749522020304141;  // "GIR  0AA", the first character highest

// Takes the outward part as the first characters and the inward as the last three, in the
// fixed form; then asks which bytes are letters, digits and spaces, all eight at once.
// Requires: 5 to 8 characters. 0: no postcode as it stands.
uint64_t fixed_form(std::string_view text) {
  constexpr uint32_t keep[4] = {0xffff, 0xffffff, 0xffffffff, 0xffffffff};
  const size_t size = text.size();
  const uint32_t kept = keep[size - 5];
  const uint32_t outward = (swar::load_as<uint32_t>(text.data()) & kept) | (0x20202020u & ~kept);
  const uint32_t inward = swar::load_as<uint32_t>(text.data() + size - 4);
  // Loaded in any case: a branch on the length would be guessed wrong for mixed layouts.
  const auto fifth = static_cast<unsigned char>(text[4]);
  const unsigned char middle = size == 8 ? fifth : ' ';
  uint64_t form = outward | uint64_t{middle} << 32 | uint64_t{inward >> 8} << 40;
  if ((form & form << 1 & swar::ones * 0x40) != 0) form ^= swar::between(form, 'a', 'z') >> 2;
  const uint64_t letters = swar::between(form, 'A', 'Z'), digits = swar::between(form, '0', '9');
  const uint64_t spaces = swar::between(form, ' ', ' ');
  const unsigned letter = swar::gather(letters), digit = swar::gather(digits);
  if ((letters | digits | spaces) != swar::tops || (letter & 0xf0) != 0xc0 || (digit & 0xf0) != 0x20) return 0;
  const uint64_t word = std::byteswap(form);
  return outward_layouts[(letter & 15) | (digit & 15) << 4] || word == gir_0aa ? word : 0;
}

}  // namespace

Value postcode(std::string_view text) {
  if (text.size() - 5 <= 3) {
    if (const uint64_t word = fixed_form(text)) return {word, Invalid::none};
  }
  char kept[8];
  size_t count = 0;
  for (const char c : text) {
    if (swar::is_space(c)) continue;
    if (count == 7) return {0, Invalid::not_a_postcode};
    kept[count++] = c;
  }
  if (count == 0) return {0, Invalid::none};
  const uint64_t word = count < 5 ? 0 : fixed_form({kept, count});
  return {word, word == 0 ? Invalid::not_a_postcode : Invalid::none};
}

}  // namespace tessera
