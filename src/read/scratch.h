// scratch.h: where do the values of a batch lie?
//
// Memory touched for the first time costs as much as decoding into it. So a
// thread keeps one ReadScratch, and every morsel that it decodes writes into the
// same buffers. A RawBatch only points here.
//
// Not here: what is written into the buffers (parquet_column.h, csv_rows.h, ndjson.cc).
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <deque>
#include <memory>
#include <string_view>
#include <vector>

#include "read/read.h"

namespace tessera {

// An array that is not initialised and keeps its memory.
template <class T>
class Buffer {
 public:
  // At least `count` elements; their contents are undefined.
  T* take(size_t count) {
    if (count > capacity_) grow(count, 0);
    return data_.get();
  }
  // At least `count` elements, of which the first `kept` stay as they are.
  T* extend(size_t count, size_t kept) {
    if (count > capacity_) grow(count, kept);
    return data_.get();
  }
  [[nodiscard]] T* data() const { return data_.get(); }
  [[nodiscard]] size_t capacity() const { return capacity_; }

 private:
  void grow(size_t count, size_t kept) {
    const size_t bigger = std::max(count, capacity_ + capacity_ / 2);
    auto fresh = std::make_unique_for_overwrite<T[]>(bigger);
    std::copy_n(data_.get(), kept, fresh.get());
    data_ = std::move(fresh);
    capacity_ = bigger;
  }
  std::unique_ptr<T[]> data_;
  size_t capacity_ = 0;
};

// Bytes of values that had to be rewritten. Nothing moves until clear().
class SideBytes {
 public:
  char* take(size_t count) {
    if (used_ + count > capacity_) add(count);
    char* place = current_ + used_;
    used_ += count;
    return place;
  }
  void give_back(size_t count) { used_ -= count; }  // of the last take()
  void clear();

 private:
  void add(size_t count);
  std::vector<std::unique_ptr<char[]>> blocks_;
  std::unique_ptr<char[]> kept_;  // the largest block, for the next batch
  size_t kept_bytes_ = 0;
  char* current_ = nullptr;
  size_t capacity_ = 0;
  size_t used_ = 0;
};

// One distinct column of a batch. What has a value for each row lies here and may
// be compacted in place.
struct ColumnBuffers {
  Buffer<std::string_view> texts;
  Buffer<int32_t> indices;
  Buffer<int64_t> numbers;
  Buffer<uint8_t> present;
  SideBytes side;
};

struct ParquetScratch;
struct CsvScratch;
struct NdjsonScratch;

class ReadScratch {
 public:
  std::deque<ColumnBuffers> columns;  // a deque: references stay good
  std::vector<RawColumn> raw;         // the distinct columns of the batch at hand
  std::vector<uint32_t> unusable;     // rows of the batch at hand that were rejected, ascending
  Buffer<uint8_t> verdict;            // one a row: kept or not
  std::shared_ptr<ParquetScratch> parquet;
  std::shared_ptr<CsvScratch> csv;
  std::shared_ptr<NdjsonScratch> ndjson;

  ColumnBuffers& column(size_t i) {
    while (columns.size() <= i) columns.emplace_back();
    return columns[i];
  }
};

// What use_scratch() needs of a morsel; every morsel of this room is one.
class ScratchMorsel : public Morsel {
 public:
  virtual void use(ReadScratch&) = 0;
};

}  // namespace tessera
