#include "write/parquet_numbers.h"

#include <arrow/util/compression.h>
#include <parquet/column_page.h>
#include <parquet/exception.h>
#include <parquet/statistics.h>

#include <algorithm>
#include <cstring>

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

std::vector<uint8_t> compress(const std::vector<uint8_t>& bytes, const parquet::ColumnProperties& properties) {
  PARQUET_ASSIGN_OR_THROW(const auto codec,
                          arrow::util::Codec::Create(properties.compression(), properties.compression_level()));
  const auto count = static_cast<int64_t>(bytes.size());
  std::vector<uint8_t> out(static_cast<size_t>(codec->MaxCompressedLen(count, bytes.data())));
  PARQUET_ASSIGN_OR_THROW(const int64_t used,
                          codec->Compress(count, bytes.data(), static_cast<int64_t>(out.size()), out.data()));
  out.resize(static_cast<size_t>(used));
  return out;
}

std::shared_ptr<arrow::Buffer> view(const std::vector<uint8_t>& bytes) {
  return std::make_shared<arrow::Buffer>(bytes.data(), static_cast<int64_t>(bytes.size()));
}

}  // namespace

NumberPages::NumberPages(std::span<const int64_t> numbers, size_t page_rows) : int64s_(numbers) {
  cut(numbers.size(), page_rows);
}

std::optional<NumberPages> NumberPages::of(std::span<const int32_t> numbers, size_t page_rows) {
  if (numbers.empty()) return std::nullopt;
  int32_t least = numbers[0], greatest = numbers[0];
  for (const int32_t number : numbers) {
    least = std::min(least, number);
    greatest = std::max(greatest, number);
  }
  const auto base = static_cast<uint32_t>(least);
  const uint32_t range = static_cast<uint32_t>(greatest) - base;
  if (range >= dictionary_values_max) return std::nullopt;
  NumberPages out;
  out.int32s_ = numbers;
  std::vector<uint8_t> seen(range + 1);
  if (range == 0) seen[0] = 1;
  if (range > 0)
    for (const int32_t number : numbers) seen[static_cast<uint32_t>(number) - base] = 1;
  out.place_of_.resize(range + 1);
  for (uint32_t i = 0; i <= range; ++i) {
    out.place_of_[i] = static_cast<uint8_t>(out.dictionary_.size());
    if (seen[i]) out.dictionary_.push_back(static_cast<int32_t>(base + i));
  }
  out.cut(numbers.size(), page_rows);
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
    put_deltas(int64s_.subspan(first, page.rows), bytes);
  } else {
    const unsigned bits = place_bits(dictionary_.size());
    if (dictionary_.size() == 1) {
      put_equal_places(page.rows, 0, bits, bytes);
    } else {
      std::vector<uint8_t> places(page.rows);
      const auto base = static_cast<uint32_t>(dictionary_.front());
      const int32_t* from = int32s_.data() + first;
      for (size_t i = 0; i < page.rows; ++i) places[i] = place_of_[static_cast<uint32_t>(from[i]) - base];
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
  } else if (!int64s_.empty()) {
    const auto [least, greatest] = std::ranges::minmax(int64s_);
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
