#include "write/parquet_pages.h"

#include <arrow/util/compression.h>
#include <parquet/column_page.h>
#include <parquet/exception.h>

#include <memory>

#include "write/page_codes.h"
#include "write/zstd_frame.h"

namespace tessera {
namespace {

std::shared_ptr<arrow::Buffer> view(const std::vector<uint8_t>& bytes) {
  return std::make_shared<arrow::Buffer>(bytes.data(), static_cast<int64_t>(bytes.size()));
}

std::unique_ptr<arrow::util::Codec> codec_of(const parquet::ColumnProperties& properties) {
  const auto& options = properties.codec_options();
  PARQUET_ASSIGN_OR_THROW(
      auto codec, options ? arrow::util::Codec::Create(properties.compression(), *options)
                          : arrow::util::Codec::Create(properties.compression(), properties.compression_level()));
  return codec;
}

}  // namespace

// Ids in no order are as good as random once they are packed. A sample says so: then nothing is tried with the rest.
std::vector<uint8_t> compress(const std::vector<uint8_t>& bytes, const parquet::ColumnProperties& properties) {
  constexpr int64_t sample_bytes = 16 << 10;
  if (properties.compression() == parquet::Compression::UNCOMPRESSED) return bytes;
  const auto codec = codec_of(properties);
  const auto count = static_cast<int64_t>(bytes.size());
  const auto room = codec->MaxCompressedLen(count, bytes.data());
  const auto out = std::make_unique_for_overwrite<uint8_t[]>(static_cast<size_t>(room));
  if (properties.compression() == parquet::Compression::ZSTD && count >= 8 * sample_bytes) {
    const uint8_t* sample = bytes.data() + count / 2;
    PARQUET_ASSIGN_OR_THROW(const int64_t used, codec->Compress(sample_bytes, sample, room, out.get()));
    if (used > sample_bytes - sample_bytes / 64) {
      std::vector<uint8_t> stored;
      stored.reserve(bytes.size() + bytes.size() / 1024 + 64);
      put_stored(bytes, stored);
      return stored;
    }
  }
  PARQUET_ASSIGN_OR_THROW(const int64_t used, codec->Compress(count, bytes.data(), room, out.get()));
  return {out.get(), out.get() + used};
}

void put_page_levels(const Pieces<uint8_t>& present, std::vector<uint8_t>& out) {
  std::vector<uint8_t> levels;
  levels.reserve(count_of(present));
  for (const auto piece : present) levels.insert(levels.end(), piece.begin(), piece.end());
  put_levels(levels, out);
}

int64_t write_pages(const MadePages& made, parquet::PageWriter& writer, parquet::ColumnChunkMetaDataBuilder& metadata) {
  using parquet::Encoding;
  int64_t total = 0;
  const bool dictionary = made.encoding == Encoding::RLE_DICTIONARY;
  if (dictionary)
    total += writer.WriteDictionaryPage(parquet::DictionaryPage(
        view(made.dictionary), static_cast<int32_t>(made.dictionary_values), Encoding::PLAIN, made.dictionary_sorted));
  for (const MadePage& page : made.pages)
    total += writer.WriteDataPage(parquet::DataPageV1(view(page.bytes), static_cast<int32_t>(page.rows), made.encoding,
                                                      Encoding::RLE, Encoding::RLE, page.whole_bytes));
  if (made.statistics) metadata.SetStatistics(*made.statistics);
  writer.Close(dictionary, false);
  return total;
}

}  // namespace tessera
