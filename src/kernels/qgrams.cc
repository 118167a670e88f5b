// qgrams.cc: how much do two texts share, piece by piece? (see qgrams.h)
#include "kernels/qgrams.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <span>
#include <vector>

#include "kernels/unicode.h"

namespace tessera {

namespace {

constexpr size_t packed_bytes = 7;  // of a piece that is one word

bool only_ascii(std::string_view text) {
  unsigned char all = 0;
  for (const char c : text) all |= static_cast<unsigned char>(c);
  return all < 0x80;
}

// Calls piece(view) for each q-gram, in order. A character is a run of bytes, so a q-gram is one too.
template <class Piece>
void each_piece(std::string_view text, unsigned q, bool bytes, const Piece& piece) {
  if (text.empty()) return;
  const auto width = [&](size_t at) { return bytes ? 1 : first_character(text.substr(at)).bytes; };
  size_t begin = 0, end = 0;
  for (unsigned i = 0; i < q && end < text.size(); ++i) end += width(end);
  piece(text.substr(0, end));
  while (end < text.size()) {
    end += width(end);
    begin += width(begin);
    piece(text.substr(begin, end - begin));
  }
}

uint64_t packed_piece(std::string_view piece) {
  uint64_t word = piece.size();
  for (const char c : piece) word = word << 8 | static_cast<unsigned char>(c);
  return word;
}

// Of two sorted runs of pieces: how many distinct ones, and the products of their counts.
struct Shared {
  uint64_t in_both = 0, in_a = 0, in_b = 0;
  uint64_t product = 0, square_a = 0, square_b = 0;

  [[nodiscard]] double jaccard() const {
    return static_cast<double>(in_both) / static_cast<double>(in_a + in_b - in_both);
  }
  [[nodiscard]] double cosine() const {
    return static_cast<double>(product) / std::sqrt(static_cast<double>(square_a) * static_cast<double>(square_b));
  }
};

template <class T>
Shared merge_pieces(std::span<T> a, std::span<T> b) {
  std::ranges::sort(a);
  std::ranges::sort(b);
  Shared shared;
  const auto run = [](std::span<const T>& rest) {
    size_t count = 1;
    while (count < rest.size() && rest[count] == rest[0]) ++count;
    rest = rest.subspan(count);
    return uint64_t{count};
  };
  std::span<const T> left = a, right = b;
  while (!left.empty() || !right.empty()) {
    const bool take_a = right.empty() || (!left.empty() && left[0] <= right[0]);
    const bool take_b = left.empty() || (!right.empty() && right[0] <= left[0]);
    const uint64_t count_a = take_a ? run(left) : 0, count_b = take_b ? run(right) : 0;
    shared.in_a += take_a;
    shared.in_b += take_b;
    shared.in_both += take_a && take_b;
    shared.product += count_a * count_b;
    shared.square_a += count_a * count_a;
    shared.square_b += count_b * count_b;
  }
  return shared;
}

// Packs into `words` unless a piece is too long.
bool pack_pieces(std::string_view text, unsigned q, bool bytes, std::vector<uint64_t>& words) {
  words.clear();
  bool fits = true;
  each_piece(text, q, bytes, [&](std::string_view piece) {
    fits &= piece.size() <= packed_bytes;
    words.push_back(packed_piece(piece));
  });
  return fits;
}

Shared shared_pieces(std::string_view a, std::string_view b, unsigned q, bool bytes) {
  thread_local std::vector<uint64_t> words_a, words_b;
  if (pack_pieces(a, q, bytes, words_a) && pack_pieces(b, q, bytes, words_b))
    return merge_pieces(std::span(words_a), std::span(words_b));
  std::vector<std::string_view> pieces_a, pieces_b;
  each_piece(a, q, bytes, [&](std::string_view piece) { pieces_a.push_back(piece); });
  each_piece(b, q, bytes, [&](std::string_view piece) { pieces_b.push_back(piece); });
  return merge_pieces(std::span(pieces_a), std::span(pieces_b));
}

using ByteSet = std::array<uint64_t, 4>;

ByteSet bytes_of(std::string_view text) {
  ByteSet set{};
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    set[byte >> 6] |= uint64_t{1} << (byte & 63);
  }
  return set;
}

double byte_jaccard(std::string_view a, std::string_view b) {
  const ByteSet left = bytes_of(a), right = bytes_of(b);
  int in_both = 0, in_either = 0;
  for (size_t i = 0; i < left.size(); ++i) {
    in_both += std::popcount(left[i] & right[i]);
    in_either += std::popcount(left[i] | right[i]);
  }
  return static_cast<double>(in_both) / in_either;
}

}  // namespace

double jaccard(std::string_view a, std::string_view b, unsigned q, bool bytes) {
  if (a == b) return 1;
  if (a.empty() || b.empty()) return 0;
  if (q == 1 && (bytes || (only_ascii(a) && only_ascii(b)))) return byte_jaccard(a, b);
  return shared_pieces(a, b, q, bytes).jaccard();
}

double cosine(std::string_view a, std::string_view b, unsigned q, bool bytes) {
  if (a == b) return 1;
  if (a.empty() || b.empty()) return 0;
  return std::min(shared_pieces(a, b, q, bytes).cosine(), 1.0);  // sqrt rounds
}

bool is_initial_of(std::string_view a, std::string_view b) {
  if (a.empty() || b.empty()) return false;
  const std::string_view letter = a.substr(0, first_character(a).bytes);
  return (a.size() == letter.size() || a.substr(letter.size()) == ".") && b.starts_with(letter);
}

bool is_prefix_of(std::string_view a, std::string_view b) { return !a.empty() && b.starts_with(a); }

}  // namespace tessera
