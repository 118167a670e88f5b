// filter_encoder.h: which bits does a record set in its filter?
//
//   secret ── HKDF, salt and info of the schema ──> two keys for each feature, in their order (ignored ones too)
//
//   blakeHash    32 numbers of 16 bits from BLAKE2b(token, key 1, salt "0"), 32 more with salt "1" ... : each mod bits
//   doubleHash   (HMAC-SHA-1(key 1, token) + i * HMAC-MD5(key 2, token)) mod bits, for i from 0
//
//   filter of bits << folds ── halves XORed, so often ──> filter of bits ── hardened ──> bytes
//
// Bit 0 is the highest of the first byte. The bits are those of clkhash 0.18 for the same schema and secret. What hashing
// a token gives is kept, since tokens of names and dates are few: a thread hashes " A" once. So are the bits of values.
//
// Hardening (Schnell and Borgs 2016), beyond the schema and in this order:
//   fold      halved once more, so often
//   balance   filter and its complement, shuffled by a key: every filter has half its bits set
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "pseudonymise/feature_value.h"
#include "pseudonymise/secret.h"
#include "record/filter_schema.h"
#include "tessera/error.h"
#include "tessera/job.h"

namespace tessera {

// Safe to use from many threads at a time, each with a scratch of its own.
class FilterEncoder {
 public:
  // Fails: usage (2) for a schema whose patterns or formats are not understood, or that cannot be folded so often;
  // internal (1) if OpenSSL lacks a hash.
  static Result<FilterEncoder> make(const FilterSchema& schema, std::span<const std::byte> secret,
                                    const Hardening& hardening);
  FilterEncoder(FilterEncoder&&) noexcept;
  FilterEncoder& operator=(FilterEncoder&&) noexcept;
  ~FilterEncoder();

  [[nodiscard]] size_t bits() const { return bits_; }  // of a filter as it leaves
  [[nodiscard]] size_t bytes() const { return (bits_ + 7) / 8; }
  [[nodiscard]] const FilterSchema& schema() const { return schema_; }
  [[nodiscard]] const FeatureReader& feature(size_t i) const { return readers_[i]; }

  class Scratch;
  struct DropScratch {
    void operator()(Scratch* scratch) const;
  };
  [[nodiscard]] Result<std::unique_ptr<Scratch, DropScratch>> scratch() const;

  // A record, feature by feature. add() wants a text of FeatureReader::read() or take(); false: it has no tokens, as
  // FeatureReader::tokens() says. `out`: bytes().
  void begin(Scratch& scratch) const;
  [[nodiscard]] bool add(size_t feature, std::string_view text, Scratch& scratch) const;
  void finish(Scratch& scratch, std::byte* out) const;

 private:
  FilterEncoder(const FilterSchema& schema, SecretBytes keys);
  [[nodiscard]] std::span<const std::byte> key(size_t feature, size_t which) const;
  [[nodiscard]] bool add_tokens(size_t feature, std::string_view text, Scratch& scratch, std::byte* filter) const;

  FilterSchema schema_;
  Hardening hardening_;
  size_t bits_ = 0;
  SecretBytes keys_;
  std::vector<FeatureReader> readers_;
  std::vector<uint32_t> shuffle_;  // of balance: where each bit goes
};

// What of a schema decides on bits, hashed: two parties compare it before they compare filters. 32 hex digits.
[[nodiscard]] std::string filter_schema_digest(const FilterSchema& schema);

}  // namespace tessera
