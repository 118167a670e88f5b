#include "write/parquet_places.h"

#include <algorithm>
#include <cstring>
#include <limits>

#include "base/pool.h"
#include "write/page_codes.h"

namespace tessera {
namespace {

constexpr uint32_t not_yet = std::numeric_limits<uint32_t>::max();
constexpr size_t narrow_max = 256;  // values

}  // namespace

std::string_view PlacePages::value(uint32_t place) const {
  if (!column_.text_dictionary.empty()) return column_.text_dictionary[place];
  const OutToken& token = column_.dictionary[place];
  return {reinterpret_cast<const char*>(token.data()), token.size()};
}

MadePage PlacePages::make(const PageValues& values, size_t rows, const parquet::ColumnProperties& properties) {
  if (index_of_.empty()) index_of_.assign(std::max(column_.dictionary.size(), column_.text_dictionary.size()), not_yet);
  UnsetVector<uint32_t> indices(count_of(values.places));
  uint32_t* to = indices.data();
  for (const auto piece : values.places)
    for (const uint32_t place : piece) {
      uint32_t& index = index_of_[place];
      if (index == not_yet) {
        index = static_cast<uint32_t>(used_.size());
        used_.push_back(place);
      }
      *to++ = index;
    }
  MadePage page{.rows = rows};
  std::vector<uint8_t> bytes;
  if (!values.present.empty()) put_page_levels(values.present, bytes);
  const unsigned bits = place_bits(used_.size());
  if (used_.size() <= narrow_max) {
    const std::vector<uint8_t> narrow(indices.begin(), indices.end());
    put_places(narrow, bits, bytes);
  } else {
    put_wide_places(indices, bits, bytes);
  }
  page.whole_bytes = static_cast<int64_t>(bytes.size());
  page.bytes = compress(bytes, properties);
  return page;
}

void PlacePages::end_group(MadePages& made) {
  size_t bytes = 0;
  for (const uint32_t place : used_) bytes += sizeof(uint32_t) + value(place).size();
  made.encoding = parquet::Encoding::RLE_DICTIONARY;
  made.dictionary.resize(bytes);
  made.dictionary_values = used_.size();
  uint8_t* to = made.dictionary.data();
  for (const uint32_t place : used_) {
    const std::string_view text = value(place);
    const auto size = static_cast<uint32_t>(text.size());
    std::memcpy(to, &size, sizeof size);
    std::memcpy(to + sizeof size, text.data(), size);
    to += sizeof size + size;
  }
  index_of_.clear();
  used_.clear();
}

}  // namespace tessera
