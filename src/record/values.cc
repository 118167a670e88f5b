// values.cc: how do the values of many records lie in memory? (see values.h)
#include "record/values.h"

#include <oneapi/tbb/parallel_for.h>

#include <algorithm>
#include <bit>
#include <cassert>
#include <limits>
#include <utility>

#include "base/touch.h"
#include "kernels/letters.h"

namespace tessera {

namespace {

constexpr double no_number = std::numeric_limits<double>::quiet_NaN();

}  // namespace

ValueDomain::ValueDomain(ValueType type) : type_(type), starts_{0}, item_starts_{0} {
  // Code 0: null.
  starts_.push_back(0);
  numbers_.push_back(no_number);
  words_.push_back(0);
  short_.emplace_back();
  ascii_.push_back(1);
  item_starts_.push_back(0);
}

void ValueDomain::put_text(Code code, std::string_view text, uint64_t end) {
  unsigned char all = 0;
  bool has_nul = false;
  for (const char c : text) {
    all |= static_cast<unsigned char>(c);
    has_nul |= c == 0;
  }
  starts_[code + 1] = end;
  ascii_[code] = all < 0x80;
  ShortText& short_text = short_[code];
  if (!text.empty() && text.size() <= sizeof short_text.bytes && all < 0x80 && !has_nul)
    std::ranges::copy(text, short_text.bytes);
  else
    short_text = std::bit_cast<ShortText>(
        OtherPlace{.bytes_and_start = (end - text.size()) << 24 | std::min<uint64_t>(text.size(), bytes_most) << 8,
                   .letters = all < 0x80 && !has_nul ? letters_of(text) : 0});
}

Code ValueDomain::add_text(std::string_view text, double number, uint64_t word) {
  const auto code = static_cast<Code>(numbers_.size());
  bytes_.insert(bytes_.end(), text.begin(), text.end());
  starts_.push_back(0);
  numbers_.push_back(number);
  words_.push_back(word);
  ascii_.push_back(0);
  short_.emplace_back();
  if (type_ == ValueType::list) item_starts_.push_back(items_.size());
  put_text(code, text, bytes_.size());
  return code;
}

void ValueDomain::append(std::span<const uint64_t> words, const std::function<std::string_view(size_t, char*)>& text_of,
                         const std::function<double(size_t)>& number_of) {
  constexpr size_t piece_values = 4096;
  struct Piece {
    std::string bytes;
    std::vector<uint32_t> sizes;
    uint64_t start = 0;
  };
  std::vector<Piece> pieces((words.size() + piece_values - 1) / piece_values);
  const auto each = [&](const auto& body) {
    tbb::parallel_for(size_t{0}, pieces.size(), [&](size_t p) {
      body(pieces[p], p * piece_values, std::min(words.size(), (p + 1) * piece_values));
    });
  };
  each([&](Piece& piece, size_t begin, size_t end) {
    char buffer[64];
    for (size_t i = begin; i < end; ++i) {
      const std::string_view text = text_of(i, buffer);
      piece.bytes += text;
      piece.sizes.push_back(static_cast<uint32_t>(text.size()));
    }
  });
  assert(type_ != ValueType::list);
  const size_t first = numbers_.size();
  uint64_t start = bytes_.size();
  for (Piece& piece : pieces) piece.start = std::exchange(start, start + piece.bytes.size());
  grow_touched(bytes_, start);
  grow_touched(starts_, first + words.size() + 1);
  grow_touched(numbers_, first + words.size());
  grow_touched(words_, first + words.size());
  grow_touched(ascii_, first + words.size());
  grow_touched(short_, first + words.size());
  each([&](Piece& piece, size_t begin, size_t end) {
    std::ranges::copy(piece.bytes, bytes_.begin() + static_cast<std::ptrdiff_t>(piece.start));
    size_t at = 0;
    for (size_t i = begin; i < end; ++i) {
      const size_t size = piece.sizes[i - begin];
      numbers_[first + i] = number_of(i);
      words_[first + i] = words[i];
      put_text(static_cast<Code>(first + i), std::string_view(piece.bytes).substr(at, size), piece.start + at + size);
      at += size;
    }
    piece = {};
  });
}

Code ValueDomain::add_number(double number) { return add_text({}, number); }

Code ValueDomain::add_list(std::span<const Code> items) {
  items_.insert(items_.end(), items.begin(), items.end());
  return add_text({}, no_number);
}

void ValueDomain::truncate(size_t size) {
  assert(size >= 1 && size <= numbers_.size());
  numbers_.resize(size);
  words_.resize(size);
  short_.resize(size);
  ascii_.resize(size);
  starts_.resize(size + 1);
  bytes_.resize(starts_.back());
  if (type_ != ValueType::list) return;
  item_starts_.resize(size + 1);
  items_.resize(item_starts_.back());
}

void ValueDomain::reserve(size_t values, size_t bytes) {
  starts_.reserve(values + 1);
  numbers_.reserve(values);
  words_.reserve(values);
  short_.reserve(values);
  ascii_.reserve(values);
  if (type_ == ValueType::list) item_starts_.reserve(values + 1);
  bytes_.reserve(bytes);
}

size_t ValueDomain::bytes() const {
  return starts_.capacity() * sizeof(uint64_t) + bytes_.capacity() + numbers_.capacity() * sizeof(double) +
         words_.capacity() * sizeof(uint64_t) + short_.capacity() * sizeof(ShortText) + ascii_.capacity() +
         item_starts_.capacity() * sizeof(uint64_t) + items_.capacity() * sizeof(Code);
}

}  // namespace tessera
