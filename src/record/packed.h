// packed.h: how do records lie in memory?
//
// The reference side is held as rows of a fixed number of bytes, so that comparing a
// pair costs one cache miss. Each word takes as many bytes as its kind needs.
//
//   stride 24:  nhs_number 8 | postcode 8 | dob 4 | sex 1 | flag 1 | (2 unused)
//
// In memory each row is followed by its payload, what stands for the record in outputs: a pair
// that links needs no second miss.
#pragma once

#include <cstdint>
#include <cstring>
#include <span>
#include <vector>

#include "base/memory.h"
#include "record/words.h"
#include "tessera/job.h"

namespace tessera {

class PackedLayout {
 public:
  PackedLayout() = default;
  // One slot for each word: its width follows from the kind of its field; lists take a byte.
  PackedLayout(std::span<const WordSpec> words, std::span<const Kind> kinds);
  [[nodiscard]] size_t stride() const { return stride_; }
  [[nodiscard]] size_t slots() const { return offset_.size(); }
  [[nodiscard]] uint64_t get(const std::byte* row, size_t slot) const {
    uint64_t word = 0;
    std::memcpy(&word, row + offset_[slot], 8);  // rows are padded: 8 bytes can always be read
    return word & mask_[slot];
  }
  // Appends the rows of a batch to `out`, which then ends in `slack` unused bytes
  // (and is taken to do so before, unless empty). Requires: words fit their widths.
  void pack(const WordBatch& batch, std::vector<std::byte>& out) const;
  // The words of `count` rows, by slot.
  void unpack(const std::byte* rows, size_t count, std::vector<std::vector<uint64_t>>& words) const;
  static constexpr size_t slack = 8;  // get() reads 8 bytes from any offset

 private:
  std::vector<uint32_t> offset_, width_;
  std::vector<uint64_t> mask_;
  size_t stride_ = 0;
};

class PackedRecords {
 public:
  PackedRecords() = default;
  // Room for `capacity` records; more makes it move.
  PackedRecords(PackedLayout layout, size_t capacity);
  [[nodiscard]] const PackedLayout& layout() const { return layout_; }
  [[nodiscard]] size_t size() const { return size_; }
  [[nodiscard]] const std::byte* row(size_t i) const { return rows_.data() + i * step(); }
  void prefetch(size_t i) const {
    __builtin_prefetch(row(i));
    __builtin_prefetch(row(i) + layout_.stride());
  }
  [[nodiscard]] uint64_t word(size_t i, size_t slot) const { return layout_.get(row(i), slot); }
  [[nodiscard]] uint64_t payload(size_t i) const {
    uint64_t payload = 0;
    std::memcpy(&payload, row(i) + layout_.stride(), sizeof payload);
    return payload;
  }
  // `rows` holds payload.size() packed rows.
  void append(const std::byte* rows, std::span<const uint64_t> payload);
  [[nodiscard]] size_t bytes() const { return size_ * step(); }

 private:
  void reserve(size_t capacity);
  [[nodiscard]] size_t step() const { return layout_.stride() + sizeof(uint64_t); }
  PackedLayout layout_;
  size_t capacity_ = 0, size_ = 0;
  Arena rows_;
};

}  // namespace tessera
