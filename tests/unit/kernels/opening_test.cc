// Opening levels of many pairs beside one pair at a time, in every variant that the processor has.
#include "kernels/opening.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <vector>

#include "variants.h"

namespace tessera {
namespace {

// Three columns of 20 bits, each with its free bit.
constexpr uint64_t code_bits = 0xfffff | uint64_t{0xfffff} << 21 | uint64_t{0xfffff} << 42;
constexpr uint64_t free_bits = uint64_t{1} << 20 | uint64_t{1} << 41 | uint64_t{1} << 62;
constexpr unsigned shift_of(size_t column) { return static_cast<unsigned>(21 * column); }
constexpr uint64_t code(uint64_t word, size_t column) { return word >> shift_of(column) & 0xfffff; }
constexpr uint64_t bit(size_t column) { return uint64_t{1} << (shift_of(column) + 20); }

struct Drawn {
  size_t count = *rc::gen::inRange<size_t>(0, 140);
  std::vector<uint64_t> left = words(), right = words();
  [[nodiscard]] std::vector<uint64_t> words() const {
    std::vector<uint64_t> out((count + opening_group - 1) / opening_group * opening_group);
    for (uint64_t& word : out)
      for (size_t c = 0; c < 3; ++c) word |= *rc::gen::element<uint64_t>(0, 1, 2, 0xfffff) << shift_of(c);
    return out;
  }
};

RC_GTEST_PROP(Opening, SaysWhatOnePairSays, ()) {
  const Drawn of;
  const bool null = *rc::gen::arbitrary<bool>();
  const auto equalities = *rc::gen::inRange<size_t>(0, 4);
  for (const Kernels variant : variants()) {
    const OpeningKernels& kernels = opening_kernels(variant);
    std::vector<uint64_t> known(of.left.size()), agree(of.left.size()), patterns(of.count, 1);
    kernels.find_agreement({of.left.data(), of.right.data(), known.data(), agree.data()}, code_bits, free_bits,
                           of.count);
    std::vector<OpeningLevels::Equality> of_levels;
    for (size_t c = 0; c < equalities; ++c) of_levels.push_back({{agree.data(), bit(c)}, 0x10u << c});
    OpeningLevels levels{.equalities = of_levels, .otherwise = 0x100};
    if (null) levels.known = {known.data(), bit(0)};
    std::vector<uint64_t> open((of.count + 63) / 64), expected(open.size());
    kernels.open_levels(levels, of.count, patterns.data(), open.data());

    for (size_t i = 0; i < of.count; ++i) {
      uint64_t pattern = 1;
      bool stays = !null || (code(of.left[i], 0) != 0 && code(of.right[i], 0) != 0);
      for (size_t c = 0; c < equalities && stays; ++c)
        if (code(of.left[i], c) != 0 && code(of.left[i], c) == code(of.right[i], c)) {
          pattern |= 0x10u << c;
          stays = false;
        }
      if (stays) pattern |= 0x100;
      expected[i / 64] |= uint64_t{stays} << i % 64;
      RC_ASSERT(patterns[i] == pattern);
    }
    RC_ASSERT(open == expected);
  }
}

}  // namespace
}  // namespace tessera
