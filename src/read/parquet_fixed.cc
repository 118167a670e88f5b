// parquet_fixed.cc: pages of numbers, days and what else is not text, by Arrow's
// decoders, and what each type is turned into.
#include <arrow/util/decimal.h>
#include <parquet/encoding.h>
#include <parquet/schema.h>

#include <cassert>
#include <charconv>
#include <cmath>
#include <type_traits>

#include "read/parquet_pages.h"
#include "read/utf8.h"

namespace tessera {

namespace {

int64_t floor_div(int64_t value, int64_t by) {
  const int64_t quotient = value / by;
  return quotient - ((value % by) < 0 ? 1 : 0);
}

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
      broken_page("a dictionary of Booleans");
    } else {
      auto plain = parquet::MakeTypedDecoder<Type>(parquet::Encoding::PLAIN, place_.column, &pool_);
      plain->SetData(page.num_values(), page.data(), page.size());
      auto dictionary = parquet::MakeDictDecoder<Type>(place_.column, &pool_);
      dictionary->SetDict(plain.get());
      dictionary_ = std::move(dictionary);
    }
  }

  void load_values(parquet::Encoding::type encoding, int values, const uint8_t* data, int bytes) override {
    if (is_dictionary(encoding)) {
      if (!dictionary_) broken_page("a page refers to a dictionary that is not there");
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
      broken_page("too few values in a page");
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
            if (to[i] < 0) broken_page("holds a number above 9223372036854775807");
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
      if (bytes == 0) return std::string_view("");
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
    if (count == 0 || count > 16) broken_page("holds a decimal of more than 38 digits");
    const auto value = arrow::Decimal128::FromBigEndian(bytes, static_cast<int32_t>(count));
    if (!value.ok()) broken_page("holds a decimal that cannot be read");
    return keep(value->ToString(place_.column->type_scale()));
  }

  std::unique_ptr<Decoder> plain_;
  std::unique_ptr<parquet::Decoder> dictionary_;
  parquet::TypedDecoder<Type>* current_ = nullptr;
};

}  // namespace

std::unique_ptr<ParquetColumn> open_fixed_column(const ChunkPlace& place, ColumnBuffers& out, PageBuffers& pages,
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
    case Type::BYTE_ARRAY: return make(std::type_identity<FixedColumn<parquet::ByteArrayType>>{});  // decimals
    default: broken_page("of an unknown type");
  }
}

}  // namespace tessera
