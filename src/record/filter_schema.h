// filter_schema.h: how does a record become one encoded filter (a CLK)?
//
//   feature      value      tokens (comparison)        bits (strategy, hash)
//   surname      OKAFOR     " O" "OK" "KA" ... "R "    15 for each token       one filter of `bits` bits
//   dob          19500301   "1 1" "2 9" ...            200 for the feature     for all features together
//
// The schema file is that of clkhash (versions 1, 2 and 3), so that two parties may use either program.
// Source: Schnell, Bachteler, Reiher 2011 (CLK); clkhash 0.18, linkage schema v3.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace tessera {

struct FilterFeature {
  std::string identifier;
  bool ignored = false;  // has a column, and a key, but no bits

  // What a value must be like.
  enum class Format : uint8_t { text, integer, date, choice } format = Format::text;
  enum class Encoding : uint8_t { utf8, ascii, utf16, utf32 } encoding = Encoding::utf8;
  std::optional<std::string> pattern;  // text: a regular expression that the whole value fits
  enum class Case : uint8_t { mixed, upper, lower } letters = Case::mixed;
  std::optional<int64_t> length_min, length_max;  // text: characters
  std::optional<int64_t> least, most;             // integer
  std::string date_format;                        // strptime
  std::vector<std::string> values;                // choice
  std::optional<std::string> missing;             // this value is not checked, and stands for `missing_as`
  std::string missing_as;

  // Into which tokens it falls.
  enum class Comparison : uint8_t { ngram, exact, numeric } comparison = Comparison::ngram;
  uint32_t n = 2;
  bool positional = false;
  double distance = 0;      // numeric: values further apart have no token in common
  uint32_t resolution = 1;  // numeric: 2 * resolution + 1 tokens
  uint32_t precision = 0;   // numeric: digits after the point

  // Which bits a token sets.
  enum class Hash : uint8_t { blake, twofold } hash = Hash::blake;  // twofold: "doubleHash", HMAC-SHA-1 and HMAC-MD5
  bool prevent_singularity = false;                                 // twofold: no token sets one bit only
  bool per_feature = false;                                         // `inserts` are shared out among the tokens
  uint32_t inserts = 0;
};

struct FilterSchema {
  std::string path;         // of its file
  uint32_t bits = 1024;     // of a filter, after folding
  uint32_t folds = 0;       // a filter of bits << folds is halved so often, its halves XORed
  bool sha512 = false;      // of HKDF; else SHA-256
  std::string salt, info;   // of HKDF: bytes
  uint32_t key_bytes = 64;  // of each derived key
  std::vector<FilterFeature> features;

  [[nodiscard]] uint64_t bits_before_folds() const { return uint64_t{bits} << folds; }
  [[nodiscard]] size_t features_used() const {
    size_t count = 0;
    for (const FilterFeature& feature : features) count += !feature.ignored;
    return count;
  }
};

// A filter says less about a person the more features share it; fewer than this are warned of.
inline constexpr size_t filter_features_least = 3;

}  // namespace tessera
