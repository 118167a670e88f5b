// packed.cc: how do records lie in memory?
#include "record/packed.h"

#include <algorithm>
#include <cassert>
#include <numeric>

namespace tessera {

namespace {

uint32_t width_of(const WordSpec& word, Kind kind) {
  if (!word.list.empty() || kind == Kind::sex || kind == Kind::flag) return 1;
  if (kind == Kind::date) return 4;
  return 8;
}

// One word of each row. The width is a constant: a copy of it is one instruction.
template <size_t width>
void put_words(const uint64_t* words, size_t rows, size_t stride, std::byte* field) {
  for (size_t i = 0; i < rows; ++i, field += stride) std::memcpy(field, &words[i], width);
}

// A batch is the first of many: what it is put into need not move each time that it has doubled.
constexpr size_t batches_expected = 64, expected_bytes_max = size_t{32} << 20;

}  // namespace

PackedLayout::PackedLayout(std::span<const WordSpec> words, std::span<const Kind> kinds)
    : offset_(words.size()), width_(words.size()), mask_(words.size()) {
  assert(words.size() == kinds.size());
  std::vector<size_t> order(words.size());
  std::iota(order.begin(), order.end(), 0);
  for (const size_t i : order) width_[i] = width_of(words[i], kinds[i]);
  // Wide words first, so that all but the narrow tail are aligned.
  std::ranges::stable_sort(order, std::ranges::greater{}, [&](size_t i) { return width_[i]; });
  uint32_t at = 0;
  for (const size_t i : order) {
    offset_[i] = at;
    mask_[i] = width_[i] == 8 ? ~uint64_t{0} : (uint64_t{1} << (8 * width_[i])) - 1;
    at += width_[i];
  }
  stride_ = std::max<size_t>(8, (at + 7) / 8 * 8);
}

void PackedLayout::pack(const WordBatch& batch, std::vector<std::byte>& out) const {
  assert(batch.words.size() >= slots());
  const size_t at = out.empty() ? 0 : out.size() - slack;
  if (out.empty()) out.reserve(std::min(batches_expected * batch.rows * stride_, expected_bytes_max) + slack);
  out.resize(at + batch.rows * stride_ + slack);
  for (size_t slot = 0; slot < slots(); ++slot) {
    std::byte* field = out.data() + at + offset_[slot];
    const uint64_t* words = batch.words[slot].data();
    switch (width_[slot]) {
      case 1: put_words<1>(words, batch.rows, stride_, field); break;
      case 4: put_words<4>(words, batch.rows, stride_, field); break;
      default: put_words<8>(words, batch.rows, stride_, field); break;
    }
  }
}

void PackedLayout::unpack(const std::byte* rows, size_t count, std::vector<std::vector<uint64_t>>& words) const {
  words.resize(slots());
  for (size_t slot = 0; slot < slots(); ++slot) {
    words[slot].resize(count);
    for (size_t i = 0; i < count; ++i) words[slot][i] = get(rows + i * stride_, slot);
  }
}

PackedRecords::PackedRecords(PackedLayout layout, size_t capacity) : layout_(std::move(layout)) { reserve(capacity); }

void PackedRecords::reserve(size_t capacity) {
  if (capacity <= capacity_) return;
  Arena rows(capacity * step() + PackedLayout::slack);
  if (size_ > 0) std::memcpy(rows.data(), rows_.data(), size_ * step());
  rows_ = std::move(rows);
  capacity_ = capacity;
}

void PackedRecords::append(const std::byte* rows, std::span<const uint64_t> payload) {
  if (size_ + payload.size() > capacity_) reserve(std::max(size_ + payload.size(), capacity_ + capacity_ / 2));
  const size_t stride = layout_.stride();
  std::byte* at = rows_.data() + size_ * step();
  for (const uint64_t value : payload) {
    for (size_t i = 0; i < stride; i += sizeof value) std::memcpy(at + i, rows + i, sizeof value);  // whole words
    std::memcpy(at + stride, &value, sizeof value);
    rows += stride;
    at += step();
  }
  size_ += payload.size();
}

}  // namespace tessera
