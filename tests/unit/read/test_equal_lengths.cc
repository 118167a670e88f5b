// Pages of lengths written out by hand, and texts of one width and of several that Parquet's own writer packed.
#include <arrow/buffer.h>
#include <gtest/gtest.h>
#include <parquet/encoding.h>

#include <string>
#include <vector>

#include "read/equal_lengths.h"

namespace tessera {
namespace {

using Bytes = std::vector<uint8_t>;

Bytes page_of(const std::vector<std::string>& texts) {
  auto encoder =
      parquet::MakeTypedEncoder<parquet::ByteArrayType>(parquet::Encoding::DELTA_LENGTH_BYTE_ARRAY, false, nullptr);
  std::vector<parquet::ByteArray> values;
  for (const std::string& text : texts)
    values.emplace_back(static_cast<uint32_t>(text.size()), reinterpret_cast<const uint8_t*>(text.data()));
  encoder->Put(values.data(), static_cast<int>(values.size()));
  const auto buffer = encoder->FlushValues();
  return {buffer->data(), buffer->data() + buffer->size()};
}

TEST(EqualLengths, TextsOfOneWidthAreWhereTheyAreSaidToBe) {
  for (const size_t width : {1u, 7u, 10u, 300u})
    for (const size_t count : {1u, 2u, 3u, 32u, 33u, 129u, 130u, 1000u}) {
      std::string all;
      std::vector<std::string> texts;
      for (size_t i = 0; i < count; ++i) all += texts.emplace_back(width, static_cast<char>('a' + i % 26));
      const Bytes page = page_of(texts);
      const auto lengths = equal_lengths(page);
      ASSERT_TRUE(lengths) << width << " x " << count;
      EXPECT_EQ(lengths->texts, count);
      EXPECT_EQ(lengths->width, width);
      EXPECT_EQ(std::string(page.begin() + static_cast<ptrdiff_t>(lengths->begin), page.end()), all);
    }
  const auto empty = equal_lengths(page_of({"", "", ""}));
  ASSERT_TRUE(empty);
  EXPECT_EQ(empty->width, 0u);
  EXPECT_EQ(empty->texts, 3u);
}

TEST(EqualLengths, OneOtherLengthIsSeen) {
  for (const size_t at : {0u, 1u, 5u, 128u, 299u}) {
    std::vector<std::string> texts(300, "ten digits");
    texts[at] = "nine dig.";
    EXPECT_FALSE(equal_lengths(page_of(texts))) << at;
  }
  EXPECT_FALSE(equal_lengths(page_of({})));
}

// Blocks of 128 in 4 parts, 3 texts of 2 bytes; the bits of the three parts that are not needed say nothing.
TEST(EqualLengths, AByteTooFewIsSeenAndWhatIsNotNeededIsNot) {
  const Bytes page{0x80, 0x01, 4, 3, 4, 0, 0, 9, 9, 9, 'a', 'b', 'c', 'd', 'e', 'f'};
  const auto lengths = equal_lengths(page);
  ASSERT_TRUE(lengths);
  EXPECT_EQ(lengths->begin, 10u);
  for (size_t cut = 0; cut < page.size(); ++cut) EXPECT_FALSE(equal_lengths(std::span(page).first(cut))) << cut;
}

TEST(EqualLengths, HeadersThatCannotBeAreNotTaken) {
  for (const Bytes& page : {Bytes{0, 4, 3, 4, 0, 0, 0, 0, 0, 'a', 'b', 'c', 'd', 'e', 'f'},     // blocks of nothing
                            Bytes{128, 1, 0, 3, 4, 0, 0, 0, 0, 0, 'a', 'b', 'c', 'd'},          // no parts
                            Bytes{128, 1, 3, 3, 4, 0, 0, 0, 0, 0, 'a', 'b', 'c', 'd'},          // 128 in 3 parts
                            Bytes{128, 1, 4, 3, 3, 0, 0, 0, 0, 0, 'a', 'b', 'c', 'd'},          // a length of -2
                            Bytes{128, 1, 4, 255, 255, 255, 255, 255, 255, 1, 4, 0, 0, 0, 0}})  // too many texts
    EXPECT_FALSE(equal_lengths(page));
}

}  // namespace
}  // namespace tessera
