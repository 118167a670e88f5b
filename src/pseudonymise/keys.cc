#include "pseudonymise/keys.h"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <openssl/rand.h>
#include <sys/stat.h>

#include <cassert>
#include <ctime>
#include <memory>

#include "base/publish.h"

namespace tessera {
namespace {

constexpr std::string_view purpose = "tessera/1";
constexpr size_t check_bytes = 16, key_id_bytes = 8;

OSSL_PARAM octets(const char* name, std::span<const std::byte> bytes) {
  // OpenSSL only reads what an input parameter points at.
  return OSSL_PARAM_construct_octet_string(name, const_cast<std::byte*>(bytes.data()), bytes.size());
}

std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

// Appends in place: what is written never lies anywhere else.
struct Pen {
  char* at;
  void text(std::string_view what) { at = std::copy(what.begin(), what.end(), at); }
  void hex(std::span<const std::byte> bytes) {
    constexpr std::string_view digits = "0123456789abcdef";
    for (const std::byte b : bytes) {
      *at++ = digits[std::to_integer<size_t>(b >> 4)];
      *at++ = digits[std::to_integer<size_t>(b & std::byte{15})];
    }
  }
};

std::string hex_text(std::span<const std::byte> bytes) {
  std::string out(bytes.size() * 2, '0');
  Pen{out.data()}.hex(bytes);
  return out;
}

std::string utc_now() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  gmtime_r(&now, &parts);
  return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", parts);
}

}  // namespace

Status hkdf(std::span<const std::byte> secret, std::span<const std::byte> salt, std::span<const std::byte> info,
            bool sha512, std::span<std::byte> out) {
  const std::unique_ptr<EVP_KDF, decltype(&EVP_KDF_free)> kdf(EVP_KDF_fetch(nullptr, "HKDF", nullptr), EVP_KDF_free);
  const std::unique_ptr<EVP_KDF_CTX, decltype(&EVP_KDF_CTX_free)> context(EVP_KDF_CTX_new(kdf.get()), EVP_KDF_CTX_free);
  char digest[] = "SHA256", longer[] = "SHA512";
  // What is empty is left out: OpenSSL takes no parameter without bytes.
  std::array<OSSL_PARAM, 5> parameters{OSSL_PARAM_construct_utf8_string("digest", sha512 ? longer : digest, 0),
                                       octets("key", secret)};
  size_t count = 2;
  if (!salt.empty()) parameters[count++] = octets("salt", salt);
  if (!info.empty()) parameters[count++] = octets("info", info);
  parameters[count] = OSSL_PARAM_construct_end();
  if (context == nullptr ||
      EVP_KDF_derive(context.get(), reinterpret_cast<unsigned char*>(out.data()), out.size(), parameters.data()) != 1)
    return fail(ErrorCode::internal, "OpenSSL could not derive a key (HKDF)");
  return {};
}

bool equal_in_constant_time(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

Result<SecretKey> SecretKey::of(std::span<const std::byte> secret, std::string key_id, std::string created,
                                std::string follows) {
  assert(secret.size() == key_bytes);
  TESSERA_ASSIGN(SecretBytes kept, SecretBytes::make(key_bytes));
  std::copy(secret.begin(), secret.end(), kept.data());
  SecretKey key(std::move(kept));
  key.key_id_ = std::move(key_id);
  key.created_ = std::move(created);
  key.follows_ = std::move(follows);
  TESSERA_ASSIGN(key.check_, key.check_value());
  return key;
}

Result<SecretKey> SecretKey::draw(std::string follows) {
  TESSERA_ASSIGN(const SecretBytes secret, SecretBytes::make(key_bytes));
  std::array<std::byte, key_id_bytes> id{};
  if (RAND_priv_bytes(reinterpret_cast<unsigned char*>(secret.data()), key_bytes) != 1 ||
      RAND_bytes(reinterpret_cast<unsigned char*>(id.data()), id.size()) != 1)
    return fail(ErrorCode::resource, "the system gives no random bytes");
  return of(secret.span(), hex_text(id), utc_now(), std::move(follows));
}

Status SecretKey::derive(std::string_view domain, std::string_view name, DerivedKey& out) const {
  const char separator = static_cast<char>(key_separator);
  assert(domain.find(separator) == std::string_view::npos && name.find(separator) == std::string_view::npos);
  const std::string info = fmt::format("{}{}{}{}{}", purpose, separator, domain, separator, name);
  return hkdf(secret_.span(), {}, bytes_of(info), false, out);
}

// Over all that the file says, so that no part of it can change unseen. Four separators: never the info of derive().
Result<std::string> SecretKey::check_value() const {
  const char separator = static_cast<char>(key_separator);
  const std::string info =
      fmt::format("{1}{0}check{0}{2}{0}{3}{0}{4}", separator, purpose, key_id_, created_, follows_);
  std::array<std::byte, check_bytes> out{};
  TESSERA_TRY(hkdf(secret_.span(), {}, bytes_of(info), false, out));
  return hex_text(out);
}

Status SecretKey::write(const std::string& path) const {
  struct stat there{};
  if (lstat(path.c_str(), &there) == 0)
    return fail(ErrorCode::usage,
                fmt::format("{} is there already; a key file is never replaced: choose another name", path));
  TESSERA_ASSIGN(OutputFileInPlace file, OutputFileInPlace::begin(path, false, {}));
  const std::string follows = follows_.empty() ? "" : fmt::format(" \"follows\": \"{}\",\n", follows_);
  const std::string head = fmt::format(
      "{{\n \"format\": \"tessera-key\",\n \"version\": 1,\n \"key_id\": \"{}\",\n \"created\": \"{}\",\n{} \"check\": "
      "\"{}\",\n \"secret\": \"",
      key_id_, created_, follows, check_);
  constexpr std::string_view tail = "\"\n}\n";
  TESSERA_ASSIGN(const SecretBytes text, SecretBytes::make(head.size() + 2 * key_bytes + tail.size()));
  Pen pen{reinterpret_cast<char*>(text.data())};
  pen.text(head);
  pen.hex(secret_.span());
  pen.text(tail);
  return file.publish(text.view());
}

}  // namespace tessera
