// file_digest.cc: files as bytes.
#include "read/file_digest.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <new>
#include <utility>

namespace tessera {

FileDigest::FileDigest() : state_(XXH3_createState()) {
  if (state_ == nullptr) throw std::bad_alloc();
  XXH3_128bits_reset(state_);
}
FileDigest::~FileDigest() { XXH3_freeState(state_); }
void FileDigest::add(const void* data, size_t bytes) { XXH3_128bits_update(state_, data, bytes); }
std::string FileDigest::text(const char* prefix) const {
  const XXH128_hash_t hash = XXH3_128bits_digest(state_);
  std::string text = prefix;
  for (const uint64_t half : {hash.high64, hash.low64}) {
    for (int shift = 60; shift >= 0; shift -= 4) text += "0123456789abcdef"[half >> shift & 15];
  }
  return text;
}

Result<InputFile> InputFile::open(const std::string& path) {
  InputFile file;
  file.path_ = path;
  file.descriptor_ = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file.descriptor_ < 0)
    return fail(ErrorCode::data, fmt::format("{}: cannot be opened: {}", path, std::strerror(errno)));
  struct stat what{};
  if (::fstat(file.descriptor_, &what) != 0) {
    return fail(ErrorCode::data, fmt::format("{}: cannot be read: {}", path, std::strerror(errno)));
  }
  if (S_ISDIR(what.st_mode)) return fail(ErrorCode::data, fmt::format("{}: is a directory, not a file", path));
  file.bytes_ = static_cast<uint64_t>(what.st_size);
  return file;
}

InputFile::InputFile(InputFile&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)), bytes_(other.bytes_), path_(std::move(other.path_)) {}
InputFile& InputFile::operator=(InputFile&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  std::swap(bytes_, other.bytes_);
  std::swap(path_, other.path_);
  return *this;
}
InputFile::~InputFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

Result<size_t> InputFile::read_at(uint64_t offset, void* out, size_t count) const {
  size_t done = 0;
  while (done < count) {
    const ssize_t got =
        ::pread(descriptor_, static_cast<char*>(out) + done, count - done, static_cast<off_t>(offset + done));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail(ErrorCode::data, fmt::format("{}: cannot be read: {}", path_, std::strerror(errno)));
    if (got == 0) break;
    done += static_cast<size_t>(got);
  }
  return done;
}

Result<std::string> digest_of(const InputFile& file) {
  constexpr size_t piece = 1 << 20;
  const auto buffer = std::make_unique_for_overwrite<char[]>(piece);
  FileDigest digest;
  for (uint64_t offset = 0;;) {
    TESSERA_ASSIGN(const size_t got, file.read_at(offset, buffer.get(), piece));
    digest.add(buffer.get(), got);
    offset += got;
    if (got < piece) return digest.text();
  }
}

}  // namespace tessera
