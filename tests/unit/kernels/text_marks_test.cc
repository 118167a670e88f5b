// Marks of texts: each variant beside one pair at a time, and nothing near is lost.
#include "kernels/text_marks.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <string>
#include <tuple>
#include <vector>

#include "kernels/letters.h"
#include "variants.h"

namespace tessera {
namespace {

// Of few characters, so that texts are near, or of all that a mark tells apart.
std::string marked_text(size_t longest) {
  const size_t size = *rc::gen::inRange<size_t>(0, longest + 1);
  if (*rc::gen::arbitrary<bool>())
    return *rc::gen::container<std::string>(size, rc::gen::element('A', 'B', 'b', 'N', '1', '9', '-', ' '));
  return *rc::gen::container<std::string>(
      size, rc::gen::elementOf(std::string("ABCDEFGHIJKLMNOPQRSTUVWXYZjkqvwxyz0123456789@.")));
}

// Characters that two texts have in common.
size_t common_of(const std::string& a, std::string b) {
  size_t common = 0;
  for (const char c : a)
    if (const size_t at = b.find(c); at != b.npos) {
      b.erase(at, 1);
      ++common;
    }
  return common;
}

struct MarkedPairs {
  size_t count = *rc::gen::inRange<size_t>(0, 140);
  std::vector<std::string> left, right;
  explicit MarkedPairs(size_t longest) {
    for (size_t i = 0; i < count; ++i) {
      left.push_back(marked_text(longest));
      std::string& other = right.emplace_back(left.back());
      switch (*rc::gen::inRange(0, 5)) {
        case 0: other = marked_text(longest); break;
        case 1: std::ranges::reverse(other); break;
        case 2:
          if (other.size() > 1) std::swap(other[0], other[1]);
          break;
        case 3:
          if (!other.empty()) other[*rc::gen::inRange<size_t>(0, other.size())] = *rc::gen::element('A', '7', 'z');
          break;
        default: break;
      }
    }
  }
  [[nodiscard]] std::vector<uint64_t> marks(const std::vector<std::string>& texts, bool letters) const {
    std::vector<uint64_t> out;
    for (const std::string& text : texts)
      out.push_back(letters ? letter_mark(text, letters_of(text)) : place_mark(text));
    out.resize((count + mark_group - 1) / mark_group * mark_group);
    return out;
  }
  [[nodiscard]] static bool bit(const std::vector<uint64_t>& near, size_t i) { return near[i / 64] >> i % 64 & 1; }
};

RC_GTEST_PROP(TextMarks, NoPairWithEnoughInCommonIsLost, ()) {
  const MarkedPairs of(70);
  CommonNeeded needed;
  const auto of_lengths = [](size_t a, size_t b, bool same) {
    return static_cast<uint8_t>((a + b) / 3 + (same ? 0 : 1));
  };
  for (size_t a = 1; a <= CommonNeeded::length_max; ++a)
    for (size_t b = 1; b <= CommonNeeded::length_max; ++b)
      for (const bool same : {false, true}) needed.set(a, b, same, of_lengths(a, b, same));
  std::vector<uint64_t> scalar;
  for (const Kernels variant : variants()) {
    std::vector<uint64_t> near((of.count + 63) / 64, 5);
    mark_kernels(variant).letters(of.marks(of.left, true).data(), of.marks(of.right, true).data(), of.count, needed,
                                  near.data());
    if (variant == Kernels::scalar) scalar = near;
    RC_ASSERT(near == scalar);
  }
  for (size_t i = 0; i < of.count; ++i) {
    const std::string &a = of.left[i], &b = of.right[i];
    const bool marked = !a.empty() && !b.empty() && std::max(a.size(), b.size()) <= CommonNeeded::length_max;
    const bool same = !a.empty() && !b.empty() && (a[0] & 31) == (b[0] & 31);
    if (!marked || common_of(a, b) >= of_lengths(a.size(), b.size(), same)) RC_ASSERT(of.bit(scalar, i));
  }
  if (of.count % 64 != 0) RC_ASSERT((scalar.back() >> (of.count % 64)) == 0u);
}

RC_GTEST_PROP(TextMarks, NoPairThatDiffersInFewPlacesIsLost, (bool two)) {
  const MarkedPairs of(12);
  const unsigned most = two ? 2 : 1;
  std::vector<uint64_t> scalar;
  for (const Kernels variant : variants()) {
    std::vector<uint64_t> near((of.count + 63) / 64, 5);
    mark_kernels(variant).places(of.marks(of.left, false).data(), of.marks(of.right, false).data(), of.count, most,
                                 near.data());
    if (variant == Kernels::scalar) scalar = near;
    RC_ASSERT(near == scalar);
  }
  for (size_t i = 0; i < of.count; ++i) {
    const std::string &a = of.left[i], &b = of.right[i];
    size_t differ = 0;
    for (size_t c = 0; c < std::min(a.size(), b.size()); ++c) differ += a[c] != b[c];
    if (a.size() != b.size() || a.size() > 10 || differ <= most) RC_ASSERT(of.bit(scalar, i));
  }
  if (of.count % 64 != 0) RC_ASSERT((scalar.back() >> (of.count % 64)) == 0u);
}

TEST(TextMarks, TwoPeopleShareFewLetters) {
  CommonNeeded needed;
  needed.set(4, 6, false, 4);  // of Jaro-Winkler .8
  std::vector<uint64_t> left(mark_group), right(mark_group), near(1);
  left[0] = letter_mark("ANNA", letters_of("ANNA"));
  right[0] = letter_mark("OKAFOR", letters_of("OKAFOR"));
  mark_kernels(kernels()).letters(left.data(), right.data(), 1, needed, near.data());
  EXPECT_EQ(near[0], 0u);
  left[0] = place_mark("1987-03-02");
  for (const auto& [other, most, is_near] :
       {std::tuple("1987-11-02", 1u, 0u), std::tuple("1987-11-02", 2u, 1u), std::tuple("1987-03-04", 1u, 1u)}) {
    right[0] = place_mark(other);
    mark_kernels(kernels()).places(left.data(), right.data(), 1, most, near.data());
    EXPECT_EQ(near[0], is_near) << other;
  }
}

}  // namespace
}  // namespace tessera
