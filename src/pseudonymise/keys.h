// keys.h: what is a key file, who may hold it, and which keys come from it?
//
//   {                                       mode 0600, its reader's own (or root reads), no link
//    "format": "tessera-key",
//    "version": 1,
//    "key_id": "5b0c...",                   16 hex digits, drawn: names the key in manifests and data sets
//    "created": "2026-11-23T13:45:00Z",
//    "follows": "91aa...",                  key id of the key that this one replaces; only after a rotation
//    "check": "...",                        32 hex digits: HKDF of the secret with the three above, so that damage shows
//    "secret": "..."                        64 hex digits: 32 drawn bytes
//   }
//
//   secret ── HKDF-SHA-256, info = "tessera/1" 0x1f domain 0x1f name ──> a key of 32 bytes for each domain and name
//
// The key id and the check value travel with the data; the secret never leaves this file and locked memory.
// Source: RFC 5869 (HKDF, empty salt), RFC 2104 and FIPS 198-1 (HMAC).
// Not here: tokens (tokens.h), encoded filters (filter_encoder.h).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "pseudonymise/secret.h"
#include "tessera/error.h"

namespace tessera {

constexpr size_t key_bytes = 32;
constexpr std::byte key_separator{0x1f};  // ASCII unit separator: occurs in no name and no canonical value

using DerivedKey = std::array<std::byte, key_bytes>;

class SecretKey {
 public:
  // Fails: usage (2) if the file is not there, a link, a directory or no regular file, open to group or others, or of
  // another owner; data (3) if it is empty, damaged, of an unknown version or has an unknown, missing or repeated key;
  // resource (4) if it cannot be read.
  static Result<SecretKey> read(const std::string& path);
  // A new secret from the system's generator. `follows`: the key id that it replaces, or empty.
  // Fails: resource (4) if the system gives no random bytes.
  static Result<SecretKey> draw(std::string follows);
  // As above, for tests of known answers. Requires: key_bytes bytes.
  static Result<SecretKey> of(std::span<const std::byte> secret, std::string key_id, std::string created,
                              std::string follows);

  // Writes the file, 0600, whole or not at all. Fails: usage (2) if `path` is there; resource (4).
  [[nodiscard]] Status write(const std::string& path) const;

  [[nodiscard]] const std::string& key_id() const { return key_id_; }
  [[nodiscard]] const std::string& created() const { return created_; }
  [[nodiscard]] const std::string& follows() const { return follows_; }  // empty: none
  [[nodiscard]] const std::string& check() const { return check_; }      // 32 hex digits
  // The key of one purpose. Requires: neither text holds the separator.
  [[nodiscard]] Status derive(std::string_view domain, std::string_view name, DerivedKey& out) const;

 private:
  explicit SecretKey(SecretBytes secret) : secret_(std::move(secret)) {}
  Result<std::string> check_value() const;
  SecretBytes secret_;
  std::string key_id_, created_, follows_, check_;
};

// HKDF with SHA-256 or SHA-512. Fails: internal (1) if `out` is longer than 255 digests.
[[nodiscard]] Status hkdf(std::span<const std::byte> secret, std::span<const std::byte> salt,
                          std::span<const std::byte> info, bool sha512, std::span<std::byte> out);

// The bytes of a file that only its owner may read, as it stands, in locked memory; at most `bytes_max`.
// Fails: usage (2) for every reason of kind and mode above; data (3) if it is empty or longer.
[[nodiscard]] Result<SecretBytes> read_secret_file(const std::string& path, size_t bytes_max);

// Are two texts equal, in a time that does not tell where they differ?
[[nodiscard]] bool equal_in_constant_time(std::string_view a, std::string_view b);

}  // namespace tessera
