// parquet_rows.cc: how do the values of a batch wait until a Parquet file takes them? (see parquet_rows.h)
#include "write/parquet_rows.h"

#include <cassert>
#include <cstring>

#include "write/parquet_tokens.h"

namespace tessera {
namespace {

// Copies the `width` of each row that is there. Nulls are few, so it goes from one to the next.
template <class T>
T* copy_present(const T* from, std::span<const uint8_t> present, size_t rows, size_t width, T* to) {
  if (present.empty()) return std::copy_n(from, rows * width, to);
  for (size_t at = 0; at < rows;) {
    const void* null = std::memchr(present.data() + at, 0, rows - at);
    const size_t end = null == nullptr ? rows : static_cast<size_t>(static_cast<const uint8_t*>(null) - present.data());
    to = std::copy_n(from + at * width, (end - at) * width, to);
    at = end + 1;
  }
  return to;
}

}  // namespace

void append_values(Packed& to, const OutColumn& column, const Packed& from, size_t first, size_t count) {
  if (column.has_dictionary()) return append_part(to.places, from.places, first, count);
  switch (column.type) {
    case OutType::text: return append_part(to.texts, from.texts, first, count);
    case OutType::int64: return append_part(to.int64s, from.int64s, first, count);
    case OutType::int32:
    case OutType::date: return append_part(to.int32s, from.int32s, first, count);
    case OutType::token: return append_part(to.tokens, from.tokens, first, count);
    case OutType::boolean: return append_part(to.booleans, from.booleans, first, count);
    case OutType::float64: return append_part(to.reals, from.reals, first, count);
  }
}

void pack_levels(const OutColumn& column, const OutValues& values, size_t rows, Packed& out) {
  if (!column.nullable) return;
  if (own_pages(column)) {
    out.present.assign(rows, 1);
    for (size_t i = 0; i < rows && !values.present.empty(); ++i) out.present[i] = values.present[i] != 0;
    return;
  }
  if (own_text(column) && column.width == 0) {
    for (const std::string_view text : values.texts.first(rows)) out.levels.push_back(text.data() != nullptr);
  } else if (values.present.empty()) {
    out.levels.assign(rows, 1);
  } else {
    out.levels.resize(rows);
    for (size_t i = 0; i < rows; ++i) out.levels[i] = values.present[i] != 0;
  }
}

char* pack_values(const OutColumn& column, const OutValues& values, size_t rows, Packed& out, char* at) {
  const auto each = [&](auto put) {
    for (size_t i = 0; i < rows; ++i) {
      if (values.present.empty() || values.present[i] != 0) put(i);
    }
  };
  if (column.has_dictionary()) {
    assert(values.places.size() >= rows);
    out.places.resize(rows);
    const uint32_t* end = copy_present(values.places.data(), values.present, rows, 1, out.places.data());
    out.places.resize(static_cast<size_t>(end - out.places.data()));
    return at;
  }
  switch (column.type) {
    case OutType::text:
      if (const size_t width = column.width; width > 0) {
        assert(values.characters.size() >= rows * width);
        char* const end = copy_present(values.characters.data(), values.present, rows, width, at);
        out.characters = {at, end};
        return end;
      }
      for (const std::string_view text : values.texts.first(rows)) {
        if (text.data() == nullptr) continue;
        if (!text.empty()) std::memcpy(at, text.data(), text.size());
        out.texts.emplace_back(static_cast<uint32_t>(text.size()), reinterpret_cast<const uint8_t*>(at));
        at += text.size();
      }
      break;
    case OutType::int64:
      if (values.present.empty())
        out.int64s.assign(values.numbers.begin(), values.numbers.begin() + static_cast<std::ptrdiff_t>(rows));
      else
        each([&](size_t i) { out.int64s.push_back(values.numbers[i]); });
      out.int64_ends = ends_of(std::span<const int64_t>(out.int64s));
      break;
    case OutType::int32:
    case OutType::date:
      if (values.present.empty()) {
        out.int32s.resize(rows);
        for (size_t i = 0; i < rows; ++i) out.int32s[i] = static_cast<int32_t>(values.numbers[i]);
      } else {
        each([&](size_t i) { out.int32s.push_back(static_cast<int32_t>(values.numbers[i])); });
      }
      out.int32_ends = ends_of(std::span<const int32_t>(out.int32s));
      break;
    case OutType::token:
      out.tokens.reserve(rows);
      each([&](size_t i) { out.tokens.push_back(values.tokens[i]); });
      break;
    case OutType::boolean:
      out.booleans.reserve(rows);
      each([&](size_t i) { out.booleans.push_back(values.numbers[i] != 0); });
      break;
    case OutType::float64:
      if (values.present.empty())
        out.reals.assign(values.reals.begin(), values.reals.begin() + static_cast<std::ptrdiff_t>(rows));
      else
        each([&](size_t i) { out.reals.push_back(values.reals[i]); });
      break;
  }
  return at;
}

void write_column(parquet::ColumnWriter& writer, const OutColumn& as, const Packed& column, size_t rows) {
  const int16_t* levels = column.levels.empty() ? nullptr : column.levels.data();
  const auto count = static_cast<int64_t>(rows);
  switch (as.type) {
    case OutType::text:
      static_cast<parquet::ByteArrayWriter&>(writer).WriteBatch(count, levels, nullptr, column.texts.data());
      break;
    case OutType::int64:
      static_cast<parquet::Int64Writer&>(writer).WriteBatch(count, levels, nullptr, column.int64s.data());
      break;
    case OutType::int32:
    case OutType::date:
      static_cast<parquet::Int32Writer&>(writer).WriteBatch(count, levels, nullptr, column.int32s.data());
      break;
    case OutType::token:
      write_tokens(static_cast<parquet::ByteArrayWriter&>(writer), levels, column.tokens, rows);
      break;
    case OutType::boolean:
      static_assert(sizeof(bool) == sizeof(uint8_t));
      static_cast<parquet::BoolWriter&>(writer).WriteBatch(count, levels, nullptr,
                                                           reinterpret_cast<const bool*>(column.booleans.data()));
      break;
    case OutType::float64:
      static_cast<parquet::DoubleWriter&>(writer).WriteBatch(count, levels, nullptr, column.reals.data());
      break;
  }
}

}  // namespace tessera
