// packed.h: how do records lie in memory?
//
// The reference side is held as rows of a fixed number of bytes, so that comparing a
// pair costs one cache miss. Each word takes as many bytes as its kind needs.
//
//   stride 24:  nhs_number 8 | dob 4 | postcode 8 | sex 1 | flag 1 | (2 unused)
//
// Beside the rows lies one payload a row: what stands for the record in outputs.
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
  // Requires: slots of a row are put in ascending order of offset, or into zeroed rows
  // with or; the word fits its width.
  void put(std::byte* row, size_t slot, uint64_t word) const {
    std::memcpy(row + offset_[slot], &word, width_[slot]);
  }

 private:
  std::vector<uint32_t> offset_, width_;
  std::vector<uint64_t> mask_;
  size_t stride_ = 0;
};

class PackedRecords {
 public:
  PackedRecords() = default;
  PackedRecords(PackedLayout layout, size_t capacity);
  [[nodiscard]] const PackedLayout& layout() const { return layout_; }
  [[nodiscard]] size_t size() const { return size_; }
  [[nodiscard]] size_t capacity() const { return capacity_; }
  [[nodiscard]] const std::byte* row(size_t i) const { return rows_.data() + i * layout_.stride(); }
  [[nodiscard]] uint64_t word(size_t i, size_t slot) const { return layout_.get(row(i), slot); }
  [[nodiscard]] uint64_t payload(size_t i) const { return payloads()[i]; }
  // Writes records [at, at + batch.rows); several threads may fill disjoint ranges.
  // Requires: at + batch.rows <= capacity().
  void put(size_t at, const WordBatch& batch, std::span<const uint64_t> payload);
  void put_row(size_t at, const std::byte* row, uint64_t payload);
  void set_size(size_t size) { size_ = size; }
  [[nodiscard]] size_t bytes() const { return rows_.bytes() + payloads_.bytes(); }
  static size_t bytes_for(const PackedLayout& layout, size_t rows) { return rows * (layout.stride() + 8); }

 private:
  [[nodiscard]] uint64_t* payloads() const { return reinterpret_cast<uint64_t*>(payloads_.data()); }
  PackedLayout layout_;
  size_t capacity_ = 0, size_ = 0;
  Arena rows_, payloads_;
};

}  // namespace tessera
