// Filters of records: known answers of clkhash 0.18.3, and what fits a schema. tests/filters compares many more.
#include <gtest/gtest.h>

#include "base/base64.h"
#include "job/job.h"
#include "pseudonymise/filter_encoder.h"

namespace tessera {
namespace {

constexpr const char* schema_text = R"({"version": 3, "clkConfig": {"l": 128, "xor_folds": 1, "kdf": {"type": "HKDF"}},
 "features": [{"identifier": "id", "ignored": true},
  {"identifier": "name", "format": {"type": "string"},
   "hashing": {"comparison": {"type": "ngram", "n": 2}, "strategy": {"bitsPerFeature": 40}}},
  {"identifier": "dob", "format": {"type": "date", "format": "%d/%m/%Y"},
   "hashing": {"comparison": {"type": "ngram", "n": 1, "positional": true}, "strategy": {"bitsPerToken": 4},
               "hash": {"type": "doubleHash", "prevent_singularity": true}}},
  {"identifier": "height", "format": {"type": "integer"},
   "hashing": {"comparison": {"type": "numeric", "thresholdDistance": 5, "resolution": 2},
               "strategy": {"bitsPerFeature": 12}}}]})";

FilterEncoder encoder_of(const Hardening& harden = {}) {
  auto schema = parse_filter_schema("schema.json", schema_text);
  EXPECT_TRUE(schema) << schema.error().message;
  const std::string_view secret = "secret";
  auto encoder = FilterEncoder::make(*schema, std::as_bytes(std::span(secret)), harden);
  EXPECT_TRUE(encoder) << encoder.error().message;
  return std::move(*encoder);
}

std::string filter_of(const FilterEncoder& encoder, std::initializer_list<std::pair<size_t, std::string_view>> values) {
  auto scratch = encoder.scratch();
  EXPECT_TRUE(scratch);
  encoder.begin(**scratch);
  for (const auto& [feature, value] : values) {
    std::string text;
    EXPECT_TRUE(encoder.feature(feature).read(value, text)) << value;
    EXPECT_TRUE(encoder.add(feature, text, **scratch));
  }
  std::vector<std::byte> out(encoder.bytes());
  encoder.finish(**scratch, out.data());
  return base64_of(out);
}

TEST(Filter, HasTheBitsOfClkhash) {
  const FilterEncoder encoder = encoder_of();
  EXPECT_EQ(filter_of(encoder, {{1, "José"}, {2, "05/03/1950"}, {3, " +174"}}), "zb0EBcBGjAolVIuDAC/ETg==");
  EXPECT_EQ(filter_of(encoder, {{1, "Anna Łukasz"}, {2, "1/12/2001"}, {3, "-3"}}), "DKsgBKoXTgUTCFJp+AXBSw==");
  // What a thread has kept changes nothing.
  EXPECT_EQ(filter_of(encoder, {{1, "José"}, {2, "05/03/1950"}, {3, "174"}}), "zb0EBcBGjAolVIuDAC/ETg==");
}

TEST(Filter, HardeningChangesTheLength) {
  EXPECT_EQ(encoder_of({.folds = 2}).bits(), 32u);
  EXPECT_EQ(encoder_of({.balance = true}).bits(), 256u);
  const auto schema = parse_filter_schema("schema.json", schema_text);
  EXPECT_FALSE(FilterEncoder::make(*schema, {}, {.folds = 8}));
}

TEST(Filter, SaysWhatDoesNotFit) {
  const FilterEncoder encoder = encoder_of();
  std::string text;
  for (const auto& [feature, value] : {std::pair<size_t, const char*>(2, "1950-03-05"),
                                       {2, "31/02/1950"},
                                       {2, " 05/03/1950"},
                                       {2, ""},
                                       {3, "1.5"},
                                       {3, "--1"},
                                       {3, "1__0"},
                                       {3, "_1"},
                                       {3, ""}})
    EXPECT_FALSE(encoder.feature(feature).read(value, text)) << value;
  text.clear();
  EXPECT_TRUE(encoder.feature(3).read("-007", text));
  EXPECT_TRUE(encoder.feature(3).read("1_000", text));
  EXPECT_TRUE(encoder.feature(3).read("-0", text));
  EXPECT_EQ(text, "-710000");
}

TEST(Filter, DigestTellsSchemasApart) {
  const auto one = parse_filter_schema("a.json", schema_text), same = parse_filter_schema("b.json", schema_text);
  std::string changed = schema_text;
  changed.replace(changed.find("\"bitsPerFeature\": 40"), 20, "\"bitsPerFeature\": 41");
  const auto other = parse_filter_schema("a.json", changed);
  EXPECT_EQ(filter_schema_digest(*one), filter_schema_digest(*same));
  EXPECT_NE(filter_schema_digest(*one), filter_schema_digest(*other));
}

TEST(Base64, GoesThereAndBack) {
  for (size_t size = 0; size < 70; ++size) {
    std::vector<std::byte> bytes;
    for (size_t i = 0; i < size; ++i) bytes.push_back(static_cast<std::byte>(i * 37 + size));
    std::string back = "x";
    ASSERT_TRUE(read_base64(base64_of(bytes), back));
    EXPECT_EQ(back.substr(1), std::string(reinterpret_cast<const char*>(bytes.data()), size));
  }
  std::string out;
  for (const char* text : {"A", "AA", "AAA", "A===", "AAA=AAAA", "AA A", "\nAAAA", "AA*A", "=AAA"})
    EXPECT_FALSE(read_base64(text, out)) << text;
  EXPECT_TRUE(out.empty());
}

}  // namespace
}  // namespace tessera
