// packed.cc: how do records lie in memory?
#include "record/packed.h"

#include <algorithm>
#include <cassert>
#include <numeric>

namespace tessera {

namespace {

uint32_t width_of(const WordSpec& word, Kind kind) {
  if (!word.list.empty() || kind == Kind::sex) return 1;
  if (kind == Kind::date) return 4;
  return 8;
}

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

PackedRecords::PackedRecords(PackedLayout layout, size_t capacity)
    : layout_(std::move(layout)),
      capacity_(capacity),
      rows_(capacity * layout_.stride() + 8),  // get() reads 8 bytes from any offset of the last row
      payloads_(capacity * sizeof(uint64_t)) {}

void PackedRecords::put(size_t at, const WordBatch& batch, std::span<const uint64_t> payload) {
  assert(at + batch.rows <= capacity_ && payload.size() >= batch.rows && batch.words.size() >= layout_.slots());
  const size_t stride = layout_.stride();
  for (size_t slot = 0; slot < layout_.slots(); ++slot) {
    std::byte* row = rows_.data() + at * stride;
    const uint64_t* words = batch.words[slot].data();
    for (size_t i = 0; i < batch.rows; ++i, row += stride) layout_.put(row, slot, words[i]);
  }
  std::copy_n(payload.data(), batch.rows, payloads() + at);
}

void PackedRecords::put_row(size_t at, const std::byte* row, uint64_t payload) {
  assert(at < capacity_);
  std::memcpy(rows_.data() + at * layout_.stride(), row, layout_.stride());
  payloads()[at] = payload;
}

}  // namespace tessera
