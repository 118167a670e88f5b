// filter_schema.cc: what does a linkage schema of clkhash say?
//
//   version 1   k and hash for all features, "weight" of each          -> k = weight * k, rounded
//   version 2   "strategy": {"k"} or {"numBits"}, "ngram" of each      -> bitsPerToken, bitsPerFeature, comparison
//   version 3   "comparison" and "strategy" of each                    is what we hold
//
// Accepted is what clkhash 0.18 accepts, with the same meaning. Refused beyond that: keys that it does not know, and
// "xorFolds", which its documents name but its code passes over (it reads "xor_folds").
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/base64.h"
#include "job/job.h"
#include "job/shape.h"

namespace tessera {
namespace {

using Type = Node::Type;
using FeatureFormat = FilterFeature::Format;
using FeatureComparison = FilterFeature::Comparison;

constexpr uint64_t filter_bits_max = 1 << 20;
constexpr uint64_t hkdf_blocks_max = 255;  // RFC 5869

const Shape clk_schema_text{.string = true};
const Shape clk_schema_flag{.boolean = true};
const Shape clk_any_number{.real = true};
const Shape clk_whole_number{.integer = true};
Shape clk_whole_from(int64_t least) { return {.integer = true, .least = least}; }
Shape clk_word_of(std::vector<std::string> values) { return {.string = true, .values = std::move(values)}; }

const ObjectShape clk_kdf_shape{"how keys come from the secret",
                                {{"type", clk_word_of({"HKDF"}), true, "HKDF", {}},
                                 {"hash", clk_word_of({"SHA256", "SHA512"}), false, "SHA256 or SHA512", {}},
                                 {"salt", clk_schema_text, false, "bytes in base64", {}},
                                 {"info", clk_schema_text, false, "bytes in base64", {}},
                                 {"keySize", clk_whole_from(1), false, "bytes of a key", {}}}};

const ObjectShape clk_hash_shape{
    "how a token is hashed",
    {{"type", clk_word_of({"blakeHash", "doubleHash"}), true, "blakeHash or doubleHash", {}},
     {"prevent_singularity", clk_schema_flag, false, "of doubleHash", {}}}};

const ObjectShape clk_config_shape{
    "what all features share",
    {{"l", clk_whole_from(1), true, "bits of a filter", {}},
     {"kdf", {.object = &clk_kdf_shape}, true, "how keys come from the secret", {}},
     {"xor_folds", clk_whole_from(0), false, "how often a filter is halved", {}},
     {"xorFolds", {}, false, "", "clkhash reads \"xor_folds\" and passes over this: write that"},
     {"k", clk_whole_from(1), false, "version 1: bits of a token", {}},
     {"hash", {.object = &clk_hash_shape}, false, "version 1: how tokens are hashed", {}}}};

const Shape clk_format_values{.items = &clk_schema_text};
const ObjectShape clk_feature_format_shape{
    "what a value must be like",
    {{"type", clk_word_of({"string", "integer", "date", "enum"}), true, "string, integer, date or enum", {}},
     {"encoding", clk_word_of({"ascii", "utf-8", "utf-16", "utf-32"}), false, "of the tokens", {}},
     {"case", clk_word_of({"upper", "lower", "mixed"}), false, "of a string", {}},
     {"minLength", clk_whole_from(0), false, "of a string, in characters", {}},
     {"maxLength", clk_whole_from(1), false, "of a string, in characters", {}},
     {"pattern", clk_schema_text, false, "of a string: a regular expression", {}},
     {"minimum", clk_whole_number, false, "of an integer", {}},
     {"maximum", clk_whole_number, false, "of an integer", {}},
     {"format", clk_schema_text, false, "of a date: %Y-%m-%d", {}},
     {"values", clk_format_values, false, "of an enum", {}},
     {"description", clk_schema_text, false, "for people", {}}}};

const ObjectShape clk_strategy_shape{
    "how often a token is inserted",
    {{"bitsPerToken", clk_whole_from(1), false, "bits of each token", {}},
     {"bitsPerFeature", clk_whole_from(1), false, "bits of all tokens together", {}},
     {"k", clk_any_number, false, "version 2: bits of each token", {}},
     {"numBits", clk_any_number, false, "version 2: bits of all tokens together", {}}}};

const ObjectShape clk_comparison_shape{
    "how values are compared",
    {{"type", clk_word_of({"ngram", "exact", "numeric"}), true, "ngram, exact or numeric", {}},
     {"n", clk_whole_from(1), false, "of ngram", {}},
     {"positional", clk_schema_flag, false, "of ngram: with their position", {}},
     {"thresholdDistance", clk_any_number, false, "of numeric: values further apart share nothing", {}},
     {"resolution", clk_whole_from(1), false, "of numeric", {}},
     {"fractional_precision", clk_whole_from(0), false, "of numeric: digits after the point", {}}}};

const ObjectShape clk_missing_shape{"how a missing value is written",
                                    {{"sentinel", clk_schema_text, true, "the value that means missing", {}},
                                     {"replaceWith", clk_schema_text, false, "what is encoded for it", {}}}};

const ObjectShape clk_hashing_shape{
    "how a feature is encoded",
    {{"comparison", {.object = &clk_comparison_shape}, false, "how values are compared", {}},
     {"strategy", {.object = &clk_strategy_shape}, false, "how often a token is inserted", {}},
     {"hash", {.object = &clk_hash_shape}, false, "how a token is hashed", {}},
     {"missingValue", {.object = &clk_missing_shape}, false, "how a missing value is written", {}},
     {"ngram", clk_whole_from(1), false, "versions 1 and 2: letters of a gram", {}},
     {"positional", clk_schema_flag, false, "versions 1 and 2: with their position", {}},
     {"weight", {.real = true, .real_least = 0}, false, "version 1: share of k", {}}}};

const ObjectShape clk_feature_shape{
    "a feature",
    {{"identifier", clk_schema_text, true, "the name of its column", {}},
     {"ignored", clk_schema_flag, false, "it is not encoded", {}},
     {"description", clk_schema_text, false, "for people", {}},
     {"format", {.object = &clk_feature_format_shape}, false, "what a value is like", {}},
     {"hashing", {.object = &clk_hashing_shape}, false, "how it is encoded", {}}}};
const Shape clk_feature_value{.object = &clk_feature_shape};

const ObjectShape clk_linkage_shape{"a linkage schema",
                                    {{"$schema", clk_schema_text, false, "for editors", {}},
                                     {"$id", clk_schema_text, false, "for editors", {}},
                                     {"title", clk_schema_text, false, "for people", {}},
                                     {"description", clk_schema_text, false, "for people", {}},
                                     {"version", {.integer = true, .least = 1, .most = 3}, true, "1, 2 or 3", {}},
                                     {"clkConfig", {.object = &clk_config_shape}, true, "what all features share", {}},
                                     {"features", {.items = &clk_feature_value}, true, "the columns, in order", {}}}};

// As Python rounds: halves to the even number.
int64_t rounded(double value) { return std::llrint(value); }

class FilterSchemaReader {
 public:
  FilterSchemaReader(int64_t version, Mistakes& mistakes) : version_(version), mistakes_(mistakes) {}

  void read(const Node& root, FilterSchema& out) {
    if (const Node* config = root.find("clkConfig", Type::object)) read_config(*config, out);
    const Node* features = root.find("features", Type::array);
    if (features == nullptr) return;
    for (const Node& item : features->items)
      if (item.type == Type::object) read_feature(item, out);
    if (out.features_used() == 0) mistakes_.add(features->place, "no feature is encoded");
    if (const uint64_t digest_bytes = out.sha512 ? 64 : 32;
        out.features.size() * 2 * out.key_bytes > hkdf_blocks_max * digest_bytes)
      mistakes_.add(
          features->place, "HKDF cannot make so many keys of that size",
          fmt::format("fewer features, or a smaller \"keySize\": {} bytes in all", hkdf_blocks_max * digest_bytes));
    for (size_t i = 0; i < out.features.size(); ++i)
      for (size_t j = 0; j < i; ++j)
        if (out.features[i].identifier == out.features[j].identifier)
          mistakes_.add(features->items[i].place,
                        fmt::format("two features are called \"{}\"", out.features[i].identifier));
  }

 private:
  void of_version(const Node& parent, const char* key, bool good) {
    if (const Node* node = parent.find(key); node != nullptr && !good)
      mistakes_.add(node->place, fmt::format("\"{}\" is not of schema version {}", key, version_));
  }
  const Node* needed(const Node& parent, const char* key, const char* what) {
    const Node* node = parent.find(key);
    if (node == nullptr) mistakes_.add(parent.place, fmt::format("\"{}\" is missing here", key), what);
    return node;
  }

  void read_config(const Node& node, FilterSchema& out) {
    if (const Node* bits = node.find("l", Type::integer); bits != nullptr && bits->integer > 0) {
      const Node* folds = node.find("xor_folds", Type::integer);
      const int64_t times = folds != nullptr ? folds->integer : 0;
      if (times > 20 || bits->integer > static_cast<int64_t>(filter_bits_max >> times))
        mistakes_.add(bits->place,
                      fmt::format("a filter may have {} bits at most, before it is folded", filter_bits_max));
      else {
        out.bits = static_cast<uint32_t>(bits->integer);
        out.folds = static_cast<uint32_t>(std::max<int64_t>(0, times));
      }
    }
    of_version(node, "k", version_ == 1);
    of_version(node, "hash", version_ == 1);
    if (version_ == 1) {
      if (const Node* k = needed(node, "k", "bits of a token"); k != nullptr) k_ = k->integer;
      if (const Node* hash = needed(node, "hash", "{\"type\": \"blakeHash\"}")) read_hash(*hash, common_);
    }
    const Node* kdf = node.find("kdf", Type::object);
    if (kdf == nullptr) return;
    if (const Node* hash = kdf->find("hash", Type::string)) out.sha512 = hash->text == "SHA512";
    for (const auto& [key, bytes] : {std::pair("salt", &out.salt), std::pair("info", &out.info)})
      if (const Node* text = kdf->find(key, Type::string); text != nullptr && !read_base64(text->text, *bytes))
        mistakes_.add(text->place, fmt::format("\"{}\" is not base64", key));
    if (const Node* size = kdf->find("keySize", Type::integer); size != nullptr && size->integer > 0)
      out.key_bytes = static_cast<uint32_t>(std::min<int64_t>(size->integer, 1 << 20));
  }

  void read_hash(const Node& node, FilterFeature& out) {
    const Node* type = node.find("type", Type::string);
    if (type == nullptr) return;
    out.hash = type->text == "doubleHash" ? FilterFeature::Hash::twofold : FilterFeature::Hash::blake;
    const Node* prevent = node.find("prevent_singularity", Type::boolean);
    if (prevent == nullptr) return;
    if (type->text == "blakeHash")
      mistakes_.add(prevent->place, "\"prevent_singularity\" is of doubleHash", "remove it");
    out.prevent_singularity = prevent->boolean;
  }

  void read_feature(const Node& node, FilterSchema& out) {
    FilterFeature feature = common_;
    if (const Node* name = node.find("identifier", Type::string)) feature.identifier = name->text;
    const Node *ignored = node.find("ignored", Type::boolean), *hashing = node.find("hashing", Type::object);
    feature.ignored = ignored != nullptr && ignored->boolean;
    if (!feature.ignored) {
      if (const Node* format = needed(node, "format", "{\"type\": \"string\"}"); format && format->type == Type::object)
        read_format(*format, feature);
      if (needed(node, "hashing", "how the feature is encoded") && hashing != nullptr) read_hashing(*hashing, feature);
      const uint64_t bits = out.bits_before_folds();
      if (!feature.ignored && feature.hash == FilterFeature::Hash::blake && (bits & (bits - 1)) != 0)
        mistakes_.add(node.place, fmt::format("blakeHash needs a filter of 2^n bits, and this has {}", bits),
                      "set \"l\" to 1024, or hash by doubleHash");
    }
    out.features.push_back(std::move(feature));
  }

  void read_format(const Node& node, FilterFeature& out) {
    const Node* type = node.find("type", Type::string);
    if (type == nullptr) return;
    out.format = type->text == "integer" ? FeatureFormat::integer
                 : type->text == "date"  ? FeatureFormat::date
                 : type->text == "enum"  ? FeatureFormat::choice
                                         : FeatureFormat::text;
    const auto only = [&](std::initializer_list<const char*> keys, FeatureFormat of) {
      for (const char* key : keys)
        if (const Node* found = node.find(key); found != nullptr && out.format != of)
          mistakes_.add(found->place, fmt::format("\"{}\" is not of type \"{}\"", key, type->text), "remove it");
    };
    only({"encoding", "case", "minLength", "maxLength", "pattern"}, FeatureFormat::text);
    only({"minimum", "maximum"}, FeatureFormat::integer);
    only({"format"}, FeatureFormat::date);
    only({"values"}, FeatureFormat::choice);
    const auto number = [&](const char* key) -> std::optional<int64_t> {
      const Node* found = node.find(key, Type::integer);
      return found != nullptr ? std::optional(found->integer) : std::nullopt;
    };
    if (const Node* encoding = node.find("encoding", Type::string))
      out.encoding = encoding->text == "ascii"    ? FilterFeature::Encoding::ascii
                     : encoding->text == "utf-16" ? FilterFeature::Encoding::utf16
                     : encoding->text == "utf-32" ? FilterFeature::Encoding::utf32
                                                  : FilterFeature::Encoding::utf8;
    if (const Node* letters = node.find("case", Type::string))
      out.letters = letters->text == "upper"   ? FilterFeature::Case::upper
                    : letters->text == "lower" ? FilterFeature::Case::lower
                                               : FilterFeature::Case::mixed;
    if (const Node* pattern = node.find("pattern", Type::string)) {
      out.pattern = pattern->text;
      for (const char* key : {"case", "minLength", "maxLength"})
        if (const Node* beside = node.find(key))
          mistakes_.add(beside->place, fmt::format("\"{}\" cannot stand beside \"pattern\"", key), "remove one");
    }
    out.length_min = number("minLength");
    out.length_max = number("maxLength");
    out.least = number("minimum");
    out.most = number("maximum");
    if (out.format == FeatureFormat::date)
      if (const Node* format = needed(node, "format", "\"%Y-%m-%d\"")) out.date_format = format->text;
    if (out.format == FeatureFormat::choice)
      if (const Node* values = needed(node, "values", "the values that there are"))
        for (const Node& item : values->items) out.values.push_back(item.text);
  }

  void read_hashing(const Node& node, FilterFeature& out) {
    of_version(node, "hash", version_ != 1);
    of_version(node, "strategy", version_ != 1);
    of_version(node, "comparison", version_ == 3);
    of_version(node, "ngram", version_ != 3);
    of_version(node, "positional", version_ != 3);
    of_version(node, "weight", version_ == 1);
    if (const Node* hash = node.find("hash", Type::object); hash != nullptr && version_ != 1) read_hash(*hash, out);
    if (const Node* missing = node.find("missingValue", Type::object))
      if (const Node* sentinel = missing->find("sentinel", Type::string)) {
        const Node* as = missing->find("replaceWith", Type::string);
        out.missing = sentinel->text;
        out.missing_as = as != nullptr ? as->text : sentinel->text;
      }
    if (version_ == 3) {
      if (const Node* comparison = needed(node, "comparison", "{\"type\": \"ngram\", \"n\": 2}");
          comparison != nullptr && comparison->type == Type::object)
        read_comparison(*comparison, out);
    } else {
      if (const Node* n = needed(node, "ngram", "letters of a gram"); n != nullptr && n->type == Type::integer)
        out.n = static_cast<uint32_t>(std::clamp<int64_t>(n->integer, 1, 1000));
      const Node* positional = node.find("positional", Type::boolean);
      out.positional = positional != nullptr && positional->boolean;
    }
    if (version_ == 1) {
      const Node* weight = node.find("weight");
      const double share = weight != nullptr ? weight->number : 1;
      if (weight != nullptr && share == 0) {
        out.ignored = true;
        return;
      }
      set_inserts(rounded(share * static_cast<double>(k_)), node.place, out);
    } else if (const Node* strategy = needed(node, "strategy", "{\"bitsPerFeature\": 200}")) {
      read_strategy(*strategy, out);
    }
  }

  void read_comparison(const Node& node, FilterFeature& out) {
    const Node* type = node.find("type", Type::string);
    if (type == nullptr) return;
    out.comparison = type->text == "exact"     ? FeatureComparison::exact
                     : type->text == "numeric" ? FeatureComparison::numeric
                                               : FeatureComparison::ngram;
    if (out.comparison == FeatureComparison::ngram) {
      if (const Node* n = needed(node, "n", "letters of a gram"); n != nullptr && n->type == Type::integer)
        out.n = static_cast<uint32_t>(std::clamp<int64_t>(n->integer, 1, 1000));
      const Node* positional = node.find("positional", Type::boolean);
      out.positional = positional != nullptr && positional->boolean;
    }
    if (out.comparison != FeatureComparison::numeric) return;
    const Node* distance = needed(node, "thresholdDistance", "values further apart share nothing");
    const Node* resolution = needed(node, "resolution", "how many tokens there are: 2 * resolution + 1");
    if (distance == nullptr || resolution == nullptr) return;
    out.distance = distance->number;
    out.resolution = static_cast<uint32_t>(std::clamp<int64_t>(resolution->integer, 1, 100'000));
    if (const Node* precision = node.find("fractional_precision", Type::integer))
      out.precision = static_cast<uint32_t>(std::clamp<int64_t>(precision->integer, 0, 15));
    const double interval = std::nearbyint(out.distance * std::pow(10.0, out.precision));
    if (!(out.distance > 0) || interval < 1)
      mistakes_.add(distance->place, "\"thresholdDistance\" is nothing in the digits that are kept",
                    "a greater one, or more \"fractional_precision\"");
    else if (interval > 1e15)
      mistakes_.add(distance->place, "\"thresholdDistance\" is above 1e15");
  }

  void read_strategy(const Node& node, FilterFeature& out) {
    const bool third = version_ == 3;
    for (const char* key : {"bitsPerToken", "bitsPerFeature"}) of_version(node, key, third);
    for (const char* key : {"k", "numBits"}) of_version(node, key, !third);
    const Node* token = node.find(third ? "bitsPerToken" : "k");
    const Node* feature = node.find(third ? "bitsPerFeature" : "numBits");
    if ((token == nullptr) == (feature == nullptr))
      return mistakes_.add(node.place, third ? "a strategy is \"bitsPerToken\" or \"bitsPerFeature\""
                                             : "a strategy is \"k\" or \"numBits\"");
    out.per_feature = token == nullptr;
    const Node& number = token != nullptr ? *token : *feature;
    set_inserts(static_cast<int64_t>(number.number), number.place, out);
  }

  void set_inserts(int64_t inserts, Place place, FilterFeature& out) {
    if (inserts < 1 || inserts > static_cast<int64_t>(filter_bits_max))
      mistakes_.add(place, fmt::format("a token of \"{}\" is inserted {} times", out.identifier, inserts),
                    fmt::format("1 to {} times", filter_bits_max));
    else
      out.inserts = static_cast<uint32_t>(inserts);
  }

  int64_t version_;
  Mistakes& mistakes_;
  int64_t k_ = 0;
  FilterFeature common_;
};

}  // namespace

Result<FilterSchema> parse_filter_schema(const std::string& path, std::string text) {
  if (text.starts_with("\xEF\xBB\xBF")) text.replace(0, 3, "   ");
  Mistakes mistakes(path, text);
  const std::optional<Node> root = read_tree(text, mistakes);
  if (!root) return std::unexpected(mistakes.error());
  FilterSchema out{.path = path, .salt = {}, .info = {}, .features = {}};
  if (root->type != Type::object) {
    mistakes.add(root->place, "a linkage schema is an object", "it begins with { and ends with }");
  } else {
    check_object(*root, clk_linkage_shape, mistakes);
    if (const Node* version = root->find("version", Type::integer); version != nullptr && mistakes.count() == 0)
      FilterSchemaReader(version->integer, mistakes).read(*root, out);
  }
  if (mistakes.count() > 0) return std::unexpected(mistakes.error());
  return out;
}

}  // namespace tessera
