// Are our pages what Arrow's encoders make, or at least what its decoders read?
#include "write/page_codes.h"

#include <arrow/buffer.h>
#include <gtest/gtest.h>
#include <parquet/column_reader.h>
#include <parquet/encoding.h>
#include <parquet/schema.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <limits>

namespace tessera {
namespace {

parquet::ColumnDescriptor descriptor_of(parquet::Type::type type) {
  return {parquet::schema::PrimitiveNode::Make("n", parquet::Repetition::REQUIRED, type), 0, 0};
}

// The slow twin is Arrow's encoder: the same bytes.
std::vector<uint8_t> deltas_of_arrow(const std::vector<int64_t>& numbers) {
  const auto descriptor = descriptor_of(parquet::Type::INT64);
  auto encoder =
      parquet::MakeTypedEncoder<parquet::Int64Type>(parquet::Encoding::DELTA_BINARY_PACKED, false, &descriptor);
  encoder->Put(numbers.data(), static_cast<int>(numbers.size()));
  const auto buffer = encoder->FlushValues();
  return {buffer->data(), buffer->data() + buffer->size()};
}

// In pieces of the given length.
std::vector<uint8_t> our_deltas(const std::vector<int64_t>& numbers, size_t length = 1000) {
  std::vector<std::span<const int64_t>> pieces{{}};
  for (size_t at = 0; at < numbers.size(); at += length)
    pieces.push_back(std::span(numbers).subspan(at, std::min(length, numbers.size() - at)));
  std::vector<uint8_t> out;
  put_deltas(pieces, out);
  return out;
}

RC_GTEST_PROP(PageCodes, DeltasAreThoseOfArrow, ()) {
  const auto bits = *rc::gen::inRange(0, 64);
  const auto number = rc::gen::map(rc::gen::arbitrary<uint64_t>(), [bits](uint64_t n) {
    return static_cast<int64_t>(n & ((uint64_t{1} << bits) - 1));
  });
  const auto count = *rc::gen::inRange<size_t>(1, 700);
  const auto numbers = *rc::gen::container<std::vector<int64_t>>(count, number);
  RC_ASSERT(our_deltas(numbers, *rc::gen::inRange<size_t>(1, 800)) == deltas_of_arrow(numbers));
}

TEST(PageCodes, DeltasOfEveryWidth) {
  for (unsigned width = 0; width <= 64; ++width) {
    std::vector<int64_t> numbers;
    uint64_t sum = 0;
    for (uint64_t i = 0; i < 600; ++i) {
      const uint64_t mixed = (i + 1) * 0x9e3779b97f4a7c15;
      sum += width == 0 ? 0 : mixed >> (64 - width);
      numbers.push_back(static_cast<int64_t>(sum));
    }
    EXPECT_EQ(our_deltas(numbers), deltas_of_arrow(numbers)) << width;
  }
  const int64_t least = std::numeric_limits<int64_t>::min(), greatest = std::numeric_limits<int64_t>::max();
  const std::vector<int64_t> ends{least, greatest, least, 0, greatest, greatest, least};
  EXPECT_EQ(our_deltas(ends), deltas_of_arrow(ends));
}

// Places through Arrow's decoder, over a dictionary in which a value is its own place.
std::vector<int32_t> read_back(const std::vector<uint8_t>& page, size_t count, size_t values) {
  const auto descriptor = descriptor_of(parquet::Type::INT32);
  std::vector<int32_t> dictionary(values);
  for (size_t i = 0; i < values; ++i) dictionary[i] = static_cast<int32_t>(i);
  auto plain = parquet::MakeTypedDecoder<parquet::Int32Type>(parquet::Encoding::PLAIN, &descriptor);
  plain->SetData(static_cast<int>(values), reinterpret_cast<const uint8_t*>(dictionary.data()),
                 static_cast<int>(values * sizeof(int32_t)));
  auto decoder = parquet::MakeDictDecoder<parquet::Int32Type>(&descriptor);
  decoder->SetDict(plain.get());
  auto& typed = dynamic_cast<parquet::Int32Decoder&>(*decoder);
  typed.SetData(static_cast<int>(count), page.data(), static_cast<int>(page.size()));
  std::vector<int32_t> out(count);
  out.resize(static_cast<size_t>(typed.Decode(out.data(), static_cast<int>(count))));
  return out;
}

RC_GTEST_PROP(PageCodes, PlacesAreReadBack, ()) {
  const auto values = *rc::gen::inRange<size_t>(1, 257);
  std::vector<uint8_t> places;
  const auto stretches = *rc::gen::inRange(0, 30);
  for (int i = 0; i < stretches; ++i) {
    const auto place = static_cast<uint8_t>(*rc::gen::inRange<size_t>(0, values));
    places.insert(places.end(), *rc::gen::element<size_t>(1, 2, 7, 8, 9, 31, 32, 33, 40, 600), place);
  }
  std::vector<uint8_t> page;
  put_places(places, place_bits(values), page);
  const auto back = read_back(page, places.size(), values);
  RC_ASSERT(std::ranges::equal(back, places));
}

TEST(PageCodes, WidePlacesAreReadBack) {
  for (const size_t values : {size_t{257}, size_t{1000}, size_t{65536}, size_t{65537}, size_t{200000}}) {
    for (const size_t count : {size_t{1}, size_t{8}, size_t{63}, size_t{64}, size_t{65}, size_t{5000}}) {
      std::vector<uint32_t> places(count);
      for (size_t i = 0; i < count; ++i) places[i] = static_cast<uint32_t>((i + 1) * 0x9e3779b1 % values);
      places.back() = static_cast<uint32_t>(values - 1);
      std::vector<uint8_t> page;
      put_wide_places(places, place_bits(values), page);
      EXPECT_TRUE(std::ranges::equal(read_back(page, count, values), places)) << values << ' ' << count;
    }
  }
}

TEST(PageCodes, EqualDeltasAreThoseOfArrow) {
  for (const size_t count : {size_t{1}, size_t{2}, size_t{256}, size_t{257}, size_t{258}, size_t{1000}}) {
    std::vector<uint8_t> out;
    put_equal_deltas(count, 32, out);
    EXPECT_EQ(out, deltas_of_arrow(std::vector<int64_t>(count, 32))) << count;
  }
}

RC_GTEST_PROP(PageCodes, LevelsAreReadBack, ()) {
  std::vector<uint8_t> present;
  const auto stretches = *rc::gen::inRange(1, 30);
  for (int i = 0; i < stretches; ++i)
    present.insert(present.end(), *rc::gen::element<size_t>(1, 2, 7, 8, 9, 31, 32, 33, 40, 600),
                   static_cast<uint8_t>(*rc::gen::inRange(0, 2)));
  std::vector<uint8_t> page;
  put_levels(present, page);
  const size_t bytes = page.size();
  page.push_back(0xff);  // values follow
  parquet::LevelDecoder decoder;
  const auto count = static_cast<int>(present.size());
  RC_ASSERT(decoder.SetData(parquet::Encoding::RLE, 1, count, page.data(), static_cast<int>(page.size())) ==
            static_cast<int>(bytes));
  std::vector<int16_t> back(present.size());
  RC_ASSERT(decoder.Decode(count, back.data()) == count);
  RC_ASSERT(std::ranges::equal(back, present));
}

TEST(PageCodes, EqualPlaces) {
  for (const size_t count : {size_t{1}, size_t{7}, size_t{131072}}) {
    std::vector<uint8_t> page;
    put_equal_places(count, 3, place_bits(5), page);
    EXPECT_EQ(read_back(page, count, 5), std::vector<int32_t>(count, 3));
  }
}

TEST(PageCodes, BitsOfAPlace) {
  EXPECT_EQ(place_bits(0), 1u);
  EXPECT_EQ(place_bits(1), 1u);
  EXPECT_EQ(place_bits(2), 1u);
  EXPECT_EQ(place_bits(3), 2u);
  EXPECT_EQ(place_bits(4), 2u);
  EXPECT_EQ(place_bits(5), 3u);
  EXPECT_EQ(place_bits(256), 8u);
  EXPECT_EQ(place_bits(257), 9u);
}

}  // namespace
}  // namespace tessera
