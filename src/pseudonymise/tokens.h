// tokens.h: which token stands for a value?
//
//   token = first 128 bits of HMAC-SHA-256(key of the domain and name, name 0x1f canonical value)
//
// The key pads, and the name, are hashed once for each key; a value then costs two compressions of SHA-256 where a
// one-shot HMAC costs four and the look-up of an algorithm. The slow twin is OpenSSL's HMAC(): tests/unit/pseudonymise.
// Source: RFC 2104; RFC 4231 gives test values; truncation to the left half: RFC 2104, section 5.
// Not here: the canonical text of a value, and which tokens a list of passes needs.
#pragma once

#include <openssl/sha.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "pseudonymise/keys.h"
#include "pseudonymise/secret.h"

namespace tessera {

constexpr size_t token_bytes = 16;
using Token = std::array<std::byte, token_bytes>;

// Safe to use from many threads at a time.
class TokenKey {
 public:
  // The key of `domain` and `name` of this secret.
  static Result<TokenKey> derive(const SecretKey& secret, std::string_view domain, std::string_view name);
  // HMAC-SHA-256 under `key`, of `prefix` and then a value; for known answers.
  static Result<TokenKey> of(std::span<const std::byte> key, std::string_view prefix);

  void tokens(std::span<const std::string_view> values, Token* out) const;
  [[nodiscard]] Token token(std::string_view value) const;
  // All 256 bits.
  [[nodiscard]] std::array<std::byte, 32> whole(std::string_view value) const;

 private:
  struct Pads {
    SHA256_CTX inner, outer;
  };
  explicit TokenKey(Secret<Pads> pads) : pads_(std::move(pads)) {}
  void hash(std::string_view value, SHA256_CTX& work, unsigned char* out) const;
  Secret<Pads> pads_;
};

// 32 hex digits in lower case.
[[nodiscard]] std::string hex_of(const Token& token);

}  // namespace tessera
