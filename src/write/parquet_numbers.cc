#include "write/parquet_numbers.h"

#include <algorithm>

#include "write/page_codes.h"

namespace tessera {
namespace {

constexpr uint32_t range_max = 1 << 16;

}  // namespace

MadePage make_number_page(const PageValues& values, size_t rows, const parquet::ColumnProperties& properties) {
  std::vector<uint8_t> bytes;
  bytes.reserve(rows * sizeof(int32_t));
  put_deltas(values.numbers, bytes);
  return {.bytes = compress(bytes, properties), .whole_bytes = static_cast<int64_t>(bytes.size()), .rows = rows};
}

std::optional<NumberPages> NumberPages::of(const GroupNumbers& numbers, size_t page_rows) {
  const size_t rows = numbers.numbers.size();
  if (rows == 0) return std::nullopt;
  const auto base = static_cast<uint32_t>(numbers.ends.least);
  const uint32_t range = static_cast<uint32_t>(numbers.ends.greatest) - base;
  if (range >= range_max) return std::nullopt;
  NumberPages out;
  out.numbers_ = numbers.numbers;
  out.least_ = numbers.ends.least;
  std::vector<uint8_t> seen(range + 1);
  seen.front() = seen.back() = 1;
  if (range > 1)
    for (const int32_t number : numbers.numbers) seen[static_cast<uint32_t>(number) - base] = 1;
  out.place_of_.resize(range + 1);
  std::vector<int32_t> dictionary;
  for (uint32_t i = 0; i <= range; ++i) {
    out.place_of_[i] = static_cast<uint16_t>(dictionary.size());
    if (seen[i]) dictionary.push_back(static_cast<int32_t>(base + i));
  }
  out.page_rows_ = page_rows;
  auto& pages = out.made_.pages;
  pages.resize((rows + page_rows - 1) / page_rows);
  for (size_t i = 0; i < pages.size(); ++i) pages[i].rows = std::min(page_rows, rows - i * page_rows);
  const auto* bytes = reinterpret_cast<const uint8_t*>(dictionary.data());
  out.made_.encoding = parquet::Encoding::RLE_DICTIONARY;
  out.made_.dictionary.assign(bytes, bytes + dictionary.size() * sizeof(int32_t));
  out.made_.dictionary_values = dictionary.size();
  out.made_.dictionary_sorted = true;
  out.made_.statistics = statistics_of(numbers.ends);
  return out;
}

void NumberPages::make(size_t number, const parquet::ColumnProperties& properties) {
  MadePage& page = made_.pages[number];
  std::vector<uint8_t> bytes;
  const auto places_of = [&]<class Place>(std::vector<Place> places) {
    const auto base = static_cast<uint32_t>(least_);
    std::ranges::transform(numbers_.subspan(number * page_rows_, page.rows), places.begin(), [&](int32_t value) {
      return static_cast<Place>(place_of_[static_cast<uint32_t>(value) - base]);
    });
    return places;
  };
  const unsigned bits = place_bits(made_.dictionary_values);
  if (made_.dictionary_values == 1) {
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
