// parquet_column.cc: pages to slices.
#include "read/parquet_column.h"

#include <arrow/util/decimal.h>
#include <parquet/column_page.h>
#include <parquet/column_reader.h>
#include <parquet/encoding.h>
#include <parquet/exception.h>
#include <parquet/properties.h>
#include <parquet/schema.h>

#include <atomic>
#include <cassert>
#include <charconv>
#include <cmath>
#include <type_traits>

#include "read/utf8.h"

namespace tessera {

namespace {

[[noreturn]] void broken(const char* what) { throw parquet::ParquetException(what); }

uint64_t next_dictionary_id() {
  static std::atomic<uint64_t> last{0};
  return ++last;
}

int64_t floor_div(int64_t value, int64_t by) {
  const int64_t quotient = value / by;
  return quotient - ((value % by) < 0 ? 1 : 0);
}

// What all columns share: walking the pages of a chunk, and the nulls.
class PageWalk : public ParquetColumn {
 public:
  PageWalk(const ChunkPlace& place, ColumnBuffers& out, PageBuffers& pages, RecyclingPool& pool, size_t rows_max)
      : place_(place), out_(out), pages_(pages), pool_(pool), rows_max_(rows_max),
        max_level_(place.column->max_definition_level()), levels_(max_level_) {
    parquet::ReaderProperties properties(&pool);
    properties.set_page_checksum_verification(true);
    auto stream = std::make_shared<ChunkStream>(place.descriptor, place.offset, place.bytes, pages.compressed);
    pager_ = parquet::PageReader::Open(std::move(stream), place.values,
                                       static_cast<parquet::Compression::type>(place.compression), properties,
                                       *place.column);
  }

  size_t ready() override {
    while (left_ == 0) {
      page_ = pager_->NextPage();
      if (!page_) return 0;
      load_page();
    }
    return left_;
  }

 protected:
  virtual void load_dictionary(const parquet::DictionaryPage& page) = 0;
  // `values` bounds the values in `data`: nulls are counted but not stored.
  virtual void load_values(parquet::Encoding::type encoding, int values, const uint8_t* data, int bytes) = 0;

  // Decodes which of the next `rows` are null; how many are not.
  size_t read_levels(size_t rows) {
    left_ -= rows;
    if (all_present_) return rows;
    int16_t* levels = pages_.levels.take(rows_max_);
    if (static_cast<size_t>(levels_.Decode(static_cast<int>(rows), levels)) != rows) broken("too few levels in a page");
    uint8_t* present = out_.present.take(rows_max_);
    size_t count = 0;
    for (size_t i = 0; i < rows; ++i) {
      present[i] = levels[i] == max_level_;
      count += present[i];
    }
    return count;
  }

  // Moves the first `count` values apart, so that each stands in its row.
  template <class T>
  void spread(T* values, size_t rows, size_t count, T null) const {
    if (count == rows) return;
    const uint8_t* present = out_.present.data();
    for (size_t i = rows, k = count; i-- > 0;) {
      const bool here = present[i] != 0;
      k -= here;
      values[i] = here ? values[k] : null;
    }
  }

  const ChunkPlace place_;
  ColumnBuffers& out_;
  PageBuffers& pages_;
  RecyclingPool& pool_;
  const size_t rows_max_;

 private:
  void load_page() {
    if (page_->type() == parquet::PageType::DICTIONARY_PAGE) {
      load_dictionary(static_cast<const parquet::DictionaryPage&>(*page_));
      return;
    }
    const uint8_t* data = page_->data();
    int bytes = page_->size();
    if (page_->type() == parquet::PageType::DATA_PAGE) {
      const auto& page = static_cast<const parquet::DataPageV1&>(*page_);
      const int values = page.num_values();
      if (values < 0) broken("a page with fewer than no values");
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
        broken("a page with impossible lengths");
      }
      if (max_level_ > 0) levels_.SetDataV2(definitions, max_level_, values, data + repeats);
      begin_page(page, values, data + repeats + definitions, bytes - repeats - definitions);
    }
  }

  void begin_page(const parquet::DataPage& page, int values, const uint8_t* data, int bytes) {
    all_present_ = max_level_ == 0 || place_.no_nulls;
    left_ = static_cast<size_t>(values);
    if (values > 0) load_values(page.encoding(), values, data, bytes);
  }

  const int16_t max_level_;
  parquet::LevelDecoder levels_;
  std::unique_ptr<parquet::PageReader> pager_;
  std::shared_ptr<parquet::Page> page_;
  size_t left_ = 0;
  bool all_present_ = false;
};

bool dictionary_encoding(parquet::Encoding::type encoding) {
  return encoding == parquet::Encoding::PLAIN_DICTIONARY || encoding == parquet::Encoding::RLE_DICTIONARY;
}

// ---- Text -------------------------------------------------------------------

class TextColumn final : public PageWalk {
 public:
  using PageWalk::PageWalk;

  RawColumn read(size_t rows, std::vector<uint32_t>& unusable) override {
    assert(rows <= rows_max_);
    const size_t count = read_levels(rows);
    return how_ == How::indices ? read_indices(rows, count, unusable) : read_texts(rows, count, unusable);
  }

 private:
  enum class How : uint8_t { plain, indices, other };

  void load_dictionary(const parquet::DictionaryPage& page) override {
    if (page.num_values() < 0) broken("a dictionary with fewer than no values");
    if (page.encoding() != parquet::Encoding::PLAIN && page.encoding() != parquet::Encoding::PLAIN_DICTIONARY) {
      broken("a dictionary that is not plain");
    }
    const auto bytes = static_cast<size_t>(page.size());
    // The page lies in memory that the next page takes.
    char* copy = pages_.dictionary_bytes.take(bytes);
    if (bytes > 0) std::memcpy(copy, page.data(), bytes);
    at_ = copy;
    end_ = copy + bytes;
    const auto count = static_cast<size_t>(page.num_values());
    if (count > bytes / 4) broken("a dictionary with more values than bytes");
    pages_.dictionary.resize(count);
    walk(pages_.dictionary.data(), count);
    pages_.dictionary_bad.clear();
    if (!is_ascii(copy, bytes)) {
      for (size_t i = 0; i < count; ++i) {
        if (is_utf8(pages_.dictionary[i])) continue;
        pages_.dictionary_bad.resize(count);
        pages_.dictionary_bad[i] = 1;
      }
    }
    // Only to unpack indices: the values are ours.
    dictionary_ = parquet::MakeDictDecoder<parquet::ByteArrayType>(place_.column, &pool_);
    dictionary_id_ = next_dictionary_id();
  }

  void load_values(parquet::Encoding::type encoding, int values, const uint8_t* data, int bytes) override {
    if (encoding == parquet::Encoding::PLAIN) {
      how_ = How::plain;
      at_ = reinterpret_cast<const char*>(data);
      end_ = at_ + bytes;
      ascii_ = is_ascii(at_, static_cast<size_t>(bytes));
    } else if (dictionary_encoding(encoding)) {
      how_ = How::indices;
      if (!dictionary_) broken("a page refers to a dictionary that is not there");
      dictionary_->SetData(values, data, bytes);
    } else {
      how_ = How::other;
      ascii_ = false;
      other_ = parquet::MakeTypedDecoder<parquet::ByteArrayType>(encoding, place_.column, &pool_);
      other_->SetData(values, data, bytes);
    }
  }

  // Plain text: length, bytes, length, bytes ...
  void walk(std::string_view* texts, size_t count) {
    const char* at = at_;
    const char* const end = end_;
    for (size_t i = 0; i < count; ++i) {
      uint32_t length = 0;
      if (end - at < 4) broken("a page ends within a value");
      std::memcpy(&length, at, 4);  // little-endian, as Parquet and our processors are
      at += 4;
      if (static_cast<size_t>(end - at) < length) broken("a page ends within a value");
      texts[i] = {at, length};
      at += length;
    }
    at_ = at;
  }

  RawColumn read_texts(size_t rows, size_t count, std::vector<uint32_t>& unusable) {
    std::string_view* texts = out_.texts.take(rows_max_);
    if (how_ == How::plain) {
      walk(texts, count);
    } else {
      auto* values = reinterpret_cast<parquet::ByteArray*>(pages_.dense.take(rows_max_ * sizeof(parquet::ByteArray)));
      if (static_cast<size_t>(other_->Decode(values, static_cast<int>(count))) != count) broken("too few values in a page");
      for (size_t i = 0; i < count; ++i) {
        // An empty value may have no address, which would make it null.
        texts[i] = values[i].len == 0 ? std::string_view("", 0)
                                      : std::string_view(reinterpret_cast<const char*>(values[i].ptr), values[i].len);
      }
    }
    spread(texts, rows, count, std::string_view{});
    if (!ascii_) {
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

  RawColumn read_indices(size_t rows, size_t count, std::vector<uint32_t>& unusable) {
    int32_t* indices = out_.indices.take(rows_max_);
    if (static_cast<size_t>(dictionary_->DecodeIndices(static_cast<int>(count), indices)) != count) {
      broken("too few values in a page");
    }
    uint32_t highest = 0;
    for (size_t i = 0; i < count; ++i) highest = std::max(highest, static_cast<uint32_t>(indices[i]));
    if (count > 0 && highest >= pages_.dictionary.size()) broken("an index beyond the dictionary");
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
    column.dictionary_id = dictionary_id_;
    return column;
  }

  How how_ = How::plain;
  const char* at_ = nullptr;
  const char* end_ = nullptr;
  bool ascii_ = false;
  std::unique_ptr<parquet::DictDecoder<parquet::ByteArrayType>> dictionary_;
  std::unique_ptr<parquet::ByteArrayDecoder> other_;
  uint64_t dictionary_id_ = 0;
};

// ---- Fixed widths -----------------------------------------------------------

template <class Type>
class FixedColumn final : public PageWalk {
 public:
  using PageWalk::PageWalk;
  using T = typename Type::c_type;

  RawColumn read(size_t rows, std::vector<uint32_t>& unusable) override {
    assert(rows <= rows_max_);
    const size_t count = read_levels(rows);
    RawColumn column;
    column.form = place_.type.form;
    if (column.form == RawColumn::Form::text) {
      out_.side.clear();
      std::string_view* texts = out_.texts.take(rows_max_);
      to_texts(decode(count), texts, count);
      spread(texts, rows, count, std::string_view{});
      if (place_.type.conversion == Conversion::text_fixed) {
        for (size_t i = 0; i < rows; ++i) {
          if (is_utf8(texts[i])) continue;
          unusable.push_back(static_cast<uint32_t>(i));
          texts[i] = {};
        }
      }
      column.texts = {texts, rows};
      return column;
    }
    int64_t* numbers = out_.numbers.take(rows_max_);
    if constexpr (std::is_same_v<Type, parquet::Int64Type>) {
      decode_into(numbers, count);
      convert_numbers(numbers, numbers, count);
    } else {
      convert_numbers(decode(count), numbers, count);
    }
    spread(numbers, rows, count, int64_t{0});
    column.numbers = {numbers, rows};
    if (count != rows) column.present = {out_.present.data(), rows};
    return column;
  }

 private:
  using Decoder = typename parquet::EncodingTraits<Type>::Decoder;

  void load_dictionary(const parquet::DictionaryPage& page) override {
    // A dictionary of Booleans is not allowed by the format.
    if constexpr (std::is_same_v<Type, parquet::BooleanType>) {
      broken("a dictionary of Booleans");
    } else {
      auto plain = parquet::MakeTypedDecoder<Type>(parquet::Encoding::PLAIN, place_.column, &pool_);
      plain->SetData(page.num_values(), page.data(), page.size());
      auto dictionary = parquet::MakeDictDecoder<Type>(place_.column, &pool_);
      dictionary->SetDict(plain.get());
      dictionary_ = std::move(dictionary);
    }
  }

  void load_values(parquet::Encoding::type encoding, int values, const uint8_t* data, int bytes) override {
    if (dictionary_encoding(encoding)) {
      if (!dictionary_) broken("a page refers to a dictionary that is not there");
      current_ = dynamic_cast<parquet::TypedDecoder<Type>*>(dictionary_.get());
    } else {
      if (!plain_ || plain_->encoding() != encoding) {
        plain_ = parquet::MakeTypedDecoder<Type>(encoding, place_.column, &pool_);
      }
      current_ = plain_.get();
    }
    current_->SetData(values, data, bytes);
  }

  void decode_into(T* values, size_t count) {
    if (static_cast<size_t>(current_->Decode(values, static_cast<int>(count))) != count) {
      broken("too few values in a page");
    }
  }
  T* decode(size_t count) {
    auto* values = reinterpret_cast<T*>(pages_.dense.take(rows_max_ * sizeof(T)));
    decode_into(values, count);
    return values;
  }

  void convert_numbers(const T* from, int64_t* to, size_t count) const {
    if constexpr (std::is_same_v<Type, parquet::Int32Type>) {
      if (place_.type.conversion == Conversion::number_u32) {
        for (size_t i = 0; i < count; ++i) to[i] = static_cast<uint32_t>(from[i]);
      } else {
        for (size_t i = 0; i < count; ++i) to[i] = from[i];
      }
    } else if constexpr (std::is_same_v<Type, parquet::Int64Type>) {
      switch (place_.type.conversion) {
        case Conversion::day_milli: return to_days(to, count, 86'400'000);
        case Conversion::day_micro: return to_days(to, count, 86'400'000'000);
        case Conversion::day_nano: return to_days(to, count, 86'400'000'000'000);
        case Conversion::number_u64:
          for (size_t i = 0; i < count; ++i) {
            if (to[i] < 0) broken("holds a number above 9223372036854775807");
          }
          return;
        default: return;
      }
    } else if constexpr (std::is_same_v<Type, parquet::Int96Type>) {
      constexpr int64_t julian_day_of_1970 = 2'440'588;
      for (size_t i = 0; i < count; ++i) to[i] = int64_t{from[i].value[2]} - julian_day_of_1970;
    } else {
      assert(false && "not a number");
    }
  }
  static void to_days(int64_t* values, size_t count, int64_t day) {
    for (size_t i = 0; i < count; ++i) values[i] = floor_div(values[i], day);
  }

  void to_texts(const T* from, std::string_view* to, size_t count) {
    for (size_t i = 0; i < count; ++i) to[i] = text_of(from[i]);
  }

  std::string_view keep(std::string_view text) {
    char* place = out_.side.take(text.size());
    std::copy(text.begin(), text.end(), place);
    return {place, text.size()};
  }

  std::string_view text_of(const T& value) {
    if constexpr (std::is_same_v<Type, parquet::BooleanType>) {
      return value ? std::string_view("true") : std::string_view("false");
    } else if constexpr (std::is_same_v<Type, parquet::FloatType> || std::is_same_v<Type, parquet::DoubleType>) {
      if (std::isnan(value)) return {};
      char buffer[64];
      // A whole number that a double holds exactly reads as an integer: tables made
      // by pandas keep NHS numbers so when some are missing.
      const bool whole = std::abs(value) < T{9007199254740992.0} && std::trunc(value) == value;
      const auto end = whole ? std::to_chars(buffer, buffer + sizeof buffer, static_cast<int64_t>(value))
                             : std::to_chars(buffer, buffer + sizeof buffer, value);
      return keep({buffer, static_cast<size_t>(end.ptr - buffer)});
    } else if constexpr (std::is_same_v<Type, parquet::FLBAType>) {
      const auto bytes = static_cast<size_t>(place_.column->type_length());
      if (place_.type.conversion == Conversion::text_decimal) return decimal(value.ptr, bytes);
      if (bytes == 0) return {"", 0};
      return keep({reinterpret_cast<const char*>(value.ptr), bytes});
    } else if constexpr (std::is_same_v<Type, parquet::ByteArrayType>) {
      return decimal(value.ptr, value.len);
    } else if constexpr (std::is_same_v<Type, parquet::Int96Type>) {
      return {};
    } else {
      return keep(arrow::Decimal128(value).ToString(place_.column->type_scale()));
    }
  }

  std::string_view decimal(const uint8_t* bytes, size_t count) {
    if (count == 0 || count > 16) broken("holds a decimal of more than 38 digits");
    const auto value = arrow::Decimal128::FromBigEndian(bytes, static_cast<int32_t>(count));
    if (!value.ok()) broken("holds a decimal that cannot be read");
    return keep(value->ToString(place_.column->type_scale()));
  }

  std::unique_ptr<Decoder> plain_;
  std::unique_ptr<parquet::Decoder> dictionary_;
  parquet::TypedDecoder<Type>* current_ = nullptr;
};

}  // namespace

std::unique_ptr<ParquetColumn> open_column(const ChunkPlace& place, ColumnBuffers& out, PageBuffers& pages,
                                           RecyclingPool& pool, size_t rows_max) {
  using parquet::Type;
  const auto make = [&]<class Column>(std::type_identity<Column>) -> std::unique_ptr<ParquetColumn> {
    return std::make_unique<Column>(place, out, pages, pool, rows_max);
  };
  switch (place.column->physical_type()) {
    case Type::BOOLEAN: return make(std::type_identity<FixedColumn<parquet::BooleanType>>{});
    case Type::INT32: return make(std::type_identity<FixedColumn<parquet::Int32Type>>{});
    case Type::INT64: return make(std::type_identity<FixedColumn<parquet::Int64Type>>{});
    case Type::INT96: return make(std::type_identity<FixedColumn<parquet::Int96Type>>{});
    case Type::FLOAT: return make(std::type_identity<FixedColumn<parquet::FloatType>>{});
    case Type::DOUBLE: return make(std::type_identity<FixedColumn<parquet::DoubleType>>{});
    case Type::FIXED_LEN_BYTE_ARRAY: return make(std::type_identity<FixedColumn<parquet::FLBAType>>{});
    case Type::BYTE_ARRAY:
      if (place.type.conversion == Conversion::text_decimal) {
        return make(std::type_identity<FixedColumn<parquet::ByteArrayType>>{});
      }
      return make(std::type_identity<TextColumn>{});
    default: broken("of an unknown type");
  }
}

}  // namespace tessera
