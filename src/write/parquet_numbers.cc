#include "write/parquet_numbers.h"

#include <arrow/util/compression.h>
#include <parquet/column_page.h>
#include <parquet/exception.h>
#include <parquet/statistics.h>

#include <algorithm>
#include <cstring>
#include <limits>
#include <memory>
#include <utility>

#include "write/page_codes.h"

namespace tessera {
namespace {

constexpr uint32_t dictionary_values_max = 256;

template <class T>
std::string bytes_of(T number) {
  std::string bytes(sizeof number, '\0');
  std::memcpy(bytes.data(), &number, sizeof number);
  return bytes;
}

// Ids in no order are as good as random once they are packed. A sample says so: then nothing is tried with the rest.
std::vector<uint8_t> compress(const std::vector<uint8_t>& bytes, const parquet::ColumnProperties& properties) {
  constexpr int64_t sample_bytes = 16 << 10;
  PARQUET_ASSIGN_OR_THROW(const auto codec,
                          arrow::util::Codec::Create(properties.compression(), properties.compression_level()));
  const auto count = static_cast<int64_t>(bytes.size());
  const auto room = codec->MaxCompressedLen(count, bytes.data());
  const auto out = std::make_unique_for_overwrite<uint8_t[]>(static_cast<size_t>(room));
  if (properties.compression() == parquet::Compression::ZSTD && count >= 8 * sample_bytes) {
    const uint8_t* sample = bytes.data() + count / 2;
    PARQUET_ASSIGN_OR_THROW(const int64_t used, codec->Compress(sample_bytes, sample, room, out.get()));
    if (used > sample_bytes - sample_bytes / 64) {
      std::vector<uint8_t> stored;
      stored.reserve(bytes.size() + bytes.size() / 1024 + 64);
      put_stored(bytes, stored);
      return stored;
    }
  }
  PARQUET_ASSIGN_OR_THROW(const int64_t used, codec->Compress(count, bytes.data(), room, out.get()));
  return {out.get(), out.get() + used};
}

std::shared_ptr<arrow::Buffer> view(const std::vector<uint8_t>& bytes) {
  return std::make_shared<arrow::Buffer>(bytes.data(), static_cast<int64_t>(bytes.size()));
}

template <class T>
size_t count_of(const Pieces<T>& pieces) {
  size_t count = 0;
  for (const auto piece : pieces) count += piece.size();
  return count;
}

// Numbers [first, first + count).
template <class T>
Pieces<T> part_of(const Pieces<T>& pieces, size_t first, size_t count) {
  Pieces<T> part;
  for (const auto piece : pieces) {
    const size_t skipped = std::min(first, piece.size());
    const size_t taken = std::min(count, piece.size() - skipped);
    if (taken > 0) part.push_back(piece.subspan(skipped, taken));
    first -= skipped;
    count -= taken;
  }
  return part;
}

template <class T>
std::pair<T, T> ends_of(const Pieces<T>& pieces) {
  T least = std::numeric_limits<T>::max(), greatest = std::numeric_limits<T>::min();
  for (const auto piece : pieces)
    for (const T number : piece) {
      least = std::min(least, number);
      greatest = std::max(greatest, number);
    }
  return {least, greatest};
}

}  // namespace

NumberPages::NumberPages(const Pieces<int64_t>& numbers, size_t page_rows) : int64s_(&numbers) {
  cut(count_of(numbers), page_rows);
}

std::optional<NumberPages> NumberPages::of(const Pieces<int32_t>& numbers, size_t page_rows) {
  const size_t rows = count_of(numbers);
  if (rows == 0) return std::nullopt;
  const auto [least, greatest] = ends_of(numbers);
  const auto base = static_cast<uint32_t>(least);
  const uint32_t range = static_cast<uint32_t>(greatest) - base;
  if (range >= dictionary_values_max) return std::nullopt;
  NumberPages out;
  out.int32s_ = &numbers;
  std::vector<uint8_t> seen(range + 1);
  seen.front() = seen.back() = 1;
  if (range > 1)
    for (const auto piece : numbers)
      for (const int32_t number : piece) seen[static_cast<uint32_t>(number) - base] = 1;
  out.place_of_.resize(range + 1);
  for (uint32_t i = 0; i <= range; ++i) {
    out.place_of_[i] = static_cast<uint8_t>(out.dictionary_.size());
    if (seen[i]) out.dictionary_.push_back(static_cast<int32_t>(base + i));
  }
  out.cut(rows, page_rows);
  return out;
}

void NumberPages::cut(size_t rows, size_t page_rows) {
  page_rows_ = page_rows;
  pages_.resize((rows + page_rows - 1) / page_rows);
  for (size_t i = 0; i < pages_.size(); ++i) pages_[i].rows = std::min(page_rows, rows - i * page_rows);
}

void NumberPages::make(size_t number, const parquet::ColumnProperties& properties) {
  Page& page = pages_[number];
  const size_t first = number * page_rows_;
  std::vector<uint8_t> bytes;
  if (dictionary_.empty()) {
    bytes.reserve(page.rows * sizeof(int32_t));
    put_deltas(part_of(*int64s_, first, page.rows), bytes);
  } else {
    const unsigned bits = place_bits(dictionary_.size());
    if (dictionary_.size() == 1) {
      put_equal_places(page.rows, 0, bits, bytes);
    } else {
      std::vector<uint8_t> places(page.rows);
      const auto base = static_cast<uint32_t>(dictionary_.front());
      uint8_t* to = places.data();
      for (const auto piece : part_of(*int32s_, first, page.rows))
        for (const int32_t value : piece) *to++ = place_of_[static_cast<uint32_t>(value) - base];
      put_places(places, bits, bytes);
    }
  }
  page.whole_bytes = static_cast<int64_t>(bytes.size());
  page.bytes = compress(bytes, properties);
}

parquet::EncodedStatistics NumberPages::statistics() const {
  parquet::EncodedStatistics out;
  if (!dictionary_.empty()) {
    out.set_min(bytes_of(dictionary_.front())).set_max(bytes_of(dictionary_.back()));
  } else {
    const auto [least, greatest] = ends_of(*int64s_);
    out.set_min(bytes_of(least)).set_max(bytes_of(greatest));
  }
  out.set_null_count(0);
  out.set_is_signed(true);
  return out;
}

int64_t NumberPages::write(parquet::PageWriter& writer, parquet::ColumnChunkMetaDataBuilder& metadata,
                           const parquet::ColumnProperties& properties) {
  using parquet::Encoding;
  int64_t total = 0;
  if (!dictionary_.empty()) {
    const auto* bytes = reinterpret_cast<const uint8_t*>(dictionary_.data());
    const std::vector<uint8_t> plain(bytes, bytes + dictionary_.size() * sizeof(int32_t));
    total += writer.WriteDictionaryPage(
        parquet::DictionaryPage(view(plain), static_cast<int32_t>(dictionary_.size()), Encoding::PLAIN, true));
  }
  const auto encoding = dictionary_.empty() ? Encoding::DELTA_BINARY_PACKED : Encoding::RLE_DICTIONARY;
  for (const Page& page : pages_)
    total += writer.WriteDataPage(parquet::DataPageV1(view(page.bytes), static_cast<int32_t>(page.rows), encoding,
                                                      Encoding::RLE, Encoding::RLE, page.whole_bytes));
  if (properties.statistics_enabled()) metadata.SetStatistics(statistics());
  writer.Close(!dictionary_.empty(), false);
  return total;
}

}  // namespace tessera
