// file_digest.h: which bytes did we read?
#pragma once

#include <cstdint>
#include <string>

#include "tessera/error.h"

struct XXH3_state_s;

namespace tessera {

// XXH3-128 of bytes that arrive in pieces.
class FileDigest {
 public:
  FileDigest();
  FileDigest(const FileDigest&) = delete;
  FileDigest& operator=(const FileDigest&) = delete;
  ~FileDigest();
  void add(const void* data, size_t bytes);
  // "xxh3-128:HEX", as `xxhsum -H2` prints the HEX.
  [[nodiscard]] std::string text(const char* prefix = "xxh3-128:") const;

 private:
  XXH3_state_s* state_;
};

// An open file, closed at the end.
class InputFile {
 public:
  // Fails: data (3) with the path and the reason of the system.
  static Result<InputFile> open(const std::string& path);
  InputFile(InputFile&& other) noexcept;
  InputFile& operator=(InputFile&& other) noexcept;
  ~InputFile();
  [[nodiscard]] int descriptor() const { return descriptor_; }
  [[nodiscard]] uint64_t bytes() const { return bytes_; }
  [[nodiscard]] const std::string& path() const { return path_; }
  // Up to `count` bytes from `offset`; fewer at the end of the file.
  Result<size_t> read_at(uint64_t offset, void* out, size_t count) const;

 private:
  InputFile() = default;
  int descriptor_ = -1;
  uint64_t bytes_ = 0;
  std::string path_;
};

// Of the whole file.
Result<std::string> digest_of(const InputFile& file);

}  // namespace tessera
