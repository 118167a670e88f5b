#include "write/parquet_texts.h"

#include "write/page_codes.h"

namespace tessera {

MadePage make_text_page(const PageValues& values, size_t width, size_t rows,
                        const parquet::ColumnProperties& properties) {
  const size_t characters = count_of(values.characters);
  MadePage page{.rows = rows};
  std::vector<uint8_t> bytes;
  if (!values.present.empty()) put_page_levels(values.present, bytes);
  put_equal_deltas(characters / width, static_cast<int64_t>(width), bytes);
  page.whole_bytes = static_cast<int64_t>(bytes.size() + characters);
  bytes.reserve(bytes.size() + characters);
  for (const auto piece : values.characters) bytes.insert(bytes.end(), piece.begin(), piece.end());
  page.bytes = compress(bytes, properties);
  return page;
}

}  // namespace tessera
