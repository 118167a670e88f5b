#include "pseudonymise/token_mac.h"

#include <fmt/format.h>
#include <openssl/core_names.h>
#include <openssl/params.h>

#include <array>
#include <cassert>
#include <string>

namespace tessera {
namespace {

const unsigned char* mac_data(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }

Error no_hash(const char* name) {
  return {ErrorCode::internal, fmt::format("OpenSSL lacks {}, which the schema asks for", name)};
}

}  // namespace

Result<TokenMac> TokenMac::hmac(const char* digest, std::span<const std::byte> key) {
  std::array<OSSL_PARAM, 2> parameters{
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, const_cast<char*>(digest), 0),  // it is only read
      OSSL_PARAM_construct_end()};
  return make("HMAC", key, parameters.data());
}

Result<TokenMac> TokenMac::blake(size_t number, std::span<const std::byte> key) {
  std::string salt = std::to_string(number);
  std::array<OSSL_PARAM, 2> parameters{OSSL_PARAM_construct_octet_string(OSSL_MAC_PARAM_SALT, salt.data(), salt.size()),
                                       OSSL_PARAM_construct_end()};
  return make("BLAKE2BMAC", key, parameters.data());
}

Result<TokenMac> TokenMac::make(const char* name, std::span<const std::byte> key, const OSSL_PARAM* parameters) {
  const std::unique_ptr<EVP_MAC, decltype(&EVP_MAC_free)> kind(EVP_MAC_fetch(nullptr, name, nullptr), EVP_MAC_free);
  if (kind == nullptr) return std::unexpected(no_hash(name));
  Context ready(EVP_MAC_CTX_new(kind.get()), EVP_MAC_CTX_free);
  const auto* const bytes = reinterpret_cast<const unsigned char*>(key.data());
  if (ready == nullptr || EVP_MAC_init(ready.get(), bytes, key.size(), parameters) != 1)
    return std::unexpected(no_hash(name));
  return TokenMac(std::move(ready));
}

size_t TokenMac::hash(std::string_view text, std::string_view more, unsigned char* out) {
  const Context work(EVP_MAC_CTX_dup(ready_.get()), EVP_MAC_CTX_free);
  size_t size = 0;
  const bool good = work != nullptr && EVP_MAC_update(work.get(), mac_data(text), text.size()) == 1 &&
                    (more.empty() || EVP_MAC_update(work.get(), mac_data(more), more.size()) == 1) &&
                    EVP_MAC_final(work.get(), out, &size, 64) == 1;
  assert(good);  // only for want of memory
  return good ? size : 0;
}

}  // namespace tessera
