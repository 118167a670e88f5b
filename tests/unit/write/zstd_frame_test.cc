// Do decompressors give back what our frames were made of?
#include "write/zstd_frame.h"

#include <arrow/util/compression.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace tessera {
namespace {

std::string read_back(const std::vector<uint8_t>& frame, size_t size) {
  std::string back(size, '?');
  const auto codec = arrow::util::Codec::Create(arrow::Compression::ZSTD).ValueOrDie();
  const auto count = codec->Decompress(static_cast<int64_t>(frame.size()), frame.data(),
                                       static_cast<int64_t>(back.size()), reinterpret_cast<uint8_t*>(back.data()));
  EXPECT_TRUE(count.ok()) << count.status().message();
  back.resize(count.ok() ? static_cast<size_t>(*count) : 0);
  return back;
}

std::string digits(size_t count) {
  std::string out(count, '0');
  for (size_t i = 0; i < count; ++i) out[i] = "0123456789ABCDEF"[(i + 1) * 0x9e3779b1 >> 28 & 15];
  return out;
}

TEST(ZstdFrame, StoredBytes) {
  for (const size_t size : {size_t{0}, size_t{1}, size_t{131072}, size_t{131073}, size_t{500000}}) {
    const std::string text = digits(size);
    std::vector<uint8_t> frame;
    put_stored({reinterpret_cast<const uint8_t*>(text.data()), size}, frame);
    EXPECT_TRUE(read_back(frame, size) == text) << size;
  }
}

}  // namespace
}  // namespace tessera
