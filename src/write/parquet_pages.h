// parquet_pages.h: what do the pages that we encode ourselves have in common, and how do they get into the file?
//
//   numbers (parquet_numbers.h), places in a known dictionary (parquet_places.h), texts of one width (parquet_texts.h)
//     -> pages, encoded and compressed   in parallel
//     -> file                            one after another
#pragma once

#include <parquet/column_writer.h>
#include <parquet/metadata.h>
#include <parquet/properties.h>
#include <parquet/statistics.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace tessera {

// Values, piece after piece, where the batches have left them.
template <class T>
using Pieces = std::vector<std::span<const T>>;

// The least and the greatest of some numbers; of none, the least is above the greatest.
template <class T>
struct Ends {
  T least = std::numeric_limits<T>::max(), greatest = std::numeric_limits<T>::min();
  void add(T number) {
    least = std::min(least, number);
    greatest = std::max(greatest, number);
  }
  void add(const Ends& other) {
    least = std::min(least, other.least);
    greatest = std::max(greatest, other.greatest);
  }
};

template <class T>
Ends<T> ends_of(std::span<const T> numbers) {
  Ends<T> ends;
  for (const T number : numbers) ends.add(number);
  return ends;
}

template <class T>
size_t count_of(const Pieces<T>& pieces) {
  size_t count = 0;
  for (const auto piece : pieces) count += piece.size();
  return count;
}

template <class T>
parquet::EncodedStatistics statistics_of(Ends<T> ends) {
  const auto bytes_of = [](const T& number) {
    return std::string(reinterpret_cast<const char*>(&number), sizeof number);
  };
  parquet::EncodedStatistics out;
  out.set_min(bytes_of(ends.least)).set_max(bytes_of(ends.greatest));
  out.set_null_count(0);
  out.set_is_signed(true);
  return out;
}

// The values of a page of one column: those that are there, and which rows have one.
struct PageValues {
  Pieces<uint8_t> present;  // 1 or 0 a row; empty where no row may be null
  Pieces<char> characters;  // of texts of one width
  Pieces<uint32_t> places;  // in the column's dictionary
  Pieces<int64_t> numbers;  // without nulls
};

struct MadePage {
  std::vector<uint8_t> bytes;  // compressed
  int64_t whole_bytes = 0;     // before
  size_t rows = 0;
};

// The pages of a column of a group.
struct MadePages {
  parquet::Encoding::type encoding = parquet::Encoding::PLAIN;
  std::vector<MadePage> pages;
  // Of RLE_DICTIONARY: values as PLAIN has them.
  std::vector<uint8_t> dictionary;
  size_t dictionary_values = 0;
  bool dictionary_sorted = false;
  std::optional<parquet::EncodedStatistics> statistics;
};

// As the column's properties have it; throws parquet::ParquetException. Bytes that look random stay as they are.
[[nodiscard]] std::vector<uint8_t> compress(const std::vector<uint8_t>& bytes,
                                            const parquet::ColumnProperties& properties);

// Appends the levels of a page.
void put_page_levels(const Pieces<uint8_t>& present, std::vector<uint8_t>& out);

// Writes all of a column. Returns the bytes before compression.
int64_t write_pages(const MadePages& made, parquet::PageWriter& writer, parquet::ColumnChunkMetaDataBuilder& metadata);

}  // namespace tessera
