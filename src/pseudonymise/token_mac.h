// token_mac.h: a keyed hash that is set up once and then begun again for each token of a filter.
#pragma once

#include <openssl/evp.h>

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>

#include "tessera/error.h"

namespace tessera {

// Of one thread.
class TokenMac {
 public:
  // HMAC with "SHA1" or "MD5". Fails: internal (1) if OpenSSL lacks it.
  static Result<TokenMac> hmac(const char* digest, std::span<const std::byte> key);
  // BLAKE2b with a key of 64 bytes at most; the salt is `number` in decimal digits. Fails: as above.
  static Result<TokenMac> blake(size_t number, std::span<const std::byte> key);

  // The hash of text and more, end to end. Writes 64 bytes to `out` at most; returns how many.
  size_t hash(std::string_view text, std::string_view more, unsigned char* out);

 private:
  using Context = std::unique_ptr<EVP_MAC_CTX, decltype(&EVP_MAC_CTX_free)>;
  explicit TokenMac(Context ready) : ready_(std::move(ready)) {}
  static Result<TokenMac> make(const char* name, std::span<const std::byte> key, const OSSL_PARAM* parameters);
  Context ready_;
};

}  // namespace tessera
