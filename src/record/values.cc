// values.cc: how do the values of many records lie in memory? (see values.h)
#include "record/values.h"

#include <algorithm>
#include <bit>
#include <cassert>
#include <limits>

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

Code ValueDomain::add_text(std::string_view text, double number, uint64_t word) {
  const auto code = static_cast<Code>(numbers_.size());
  bytes_.insert(bytes_.end(), text.begin(), text.end());
  starts_.push_back(bytes_.size());
  numbers_.push_back(number);
  words_.push_back(word);
  unsigned char all = 0;
  bool has_nul = false;
  for (const char c : text) {
    all |= static_cast<unsigned char>(c);
    has_nul |= c == 0;
  }
  ascii_.push_back(all < 0x80);
  ShortText& short_text = short_.emplace_back();
  if (!text.empty() && text.size() <= sizeof short_text.bytes && all < 0x80 && !has_nul)
    std::ranges::copy(text, short_text.bytes);
  else
    short_text = std::bit_cast<ShortText>(OtherPlace{
        .bytes_and_start = (bytes_.size() - text.size()) << 24 | std::min<uint64_t>(text.size(), bytes_most) << 8,
        .letters = all < 0x80 ? letters_of(text) : 0});
  item_starts_.push_back(items_.size());
  return code;
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
  item_starts_.resize(size + 1);
  items_.resize(item_starts_.back());
}

void ValueDomain::reserve(size_t values, size_t bytes) {
  starts_.reserve(values + 1);
  numbers_.reserve(values);
  words_.reserve(values);
  short_.reserve(values);
  ascii_.reserve(values);
  item_starts_.reserve(values + 1);
  bytes_.reserve(bytes);
}

size_t ValueDomain::bytes() const {
  return starts_.capacity() * sizeof(uint64_t) + bytes_.capacity() + numbers_.capacity() * sizeof(double) +
         words_.capacity() * sizeof(uint64_t) + short_.capacity() * sizeof(ShortText) + ascii_.capacity() +
         item_starts_.capacity() * sizeof(uint64_t) + items_.capacity() * sizeof(Code);
}

}  // namespace tessera
