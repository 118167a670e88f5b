// secret.h: where does a secret lie while the process uses it?
//
// In pages of its own: locked (never in swap), left out of core files, given to no child process, and overwritten before
// they are given back. Nothing here is ever printed.
#pragma once

#include <cstddef>
#include <new>
#include <span>
#include <string_view>
#include <type_traits>
#include <utility>

#include "tessera/error.h"

namespace tessera {

// Zeroed bytes in memory of that kind. Moving moves the place, never the bytes.
class SecretBytes {
 public:
  // Fails: resource (4) if there is no memory.
  static Result<SecretBytes> make(size_t size);
  SecretBytes(SecretBytes&& other) noexcept
      : bytes_(std::exchange(other.bytes_, nullptr)), size_(std::exchange(other.size_, 0)) {}
  SecretBytes& operator=(SecretBytes&& other) noexcept {
    std::swap(bytes_, other.bytes_);
    std::swap(size_, other.size_);
    return *this;
  }
  ~SecretBytes();
  [[nodiscard]] std::byte* data() const { return bytes_; }
  [[nodiscard]] size_t size() const { return size_; }
  [[nodiscard]] std::span<std::byte> span() const { return {bytes_, size_}; }
  [[nodiscard]] std::string_view view() const { return {reinterpret_cast<const char*>(bytes_), size_}; }

 private:
  SecretBytes(std::byte* bytes, size_t size) : bytes_(bytes), size_(size) {}
  std::byte* bytes_ = nullptr;
  size_t size_ = 0;
};

// A value in such memory.
template <class T>
class Secret {
  static_assert(std::is_trivially_copyable_v<T> && std::is_trivially_destructible_v<T>);

 public:
  static Result<Secret> make() {
    TESSERA_ASSIGN(SecretBytes bytes, SecretBytes::make(sizeof(T)));
    return Secret(std::move(bytes));
  }
  T& operator*() const { return *value_; }
  T* operator->() const { return value_; }

 private:
  explicit Secret(SecretBytes bytes) : bytes_(std::move(bytes)), value_(new(bytes_.data()) T{}) {}
  SecretBytes bytes_;
  T* value_;  // into bytes_, whose place does not change
};

// False once the system refused to lock such memory (RLIMIT_MEMLOCK): the secrets may then reach swap. The commands warn.
[[nodiscard]] bool secrets_are_locked();
[[nodiscard]] std::string_view unlocked_secrets_warning();

}  // namespace tessera
