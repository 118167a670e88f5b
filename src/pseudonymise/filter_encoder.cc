// filter_encoder.cc: which bits does a record set in its filter? (see filter_encoder.h)
#include "pseudonymise/filter_encoder.h"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <cstring>

#include "pseudonymise/keys.h"
#include "pseudonymise/text_table.h"
#include "pseudonymise/token_mac.h"
#include "pseudonymise/tokens.h"

namespace tessera {
namespace {

constexpr size_t blake_numbers = 32;         // of one BLAKE2b, 16 bits each
constexpr size_t masks_bytes_max = 1 << 20;  // of the tokens, and of the values, of a feature

// A big-endian number, modulo `bits`.
uint32_t modulo(std::span<const unsigned char> number, uint64_t bits) {
  uint64_t rest = 0;
  for (const unsigned char byte : number) rest = (rest << 8 | byte) % bits;
  return static_cast<uint32_t>(rest);
}

// Bits of texts, kept by their number; begun anew when they fill the memory that they may have.
struct KeptMasks {
  TextTable texts;
  std::vector<std::byte> masks;  // by number: the bits before folds
  [[nodiscard]] std::byte* mask(uint32_t number, size_t bytes) { return masks.data() + number * bytes; }
  // With `more` of them.
  [[nodiscard]] bool full_with(size_t more, size_t bytes) const {
    return (texts.size() + more) * bytes > masks_bytes_max;
  }
  void clear() {
    texts.clear();
    masks.clear();
  }
};

// How one feature is hashed, in one thread.
struct FeatureHasher {
  std::vector<TokenMac> macs;  // doubleHash: SHA-1, MD5; blakeHash: by salt
  KeptMasks tokens;            // of a token and how often it is inserted
  // Of values that come again and again, such as given names.
  KeptMasks values;
  size_t seen = 0, known = 0;  // values; of them those whose bits were there
  bool keeps_values = true;    // until it shows that hardly any value comes again
};

// A token of a value among those kept.
struct KeptToken {
  size_t end = 0;  // of its key, among the keys
  uint64_t begun = 0;
  uint32_t number = 0;
};

}  // namespace

class FilterEncoder::Scratch {
 public:
  std::vector<FeatureHasher> features;
  FeatureTokens tokens;
  std::string keys;  // of the tokens of a value, one after another
  std::vector<KeptToken> kept;
  std::vector<std::byte> filter, work;  // of the bits before folds; bit 0 is the highest of the first byte
};

namespace {

void set_bit(std::byte* filter, size_t bit) { filter[bit / 8] |= std::byte{0x80} >> (bit % 8); }
bool bit_of(const std::byte* filter, size_t bit) {
  return (filter[bit / 8] & (std::byte{0x80} >> (bit % 8))) != std::byte{};
}

}  // namespace

void FilterEncoder::DropScratch::operator()(Scratch* scratch) const { delete scratch; }

FilterEncoder::FilterEncoder(const FilterSchema& schema, SecretBytes keys) : schema_(schema), keys_(std::move(keys)) {}
FilterEncoder::FilterEncoder(FilterEncoder&&) noexcept = default;
FilterEncoder& FilterEncoder::operator=(FilterEncoder&&) noexcept = default;
FilterEncoder::~FilterEncoder() = default;

std::span<const std::byte> FilterEncoder::key(size_t feature, size_t which) const {
  return std::span(keys_.span()).subspan((feature * 2 + which) * schema_.key_bytes, schema_.key_bytes);
}

namespace {

// Where each bit of a filter and its complement goes: a shuffle whose draws come from HMAC-SHA-256 of a counter.
Result<std::vector<uint32_t>> shuffle_of(size_t bits, std::span<const std::byte> secret) {
  std::array<std::byte, 32> key{};
  const std::string_view purpose = "tessera/1 filter balance";
  TESSERA_TRY(hkdf(secret, {}, std::as_bytes(std::span(purpose)), false, key));
  TESSERA_ASSIGN(const TokenKey draws, TokenKey::of(key, ""));
  std::vector<uint32_t> out(bits);
  for (uint32_t i = 0; i < out.size(); ++i) out[i] = i;
  for (size_t i = out.size(); i > 1; --i) {
    const std::array<std::byte, 32> drawn = draws.whole(std::to_string(i));
    uint64_t number = 0;
    std::memcpy(&number, drawn.data(), sizeof number);
    std::swap(out[i - 1], out[number % i]);  // of 2^64: its lean is below 2^-40
  }
  return out;
}

}  // namespace

Result<FilterEncoder> FilterEncoder::make(const FilterSchema& schema, std::span<const std::byte> secret,
                                          const Hardening& hardening) {
  TESSERA_ASSIGN(SecretBytes keys, SecretBytes::make(schema.features.size() * 2 * schema.key_bytes));
  TESSERA_TRY(hkdf(secret, std::as_bytes(std::span(schema.salt)), std::as_bytes(std::span(schema.info)), schema.sha512,
                   keys.span()));
  FilterEncoder out(schema, std::move(keys));
  for (const FilterFeature& feature : schema.features) {
    TESSERA_ASSIGN(FeatureReader reader, FeatureReader::make(feature, schema.path));
    out.readers_.push_back(std::move(reader));
    if (feature.ignored || feature.hash != FilterFeature::Hash::blake) continue;
    if (schema.key_bytes > 64)
      return fail(ErrorCode::usage, fmt::format("{}: blakeHash takes keys of 64 bytes at most, and \"keySize\" is {}",
                                                schema.path, schema.key_bytes));
  }
  out.hardening_ = hardening;
  if (hardening.folds > 0 && schema.bits % (uint64_t{1} << hardening.folds) != 0)
    return fail(ErrorCode::usage, fmt::format("{}: a filter of {} bits cannot be folded {} times", schema.path,
                                              schema.bits, hardening.folds));
  out.bits_ = schema.bits >> hardening.folds;
  if (hardening.balance) {
    out.bits_ *= 2;
    TESSERA_ASSIGN(out.shuffle_, shuffle_of(out.bits_, secret));
  }
  return out;
}

Result<std::unique_ptr<FilterEncoder::Scratch, FilterEncoder::DropScratch>> FilterEncoder::scratch() const {
  std::unique_ptr<Scratch, DropScratch> out(new Scratch);
  out->filter.resize((schema_.bits_before_folds() + 7) / 8);
  for (size_t i = 0; i < schema_.features.size(); ++i) {
    FeatureHasher& hasher = out->features.emplace_back();
    const FilterFeature& feature = schema_.features[i];
    if (feature.ignored) continue;
    if (feature.hash == FilterFeature::Hash::twofold) {
      TESSERA_ASSIGN(TokenMac sha1, TokenMac::hmac("SHA1", key(i, 0)));
      TESSERA_ASSIGN(TokenMac md5, TokenMac::hmac("MD5", key(i, 1)));
      hasher.macs.push_back(std::move(sha1));
      hasher.macs.push_back(std::move(md5));
      continue;
    }
    // A token is inserted so often at the most when it is alone.
    for (size_t salt = 0; salt * blake_numbers < feature.inserts; ++salt) {
      TESSERA_ASSIGN(TokenMac blake, TokenMac::blake(salt, key(i, 0)));
      hasher.macs.push_back(std::move(blake));
    }
  }
  return out;
}

void FilterEncoder::begin(Scratch& scratch) const { std::ranges::fill(scratch.filter, std::byte{}); }

namespace {

// Both set `inserts` bits of a token.
void hash_twofold(FeatureHasher& hasher, std::string_view token, uint64_t bits, bool prevent_singularity,
                  size_t inserts, std::byte* mask) {
  std::array<unsigned char, 64> bytes{};
  uint64_t bit = modulo(std::span(bytes).first(hasher.macs[0].hash(token, {}, bytes.data())), bits);
  uint64_t step = modulo(std::span(bytes).first(hasher.macs[1].hash(token, {}, bytes.data())), bits);
  // With more behind the token until the step is none: what clkhash adds is the character of that number.
  for (uint32_t i = 0; prevent_singularity && bits > 1 && step == 0 && i < 0x80; ++i) {
    const char more = static_cast<char>(i);
    step = modulo(std::span(bytes).first(hasher.macs[1].hash(token, {&more, 1}, bytes.data())), bits);
  }
  for (size_t i = 0; i < inserts; ++i) {
    set_bit(mask, bit);
    bit += step;
    if (bit >= bits) bit -= bits;
  }
}

void hash_blake(FeatureHasher& hasher, std::string_view token, uint64_t bits, size_t inserts, std::byte* mask) {
  for (size_t done = 0; done < inserts;) {
    std::array<unsigned char, 64> bytes{};
    hasher.macs[done / blake_numbers].hash(token, {}, bytes.data());
    for (size_t i = 0; i < bytes.size() && done < inserts; i += 2, ++done)
      set_bit(mask, (bytes[i] | unsigned{bytes[i + 1]} << 8) % bits);
  }
}

void add_mask(std::byte* filter, const std::byte* mask, size_t bytes) {
  for (size_t i = 0; i < bytes; ++i) filter[i] |= mask[i];
}

}  // namespace

bool FilterEncoder::add(size_t feature, std::string_view text, Scratch& scratch) const {
  FeatureHasher& hasher = scratch.features[feature];
  const size_t bytes = scratch.filter.size();
  if (!hasher.keeps_values) return add_tokens(feature, text, scratch, scratch.filter.data());
  if (hasher.values.full_with(1, bytes)) {
    hasher.keeps_values = hasher.known * 4 > hasher.seen * 3;
    hasher.values.clear();
    hasher.seen = hasher.known = 0;
  }
  bool fresh = false;
  const uint32_t number = hasher.values.texts.find(text, fresh);
  ++hasher.seen;
  hasher.known += !fresh;
  if (fresh) {
    hasher.values.masks.resize((number + 1) * bytes);
    if (!add_tokens(feature, text, scratch, hasher.values.mask(number, bytes))) {
      hasher.values.clear();  // a value without tokens has no mask
      return false;
    }
  }
  add_mask(scratch.filter.data(), hasher.values.mask(number, bytes), bytes);
  return true;
}

// Sets the bits of the tokens of a text in `filter`.
bool FilterEncoder::add_tokens(size_t feature, std::string_view text, Scratch& scratch, std::byte* filter) const {
  if (!readers_[feature].tokens(text, scratch.tokens)) return false;
  const FilterFeature& how = schema_.features[feature];
  const size_t count = scratch.tokens.size();
  if (count == 0) return true;
  const uint64_t bits = schema_.bits_before_folds();
  const size_t bytes = scratch.filter.size();
  const size_t least = how.per_feature ? how.inserts / count : how.inserts;
  const size_t more = how.per_feature ? how.inserts % count : 0;  // tokens that are inserted once more
  FeatureHasher& hasher = scratch.features[feature];
  KeptMasks& kept = hasher.tokens;
  const auto inserts_of = [&](size_t i) { return least + (i < more ? 1 : 0); };
  // The bits of a token depend on how often it is inserted, which is part of what they are kept by.
  std::string& keys = scratch.keys;
  keys.clear();
  scratch.kept.resize(count);
  for (size_t i = 0; i < count; ++i) {
    const size_t inserts = inserts_of(i), begin = keys.size();
    keys += static_cast<char>(inserts & 0xff);
    if (how.inserts > 0xff) keys.append(reinterpret_cast<const char*>(&inserts), sizeof inserts);
    keys += scratch.tokens[i];
    scratch.kept[i] = {.end = keys.size(), .begun = kept.texts.begin(std::string_view(keys).substr(begin))};
  }
  if (kept.full_with(count, bytes)) kept.clear();
  for (size_t i = 0, begin = 0; i < count; ++i) {
    KeptToken& token = scratch.kept[i];
    bool fresh = false;
    token.number = kept.texts.find(std::string_view(keys).substr(begin, token.end - begin), token.begun, fresh);
    begin = token.end;
    if (fresh) {
      kept.masks.resize((token.number + 1) * bytes);
      std::byte* const mask = kept.mask(token.number, bytes);
      if (how.hash == FilterFeature::Hash::twofold)
        hash_twofold(hasher, scratch.tokens[i], bits, how.prevent_singularity, inserts_of(i), mask);
      else
        hash_blake(hasher, scratch.tokens[i], bits, inserts_of(i), mask);
    }
    __builtin_prefetch(kept.mask(token.number, bytes));
  }
  for (const KeptToken& token : scratch.kept) add_mask(filter, kept.mask(token.number, bytes), bytes);
  return true;
}

void FilterEncoder::finish(Scratch& scratch, std::byte* out) const {
  size_t size = schema_.bits_before_folds();
  const uint32_t folds = schema_.folds + hardening_.folds;
  if (folds == 0 && !hardening_.balance) {
    std::ranges::copy(scratch.filter, out);
    return;
  }
  std::vector<std::byte>& work = scratch.work;
  work = scratch.filter;
  for (uint32_t fold = 0; fold < folds; ++fold) {
    size /= 2;
    if (size % 8 == 0) {
      for (size_t i = 0; i < size / 8; ++i) work[i] ^= work[i + size / 8];
      continue;
    }
    std::vector<std::byte> folded((size + 7) / 8);
    for (size_t i = 0; i < size; ++i)
      if (bit_of(work.data(), i) != bit_of(work.data(), i + size)) set_bit(folded.data(), i);
    work = std::move(folded);
  }
  if (!hardening_.balance) {
    std::copy_n(work.data(), bytes(), out);
    return;
  }
  std::fill_n(out, bytes(), std::byte{});
  for (size_t i = 0; i < size; ++i) set_bit(out, shuffle_[bit_of(work.data(), i) ? i : size + i]);
}

std::string filter_schema_digest(const FilterSchema& schema) {
  std::string text = fmt::format("{} {} {} {}", schema.bits, schema.folds, schema.sha512, schema.key_bytes);
  const auto add = [&text](std::string_view part) {
    fmt::format_to(std::back_inserter(text), " {}:{}", part.size(), part);
  };
  add(schema.salt);
  add(schema.info);
  for (const FilterFeature& f : schema.features) {
    add(f.ignored ? "ignored" : "feature");
    if (f.ignored) continue;
    fmt::format_to(std::back_inserter(text), " {} {} {} {} {} {} {} {} {} {} {} {}", static_cast<int>(f.format),
                   static_cast<int>(f.encoding), static_cast<int>(f.comparison), f.n, f.positional, f.distance,
                   f.resolution, f.precision, static_cast<int>(f.hash), f.prevent_singularity, f.per_feature,
                   f.inserts);
    add(f.missing ? *f.missing : "");
    add(f.missing_as);
  }
  std::array<unsigned char, 32> digest{};
  unsigned size = 0;
  EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha256(), nullptr);
  std::string out;
  for (size_t i = 0; i < 16; ++i) fmt::format_to(std::back_inserter(out), "{:02x}", digest[i]);
  return out;
}

}  // namespace tessera
