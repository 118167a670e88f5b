// Do decompressors give back what our frames were made of?
#include "write/zstd_frame.h"

#include <arrow/util/compression.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>
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

std::vector<uint8_t> hex(std::string_view head, std::string_view text, size_t piece = 1000) {
  std::vector<std::span<const char>> pieces;
  for (size_t at = 0; at < text.size(); at += piece)
    pieces.emplace_back(text.substr(at, std::min(piece, text.size() - at)));
  std::vector<uint8_t> out;
  const bool made = put_hex({reinterpret_cast<const uint8_t*>(head.data()), head.size()}, pieces, out);
  EXPECT_TRUE(made || out.empty());
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

TEST(ZstdFrame, HexadecimalDigitsTakeFourBits) {
  for (const size_t size :
       {size_t{0}, size_t{1}, size_t{255}, size_t{256}, size_t{257}, size_t{1022}, size_t{1023}, size_t{131072},
        size_t{131073}, size_t{131072 + 255}, size_t{131072 + 300}, size_t{1000000}}) {
    for (const size_t piece : {size_t{10}, size_t{4097}, size_t{2000000}}) {
      const std::string text = digits(size);
      const auto frame = hex("head", text, piece);
      EXPECT_TRUE(read_back(frame, 4 + size) == "head" + text) << size;
      EXPECT_LT(frame.size(), size / 2 + 64 + 256 + size / 1000);
    }
  }
}

RC_GTEST_PROP(ZstdFrame, AnyDigits, ()) {
  const auto text = *rc::gen::container<std::string>(rc::gen::elementOf(std::string("0123456789ABCDEF")));
  std::string many;
  while (many.size() < 600) many += text + "7";
  RC_ASSERT(read_back(hex("", many), many.size()) == many);
}

TEST(ZstdFrame, EveryOtherByteIsRefused) {
  const std::string good = digits(2000);
  for (unsigned byte = 0; byte < 256; ++byte) {
    const char c = static_cast<char>(byte);
    const bool digit = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'F');
    for (const size_t at : {size_t{0}, size_t{7}, size_t{1999}}) {
      std::string text = good;
      text[at] = c;
      EXPECT_NE(hex("", text).empty(), digit) << byte;
    }
  }
}

}  // namespace
}  // namespace tessera
