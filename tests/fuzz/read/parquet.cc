// Any bytes as Parquet: no crash, nothing lost, bad files are errors of the data.
#include <arrow/api.h>
#include <arrow/io/memory.h>
#include <parquet/arrow/writer.h>
#include <parquet/properties.h>

#include "reading.h"

using namespace tessera;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  Input input;
  input.paths = {fuzz::file_of(data, size)};
  input.format = FileFormat::parquet;
  (void)look_at(input);
  (void)fuzz::read_to_end(input, {"id", "name", "day", "d"}, {.batch_rows = 100});
  return 0;
}

#ifndef TESSERA_LIBFUZZER
namespace {

std::string table(bool dictionary, bool second_version, parquet::Compression::type codec) {
  arrow::Int64Builder id;
  arrow::StringBuilder name;
  arrow::Date32Builder day;
  arrow::DoubleBuilder d;
  arrow::Status status;
  for (int i = 0; i < 300; ++i) {
    status &= id.Append(i * 7919);
    status &= i % 5 == 0 ? name.AppendNull() : name.Append("name " + std::to_string(i % 40));
    status &= i % 7 == 0 ? day.AppendNull() : day.Append(i);
    status &= d.Append(i / 3.0);
  }
  const auto made =
      arrow::Table::Make(arrow::schema({arrow::field("id", arrow::int64(), false), arrow::field("name", arrow::utf8()),
                                        arrow::field("day", arrow::date32()), arrow::field("d", arrow::float64())}),
                         {*id.Finish(), *name.Finish(), *day.Finish(), *d.Finish()});
  parquet::WriterProperties::Builder properties;
  if (!dictionary) properties.disable_dictionary();
  if (second_version) properties.data_page_version(parquet::ParquetDataPageVersion::V2);
  properties.compression(codec)->data_pagesize(700)->write_batch_size(50);
  auto sink = *arrow::io::BufferOutputStream::Create();
  status &= parquet::arrow::WriteTable(*made, arrow::default_memory_pool(), sink, 150, properties.build());
  if (!status.ok()) fuzz::found("the seed cannot be written");
  return (*sink->Finish())->ToString();
}

}  // namespace

int main() {
  return fuzz::drive(
      LLVMFuzzerTestOneInput,
      {table(true, false, parquet::Compression::UNCOMPRESSED), table(false, true, parquet::Compression::ZSTD),
       table(false, false, parquet::Compression::UNCOMPRESSED), table(true, true, parquet::Compression::SNAPPY)},
      {"PAR1", std::string_view("\xFF\xFF\xFF\x7F", 4), std::string_view("\0\0\0\0", 4)}, 5000);
}
#endif
