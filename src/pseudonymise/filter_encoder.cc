// filter_encoder.cc: which bits does a record set in its filter? (see filter_encoder.h)
#include "pseudonymise/filter_encoder.h"

#include <fmt/format.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <xxhash.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <cstring>

#include "pseudonymise/keys.h"
#include "pseudonymise/tokens.h"

namespace tessera {
namespace {

using MacContext = std::unique_ptr<EVP_MAC_CTX, decltype(&EVP_MAC_CTX_free)>;
using MacKind = std::unique_ptr<EVP_MAC, decltype(&EVP_MAC_free)>;

constexpr size_t blake_numbers = 32;         // of one BLAKE2b, 16 bits each
constexpr size_t tokens_kept_max = 1 << 17;  // of a feature; beyond it the memory is begun anew

unsigned char* octets(std::span<const std::byte> bytes) {
  return reinterpret_cast<unsigned char*>(const_cast<std::byte*>(bytes.data()));  // OpenSSL's parameters are not const
}

Error no_hash(const char* name) {
  return {ErrorCode::internal, fmt::format("OpenSSL lacks {}, which the schema asks for", name)};
}

// A keyed hash that is set up once and then begun again for each token.
class TokenMac {
 public:
  static Result<TokenMac> hmac(const char* digest, std::span<const std::byte> key) {
    std::array<OSSL_PARAM, 2> parameters{
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, const_cast<char*>(digest), 0),
        OSSL_PARAM_construct_end()};
    return make("HMAC", key, parameters.data());
  }
  // `number`: the salt, in decimal digits.
  static Result<TokenMac> blake(size_t number, std::span<const std::byte> key) {
    std::string salt = std::to_string(number);
    std::array<OSSL_PARAM, 2> parameters{
        OSSL_PARAM_construct_octet_string(OSSL_MAC_PARAM_SALT, salt.data(), salt.size()), OSSL_PARAM_construct_end()};
    return make("BLAKE2BMAC", key, parameters.data());
  }
  // Bytes written to `out`, of 64 at most.
  size_t hash(std::string_view text, std::string_view more, unsigned char* out) {
    EVP_MAC_CTX_free(work_.release());
    work_.reset(EVP_MAC_CTX_dup(ready_.get()));
    size_t size = 0;
    const bool good = work_ != nullptr && EVP_MAC_update(work_.get(), data(text), text.size()) == 1 &&
                      (more.empty() || EVP_MAC_update(work_.get(), data(more), more.size()) == 1) &&
                      EVP_MAC_final(work_.get(), out, &size, 64) == 1;
    assert(good);
    return good ? size : 0;
  }

 private:
  explicit TokenMac(MacContext ready) : ready_(std::move(ready)), work_(nullptr, EVP_MAC_CTX_free) {}
  static const unsigned char* data(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
  }
  static Result<TokenMac> make(const char* name, std::span<const std::byte> key, const OSSL_PARAM* parameters) {
    const MacKind kind(EVP_MAC_fetch(nullptr, name, nullptr), EVP_MAC_free);
    if (kind == nullptr) return std::unexpected(no_hash(name));
    MacContext ready(EVP_MAC_CTX_new(kind.get()), EVP_MAC_CTX_free);
    if (ready == nullptr || EVP_MAC_init(ready.get(), octets(key), key.size(), parameters) != 1)
      return std::unexpected(no_hash(name));
    return TokenMac(std::move(ready));
  }
  MacContext ready_, work_;
};

// A big-endian number, modulo `bits`.
uint32_t modulo(std::span<const unsigned char> number, uint64_t bits) {
  uint64_t rest = 0;
  for (const unsigned char byte : number) rest = (rest << 8 | byte) % bits;
  return static_cast<uint32_t>(rest);
}

// Which tokens of a feature were hashed, by their bytes.
class TokenMemory {
 public:
  struct Hashed {
    uint32_t first = 0, step = 0;     // of doubleHash
    std::vector<uint32_t> positions;  // of blakeHash: as many as were asked for, at the most
  };
  TokenMemory() : slots_(1024) {}

  // The entry of a token; `fresh`: it was not there.
  Hashed& find(std::string_view token, bool& fresh) {
    const uint64_t hash = XXH3_64bits(token.data(), token.size()) | 1;
    for (size_t at = hash >> shift();; at = (at + 1) % slots_.size()) {
      Slot& slot = slots_[at];
      if (slot.hash == 0) {
        fresh = true;
        return add(token, hash);
      }
      if (slot.hash == hash && token == std::string_view(bytes_).substr(slot.begin, slot.size)) {
        fresh = false;
        return hashed_[slot.entry];
      }
    }
  }

 private:
  struct Slot {
    uint64_t hash = 0;  // 0: free
    size_t begin = 0;
    uint32_t size = 0, entry = 0;
  };
  [[nodiscard]] unsigned shift() const { return static_cast<unsigned>(64 - std::countr_zero(slots_.size())); }

  Hashed& add(std::string_view token, uint64_t hash) {
    if (hashed_.size() >= tokens_kept_max) {
      slots_.assign(1024, {});
      bytes_.clear();
      hashed_.clear();
    } else if (hashed_.size() * 2 >= slots_.size()) {
      std::vector<Slot> old(slots_.size() * 2);
      old.swap(slots_);
      for (const Slot& slot : old)
        if (slot.hash != 0) place(slot);
    }
    place({hash, bytes_.size(), static_cast<uint32_t>(token.size()), static_cast<uint32_t>(hashed_.size())});
    bytes_ += token;
    return hashed_.emplace_back();
  }
  void place(const Slot& slot) {
    size_t at = slot.hash >> shift();
    while (slots_[at].hash != 0) at = (at + 1) % slots_.size();
    slots_[at] = slot;
  }

  std::vector<Slot> slots_;  // a power of two
  std::string bytes_;
  std::vector<Hashed> hashed_;
};

// How the tokens of one feature are hashed, in one thread.
struct FeatureHasher {
  std::vector<TokenMac> macs;  // doubleHash: SHA-1, MD5; blakeHash: by salt, made when they are needed
  TokenMemory memory;
};

}  // namespace

class FilterEncoder::Scratch {
 public:
  std::vector<FeatureHasher> features;
  FeatureTokens tokens;
  std::vector<uint64_t> filter;  // of the bits before folds; bit i of it is bit i % 64 of word i / 64
  std::vector<uint64_t> folded;

  void set(uint32_t bit) { filter[bit / 64] |= uint64_t{1} << (bit % 64); }
};

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
  out->filter.resize((schema_.bits_before_folds() + 63) / 64);
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

void FilterEncoder::begin(Scratch& scratch) const { std::ranges::fill(scratch.filter, 0); }

namespace {

void hash_twofold(FeatureHasher& hasher, std::string_view token, uint64_t bits, bool prevent_singularity,
                  TokenMemory::Hashed& out) {
  std::array<unsigned char, 64> bytes{};
  out.first = modulo(std::span(bytes).first(hasher.macs[0].hash(token, {}, bytes.data())), bits);
  out.step = modulo(std::span(bytes).first(hasher.macs[1].hash(token, {}, bytes.data())), bits);
  // With more behind the token until the step is none: what clkhash adds is the character of that number.
  for (uint32_t i = 0; prevent_singularity && bits > 1 && out.step == 0 && i < 0x80; ++i) {
    const char more = static_cast<char>(i);
    out.step = modulo(std::span(bytes).first(hasher.macs[1].hash(token, {&more, 1}, bytes.data())), bits);
  }
}

void hash_blake(FeatureHasher& hasher, std::string_view token, uint64_t bits, size_t count, TokenMemory::Hashed& out) {
  while (out.positions.size() < count) {
    std::array<unsigned char, 64> bytes{};
    hasher.macs[out.positions.size() / blake_numbers].hash(token, {}, bytes.data());
    for (size_t i = 0; i < bytes.size(); i += 2)
      out.positions.push_back(static_cast<uint32_t>((bytes[i] | unsigned{bytes[i + 1]} << 8) % bits));
  }
}

}  // namespace

bool FilterEncoder::add(size_t feature, std::string_view text, Scratch& scratch) const {
  if (!readers_[feature].tokens(text, scratch.tokens)) return false;
  const FilterFeature& how = schema_.features[feature];
  const size_t count = scratch.tokens.size();
  if (count == 0) return true;
  const uint64_t bits = schema_.bits_before_folds();
  const size_t least = how.per_feature ? how.inserts / count : how.inserts;
  const size_t more = how.per_feature ? how.inserts % count : 0;  // tokens that are inserted once more
  FeatureHasher& hasher = scratch.features[feature];
  for (size_t i = 0; i < count; ++i) {
    const size_t inserts = least + (i < more ? 1 : 0);
    const std::string_view token = scratch.tokens[i];
    bool fresh = false;
    TokenMemory::Hashed& hashed = hasher.memory.find(token, fresh);
    if (how.hash == FilterFeature::Hash::twofold) {
      if (fresh) hash_twofold(hasher, token, bits, how.prevent_singularity, hashed);
      uint64_t bit = hashed.first;
      for (size_t j = 0; j < inserts; ++j) {
        scratch.set(static_cast<uint32_t>(bit));
        bit += hashed.step;
        if (bit >= bits) bit -= bits;
      }
      continue;
    }
    hash_blake(hasher, token, bits, inserts, hashed);
    for (size_t j = 0; j < inserts; ++j) scratch.set(hashed.positions[j]);
  }
  return true;
}

void FilterEncoder::finish(Scratch& scratch, std::byte* out) const {
  std::vector<uint64_t>& bits = scratch.folded;
  bits = scratch.filter;
  const auto bit_of = [&](size_t i) { return bits[i / 64] >> (i % 64) & 1; };
  size_t size = schema_.bits_before_folds();
  for (uint32_t fold = 0; fold < schema_.folds + hardening_.folds; ++fold) {
    size /= 2;
    if (size % 64 == 0) {
      for (size_t i = 0; i < size / 64; ++i) bits[i] ^= bits[i + size / 64];
      continue;
    }
    for (size_t i = 0; i < size; ++i) bits[i / 64] ^= bit_of(i + size) << (i % 64);
  }
  std::memset(out, 0, bytes());
  const auto set = [out](size_t bit) { out[bit / 8] |= std::byte{0x80} >> (bit % 8); };
  if (!hardening_.balance) {
    for (size_t word = 0; word * 64 < size; ++word)
      for (uint64_t left = bits[word]; left != 0; left &= left - 1) {
        const size_t bit = word * 64 + static_cast<size_t>(std::countr_zero(left));
        if (bit < size) set(bit);
      }
    return;
  }
  for (size_t i = 0; i < size; ++i) set(shuffle_[bit_of(i) != 0 ? i : size + i]);
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
