// parquet_text.cc: text pages as views, dictionary pages as indices.
#include <parquet/encoding.h>

#include <algorithm>
#include <atomic>
#include <cassert>
#include <cstring>
#include <span>

#include "read/equal_lengths.h"
#include "read/parquet_pages.h"
#include "read/utf8.h"

namespace tessera {

namespace {

uint64_t next_dictionary_id() {
  static std::atomic<uint64_t> last{0};
  return ++last;
}

class TextColumn final : public PageWalk {
 public:
  TextColumn(const ChunkPlace& place, ColumnBuffers& out, PageBuffers& pages, RecyclingPool& pool, size_t rows_max)
      : PageWalk(place, out, pages, pool, rows_max, pages.known_bytes(place)) {
    if (pages.known_bytes(place) != 0) use_dictionary();
  }

  RawColumn read(size_t rows, std::vector<uint32_t>& unusable) override {
    assert(rows <= rows_max_);
    const size_t count = read_levels(rows);
    return how_ == How::indices ? read_indices(rows, count, unusable) : read_texts(rows, count, unusable);
  }

 private:
  enum class How : uint8_t { plain, one_width, indices, other };

  void load_dictionary(const parquet::DictionaryPage& page) override {
    if (page.num_values() < 0) broken_page("a dictionary with fewer than no values");
    if (page.encoding() != parquet::Encoding::PLAIN && page.encoding() != parquet::Encoding::PLAIN_DICTIONARY) {
      broken_page("a dictionary that is not plain");
    }
    pages_.dictionary_id = 0;  // until it is whole
    const auto bytes = static_cast<size_t>(page.size());
    // The page lies in memory that the next page takes.
    char* copy = pages_.dictionary_bytes.take(bytes);
    if (bytes > 0) std::memcpy(copy, page.data(), bytes);
    at_ = copy;
    end_ = copy + bytes;
    const auto count = static_cast<size_t>(page.num_values());
    if (count > bytes / 4) broken_page("a dictionary with more values than bytes");
    pages_.dictionary.resize(count);
    walk(pages_.dictionary.data(), count);
    pages_.dictionary_bad.clear();
    if (!place_.type.bytes && !is_ascii(copy, bytes)) {
      for (size_t i = 0; i < count; ++i) {
        if (is_utf8(pages_.dictionary[i])) continue;
        pages_.dictionary_bad.resize(count);
        pages_.dictionary_bad[i] = 1;
      }
    }
    pages_.dictionary_file = place_.file;
    pages_.dictionary_offset = place_.offset;
    pages_.dictionary_end = next_page();
    pages_.dictionary_id = next_dictionary_id();
    use_dictionary();
  }

  // Only to unpack indices: the values are ours.
  void use_dictionary() { dictionary_ = parquet::MakeDictDecoder<parquet::ByteArrayType>(place_.column, &pool_); }

  void load_values(parquet::Encoding::type encoding, int values, const uint8_t* data, int bytes) override {
    if (encoding == parquet::Encoding::PLAIN) {
      how_ = How::plain;
      at_ = reinterpret_cast<const char*>(data);
      end_ = at_ + bytes;
      ascii_ = place_.type.bytes || is_ascii(at_, static_cast<size_t>(bytes));
    } else if (is_dictionary(encoding)) {
      how_ = How::indices;
      if (!dictionary_) broken_page("a page refers to a dictionary that is not there");
      dictionary_->SetData(values, data, bytes);
    } else if (encoding == parquet::Encoding::DELTA_LENGTH_BYTE_ARRAY && begin_one_width(data, bytes)) {
      how_ = How::one_width;
    } else {
      how_ = How::other;
      ascii_ = place_.type.bytes;
      other_ = parquet::MakeTypedDecoder<parquet::ByteArrayType>(encoding, place_.column, &pool_);
      other_->SetData(values, data, bytes);
    }
  }

  bool begin_one_width(const uint8_t* data, int bytes) {
    const auto lengths = equal_lengths({data, static_cast<size_t>(bytes)});
    if (!lengths) return false;
    width_ = lengths->width;
    at_ = reinterpret_cast<const char*>(data) + lengths->begin;
    texts_left_ = lengths->texts;
    ascii_ = place_.type.bytes || is_ascii(at_, width_ * texts_left_);
    return true;
  }

  // Into the rows at once: each of those that are not null begins where the last one ended.
  void take_one_width(std::string_view* texts, size_t rows, size_t count) {
    if (count > texts_left_) broken_page("too few values in a page");
    const uint8_t* const present = out_.present.data();
    const char* at = at_;
    for (size_t i = 0; i < rows; ++i) {
      const bool here = count == rows || present[i] != 0;
      texts[i] = here ? std::string_view(at, width_) : std::string_view();
      at += here ? width_ : 0;
    }
    at_ = at;
    texts_left_ -= count;
  }

  // Plain text: length, bytes, length, bytes ... While lengths stay the same, the next one's place is known before the
  // length before it has been read.
  void walk(std::string_view* texts, size_t count) {
    const char* at = at_;
    const char* const end = end_;
    for (size_t i = 0; i < count; ++i) {
      if (i > 1 && texts[i - 1].size() == texts[i - 2].size()) {
        const auto usual = static_cast<uint32_t>(texts[i - 1].size());
        const size_t step = 4 + size_t{usual};
        for (; i < count && static_cast<size_t>(end - at) >= step; ++i, at += step) {
          uint32_t length = 0;
          std::memcpy(&length, at, 4);
          if (length != usual) break;
          texts[i] = {at + 4, usual};
        }
        if (i == count) break;
      }
      uint32_t length = 0;
      if (end - at < 4) broken_page("a page ends within a value");
      std::memcpy(&length, at, 4);  // little-endian, as Parquet and our processors are
      at += 4;
      if (static_cast<size_t>(end - at) < length) broken_page("a page ends within a value");
      texts[i] = {at, length};
      at += length;
    }
    at_ = at;
  }

  RawColumn read_texts(size_t rows, size_t count, std::vector<uint32_t>& unusable) {
    std::string_view* texts = out_.texts.take(rows_max_);
    bool ascii = ascii_;
    if (how_ == How::one_width) {
      take_one_width(texts, rows, count);
    } else if (how_ == How::plain) {
      walk(texts, count);
    } else {
      auto* values = reinterpret_cast<parquet::ByteArray*>(pages_.dense.take(rows_max_ * sizeof(parquet::ByteArray)));
      if (static_cast<size_t>(other_->Decode(values, static_cast<int>(count))) != count)
        broken_page("too few values in a page");
      for (size_t i = 0; i < count; ++i) {
        // An empty value may have no address, which would make it null.
        texts[i] = values[i].len == 0 ? std::string_view("")
                                      : std::string_view(reinterpret_cast<const char*>(values[i].ptr), values[i].len);
      }
      ascii = ascii || ascii_end_to_end({values, count});
    }
    if (how_ != How::one_width) spread(texts, rows, count, std::string_view{});
    if (!ascii) {
      for (size_t i = 0; i < rows; ++i) {
        if (is_utf8(texts[i])) continue;
        unusable.push_back(static_cast<uint32_t>(i));
        texts[i] = {};
      }
    }
    RawColumn column;
    column.texts = {texts, rows};
    return column;
  }

  // Whether the values lie one after another and have no byte beyond ASCII: one look at them all.
  static bool ascii_end_to_end(std::span<const parquet::ByteArray> values) {
    if (values.empty()) return true;
    bool end_to_end = true;
    for (size_t i = 1; i < values.size(); ++i) end_to_end &= values[i].ptr == values[i - 1].ptr + values[i - 1].len;
    const uint8_t *begin = values.front().ptr, *end = values.back().ptr + values.back().len;
    return end_to_end && is_ascii(reinterpret_cast<const char*>(begin), static_cast<size_t>(end - begin));
  }

  RawColumn read_indices(size_t rows, size_t count, std::vector<uint32_t>& unusable) {
    int32_t* indices = out_.indices.take(rows_max_);
    if (static_cast<size_t>(dictionary_->DecodeIndices(static_cast<int>(count), indices)) != count) {
      broken_page("too few values in a page");
    }
    uint32_t highest = 0;
    for (size_t i = 0; i < count; ++i) highest = std::max(highest, static_cast<uint32_t>(indices[i]));
    if (count > 0 && highest >= pages_.dictionary.size()) broken_page("an index beyond the dictionary");
    spread(indices, rows, count, int32_t{-1});
    if (!pages_.dictionary_bad.empty()) {
      for (size_t i = 0; i < rows; ++i) {
        if (indices[i] < 0 || pages_.dictionary_bad[static_cast<size_t>(indices[i])] == 0) continue;
        unusable.push_back(static_cast<uint32_t>(i));
        indices[i] = -1;
      }
    }
    RawColumn column;
    column.texts = pages_.dictionary;
    column.indices = {indices, rows};
    column.dictionary_id = pages_.dictionary_id;
    return column;
  }

  How how_ = How::plain;
  const char* at_ = nullptr;
  const char* end_ = nullptr;          // plain
  size_t width_ = 0, texts_left_ = 0;  // one_width
  bool ascii_ = false;
  std::unique_ptr<parquet::DictDecoder<parquet::ByteArrayType>> dictionary_;
  std::unique_ptr<parquet::ByteArrayDecoder> other_;
};

}  // namespace

std::unique_ptr<ParquetColumn> open_text_column(const ChunkPlace& place, ColumnBuffers& out, PageBuffers& pages,
                                                RecyclingPool& pool, size_t rows_max) {
  return std::make_unique<TextColumn>(place, out, pages, pool, rows_max);
}

}  // namespace tessera
