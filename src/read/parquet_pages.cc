// parquet_pages.cc: pages, levels, and which column reads which type.
#include "read/parquet_pages.h"

#include <parquet/exception.h>
#include <parquet/properties.h>
#include <parquet/schema.h>

#include <algorithm>
#include <vector>

#include "read/chunk_stream.h"

namespace tessera {

void broken_page(const char* what) { throw parquet::ParquetException(what); }

bool is_dictionary(parquet::Encoding::type encoding) {
  return encoding == parquet::Encoding::PLAIN_DICTIONARY || encoding == parquet::Encoding::RLE_DICTIONARY;
}

PageWalk::PageWalk(const ChunkPlace& place, ColumnBuffers& out, PageBuffers& pages, RecyclingPool& pool,
                   size_t rows_max, int64_t from)
    : place_(place),
      out_(out),
      pages_(pages),
      pool_(pool),
      rows_max_(rows_max),
      max_level_(place.column->max_definition_level()),
      levels_(max_level_),
      from_(from) {
  parquet::ReaderProperties properties(&pool);
  properties.set_page_checksum_verification(true);
  stream_ = std::make_shared<ChunkStream>(place.descriptor, place.offset + from, place.bytes - from, pages.compressed);
  pager_ = parquet::PageReader::Open(stream_, place.values, static_cast<parquet::Compression::type>(place.compression),
                                     properties, *place.column);
}

int64_t PageWalk::next_page() const { return any_data_ ? 0 : from_ + stream_->Tell().ValueOr(0); }

size_t PageWalk::ready() {
  while (left_ == 0) {
    page_ = pager_->NextPage();
    if (!page_) return 0;
    load_page();
  }
  return left_;
}

void PageWalk::skip(size_t rows) {
  if (rows == 0) return;
  pager_->set_data_page_filter([&](const parquet::DataPageStats& page) {
    const auto values = static_cast<size_t>(std::max(page.num_values, 0));
    if (values > rows) return false;
    rows -= values;
    stream_->pass_over_next();
    return true;
  });
  std::vector<uint32_t> ignored;
  while (rows > 0) {
    const size_t here = ready();  // which may leave out pages, and so all rows that are left
    if (here == 0) broken_page("has fewer values than the row group has rows");
    const size_t count = std::min({here, rows, rows_max_});
    if (count == 0) break;
    read(count, ignored);
    rows -= count;
  }
  pager_->set_data_page_filter(nullptr);
}

size_t PageWalk::read_levels(size_t rows) {
  left_ -= rows;
  if (all_present_) return rows;
  int16_t* levels = pages_.levels.take(rows_max_);
  if (static_cast<size_t>(levels_.Decode(static_cast<int>(rows), levels)) != rows)
    broken_page("too few levels in a page");
  uint8_t* present = out_.present.take(rows_max_);
  size_t count = 0;
  for (size_t i = 0; i < rows; ++i) {
    present[i] = levels[i] == max_level_;
    count += present[i];
  }
  return count;
}

void PageWalk::load_page() {
  if (page_->type() == parquet::PageType::DICTIONARY_PAGE) {
    load_dictionary(static_cast<const parquet::DictionaryPage&>(*page_));
    return;
  }
  const uint8_t* data = page_->data();
  int bytes = page_->size();
  if (page_->type() == parquet::PageType::DATA_PAGE) {
    const auto& page = static_cast<const parquet::DataPageV1&>(*page_);
    const int values = page.num_values();
    if (values < 0) broken_page("a page with fewer than no values");
    if (max_level_ > 0) {
      const int used = levels_.SetData(page.definition_level_encoding(), max_level_, values, data, bytes);
      data += used;
      bytes -= used;
    }
    begin_page(page, values, data, bytes);
  } else if (page_->type() == parquet::PageType::DATA_PAGE_V2) {
    const auto& page = static_cast<const parquet::DataPageV2&>(*page_);
    const int values = page.num_values();
    const int repeats = page.repetition_levels_byte_length();
    const int definitions = page.definition_levels_byte_length();
    if (values < 0 || repeats < 0 || definitions < 0 || int64_t{repeats} + definitions > bytes) {
      broken_page("a page with impossible lengths");
    }
    if (max_level_ > 0) levels_.SetDataV2(definitions, max_level_, values, data + repeats);
    begin_page(page, values, data + repeats + definitions, bytes - repeats - definitions);
  }
}

void PageWalk::begin_page(const parquet::DataPage& page, int values, const uint8_t* data, int bytes) {
  all_present_ = max_level_ == 0 || place_.no_nulls;
  left_ = static_cast<size_t>(values);
  any_data_ = true;
  if (values > 0) load_values(page.encoding(), values, data, bytes);
}

std::unique_ptr<ParquetColumn> open_column(const ChunkPlace& place, ColumnBuffers& out, PageBuffers& pages,
                                           RecyclingPool& pool, size_t rows_max) {
  if (place.type.conversion == Conversion::text) return open_text_column(place, out, pages, pool, rows_max);
  return open_fixed_column(place, out, pages, pool, rows_max);
}

}  // namespace tessera
