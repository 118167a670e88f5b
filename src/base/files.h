// files.h: small questions to the file system, with errors that name the file and the reason.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "tessera/error.h"

namespace tessera {

// An open file descriptor that closes itself.
class OpenFile {
 public:
  OpenFile() = default;
  explicit OpenFile(int descriptor) : descriptor_(descriptor) {}
  OpenFile(OpenFile&& other) noexcept : descriptor_(other.descriptor_) { other.descriptor_ = -1; }
  OpenFile& operator=(OpenFile&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    return *this;
  }
  ~OpenFile();
  [[nodiscard]] int descriptor() const { return descriptor_; }
  [[nodiscard]] bool is_open() const { return descriptor_ >= 0; }

 private:
  int descriptor_ = -1;
};

// "cannot WHAT PATH: REASON", the reason from errno as it stands at the call; resource (4).
[[nodiscard]] std::unexpected<Error> fail_errno(std::string_view what, std::string_view path);

// Bytes that we may still write on the file system of `path`, which must exist.
[[nodiscard]] Result<uint64_t> free_disk_bytes(const std::string& path);

// Creates a file (0600) that must not exist, with this content, on the disk.
[[nodiscard]] Status write_private_file(const std::string& path, std::string_view content);

// Waits until a file or folder is on the disk.
[[nodiscard]] Status sync_path(const std::string& path);

// The folder that holds `path` ("." for a plain name).
[[nodiscard]] std::string folder_of(const std::string& path);

}  // namespace tessera
