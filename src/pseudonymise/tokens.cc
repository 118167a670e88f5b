// OpenSSL calls the SHA256_* functions deprecated in favour of EVP, whose contexts must be made and copied on the heap for
// each value: that costs more than the compressions. They are the same code, in every OpenSSL 1 and 3.
#define OPENSSL_SUPPRESS_DEPRECATED
#include "pseudonymise/tokens.h"

#include <openssl/crypto.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <cstring>

namespace tessera {
namespace {

constexpr size_t sha256_bytes = 32, sha256_block = 64;

}  // namespace

Result<TokenKey> TokenKey::of(std::span<const std::byte> key, std::string_view prefix) {
  TESSERA_ASSIGN(Secret<Pads> pads, Secret<Pads>::make());
  std::array<unsigned char, sha256_block> block{}, pad{};
  if (key.size() > sha256_block)
    SHA256(reinterpret_cast<const unsigned char*>(key.data()), key.size(), block.data());
  else
    std::memcpy(block.data(), key.data(), key.size());
  const auto begin = [&](SHA256_CTX& context, unsigned char mask) {
    std::transform(block.begin(), block.end(), pad.begin(),
                   [&](unsigned char b) { return static_cast<unsigned char>(b ^ mask); });
    return SHA256_Init(&context) == 1 && SHA256_Update(&context, pad.data(), pad.size()) == 1;
  };
  const bool good = begin(pads->inner, 0x36) && begin(pads->outer, 0x5c) &&
                    SHA256_Update(&pads->inner, prefix.data(), prefix.size()) == 1;
  OPENSSL_cleanse(block.data(), block.size());
  OPENSSL_cleanse(pad.data(), pad.size());
  if (!good) return fail(ErrorCode::internal, "OpenSSL could not begin a hash (SHA-256)");
  return TokenKey(std::move(pads));
}

Result<TokenKey> TokenKey::derive(const SecretKey& secret, std::string_view domain, std::string_view name) {
  TESSERA_ASSIGN(const Secret<DerivedKey> key, Secret<DerivedKey>::make());
  TESSERA_TRY(secret.derive(domain, name, *key));
  return of(*key, std::string(name) + static_cast<char>(key_separator));
}

void TokenKey::hash(std::string_view value, SHA256_CTX& work, unsigned char* out) const {
  // None of these fails: the contexts are begun, and the sizes fit.
  work = pads_->inner;
  SHA256_Update(&work, value.data(), value.size());
  SHA256_Final(out, &work);
  work = pads_->outer;
  SHA256_Update(&work, out, sha256_bytes);
  SHA256_Final(out, &work);
}

void TokenKey::tokens(std::span<const std::string_view> values, Token* out) const {
  SHA256_CTX work;
  std::array<unsigned char, sha256_bytes> digest;
  for (const std::string_view value : values) {
    hash(value, work, digest.data());
    std::memcpy(out++, digest.data(), token_bytes);
  }
  OPENSSL_cleanse(&work, sizeof work);
  OPENSSL_cleanse(digest.data(), digest.size());
}

Token TokenKey::token(std::string_view value) const {
  Token out;
  tokens(std::span(&value, 1), &out);
  return out;
}

std::array<std::byte, 32> TokenKey::whole(std::string_view value) const {
  SHA256_CTX work;
  std::array<std::byte, sha256_bytes> out;
  hash(value, work, reinterpret_cast<unsigned char*>(out.data()));
  OPENSSL_cleanse(&work, sizeof work);
  return out;
}

std::string hex_of(const Token& token) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out;
  for (const std::byte b : token) {
    out += digits[std::to_integer<size_t>(b >> 4)];
    out += digits[std::to_integer<size_t>(b & std::byte{15})];
  }
  return out;
}

}  // namespace tessera
