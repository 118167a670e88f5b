#include "write/parquet_numbers.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "write/page_codes.h"

namespace tessera {
namespace {

constexpr uint32_t range_max = 1 << 16;

template <class T>
std::string bytes_of(T number) {
  std::string bytes(sizeof number, '\0');
  std::memcpy(bytes.data(), &number, sizeof number);
  return bytes;
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

}  // namespace

NumberPages::NumberPages(const Pieces<int64_t>& numbers, Ends<int64_t> ends, size_t page_rows) : int64s_(&numbers) {
  cut(count_of(numbers), page_rows);
  made_.encoding = parquet::Encoding::DELTA_BINARY_PACKED;
  set_statistics(ends);
}

std::optional<NumberPages> NumberPages::of(const Pieces<int32_t>& numbers, Ends<int32_t> ends, size_t page_rows) {
  const size_t rows = count_of(numbers);
  if (rows == 0) return std::nullopt;
  const auto base = static_cast<uint32_t>(ends.least);
  const uint32_t range = static_cast<uint32_t>(ends.greatest) - base;
  if (range >= range_max) return std::nullopt;
  NumberPages out;
  out.int32s_ = &numbers;
  out.least_ = ends.least;
  std::vector<uint8_t> seen(range + 1);
  seen.front() = seen.back() = 1;
  if (range > 1)
    for (const auto piece : numbers)
      for (const int32_t number : piece) seen[static_cast<uint32_t>(number) - base] = 1;
  out.place_of_.resize(range + 1);
  std::vector<int32_t> dictionary;
  for (uint32_t i = 0; i <= range; ++i) {
    out.place_of_[i] = static_cast<uint16_t>(dictionary.size());
    if (seen[i]) dictionary.push_back(static_cast<int32_t>(base + i));
  }
  out.cut(rows, page_rows);
  const auto* bytes = reinterpret_cast<const uint8_t*>(dictionary.data());
  out.made_.encoding = parquet::Encoding::RLE_DICTIONARY;
  out.made_.dictionary.assign(bytes, bytes + dictionary.size() * sizeof(int32_t));
  out.made_.dictionary_values = dictionary.size();
  out.made_.dictionary_sorted = true;
  out.set_statistics(ends);
  return out;
}

void NumberPages::cut(size_t rows, size_t page_rows) {
  page_rows_ = page_rows;
  auto& pages = made_.pages;
  pages.resize((rows + page_rows - 1) / page_rows);
  for (size_t i = 0; i < pages.size(); ++i) pages[i].rows = std::min(page_rows, rows - i * page_rows);
}

template <class T>
void NumberPages::set_statistics(Ends<T> ends) {
  made_.statistics.emplace();
  made_.statistics->set_min(bytes_of(ends.least)).set_max(bytes_of(ends.greatest));
  made_.statistics->set_null_count(0);
  made_.statistics->set_is_signed(true);
}

void NumberPages::make(size_t number, const parquet::ColumnProperties& properties) {
  MadePage& page = made_.pages[number];
  const size_t first = number * page_rows_;
  std::vector<uint8_t> bytes;
  const auto places_of = [&]<class Place>(std::vector<Place> places) {
    const auto base = static_cast<uint32_t>(least_);
    Place* to = places.data();
    for (const auto piece : part_of(*int32s_, first, page.rows))
      for (const int32_t value : piece) *to++ = static_cast<Place>(place_of_[static_cast<uint32_t>(value) - base]);
    return places;
  };
  const unsigned bits = place_bits(made_.dictionary_values);
  if (int64s_ != nullptr) {
    bytes.reserve(page.rows * sizeof(int32_t));
    put_deltas(part_of(*int64s_, first, page.rows), bytes);
  } else if (made_.dictionary_values == 1) {
    put_equal_places(page.rows, 0, bits, bytes);
  } else if (bits <= 8) {
    put_places(places_of(std::vector<uint8_t>(page.rows)), bits, bytes);
  } else {
    put_wide_places(places_of(std::vector<uint32_t>(page.rows)), bits, bytes);
  }
  page.whole_bytes = static_cast<int64_t>(bytes.size());
  page.bytes = compress(bytes, properties);
}

}  // namespace tessera
