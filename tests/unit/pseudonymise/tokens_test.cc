#include "pseudonymise/tokens.h"

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <rapidcheck/gtest.h>

#include <random>

#include "pseudonymise/token_column.h"
#include "record/words.h"
#include "vectors.h"

namespace tessera {
namespace {

std::string_view text_of(const std::vector<std::byte>& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

TokenKey key_of(std::span<const std::byte> key, std::string_view prefix = {}) {
  auto made = TokenKey::of(key, prefix);
  EXPECT_TRUE(made);
  return std::move(*made);
}

std::string hmac(const std::string& key_hex, const std::string& message_hex) {
  const auto message = from_hex(message_hex);
  return to_hex(key_of(from_hex(key_hex)).whole(text_of(message)));
}

// RFC 4231, cases 1, 2, 3 and 6 (a key longer than a block).
TEST(Tokens, HmacOfRfc4231) {
  EXPECT_EQ(hmac(std::string(40, '0').replace(0, 40, "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b"), "4869205468657265"),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  EXPECT_EQ(hmac("4a656665", "7768617420646f2079612077616e7420666f72206e6f7468696e673f"),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  std::string key, data;
  for (int i = 0; i < 20; ++i) key += "aa";
  for (int i = 0; i < 50; ++i) data += "dd";
  EXPECT_EQ(hmac(key, data), "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe");
  std::string long_key;
  for (int i = 0; i < 131; ++i) long_key += "aa";
  EXPECT_EQ(hmac(long_key,
                 "54657374205573696e67204c6172676572205468616e20426c6f636b2d53697a65204b6579202d2048617368204b65"
                 "79204669727374"),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

TEST(Tokens, HmacOfWycheproof) {
  const auto groups = wycheproof("hmac_sha256_test.json");
  if (groups.empty()) GTEST_SKIP() << "wants hmac_sha256_test.json of Project Wycheproof in ../shared/data/vectors";
  size_t tested = 0;
  for (const auto& group : groups)
    for (const auto& test : group.at("tests")) {
      const std::string tag = test.at("tag");
      const std::string ours = hmac(test.at("key"), test.at("msg")).substr(0, tag.size());
      EXPECT_EQ(ours == tag, test.at("result") == "valid") << "tcId " << test.at("tcId");
      ++tested;
    }
  EXPECT_GT(tested, 100U);
}

// The slow twin: OpenSSL's one-shot call, over every length around the sizes of a block.
RC_GTEST_PROP(Tokens, EqualOneShotHmac, (const std::string& drawn)) {
  const auto key = *rc::gen::container<std::vector<uint8_t>>(32, rc::gen::arbitrary<uint8_t>());
  const std::string prefix =
      *rc::gen::container<std::string>(*rc::gen::inRange<size_t>(0, 70), rc::gen::inRange('a', 'z'));
  const std::string value = drawn + std::string(static_cast<size_t>(*rc::gen::inRange(0, 140)), 'x');
  const std::string message = prefix + value;
  std::array<unsigned char, 32> expected{};
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), reinterpret_cast<const unsigned char*>(message.data()),
       message.size(), expected.data(), nullptr);
  const TokenKey ours = key_of(std::as_bytes(std::span(key)), prefix);
  RC_ASSERT(to_hex(ours.whole(value)) == to_hex(std::as_bytes(std::span(expected))));
  const std::string_view values[] = {value, value, prefix};
  std::array<Token, 3> tokens{};
  ours.tokens(values, tokens.data());
  RC_ASSERT(hex_of(tokens[0]) == to_hex(std::as_bytes(std::span(expected))).substr(0, 32));
  RC_ASSERT(tokens[1] == tokens[0] && tokens[2] == ours.token(prefix));
}

SecretKey fixed_key() {
  std::array<std::byte, key_bytes> secret{};
  for (size_t i = 0; i < key_bytes; ++i) secret[i] = static_cast<std::byte>(i);
  auto key = SecretKey::of(secret, "0123456789abcdef", "2026-01-02T03:04:05Z", "");
  EXPECT_TRUE(key);
  return std::move(*key);
}

// Made once with Python's hmac and hashlib: the format of tokens may not change.
TEST(Tokens, KnownTokens) {
  const SecretKey secret = fixed_key();
  const auto nhs = TokenKey::derive(secret, "linkage", "nhs_number");
  ASSERT_TRUE(nhs);
  EXPECT_EQ(hex_of(nhs->token("9434765919")), "d2d8099d8a5e0e86d49fabb450bebc31");
  EXPECT_EQ(secret.check(), "b776eef821b15c75c71febf52dee385e");
}

TEST(Tokens, DomainsAndNamesDoNotMeet) {
  const SecretKey secret = fixed_key();
  std::set<std::string> seen;
  for (const char* domain : {"linkage", "hes", "hes "})
    for (const char* name : {"nhs_number", "dob", "dob.year-month"})
      seen.insert(hex_of(TokenKey::derive(secret, domain, name)->token("1950-01-02")));
  EXPECT_EQ(seen.size(), 9U);
}

// A column against its slow twin: each value hashed on its own. Values come again, in other batches too.
void same_as_one_by_one(const TokenSpec& spec, Kind kind, const std::vector<uint64_t>& whole, bool table) {
  const auto key = TokenKey::derive(fixed_key(), "linkage", spec.name);
  ASSERT_TRUE(key);
  const FieldSpec field{.name = "dob", .kind = Kind::date, .date_min = table ? "1880-01-01" : "1000-01-01"};
  const auto dates = kind == Kind::date ? DateTokens::make(spec, field, *key) : nullptr;
  ASSERT_EQ(dates != nullptr, table);
  TokenColumn column(spec, kind, *key, dates.get());
  std::vector<uint64_t> words(whole.size());
  for (size_t i = 0; i < whole.size(); ++i) words[i] = derive_word(kind, spec.part, whole[i]);
  const LongTexts none;
  for (size_t begin = 0; begin < whole.size(); begin += 1000) {
    const size_t count = std::min<size_t>(1000, whole.size() - begin);
    column.make(std::span(words).subspan(begin, count), std::span(whole).subspan(begin, count), none);
    for (size_t i = 0; i < count; ++i) {
      const uint64_t value = whole[begin + i], word = token_source(spec, kind, value);
      ASSERT_EQ(column.present()[i] != 0, word != 0);
      if (word == 0) continue;
      std::string text;
      append_canonical(spec, kind, word, value, none, text);
      ASSERT_EQ(hex_of(column.token(i)), hex_of(key->token(text)));
    }
  }
}

TEST(TokenColumn, OfDatesIsAsOneByOne) {
  std::mt19937 random(1);
  const auto below = [&](unsigned end) { return static_cast<unsigned>(random() % end); };
  std::vector<uint64_t> dates;
  for (int i = 0; i < 5000; ++i)  // some lack a day, some day and month
    dates.push_back(date_word(1880 + below(147), below(13), below(32)));
  for (uint64_t& date : dates)
    if (random() % 10 == 0) date = 0;
  for (const Part part :
       {Part::whole, Part::year, Part::month, Part::day, Part::year_month, Part::year_day, Part::month_day})
    for (const bool table : {true, false})
      same_as_one_by_one({.name = "dob", .field = "dob", .part = part, .space = "dob", .ranks = {}}, Kind::date, dates,
                         table);
  for (const bool table : {true, false})
    same_as_one_by_one({.name = "dob.swapped", .field = "dob", .swapped = true, .space = "dob", .ranks = {}},
                       Kind::date, dates, table);
}

TEST(TokenColumn, OfNumbersIsAsOneByOne) {
  std::mt19937_64 random(1);
  std::vector<uint64_t> numbers;
  for (int i = 0; i < 5000; ++i) numbers.push_back(random() % 7 == 0 ? 0 : integer_bias + random() % 3000);
  same_as_one_by_one({.name = "age", .field = "age", .space = "age", .ranks = {}}, Kind::integer, numbers, false);
}

}  // namespace
}  // namespace tessera
