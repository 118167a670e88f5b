#include "base/text.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <array>
#include <vector>

namespace tessera {
namespace {

constexpr std::array<std::string_view, 6> fields = {"nhs_number", "dob",        "sex",
                                                    "postcode",   "given_name", "family_name"};

TEST(Nearest, FindsWhatWasMeant) {
  EXPECT_EQ(nearest("nhs_numbr", fields), "nhs_number");
  EXPECT_EQ(nearest("NHS_Number", fields), "nhs_number");
  EXPECT_EQ(nearest("pocstode", fields), "postcode");
  EXPECT_EQ(nearest("bod", fields), std::nullopt);  // two of three letters wrong is a guess
  EXPECT_EQ(nearest("dbo", fields), "dob");
  EXPECT_EQ(nearest("given", fields), "given_name");
}

TEST(Nearest, SaysNothingWhenNothingIsNear) {
  EXPECT_EQ(nearest("hospital", fields), std::nullopt);
  EXPECT_EQ(nearest("", fields), std::nullopt);
  EXPECT_EQ(nearest("dob", std::span<const std::string_view>()), std::nullopt);
}

TEST(Nearest, TheFirstOfEqualsWins) {
  const std::vector<std::string> candidates = {"rank_a", "rank_b"};
  EXPECT_EQ(nearest("rank_c", candidates), "rank_a");
}

// The recurrence of the definition, without tables.
size_t distance_by_definition(std::string_view a, std::string_view b) {
  if (a.empty() || b.empty()) return a.size() + b.size();
  const auto less = [](std::string_view text, size_t n) { return text.substr(0, text.size() - n); };
  size_t best = std::min({distance_by_definition(less(a, 1), b) + 1, distance_by_definition(a, less(b, 1)) + 1,
                          distance_by_definition(less(a, 1), less(b, 1)) + (a.back() == b.back() ? 0 : 1)});
  if (a.size() > 1 && b.size() > 1 && a.back() == b[b.size() - 2] && b.back() == a[a.size() - 2])
    best = std::min(best, distance_by_definition(less(a, 2), less(b, 2)) + 1);
  return best;
}

RC_GTEST_PROP(EditDistance, IsTheDefinition, ()) {
  const auto word = rc::gen::resize(5, rc::gen::container<std::string>(rc::gen::elementOf(std::string("abc"))));
  const std::string a = *word, b = *word;
  RC_ASSERT(edit_distance(a, b) == distance_by_definition(a, b));
}

TEST(Human, Bytes) {
  EXPECT_EQ(human_bytes(0), "0 B");
  EXPECT_EQ(human_bytes(1023), "1023 B");
  EXPECT_EQ(human_bytes(1000), "1000 B");
  EXPECT_EQ(human_bytes(1536), "1.5 KiB");
  EXPECT_EQ(human_bytes(3ull << 30), "3.0 GiB");
  EXPECT_EQ(human_bytes((1ull << 30) - 1), "1.0 GiB");
  EXPECT_EQ(human_bytes(5ull << 50), "5120.0 TiB");
}

TEST(Human, Counts) {
  EXPECT_EQ(human_count(0), "0");
  EXPECT_EQ(human_count(999), "999");
  EXPECT_EQ(human_count(12'345), "12.3 k");
  EXPECT_EQ(human_count(999'999), "1.0 M");
  EXPECT_EQ(human_count(100'000'000), "100.0 M");
  EXPECT_EQ(grouped_count(0), "0");
  EXPECT_EQ(grouped_count(999), "999");
  EXPECT_EQ(grouped_count(1'000), "1,000");
  EXPECT_EQ(grouped_count(1'234'567), "1,234,567");
}

TEST(Human, Seconds) {
  EXPECT_EQ(human_seconds(0.423), "0.42 s");
  EXPECT_EQ(human_seconds(12.34), "12.3 s");
  EXPECT_EQ(human_seconds(59.99), "1 min 00 s");
  EXPECT_EQ(human_seconds(245), "4 min 05 s");
  EXPECT_EQ(human_seconds(7'805), "2 h 10 min");
}

TEST(ParseBytes, UnderstandsWhatPeopleWrite) {
  EXPECT_EQ(parse_bytes("100000"), 100'000U);
  EXPECT_EQ(parse_bytes("0"), 0U);
  EXPECT_EQ(parse_bytes("1GiB"), 1ull << 30);
  EXPECT_EQ(parse_bytes("1.5 gib"), 3ull << 29);
  EXPECT_EQ(parse_bytes("4G"), 4ull << 30);
  EXPECT_EQ(parse_bytes("512MB"), 512'000'000U);
  EXPECT_EQ(parse_bytes("64KiB"), 65'536U);
  EXPECT_EQ(parse_bytes("2TB"), 2'000'000'000'000U);
}

TEST(ParseBytes, RefusesTheRest) {
  for (const char* text : {"", "GiB", "-1GiB", "1XB", "1GiB!", "nan", "inf", "99999999999TiB", "1e3", " 1"}) {
    const auto bytes = parse_bytes(text);
    ASSERT_FALSE(bytes) << text;
    EXPECT_EQ(bytes.error().code, ErrorCode::usage);
    EXPECT_NE(bytes.error().message.find("4GiB"), std::string::npos);
  }
}

RC_GTEST_PROP(ParseBytes, ReadsBackWholeMebibytes, (uint32_t mebibytes)) {
  const auto bytes = parse_bytes(std::to_string(mebibytes) + "MiB");
  RC_ASSERT(bytes.has_value());
  RC_ASSERT(*bytes == uint64_t{mebibytes} << 20);
}

}  // namespace
}  // namespace tessera
