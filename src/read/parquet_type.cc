// parquet_type.cc: which Parquet columns can be read, and as what?
#include <parquet/schema.h>
#include <parquet/types.h>

#include "read/parquet_column.h"

namespace tessera {

namespace {

ParquetType number(Conversion conversion) { return {conversion, RawColumn::Form::number}; }
ParquetType day(Conversion conversion) { return {conversion, RawColumn::Form::day}; }
ParquetType text(Conversion conversion) { return {conversion, RawColumn::Form::text}; }

std::unexpected<Error> refused(const std::string& what) {
  return fail(ErrorCode::data, "is of type " + what + ", which cannot be read as text, number or date");
}

Result<ParquetType> of_int(const parquet::LogicalType& logical, bool wide) {
  if (logical.is_none()) return number(Conversion::number);
  if (logical.is_int()) {
    const auto& integer = dynamic_cast<const parquet::IntLogicalType&>(logical);
    if (integer.is_signed()) return number(Conversion::number);
    return number(wide ? Conversion::number_u64 : Conversion::number_u32);
  }
  if (logical.is_date()) return day(Conversion::day);
  if (logical.is_timestamp()) {
    const auto unit = dynamic_cast<const parquet::TimestampLogicalType&>(logical).time_unit();
    if (unit == parquet::LogicalType::TimeUnit::MILLIS) return day(Conversion::day_milli);
    if (unit == parquet::LogicalType::TimeUnit::MICROS) return day(Conversion::day_micro);
    if (unit == parquet::LogicalType::TimeUnit::NANOS) return day(Conversion::day_nano);
  }
  if (logical.is_decimal()) {
    const auto& decimal = dynamic_cast<const parquet::DecimalLogicalType&>(logical);
    return decimal.scale() == 0 ? number(Conversion::number) : text(Conversion::text_decimal);
  }
  return refused(logical.ToString());
}

}  // namespace

Result<ParquetType> parquet_type(const parquet::ColumnDescriptor& column) {
  if (column.max_repetition_level() > 0 || column.path()->ToDotVector().size() > 1) {
    return fail(ErrorCode::data, "is nested; only plain columns can be read");
  }
  const parquet::LogicalType& logical = *column.logical_type();
  switch (column.physical_type()) {
    case parquet::Type::INT32: return of_int(logical, false);
    case parquet::Type::INT64: return of_int(logical, true);
    case parquet::Type::INT96: return day(Conversion::day_int96);
    case parquet::Type::BOOLEAN: return text(Conversion::text_boolean);
    case parquet::Type::FLOAT: return text(Conversion::text_float);
    case parquet::Type::DOUBLE: return text(Conversion::text_double);
    case parquet::Type::BYTE_ARRAY:
      if (logical.is_none() || logical.is_string() || logical.is_enum() || logical.is_JSON()) {
        return text(Conversion::text);
      }
      if (logical.is_decimal()) return text(Conversion::text_decimal);
      return refused(logical.ToString());
    case parquet::Type::FIXED_LEN_BYTE_ARRAY:
      if (logical.is_none()) return text(Conversion::text_fixed);
      if (logical.is_decimal()) return text(Conversion::text_decimal);
      return refused(logical.ToString());
    default: return refused(parquet::TypeToString(column.physical_type()));
  }
}

}  // namespace tessera
