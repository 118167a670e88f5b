// coded_text.h: how do two texts become sequences of small numbers?
//
//   "Müller"  M 128 l l e r     Equal characters have equal codes: a byte or an ASCII character is its own,
//   "MÜLLER"  M 129 L L E R     the others are numbered from 128 on.
//
// So kernels index tables by code and need not know what a character is. Bytes and ASCII are looked at where
// they lie. Short texts of other characters (64 at most) have at most 128 that are not ASCII, so that their codes are
// bytes as well; only longer ones need wider codes.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace tessera {

inline constexpr size_t word_characters = 64;  // what a pattern of one word can hold

class CodedTexts {
 public:
  // Requires: the texts outlive this.
  CodedTexts(std::string_view a, std::string_view b, bool bytes);
  CodedTexts(const CodedTexts&) = delete;
  CodedTexts& operator=(const CodedTexts&) = delete;

  // Calls work(a, b, codes) with both as spans of uint8_t or of uint32_t; each code is below `codes`.
  template <class Work>
  auto visit(const Work& work) const {
    return wide_ ? work(std::span<const uint32_t>(wide_a_), std::span<const uint32_t>(wide_b_), codes_)
                 : work(narrow_a_, narrow_b_, size_t{256});
  }

 private:
  bool code_short(std::string_view a, std::string_view b);
  void code_long(std::string_view a, std::string_view b);

  std::span<const uint8_t> narrow_a_, narrow_b_;
  std::array<uint8_t, 2 * word_characters> short_codes_;  // written where it is looked at
  bool wide_ = false;
  size_t codes_ = 256;
  std::vector<uint32_t> wide_a_, wide_b_;
};

// Places of each code in a text of up to 64: bit j of places[code] for place j. Requires: codes below 256.
// One table a thread, all zero between uses: what was set is cleared, which is less than clearing 2 KiB.
class Places {
 public:
  explicit Places(std::span<const uint8_t> text) : text_(text), places_(table()) {
    for (size_t j = 0; j < text.size(); ++j) places_[text[j]] |= uint64_t{1} << j;
  }
  ~Places() {
    for (const uint8_t code : text_) places_[code] = 0;
  }
  Places(const Places&) = delete;
  Places& operator=(const Places&) = delete;
  uint64_t operator[](uint8_t code) const { return places_[code]; }

 private:
  using Table = std::array<uint64_t, 256>;
  static Table& table() {
    thread_local constinit Table all{};
    return all;
  }
  std::span<const uint8_t> text_;
  Table& places_;
};

}  // namespace tessera
